"""The ranking by other rules: what becomes of its winner and its podium, and how alike they are.

Scores are numbers that are exact, a number a run: less is better, and equal ones are a tie.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from finalrank.decide.ties import TIES
from finalrank.evidence.ranking.table import Floats, Table, rank_columns

_Kind = Literal["without", "median", "wins", "min-max", "ties"]
_WORST_FIRST: list[Outcome] = ["loses", "ties", "leads"]


Outcome = Literal["leads", "ties", "loses"]


@dataclass(frozen=True, slots=True)
class Variant:
    """The ranking by another rule, and what becomes of its winner."""

    kind: Literal["without", "median", "wins", "min-max", "ties"]
    metric: Annotated[str | None, Field(description="The metric that is left out")]
    detail: Annotated[str, Field(description="Of ties: their rules")]
    leaders: list[str]
    outcome: Outcome
    podium_overlap: Annotated[int, Field(description="How many of the podium stay on it")]
    tau_b: Annotated[float | None, Field(description="Kendall's, with the ranking")]


def leaders(runs: Sequence[str], scores: Floats) -> list[str]:
    """All runs with the least score, by name: more than one is a tie."""
    return [runs[row] for row in np.flatnonzero(scores == scores.min()).tolist()]


def podium(runs: Sequence[str], scores: Floats, top: int) -> list[str]:
    """The runs that fewer than `top` are strictly ahead of, by score, then name.

    Where runs tie at its edge all of them are on it: no name decides.
    """
    order = np.argsort(scores, kind="stable")
    last = scores[order[: min(top, len(order))]].max()
    return [runs[row] for row in order.tolist() if scores[row] <= last]


def mean_ranks(table: Table) -> Floats:
    """The score of the ranking itself: sums stand for means, and have no rounding error."""
    return share_best_score(table.costs, table.ranks().sum(axis=1))


def share_best_score(costs: Floats, scores: Floats) -> Floats:
    """The scores, of runs with the same costs the best of theirs: a name alone parted them."""
    _, alike = np.unique(costs, axis=0, return_inverse=True)
    best = np.full(alike.max() + 1, np.inf)
    np.minimum.at(best, alike.reshape(-1), scores)
    return np.asarray(best[alike.reshape(-1)])


def variants(table: Table, top: int) -> list[Variant]:
    """The ranking of two or more complete runs, read by each other rule."""
    ranks = table.ranks()
    read = partial(_variant, table, mean_ranks(table), top)
    without = []
    for column, key in enumerate(table.keys if len(table.keys) > 1 else ()):
        others = np.delete(table.costs, column, axis=1)
        scores = share_best_score(others, np.delete(ranks, column, axis=1).sum(axis=1))
        without.append(read("without", scores, metric=key))
    return [
        *without,
        read("median", np.median(ranks, axis=1)),
        read("wins", _losses(table)),
        read("min-max", _min_max(table)),
        _other_ties(table, read),
    ]


def tau_b(x: Floats, y: Floats) -> float | None:
    """Kendall's tau-b of two lists of scores, None where all of one are equal (Knight 1966)."""
    # scipy.stats takes a second to import: that is more than the whole evidence on a small tree.
    pairs = math.comb(len(x), 2)
    both = sorted(zip(x.tolist(), y.tolist(), strict=True))
    tied, tied_x, tied_y = _tied(both), _tied(a for a, _ in both), _tied(b for _, b in both)
    discordant = 0
    seen: list[float] = []
    for _, b in both:  # of equal x by y, so that they are in no disorder
        discordant += len(seen) - bisect_right(seen, b)
        insort(seen, b)
    if tied_x == pairs or tied_y == pairs:
        return None
    balance = pairs - tied_x - tied_y + tied - 2 * discordant
    return balance / math.sqrt((pairs - tied_x) * (pairs - tied_y))


def _tied(values: Iterable[Hashable]) -> int:
    return sum(math.comb(count, 2) for count in Counter(values).values())


def _variant(
    table: Table,
    full: Floats,
    top: int,
    kind: _Kind,
    scores: Floats,
    metric: str | None = None,
) -> Variant:
    runs, scores = table.runs, share_best_score(table.costs, scores)
    led, lead = leaders(runs, full), leaders(runs, scores)
    kept = {*podium(runs, full, top)} & {*podium(runs, scores, top)}
    return Variant(
        kind=kind,
        metric=metric,
        detail="",
        leaders=lead,
        outcome=_outcome({*led}, {*lead}),
        podium_overlap=len(kept),
        tau_b=tau_b(full, scores),
    )


def _outcome(before: set[str], now: set[str]) -> Outcome:
    """Whether the same runs lead: "ties" where some of them do, alone or with others."""
    if before == now:
        return "leads"
    return "ties" if before & now else "loses"


def _losses(table: Table) -> Floats:
    """The score of the pairwise win rate (the share of pairs of metric and other run won).

    A run with rank r by average ties loses r - 1 of its n - 1 pairs there, half of each that ties.
    """
    return np.asarray(rank_columns(table.costs, "average").sum(axis=1))


def _min_max(table: Table) -> Floats:
    """The sum of costs that are scaled to 0 for the least of a metric and 1 for the greatest."""
    half = table.costs / 2  # the spread of halves is finite
    spread = np.ptp(half, axis=0)
    scaled = (half - half.min(axis=0)) / np.where(spread > 0, spread, 1)
    # fsum does not depend on the order of metrics; sums that differ by rounding alone are equal.
    return np.array([round(math.fsum(row), 12) for row in scaled.tolist()])


def _other_ties(table: Table, read: Callable[..., Variant]) -> Variant:
    """One reading for all other ways to rank equal values: the worst that they make of it.

    "ordinal" is none of them: it is one of the others and a name.
    """
    rules = [rule for rule in TIES if rule not in (table.ties, "ordinal")]
    found = [read("ties", rank_columns(table.costs, rule).sum(axis=1)) for rule in rules]
    worst = min(found, key=lambda reading: _WORST_FIRST.index(reading.outcome))
    return replace(
        worst,
        detail=", ".join(rules),
        podium_overlap=min(reading.podium_overlap for reading in found),
        tau_b=min((tau for reading in found if (tau := reading.tau_b) is not None), default=None),
    )
