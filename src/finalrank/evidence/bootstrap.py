"""The paired bootstrap over cases (Efron & Tibshirani 1993), the same to the last bit everywhere.

Values become whole numbers so small that every sum of them is exact. Equal runs are then equal in
every resample, and no order of runs, cases or additions changes a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int32]

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
# Differences of which every combination of signs is counted.
_EXACT_UP_TO = 50


class Grid(NamedTuple):
    """Values (a row a run, a column a case) as whole multiples of `1 / scale`."""

    whole: Floats
    scale: float

    def mean(self, sums: Floats) -> Floats:
        """Sums over the cases of `whole`, or of a resample of it, in units of the values."""
        means: Floats = sums / (self.whole.shape[1] * self.scale)
        return means


class Places(NamedTuple):
    """Of each run: the probability of place 1 (ties share it), of the podium, and an interval."""

    first: Floats
    podium: Floats
    low: Whole
    high: Whole


def grid(values: Floats) -> Grid:
    """Finite values (runs, cases), rounded to the finest decimals whose sums are exact.

    Those are 12 decimals for 500 values from 0 to 1.
    """
    largest = float(np.abs(values).max(initial=0.0))
    if not largest:
        return Grid(values + 0.0, 1.0)
    decimals = math.log10(_EXACT) - math.log10(values.shape[1]) - math.log10(largest)
    scale = 10.0 ** min(math.floor(decimals), 300)
    return Grid(np.rint(values * scale) + 0.0, scale)


def sums_in_turn(grids: Sequence[Grid], resamples: int, seed: int) -> Iterator[Floats]:
    """The resampled sums of each grid, (runs, resamples); all have the same cases."""
    runs = [len(grid.whole) for grid in grids]
    # To draw takes as long as the rest, so it is done once for as many as there is room for.
    for some in _blocks(len(grids), max(runs, default=1) * resamples, _AT_ONCE):
        stacked = np.vstack([grid.whole for grid in grids[some]])
        sums = resampled_sums(stacked, resamples, seed)
        yield from np.split(sums, np.cumsum(runs[some])[:-1])
        del sums  # before there are others


def resampled_sums(whole: Floats, resamples: int, seed: int) -> Floats:
    """The sum of each run's values (runs, cases) in each resample of the cases: (runs, resamples).

    The resamples depend on the seed and the number of cases alone: all runs share them.
    """
    runs, cases = whole.shape
    sums = np.zeros((runs, resamples))
    for start, counts in _counts(cases, resamples, seed):
        columns = slice(start, start + counts.shape[0] * _TILE[1])
        width = sums[:, columns].shape[1]
        for rows in _slices(runs, _TILE[0]):
            for some in _slices(cases, _TILE[2]):
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


def percentiles(sums: Floats, confidence: float, minus: Floats | None = None) -> Floats:
    """The percentile interval of each row of (runs, resamples), less the row `minus`: (2, runs)."""
    tail = (1 - confidence) / 2
    found = np.empty((2, len(sums)))
    for rows in _blocks(len(sums), sums.shape[1]):
        block = sums[rows] if minus is None else sums[rows] - minus
        found[:, rows] = np.quantile(block, [tail, 1 - tail], axis=1)
    return found


def settled(sums: Floats, terms: int) -> Floats:
    """Sums of so many values of a grid on a coarser one: what is equal on paper is equal here.

    The grid has a third rounded, and three of them are not one: but for this.
    """
    return np.rint(sums / (1000.0 * terms))


def add_ranks(
    totals: Whole, sums: Floats, rows: npt.NDArray[np.intp], sign: int, cases: int
) -> None:
    """Add to the totals (runs, resamples) the ranks of some rows of the sums in each resample.

    `sign` is 1 where less is better, or -1; ties are averaged. Ranks are twice as large, and from
    0, for what counts is the order of their totals, which are whole numbers so.
    """
    for columns in _blocks(totals.shape[1], len(totals)):
        order, first, last = _ordered(settled(sign * sums[:, columns][rows], cases))
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
    return _slices(length, max(1, block // width))


def _slices(length: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, length, size))


def signed_rank(differences: Floats) -> list[float]:
    """The two-sided p of Wilcoxon's signed-rank test (1945) of each row of (comparisons, cases).

    The differences are those of values of a grid. Zeros are left out, and where there is nothing
    else p is 1. Exact for up to 50 that do not tie, else by the normal distribution with a
    correction for ties, as R has it.
    """
    # It takes a second to import.
    from scipy.stats import wilcoxon

    p = []
    for row in settled(differences, 2):
        present = row[row != 0]
        ties = len(np.unique(np.abs(present))) < len(present)
        method: Literal["exact", "approx"]
        method = "exact" if len(present) <= _EXACT_UP_TO and not ties else "approx"
        p.append(float(wilcoxon(present, method=method).pvalue) if len(present) else 1.0)
    return p


def holm(p: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number (Holm 1979): at most 1, and in their order."""
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted = [1.0] * len(p)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min((len(p) - rank) * p[index], 1.0))
        adjusted[index] = least
    return adjusted
