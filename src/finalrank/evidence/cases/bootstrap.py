"""The paired bootstrap over cases (Efron & Tibshirani 1993), the same to the last bit everywhere.

Values are rounded to whole multiples of a small unit. Sums of these are exact in floats, so that
runs with equal values are equal in every resample, and no sum depends on the order of its terms, or
on how a matrix product is computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from finalrank.evidence.ranking.table import Floats, slices

# Draws at a time: counts of so many fit into the processor's cache, which makes counting three
# times as fast.
_DRAWS = 1 << 17
# The most runs, resamples and cases in one matrix product. OpenBLAS takes one thread for a product
# of this size. For larger ones its threads wait for each other, which on a busy machine takes a
# hundred times as long as the product itself.
_TILE = (32, 16, 512)
# Numbers at a time where an array is copied: 2 MB.
_BLOCK = 1 << 18
# Sums at a time: 80 MB.
_AT_ONCE = 10_000_000
# Every whole number up to twice this is a float, so that sums of values up to this, and
# differences of two such sums, are exact.
_EXACT = 2.0**52
# A run has a scale of its own if its largest value is more than so many times that of most runs.
_FAR = 10.0
# The greatest power of ten that a scale may be: for values close to 0 it would overflow.
_LARGEST_POWER = 300


class Grid(NamedTuple):
    """The values of a metric by run and case, as whole multiples of `1 / scale`."""

    whole: Floats  # (runs, cases); 0 where a case has no values
    scale: Floats  # (runs, 1); in most grids the same for all runs
    has: Floats  # (cases,); 1 where a case has values, then in all runs; else 0

    def means(self) -> Floats:
        """Return the mean of each run over the cases with values, in their units, shape (runs,)."""
        return np.asarray(self.whole.sum(axis=1) / self.has.sum() / self.scale[:, 0])

    def differences(self, base: int) -> Floats:
        """Return the mean of each run less that of run `base`, in units of the values, (runs,)."""
        sums = self.whole[:, self.has > 0].sum(axis=1, keepdims=True)
        difference, scale = _difference(sums, sums[base], self.scale, self.scale[base])
        return np.asarray(difference[:, 0] / self.has.sum() / scale[:, 0])


class Resampled(NamedTuple):
    """The sums of a grid's values over resamples of its cases."""

    grid: Grid
    sums: Floats  # (runs, resamples)
    counts: Floats  # (resamples,), how many drawn cases have values

    def comparable(self) -> Floats:
        """Return the sums on one scale, the finest of all runs, shape (runs, resamples)."""
        ratio = self.grid.scale.max() / self.grid.scale
        # A product that overflows becomes infinite, which is in order: such a sum is larger than
        # all that do not.
        with np.errstate(over="ignore"):
            return self.sums if (ratio == 1).all() else self.sums * ratio

    def only(self, runs: Sequence[int]) -> Resampled:
        """Return the sums of the runs in these rows alone."""
        whole, scale, has = self.grid
        return Resampled(Grid(whole[runs], scale[runs], has), self.sums[runs], self.counts)

    def intervals(self, confidence: float, base: int | None = None) -> Floats:
        """Return the percentile interval of each run's mean, lower ends first, shape (2, runs).

        With `base`, that of the mean less the mean of run `base`. `confidence` is between 0 and 1.
        The ends are in units of the values, over the resamples in which any case has values
        (Efron & Tibshirani 1993, An Introduction to the Bootstrap: the percentile interval).
        """
        tail = (1 - confidence) / 2
        has_any = self.counts > 0
        sums = self.sums if has_any.all() else self.sums[:, has_any]
        ends = np.empty((2, len(sums)))
        for rows in slices(len(sums), max(1, _BLOCK // sums.shape[1])):
            block, scale = sums[rows], self.grid.scale[rows]
            if base is not None:
                block, scale = _difference(block, sums[base], scale, self.grid.scale[base])
            means = block / self.counts[has_any]
            ends[:, rows] = np.quantile(means, [tail, 1 - tail], axis=1) / scale[:, 0]
        return ends

    def differences(self, confidence: float, base: int) -> Floats:
        """Return each run's mean less that of run `base`, and the ends of its interval, (runs, 3).

        In units of the values; `confidence` is between 0 and 1.
        """
        return np.vstack([self.grid.differences(base), self.intervals(confidence, base)]).T


def grid(values: Floats) -> Grid:
    """Return values (runs, cases) as whole numbers, with as many decimals as sums can be exact in.

    A NaN in any run means that the case has no values. For 500 values from 0 to 1 there are 12
    decimals. A run with a value far larger than those of most runs has a scale of its own with
    fewer decimals, so that it takes none from the other runs.
    """
    has = np.asarray(~np.isnan(values).any(axis=0))
    present = np.where(has, values, 0.0)
    largest = np.abs(present).max(axis=1, keepdims=True, initial=0.0)
    ordered = np.sort(largest[largest > 0])
    usual = ordered[(len(ordered) - 1) // 2] if len(ordered) else 1.0
    shared = largest.max(where=largest / _FAR <= usual, initial=0.0) or 1.0
    decimals = (
        math.log10(_EXACT) - math.log10(values.shape[1]) - np.log10(np.maximum(largest, shared))
    )
    scale: Floats = np.power(10.0, np.minimum(np.floor(decimals), _LARGEST_POWER))
    whole = np.rint(present * scale) + 0.0  # + 0.0 makes -0.0 to 0.0
    return Grid(whole, scale, has.astype(np.float64))


def _difference(
    rows: Floats, row: Floats, scale: Floats, row_scale: Floats
) -> tuple[Floats, Floats]:
    """Return the rows less one row, on the coarser scale of each two, and that scale.

    `rows` (runs, numbers) are on the scales `scale` (runs, 1), `row` (numbers,) is on `row_scale`.
    """
    common = np.minimum(scale, row_scale)
    return rows * (common / scale) - row * (common / row_scale), common


def resample_each(grids: Sequence[Grid], resamples: int, seed: int) -> Iterator[Resampled]:
    """Yield the sums of each grid over the same resamples of the cases, which all grids have.

    `resamples` is their number; `seed` is that of the random numbers. Drawing takes as long as all
    the rest, so that it is done once for as many grids as there is memory for.
    """
    rows = [len(grid.whole) + 1 for grid in grids]
    for together in slices(len(grids), max(1, _AT_ONCE // (max(rows, default=1) * resamples))):
        # How many of the drawn cases have values is a sum as well, of one more row.
        stacked = np.vstack([part for grid in grids[together] for part in (grid.whole, grid.has)])
        sums = np.split(resampled_sums(stacked, resamples, seed), np.cumsum(rows[together])[:-1])
        for grid in grids[together]:
            grid_sums = sums.pop(0)
            yield Resampled(grid, grid_sums[:-1], grid_sums[-1])
            del grid_sums  # frees its memory before the next ones are computed


def resampled_sums(whole: Floats, resamples: int, seed: int) -> Floats:
    """Return the sum of each run's values over each resample of the cases, (runs, resamples).

    `whole` (runs, cases) are whole numbers, and so the sums are exact. A resample is as many cases
    as there are, drawn with replacement. It depends on the seed and the number of cases alone: all
    runs share it, which makes the bootstrap paired.
    """
    runs, cases = whole.shape
    sums = np.zeros((runs, resamples))
    for start, counts in _counts(cases, resamples, seed):
        columns = slice(start, start + counts.shape[0] * _TILE[1])
        # The last block has more resamples than are wanted.
        width = sums[:, columns].shape[1]
        for rows in slices(runs, _TILE[0]):
            for drawn in slices(cases, _TILE[2]):
                part = counts[:, :, drawn] @ whole[rows, drawn].T
                sums[rows, columns] += part.reshape(-1, part.shape[2])[:width].T
    return sums


def _counts(cases: int, resamples: int, seed: int) -> Iterator[tuple[int, Floats]]:
    """Yield how often each case is in each resample, by block, after the block's first resample.

    A block has the shape (tiles, resamples of a tile, cases).
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    tiles = max(1, _DRAWS // (cases * _TILE[1]))
    first = np.arange(tiles * _TILE[1])[:, None] * cases
    for start in range(0, resamples, len(first)):
        # A number of its own for each case of each resample, to count all of them in one pass.
        drawn = generator.integers(0, cases, (len(first), cases)) + first
        counts = np.bincount(drawn.ravel(), minlength=drawn.size)
        yield start, counts.reshape(tiles, _TILE[1], cases).astype(np.float64)
