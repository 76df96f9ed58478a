"""The ranking by other rules: its leaders, its podium, and its correlation with the ranking.

Scores are one number for each run, shape (runs,): the least leads, and equal scores are a tie. They
are computed without rounding error or rounded afterwards, so that rounding neither breaks a tie nor
makes one.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from finalrank.decide.ranking.ties import TIES
from finalrank.evidence.ranking.table import Floats, Table, rank_columns

VariantKind = Literal["without", "median", "wins", "min-max", "ties"]
# Whether a variant has the leaders of the ranking: the same, some of them, none of them.
Outcome = Literal["leads", "ties", "loses"]
_WORST_FIRST: list[Outcome] = ["loses", "ties", "leads"]


@dataclass(frozen=True, slots=True)
class Variant:
    """The ranking by another rule, and what becomes of its winner."""

    kind: VariantKind
    metric: Annotated[str | None, Field(description="The metric that is left out")]
    detail: Annotated[str, Field(description="Of ties: the rules that were tried")]
    leaders: list[str]
    outcome: Outcome
    podium_overlap: Annotated[int, Field(description="How many of the podium stay on it")]
    tau_b: Annotated[float | None, Field(description="With the ranking; null: all runs tie")]


class _Original(NamedTuple):
    """The ranking that variants are compared with."""

    table: Table
    scores: Floats  # (runs,)
    top: int  # the size of the podium


def leaders(runs: Sequence[str], scores: Floats) -> list[str]:
    """Return all runs with the least score, in the order of `runs`: several are a tie."""
    return [runs[row] for row in np.flatnonzero(scores == scores.min()).tolist()]


def podium(runs: Sequence[str], scores: Floats, top: int) -> list[str]:
    """Return the runs that fewer than `top` runs are strictly ahead of, by score.

    Runs that tie for its last place are all on it, so that it can be larger than `top`. Those with
    equal scores stand in the order of `runs`.
    """
    order = np.argsort(scores, kind="stable")
    last = scores[order[: min(top, len(order))]].max()
    return [runs[row] for row in order.tolist() if scores[row] <= last]


def mean_ranks(table: Table) -> Floats:
    """Return the scores by which the ranking itself orders complete runs, shape (runs,).

    They are the sums of the ranks: as every run has all metrics, the means have the same order, but
    they would be rounded.
    """
    return share_best_score(table.costs, table.ranks().sum(axis=1))


def share_best_score(costs: Floats, scores: Floats) -> Floats:
    """Return the scores (runs,) in which runs with the same costs have the best of their scores.

    `costs` has the shape (runs, metrics). By the rule "ordinal" equal values have different ranks,
    by name; without this one of two copies of a run would beat the other by its name.
    """
    _, alike = np.unique(costs, axis=0, return_inverse=True)
    best = np.full(alike.max() + 1, np.inf)
    np.minimum.at(best, alike.reshape(-1), scores)
    return np.asarray(best[alike.reshape(-1)])


def variants(table: Table, top: int) -> list[Variant]:
    """Return the ranking by each other rule, of two or more runs that have every metric.

    `top` is the size of the podium. There is one variant without each metric, unless it is the only
    one, and then one by each of: the median rank, the rate of pairwise wins, the mean of scaled
    values, and the other rules for ties.
    """
    ranks = table.ranks()
    original = _Original(table, mean_ranks(table), top)
    without = []
    for column, key in enumerate(table.keys if len(table.keys) > 1 else ()):
        costs = np.delete(table.costs, column, axis=1)
        scores = share_best_score(costs, np.delete(ranks, column, axis=1).sum(axis=1))
        without.append(_variant(original, "without", scores, metric=key))
    return [
        *without,
        _variant(original, "median", np.median(ranks, axis=1)),
        _variant(original, "wins", _losses(table)),
        _variant(original, "min-max", _min_max(table)),
        _other_ties(original),
    ]


def tau_b(x: Floats, y: Floats) -> float | None:
    """Return Kendall's tau-b of two arrays of scores (runs,), from -1 to 1.

    None if all scores of one array are equal. `tau_b = (C-D)/sqrt((T-Tx)(T-Ty))`, where of all T
    pairs of runs C have the same order in both, D the opposite one, and Tx and Ty tie in x and in y
    (Kendall 1945, Biometrika 33:239-251). Sorted by x, D is the number of inversions in y (Knight
    1966, Journal of the American Statistical Association 61:436-439).
    """
    # `scipy.stats` has it, but takes a second to import: longer than all other evidence takes on a
    # small tree.
    pairs = math.comb(len(x), 2)
    both = sorted(zip(x.tolist(), y.tolist(), strict=True))
    tied, tied_x, tied_y = _tied(both), _tied(a for a, _ in both), _tied(b for _, b in both)
    discordant = 0
    seen: list[float] = []
    # Runs with equal x are sorted by y, so that no pair of them counts as an inversion.
    for _, b in both:
        discordant += len(seen) - bisect_right(seen, b)
        insort(seen, b)
    if tied_x == pairs or tied_y == pairs:
        return None
    balance = pairs - tied_x - tied_y + tied - 2 * discordant
    return balance / math.sqrt((pairs - tied_x) * (pairs - tied_y))


def _tied(values: Iterable[Hashable]) -> int:
    """Return the number of pairs of equal values."""
    return sum(math.comb(count, 2) for count in Counter(values).values())


def _variant(
    original: _Original, kind: VariantKind, scores: Floats, metric: str | None = None
) -> Variant:
    """Return the variant with these scores (runs,); `metric` is the one that is left out."""
    table, original_scores, top = original
    scores = share_best_score(table.costs, scores)
    variant_leaders = leaders(table.runs, scores)
    stay = {*podium(table.runs, original_scores, top)} & {*podium(table.runs, scores, top)}
    return Variant(
        kind=kind,
        metric=metric,
        detail="",
        leaders=variant_leaders,
        outcome=_outcome({*leaders(table.runs, original_scores)}, {*variant_leaders}),
        podium_overlap=len(stay),
        tau_b=tau_b(original_scores, scores),
    )


def _outcome(original_leaders: set[str], variant_leaders: set[str]) -> Outcome:
    """Return whether the same runs lead: "ties" if some of them do, alone or with others."""
    if original_leaders == variant_leaders:
        return "leads"
    return "ties" if original_leaders & variant_leaders else "loses"


def _losses(table: Table) -> Floats:
    """Return scores in the reverse order of the rate of pairwise wins, shape (runs,).

    That rate is the share of all pairs of a metric and another run in which the run is better, a
    tie counting for half. A run whose rank is r, ties averaged, loses r - 1 of its n - 1 pairs on a
    metric, so that the sum of these ranks orders the runs by their losses.
    """
    return np.asarray(rank_columns(table.costs, "average").sum(axis=1))


def _min_max(table: Table) -> Floats:
    """Return the sums of the costs scaled to 0 for the least and 1 for the greatest, (runs,)."""
    infinite = np.isinf(table.costs)
    # The range of two large floats can overflow; that of their halves cannot.
    half = np.where(infinite, 0, table.costs / 2)
    spread = np.ptp(half, axis=0)
    scaled = (half - half.min(axis=0)) / np.where(spread > 0, spread, 1)
    # Beside an infinite cost all finite ones are alike: what a growing one leads to.
    scaled = np.where(infinite.any(axis=0), infinite, scaled)
    # `fsum` makes the sum independent of the order of the metrics. Rounding it makes those sums
    # equal that differ by the rounding error of the scaled costs alone.
    return np.array([round(math.fsum(row), 12) for row in scaled.tolist()])


def _other_ties(original: _Original) -> Variant:
    """Return one variant for all other rules for ties, with the worst result that any of them has.

    Not for "ordinal", under which the result would depend on the names of the runs.
    """
    table = original.table
    rules = [rule for rule in TIES if rule not in (table.ties, "ordinal")]
    by_rule = [
        _variant(original, "ties", rank_columns(table.costs, rule).sum(axis=1)) for rule in rules
    ]
    worst = min(by_rule, key=lambda variant: _WORST_FIRST.index(variant.outcome))
    return replace(
        worst,
        detail=", ".join(rules),
        podium_overlap=min(variant.podium_overlap for variant in by_rule),
        tau_b=min((tau for variant in by_rule if (tau := variant.tau_b) is not None), default=None),
    )
