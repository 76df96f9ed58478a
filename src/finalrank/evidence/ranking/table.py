"""A ranking as arrays: one row for each run, by name, and one column for each ranked metric.

A missing value is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finalrank.decide.ranking.ties import ranks

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """The values that are ranked, as costs: the less, the better."""

    runs: Sequence[str]  # by name
    keys: Sequence[str]  # of the ranked metrics, the primary one among them if any run has it
    costs: Floats  # (runs, metrics)
    primary: int | None  # the column of the primary metric; None: no run has it
    ties: str  # the rule of `rank.ties` for equal values
    signs: Sequence[int]  # of each metric, 1 or -1: cost times sign is the value

    def ranks(self) -> Floats:
        """Return the rank of each run on each metric, shape (runs, metrics); NaN if missing."""
        return rank_columns(self.costs, self.ties)

    def primary_costs(self) -> Floats:
        """Return what decides between equal mean ranks, shape (runs,); NaN is missing, and last."""
        if self.primary is None:
            return np.full(len(self.runs), np.nan)
        return self.costs[:, self.primary]

    def complete(self) -> Bools:
        """Return whether each run has every metric, shape (runs,)."""
        return np.asarray(~np.isnan(self.costs).any(axis=1))

    def rows(self, chosen: Bools) -> Table:
        """Return the table of the runs that are `chosen` alone, shape (runs,)."""
        names = [run for run, is_in in zip(self.runs, chosen, strict=True) if is_in]
        return Table(names, self.keys, self.costs[chosen], self.primary, self.ties, self.signs)


def slices(length: int, size: int) -> Iterator[slice]:
    """Return slices that cover `length` rows in their order, each of no more than `size` rows."""
    return (slice(start, start + size) for start in range(0, length, size))


def rank_columns(costs: Floats, ties: str) -> Floats:
    """Return the rank of each cost in its column, 1 for the least; NaN stays NaN.

    `costs` and the ranks have the shape (runs, metrics). `ties` is a rule of `rank.ties`: by
    "ordinal", of equal costs the one in the upper row has the lower rank.
    """
    columns = []
    for column in costs.T.tolist():
        column_ranks = ranks([None if math.isnan(cost) else cost for cost in column], ties)
        columns.append([np.nan if rank is None else rank for rank in column_ranks])
    return np.array(columns, dtype=np.float64).reshape(costs.shape[::-1]).T
