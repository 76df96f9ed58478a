"""Whether the winner of a ranking holds: other rules, other weights, one run less, equal values."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field, WithJsonSchema

from finalrank.decide.ties import ranks
from finalrank.evidence.ranking.table import Bools, Floats, Table, rank_columns, slices
from finalrank.evidence.ranking.variants import Variant, leaders, mean_ranks, podium, variants

_Ints = npt.NDArray[np.int32]
_Rows = npt.NDArray[np.intp]
# The score of a run that is removed: behind all.
_GONE = np.int32(2**30)
# Numbers in an array at a time: 2 or 4 MB.
_BLOCK = 1 << 19
# Runs that others are held against before weights are drawn: most are dominated by one of them.
_PRUNERS = 64


# Whole ranks are whole in the JSON, and stay so when a report is read back from it.
Rank = Annotated[int | float, WithJsonSchema({"type": "number"})]


@dataclass(frozen=True, slots=True)
class WeightShare:
    """Of how many weightings of the metrics a run wins."""

    run: str
    share: float


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """A run without which the others' podium is another."""

    removed: str
    podium: Annotated[list[str], Field(description="The podium without it")]
    expected: Annotated[list[str], Field(description="The same runs as they stood before")]


@dataclass(frozen=True, slots=True)
class EqualValues:
    """Runs with the same value of a metric."""

    metric: str
    value: float
    runs: list[str]
    ranks: Annotated[list[Rank], Field(description="What the ranking made of it")]


@dataclass(frozen=True, slots=True)
class Robustness:
    """Whether the winner holds under other rules, over the runs with every ranked metric."""

    runs: Annotated[int, Field(description="How many have every ranked metric")]
    podium: list[str]
    leaders: Annotated[list[str], Field(description="By the ranking; more than one is a tie")]
    readings: list[Variant]
    leads: int
    ties: int
    shares: Annotated[list[WeightShare], Field(description="Largest first; the others have none")]
    removals: list[LeaveOneOut]
    equal: list[EqualValues]


def robustness(table: Table, top: int, weightings: int, seed: int) -> Robustness | None:
    """What holds of the ranking of the runs with every metric; None for fewer than two of them.

    The equal values alone are those of all runs, with the ranks that the whole ranking gave them.
    """
    complete = table.rows(table.complete())
    if len(complete.runs) < 2:
        return None
    scores = mean_ranks(complete)
    found = variants(complete, top)
    outcomes = [reading.outcome for reading in found]
    return Robustness(
        runs=len(complete.runs),
        podium=podium(complete.runs, scores, top),
        leaders=leaders(complete.runs, scores),
        readings=found,
        leads=outcomes.count("leads"),
        ties=outcomes.count("ties"),
        shares=weight_shares(complete, weightings, seed),
        removals=leave_one_out(complete, top),
        equal=equal_values(table),
    )


