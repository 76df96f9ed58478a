"""A ranking as arrays: a row a run, by name, a column a ranked metric. NaN is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finalrank.decide.ties import ranks

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """What is ranked: `costs` has a row a run and a column a metric, and less is better."""

    runs: Sequence[str]  # by name
    keys: Sequence[str]  # the ranked metrics, the primary one among them
    costs: Floats
    primary: int  # the column of the primary metric
    ties: str
    signs: Sequence[int]  # of each metric: cost times sign is the value

    def ranks(self) -> Floats:
        """The rank of every run on every metric; NaN where it is missing."""
        return rank_columns(self.costs, self.ties)

    def complete(self) -> Bools:
        """Which runs have every metric."""
        return np.asarray(~np.isnan(self.costs).any(axis=1))

    def rows(self, chosen: Bools) -> Table:
        """The table of some of the runs alone."""
        names = [run for run, is_in in zip(self.runs, chosen, strict=True) if is_in]
        return Table(names, self.keys, self.costs[chosen], self.primary, self.ties, self.signs)


def slices(length: int, size: int) -> Iterator[slice]:
    """Slices of so many rows, each of no more than `size`."""
    return (slice(start, start + size) for start in range(0, length, size))


def rank_columns(costs: Floats, ties: str) -> Floats:
    """The rank of each cost in its column, 1 for the least; NaN stays NaN."""
    columns = []
    for column in costs.T.tolist():
        found = ranks([None if cost != cost else cost for cost in column], ties)
        columns.append([np.nan if rank is None else rank for rank in found])
    return np.array(columns, dtype=np.float64).reshape(costs.shape[::-1]).T
