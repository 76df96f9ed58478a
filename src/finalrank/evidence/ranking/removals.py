"""Whether the order of the best runs depends on the presence of one other run.

Ranks are relative: the removal of a run can change the order of two others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from finalrank.evidence.ranking.table import Bools, Floats, Table, slices

_Ints = npt.NDArray[np.int32]
_Rows = npt.NDArray[np.intp]
# Greater than every rank and every sum of ranks, as the score of a run that is removed: it is
# behind all others.
_REMOVED = np.int32(2**30)
# Numbers in an array at a time: 2 MB.
_BLOCK = 1 << 19


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """A run whose removal makes two other runs change places, of which one is on the podium."""

    removed: str
    podium: Annotated[list[str], Field(description="The podium without it")]
    expected: Annotated[list[str], Field(description="The podium without it if no other run moved")]


def leave_one_out(table: Table, top: int) -> list[LeaveOneOut]:
    """Return the runs whose removal makes two other runs change places, by name.

    Every run of the table has all metrics. One of the two is among the first `top` with or without
    the removed run. They change places if one is strictly ahead of the other with it and strictly
    behind without it: a tie that is made or broken is no change.
    """
    ranks = _half_ranks(table.ranks())
    scores = ranks.sum(axis=1)
    ordered = np.sort(scores)
    # A removal improves a score by at most one rank (2 halves) on each metric. Runs that are
    # further than that behind the run after the podium cannot get onto it.
    reach = ordered[min(top, len(ordered) - 1)] + 2 * len(table.keys)
    order = np.argsort(scores, kind="stable")
    near = order[scores[order] <= reach]
    changes: list[LeaveOneOut] = []
    for rows in slices(len(scores), max(1, _BLOCK // len(near))):
        removed = np.arange(len(scores))[rows]
        without = _NearPodium.of(table.ties, ranks, removed, near, top)
        changes += [
            LeaveOneOut(
                removed=table.runs[removed[index]],
                podium=_names(table, near, without.podium[index], without.after[index]),
                expected=_names(table, near, without.expected[index], without.before),
            )
            for index in np.flatnonzero(without.swapped()).tolist()
        ]
    return changes


def _half_ranks(ranks: Floats) -> _Ints:
    """Return the ranks in units of half a rank: whole numbers, of half the size of floats."""
    return (2 * ranks).round().astype(np.int32)


class _NearPodium(NamedTuple):
    """The scores of the runs near the podium, if each of some runs is removed.

    Arrays have one row for each removal and one column for each run near the podium, by its score
    before. Scores are sums of half ranks.
    """

    before: _Ints  # (near,), the scores in the ranking
    after: _Ints  # (removed, near), without the removed run, which has _REMOVED itself
    expected: Bools  # (removed, near), the podium of the others if no score changed
    podium: Bools  # (removed, near), their podium with the scores after

    @classmethod
    def of(cls, ties: str, ranks: _Ints, removed: _Rows, near: _Rows, top: int) -> _NearPodium:
        """Return the scores if each of `removed` is removed.

        `ties` is the rule for equal values, `ranks` (runs, metrics) are half ranks, and `removed`
        and `near` are rows of these.
        """
        before = ranks[near].sum(axis=1, dtype=np.int32)
        after = before - _gains(ties, ranks, removed, near)
        is_removed = removed[:, None] == near
        after[is_removed] = _REMOVED
        last = min(top, len(near)) - 1
        # If one of the podium is removed, the run that comes next completes it.
        next_one = min(top, len(near) - 1)
        worst_before = before[np.where(np.isin(removed, near[:top]), next_one, last)]
        expected = (before <= worst_before[:, None]) & ~is_removed
        worst_after = np.minimum(np.partition(after, last, axis=1)[:, last], _REMOVED - 1)
        return cls(before, after, expected, after <= worst_after[:, None])

    def swapped(self) -> Bools:
        """Return whether each removal makes two runs of either podium change places, (removed,).

        The runs stand by their score before. Those with one score are a group, and two runs change
        places if the best score after of a group is less than the worst of any group before it.
        """
        either = self.expected | self.podium
        starts = np.flatnonzero(np.diff(self.before, prepend=-1))
        best = np.minimum.reduceat(np.where(either, self.after, _REMOVED), starts, axis=1)
        worst = np.maximum.reduceat(np.where(either, self.after, -_REMOVED), starts, axis=1)
        worst_so_far = np.maximum.accumulate(worst, axis=1)
        return np.asarray((best[:, 1:] < worst_so_far[:, :-1]).any(axis=1))


def _gains(ties: str, ranks: _Ints, removed: _Rows, near: _Rows) -> npt.NDArray[np.int16]:
    """Return by how many half ranks each removal improves each run, shape (removed, near)."""
    gains = np.zeros((len(removed), len(near)), dtype=np.int16)
    for column in ranks.T:
        removed_ranks, near_ranks = column[removed, None], column[near]
        if ties == "average":
            # A run behind the removed one gains a whole rank, one that ties with it half a rank.
            gains += removed_ranks <= near_ranks
            gains += removed_ranks < near_ranks
        elif ties == "dense":
            # A rank becomes free only if the removed run had it alone.
            shared = np.bincount(column)[removed_ranks] > 1
            gains += np.int16(2) * (np.where(shared, _REMOVED, removed_ranks) < near_ranks)
        else:
            gains += np.int16(2) * (removed_ranks < near_ranks)
    return gains


def _names(table: Table, near: _Rows, chosen: Bools, scores: _Ints) -> list[str]:
    """Return the names of the chosen runs (near,), by their scores (near,), then by name."""
    rows = near[chosen]
    order = np.lexsort((rows, scores[chosen]))
    return [table.runs[row] for row in rows[order].tolist()]
