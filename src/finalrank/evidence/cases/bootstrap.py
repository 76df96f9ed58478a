"""The paired bootstrap over cases (Efron & Tibshirani 1993), the same to the last bit everywhere.

Values become whole numbers so small that every sum of them is exact. Equal runs are then equal in
every resample, and no order of runs, cases or additions changes a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finalrank.evidence.ranking.table import Floats, slices

Whole = npt.NDArray[np.int32]
Rows = npt.NDArray[np.intp]

# Draws at a time: what fits into the cache is counted three times as fast.
_DRAWS = 1 << 17
# Runs, resamples and cases in a product: so few that OpenBLAS takes one thread for it. Its threads
# wait for each other, which on a busy machine takes a hundred times as long as the product.
_TILE = (32, 16, 512)
# Numbers at a time where a copy of them is made.
_BLOCK = 1 << 18
# Sums at a time: 80 MB.
_AT_ONCE = 10_000_000
# Whole numbers up to twice this are all floats: sums of values, and differences of two sums.
_EXACT = 2.0**52
# A run whose largest value is so many times that of most has decimals of its own.
_FAR = 10.0


class Grid(NamedTuple):
    """Values of a metric (a row a run, a column a case) as whole multiples of `1 / scale`."""

    whole: Floats  # 0 where a case has none
    scale: Floats  # (runs, 1); mostly one for all runs
    has: Floats  # (cases,): 1 where a case has values, which it then has in all runs; else 0

    def means(self) -> Floats:
        """The mean of each run over the cases that have values, in their units: (runs,)."""
        return np.asarray(self.whole.sum(axis=1) / self.has.sum() / self.scale[:, 0])

    def differences(self, base: int) -> Floats:
        """Of each run the mean over the cases that have values less that of one, in their units."""
        whole = self.whole[:, self.has > 0].sum(axis=1, keepdims=True)
        found, scale = _less(whole, whole[base], self.scale, self.scale[base])
        return np.asarray(found[:, 0] / self.has.sum() / scale[:, 0])


class Resampled(NamedTuple):
    """A grid in resamples of its cases: the sums of its runs, of how many that have values."""

    grid: Grid
    sums: Floats  # (runs, resamples)
    counts: Floats  # (resamples,)

    def comparable(self) -> Floats:
        """The sums of all runs on the finest of their scales: that of most."""
        ratio = self.grid.scale.max() / self.grid.scale
        with np.errstate(over="ignore"):  # what is infinitely larger than most is larger
            return self.sums if (ratio == 1).all() else self.sums * ratio

    def only(self, runs: Sequence[int]) -> Resampled:
        """Some of the runs alone."""
        whole, scale, has = self.grid
        return Resampled(Grid(whole[runs], scale[runs], has), self.sums[runs], self.counts)

    def intervals(self, confidence: float, base: int | None = None) -> Floats:
        """The percentile interval of each run's mean, or of that less the run `base`'s: (2, runs).

        In units of the values; over the resamples in which any case has values.
        """
        tail = (1 - confidence) / 2
        drawn = self.counts > 0
        sums = self.sums if drawn.all() else self.sums[:, drawn]
        found = np.empty((2, len(sums)))
        for rows in _blocks(len(sums), sums.shape[1]):
            block, scale = sums[rows], self.grid.scale[rows]
            if base is not None:
                block, scale = _less(block, sums[base], scale, self.grid.scale[base])
            means = block / self.counts[drawn]
            found[:, rows] = np.quantile(means, [tail, 1 - tail], axis=1) / scale[:, 0]
        return found


class Places(NamedTuple):
    """Of each run: the probability of place 1 (ties share it), of the podium, and an interval."""

    first: Floats
    podium: Floats
    low: Whole
    high: Whole


def grid(values: Floats) -> Grid:
    """Values (runs, cases), NaN where a case has none, with the finest decimals of exact sums.

    Those are 12 decimals for 500 values from 0 to 1. A run with a value far larger than those of
    most runs has a coarser scale of its own: it leaves the others as they are.
    """
    has = np.asarray(~np.isnan(values).any(axis=0))
    there = np.where(has, values, 0.0)
    largest = np.abs(there).max(axis=1, keepdims=True, initial=0.0)
    found = np.sort(largest[largest > 0])
    usual = found[(len(found) - 1) // 2] if len(found) else 1.0
    shared = largest.max(where=largest / _FAR <= usual, initial=0.0) or 1.0
    decimals = (
        math.log10(_EXACT) - math.log10(values.shape[1]) - np.log10(np.maximum(largest, shared))
    )
    scale: Floats = np.power(10.0, np.minimum(np.floor(decimals), 300))
    return Grid(np.rint(there * scale) + 0.0, scale, has.astype(np.float64))


def _less(rows: Floats, row: Floats, scale: Floats, of_row: Floats) -> tuple[Floats, Floats]:
    """Rows less one row, which all have their scales, on the coarser of the two; and that."""
    common = np.minimum(scale, of_row)
    return rows * (common / scale) - row * (common / of_row), common


def resample_each(grids: Sequence[Grid], resamples: int, seed: int) -> Iterator[Resampled]:
    """Each grid resampled; all have the same cases, and the same ones are drawn for all."""
    runs = [len(grid.whole) + 1 for grid in grids]
    # To draw takes as long as the rest, so it is done once for as many as there is room for.
    for some in _blocks(len(grids), max(runs, default=1) * resamples, _AT_ONCE):
        # How many of the cases have values is a sum as well.
        stacked = np.vstack([part for grid in grids[some] for part in (grid.whole, grid.has)])
        sums = np.split(resampled_sums(stacked, resamples, seed), np.cumsum(runs[some])[:-1])
        for grid in grids[some]:
            own = sums.pop(0)
            yield Resampled(grid, own[:-1], own[-1])
            del own  # before there are others


def resampled_sums(whole: Floats, resamples: int, seed: int) -> Floats:
    """The sum of each run's values (runs, cases) in each resample of the cases: (runs, resamples).

    The resamples depend on the seed and the number of cases alone: all runs share them.
    """
    runs, cases = whole.shape
    sums = np.zeros((runs, resamples))
    for start, counts in _counts(cases, resamples, seed):
        columns = slice(start, start + counts.shape[0] * _TILE[1])
        width = sums[:, columns].shape[1]
        for rows in slices(runs, _TILE[0]):
            for some in slices(cases, _TILE[2]):
                part = counts[:, :, some] @ whole[rows, some].T
                sums[rows, columns] += part.reshape(-1, part.shape[2])[:width].T
    return sums


def _counts(cases: int, resamples: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """How often each case is drawn: (any, resamples in a tile, cases), from which resample on."""
    generator = np.random.Generator(np.random.PCG64(seed))
    tiles = max(1, _DRAWS // (cases * _TILE[1]))
    first = np.arange(tiles * _TILE[1])[:, None] * cases
    for start in range(0, resamples, len(first)):
        drawn = generator.integers(0, cases, (len(first), cases)) + first
        counts = np.bincount(drawn.ravel(), minlength=drawn.size)
        yield start, counts.reshape(tiles, _TILE[1], cases).astype(np.float64)


def snap_to_grid(sums: Floats, terms: int) -> Floats:
    """Sums of so many values of a grid on a coarser one: what is equal on paper is equal here.

    The grid has a third rounded, and three of them are not one: but for this.
    """
    return np.rint(sums / (1000.0 * terms))


def add_ranks(totals: Whole, resampled: Resampled, rows: Rows, sign: int) -> None:
    """Add to the totals (runs, resamples) the ranks of some rows of the sums in each resample.

    `sign` is 1 where less is better, or -1; ties are averaged. Ranks are twice as large, and from
    0, for what counts is the order of their totals, which are whole numbers so.
    """
    sums, cases = resampled.comparable(), len(resampled.grid.has)
    for columns in _blocks(totals.shape[1], len(totals)):
        order, first, last = _ordered(snap_to_grid(sign * sums[:, columns][rows], cases))
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, first + last, axis=1)
        totals[:, columns] += ranks.T.astype(np.int32)


def places(totals: Whole, top: int, confidence: float) -> Places:
    """Where each run comes by its totals (runs, resamples), less is better; overwrites them.

    A place is 1 + the number of runs strictly ahead; the podium are the places up to `top`.
    """
    runs, resamples = totals.shape
    won = np.zeros(runs)
    for columns in _blocks(resamples, runs):
        order, first, last = _ordered(totals[:, columns])
        found = np.empty_like(order)
        np.put_along_axis(found, order, first + 1, axis=1)
        won += ((found == 1) / (last[:, :1] + 1)).sum(axis=0)
        totals[:, columns] = found.T
    podium = (totals <= top).mean(axis=1)
    tail = (1 - confidence) / 2
    # Whole places, at the inverse of the distribution function; 0.025 has a float a little above.
    ends = [max(math.ceil(part * resamples - 1e-6) - 1, 0) for part in (tail, 1 - tail)]
    totals.partition(ends, axis=1)
    return Places(won / resamples, podium, totals[:, ends[0]], totals[:, ends[1]])


def _ordered(columns: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.intp], ...]:
    """The order of the runs in each column of (runs, resamples), as a row; and what is equal.

    That is, of each run in that order, the first and the last position, from 0, of its value.
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


def _blocks(length: int, width: int, block: int = _BLOCK) -> Iterator[slice]:
    """Slices of `length` rows of `width` numbers, of no more than a block."""
    return slices(length, max(1, block // width))
