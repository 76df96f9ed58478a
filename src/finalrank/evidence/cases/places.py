"""The ranks and the places of runs in resamples of the test cases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finalrank.evidence.cases.bootstrap import Resampled
from finalrank.evidence.ranking.table import Floats, slices

Whole = npt.NDArray[np.int32]
_Positions = npt.NDArray[np.intp]
# Numbers at a time where an array is sorted: 2 MB.
_BLOCK = 1 << 18
# The step of the grid on which sums are compared, in units of the values' own grid, for each value
# in a sum. Each value was rounded by half a unit at most, which is far less.
_STEP = 1000.0
# How far a number of resamples may be off by rounding: (1 - 0.95) / 2 is a little more than 0.025.
_ROUNDING = 1e-6


class Places(NamedTuple):
    """The places of each run over the resamples; arrays have the shape (runs,)."""

    first: Floats  # the share of resamples in which it is first, from 0 to 1; ties share it
    podium: Floats  # the share in which it is on the podium
    low: Whole  # the ends of the percentile interval of its place, from 1
    high: Whole


def ranks(resampled: Resampled, runs: _Positions, sign: int) -> Iterator[tuple[slice, Whole]]:
    """Yield the ranks of some runs in the resamples, by blocks: a slice of these, and the ranks.

    `runs` are rows of the sums. `sign` is 1 where less is better, and -1 where more is better.
    Ranks (runs, resamples of the block) are averaged over ties. They are doubled and start from 0,
    which makes them whole numbers: only the order of their totals counts.
    """
    sums, cases = resampled.comparable(), len(resampled.grid.has)
    for columns in _blocks(sums.shape[1], len(runs)):
        order, first, last = _ordered(snap_to_grid(sign * sums[:, columns][runs], cases))
        block = np.empty_like(order)
        np.put_along_axis(block, order, first + last, axis=1)
        yield columns, block.T.astype(np.int32)


def snap_to_grid(sums: Floats, terms: int) -> Floats:
    """Return sums of `terms` values of a grid, rounded to a coarser grid.

    Values such as 1/3 are rounded on their grid, so that a sum of three of them is not quite 1. On
    the coarser grid sums are equal that are equal in exact arithmetic.
    """
    return np.rint(sums / (_STEP * terms))


def places(totals: Whole, top: int, confidence: float) -> Places:
    """Return the places of the runs by their totals, shape (runs, resamples); less is better.

    A place is 1 + the number of runs strictly ahead, and the podium are the places up to `top`.
    `confidence`, between 0 and 1, is that of the intervals.
    """
    runs, resamples = totals.shape
    wins = np.zeros(runs)
    all_places = np.empty_like(totals)
    for columns in _blocks(resamples, runs):
        order, first, last = _ordered(totals[:, columns])
        block = np.empty_like(order)
        np.put_along_axis(block, order, first + 1, axis=1)
        wins += ((block == 1) / (last[:, :1] + 1)).sum(axis=0)
        all_places[:, columns] = block.T
    podium = (all_places <= top).mean(axis=1)
    tail = (1 - confidence) / 2
    # The inverse of the distribution function: the end of an interval is the least place that the
    # wanted share of resamples does not exceed, and no number between two places.
    ends = [max(math.ceil(part * resamples - _ROUNDING) - 1, 0) for part in (tail, 1 - tail)]
    all_places.partition(ends, axis=1)
    return Places(wins / resamples, podium, all_places[:, ends[0]], all_places[:, ends[1]])


def _ordered(columns: npt.NDArray[np.generic]) -> tuple[_Positions, _Positions, _Positions]:
    """Return the order of the runs in each column of (runs, resamples), and where ties are.

    All three arrays have the shape (resamples, runs). The first has the runs, least value first;
    the others the first and the last position, from 0, of the values that are equal to that at the
    same place.
    """
    rows = np.ascontiguousarray(columns.T)
    order = np.argsort(rows, axis=1)
    values = np.take_along_axis(rows, order, axis=1)
    position = np.arange(rows.shape[1])
    differs = values[:, 1:] != values[:, :-1]
    edge = np.ones((len(rows), 1), dtype=np.bool_)
    begins, ends = np.hstack([edge, differs]), np.hstack([differs, edge])
    first = np.maximum.accumulate(np.where(begins, position, 0), axis=1)
    last = np.where(ends, position, len(position))[:, ::-1]
    return order, first, np.minimum.accumulate(last, axis=1)[:, ::-1]


def _blocks(resamples: int, runs: int) -> Iterator[slice]:
    """Return slices of the resamples, of no more than `_BLOCK` numbers in all runs."""
    return slices(resamples, max(1, _BLOCK // runs))