def weight_shares(table: Table, weightings: int, seed: int) -> list[WeightShare]:
    """Of how many weightings each complete run wins, by the least weighted mean rank.

    Weights are uniform: Dirichlet(1, ..., 1) by PCG64 (Lahdelma, Hokkanen & Salminen 1998). A tie
    counts in equal shares.
    """
    # By key: the order of metrics must not decide which weights they get.
    columns = sorted(range(len(table.keys)), key=table.keys.__getitem__)
    ties = "average" if table.ties == "ordinal" else table.ties  # no name decides
    found = rank_columns(table.costs[:, columns], ties)
    kinds, kind_of, members = np.unique(found, axis=0, return_inverse=True, return_counts=True)
    contenders = _contenders(kinds)
    weights = np.random.Generator(np.random.PCG64(seed)).dirichlet(
        np.ones(len(columns)), weightings
    )
    wins = np.zeros(len(kinds))
    for draws in slices(weightings, max(1, _BLOCK // len(contenders))):
        # Runs whose ranks differ tie under no weights, but for a probability of zero.
        winners = (weights[draws] @ kinds[contenders].T).argmin(axis=1)
        wins += np.bincount(contenders[winners], minlength=len(kinds))
    share = (wins / members / weightings)[kind_of.reshape(-1)].tolist()
    won = [WeightShare(run, s) for run, s in zip(table.runs, share, strict=True) if s > 0]
    return sorted(won, key=lambda row: (-row.share, row.run))


def leave_one_out(table: Table, top: int) -> list[LeaveOneOut]:
    """Which complete run's removal swaps others on the podium: strictly, from ahead to behind.

    Two of which one is on the podium with or without the run. A tie made or broken is no swap.
    """
    found = _halves(table.ranks())
    scores = found.sum(axis=1)
    ordered = np.sort(scores)
    # A removal takes at most one rank a metric from a run: the others cannot get onto the podium.
    reach = ordered[min(top, len(ordered) - 1)] + 2 * len(table.keys)
    order = np.argsort(scores, kind="stable")
    near = order[scores[order] <= reach]
    changed: list[LeaveOneOut] = []
    for rows in slices(len(scores), max(1, _BLOCK // len(near))):
        removed = np.arange(len(scores))[rows]
        seen = _NearPodium.of(table.ties, found, removed, near, top)
        changed += [
            LeaveOneOut(
                removed=table.runs[removed[index]],
                podium=_names(table, near, seen.podium[index], seen.after[index]),
                expected=_names(table, near, seen.expected[index], seen.before),
            )
            for index in np.flatnonzero(seen.swapped()).tolist()
        ]
    return changed


def equal_values(table: Table) -> list[EqualValues]:
    """Runs with the same value of a metric, and their ranks; by best rank, then metric."""
    found = []
    for column, key in enumerate(table.keys):
        costs = table.costs[:, column].tolist()
        ranked = ranks([None if cost != cost else cost for cost in costs], table.ties)
        rows = sorted(np.flatnonzero(~np.isnan(table.costs[:, column])), key=costs.__getitem__)
        for cost, group in itertools.groupby(rows, key=costs.__getitem__):
            members = list(group)
            if len(members) > 1:
                # There is no such value as -0.
                value = table.signs[column] * cost + 0.0
                theirs = [rank for row in members if (rank := ranked[row]) is not None]
                found.append(EqualValues(key, value, [table.runs[row] for row in members], theirs))
    return sorted(found, key=lambda tie: min(tie.ranks))


def _contenders(kinds: Floats) -> _Rows:
    """Rows of ranks, least sum first, without most of those that another one dominates.

    Of two that rounding makes equal the one with the lesser sum wins: a dominated one never does.
    """
    order = np.argsort(kinds.sum(axis=1), kind="stable")
    for pruner in range(_PRUNERS):
        if pruner >= len(order):
            break
        # What it dominates has a greater sum, and so comes later. Rows are distinct.
        dominated = (kinds[order[pruner]] <= kinds[order]).all(axis=1)
        dominated[pruner] = False
        order = order[~dominated]
    return order


def _halves(ranks: Floats) -> _Ints:
    """Ranks in units of one half: whole numbers, and smaller than floats."""
    return (2 * ranks).round().astype(np.int32)


class _NearPodium(NamedTuple):
    """The runs near the podium, a column a run by its score, a row a run that is removed."""

    before: _Ints  # their scores in the ranking
    after: _Ints  # and without the run; _GONE for itself
    expected: Bools  # the podium as it stood
    podium: Bools  # and without the run

    @classmethod
    def of(cls, ties: str, ranks: _Ints, removed: _Rows, near: _Rows, top: int) -> _NearPodium:
        before = ranks[near].sum(axis=1, dtype=np.int32)
        after = before - _gained(ties, ranks, removed, near)
        own = removed[:, None] == near
        after[own] = _GONE
        last = min(top, len(near)) - 1
        # One of the first that is removed lets the next one move up.
        edge = before[np.where(np.isin(removed, near[:top]), min(top, len(near) - 1), last)]
        expected = (before <= edge[:, None]) & ~own
        edge = np.minimum(np.partition(after, last, axis=1)[:, last], _GONE - 1)
        return cls(before, after, expected, after <= edge[:, None])

    def swapped(self) -> Bools:
        """Whether one that was strictly ahead is strictly behind, of those on either podium."""
        either = self.expected | self.podium
        # Runs with one score stand side by side: the best and the worst of each such group.
        starts = np.flatnonzero(np.diff(self.before, prepend=-1))
        best = np.minimum.reduceat(np.where(either, self.after, _GONE), starts, axis=1)
        worst = np.maximum.reduceat(np.where(either, self.after, -_GONE), starts, axis=1)
        worst_so_far = np.maximum.accumulate(worst, axis=1)
        return np.asarray((best[:, 1:] < worst_so_far[:, :-1]).any(axis=1))


def _gained(ties: str, ranks: _Ints, removed: _Rows, near: _Rows) -> npt.NDArray[np.int16]:
    """How many half ranks those near the podium gain where one is removed: removed x near."""
    gained = np.zeros((len(removed), len(near)), dtype=np.int16)
    for column in ranks.T:
        gone, rank = column[removed, None], column[near]
        if ties == "average":
            # One that is equal gains half a rank.
            gained += gone <= rank
            gained += gone < rank
        elif ties == "dense":
            # A rank becomes free only where nobody else has it.
            shared = np.bincount(column)[gone] > 1
            gained += np.int16(2) * (np.where(shared, _GONE, gone) < rank)
        else:
            gained += np.int16(2) * (gone < rank)
    return gained


def _names(table: Table, near: _Rows, on: Bools, scores: _Ints) -> list[str]:
    rows = near[on]
    order = np.lexsort((rows, scores[on]))
    return [table.runs[row] for row in rows[order].tolist()]
