"""Places where metrics are missing: by each rule, and where they could be at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finalrank.decide.ties import worst_rank
from finalrank.evidence.ranking.table import Floats, Table, slices

_Ints = npt.NDArray[np.int32]
# Pairs of runs that are compared at a time: their leads are 2 MB.
_BLOCK = 1 << 19
# Before and behind every rank.
_NO_RANK = np.iinfo(np.int32)


def places(table: Table, rule: str) -> list[int | None]:
    """The place of each run where `rank.missing` is `rule`; None where it is not ranked."""
    if rule == "complete":
        complete = table.complete()
        found = iter(_places(table.rows(complete), "available"))
        return [next(found) if is_in else None for is_in in complete.tolist()]
    return [*_places(table, rule)]


def guaranteed(table: Table, rows: Sequence[int] | None = None) -> list[tuple[int, int]]:
    """The least and the greatest place of the runs in `rows`, or of all: no completion leaves it.

    A completion gives every missing value some value. Memory is linear, time quadratic in runs.
    """
    bounds = _bounds(table)
    runs = len(table.runs)
    if rows is None:
        ahead, behind = _certain(bounds, bounds)
    else:
        chosen = bounds.of(np.array(rows, dtype=np.intp))
        ahead, behind = _certain(chosen, bounds)[0], _certain(bounds, chosen)[1]
    return [(1 + a, runs - b) for a, b in zip(ahead.tolist(), behind.tolist(), strict=True)]


def _places(table: Table, rule: str) -> list[int]:
    ranks = table.ranks()
    runs = len(table.runs)
    if rule == "worst":
        there = ~np.isnan(ranks)
        stand_ins = [worst_rank(present, runs) for present in there.sum(axis=0).tolist()]
        ranks = np.where(there, ranks, stand_ins)
    used = (~np.isnan(ranks)).sum(axis=1)
    # Sums of halves are exact, so equal means are equal in every bit.
    mean = np.nansum(ranks, axis=1) / used
    # The least significant key comes first; the sort is stable, so the name comes before them all.
    order = np.lexsort((table.costs[:, table.primary], -used, mean))
    found = np.empty(runs, dtype=np.intp)
    found[order] = np.arange(1, runs + 1)
    return found.tolist()


class _Bounds(NamedTuple):
    """What bounds how far two runs are apart, in half ranks; the last metric is the tie-break.

    On a metric that u of the runs lack, let `low` and `high` be how far up and down a run could
    get: a run that has it is pushed down by at most u, one that lacks it could be first or last.
    The rank of j minus that of i is at most high(j) - low(i): whatever is missing stands before j
    and, where i has the metric, behind i. But if both have it and j is not behind i, everything
    that pushes j down pushes i down as well, and the most is r(j) - r(i). This holds for every rule
    for ties: a missing value never parts equal ones, and counts for at most one rank between two.
    Metrics are completed independently, so the bounds add up.
    """

    high: _Ints  # a run: the sum over the metrics
    low: _Ints
    slack: list[int]  # a metric: u
    as_ahead: _Ints  # metric x run: the rank; behind all where it is missing
    as_behind: _Ints  # before all where it is missing

    def of(self, rows: npt.NDArray[np.intp]) -> _Bounds:
        return _Bounds(
            self.high[rows],
            self.low[rows],
            self.slack,
            self.as_ahead[:, rows],
            self.as_behind[:, rows],
        )


def _bounds(table: Table) -> _Bounds:
    ranks = (2 * table.ranks().T).round()  # in halves, a row a metric
    there = ~np.isnan(ranks)
    slack = 2 * (~there).sum(axis=1)
    # By "dense" the last rank is the number of values, else that of runs.
    if table.ties == "dense":
        last = np.where(there, ranks, 0).max(axis=1, initial=0) + slack
    else:
        last = np.full(len(slack), 2 * len(table.runs))
    high = np.where(there, ranks + slack[:, None], last[:, None]).sum(axis=0)
    low = np.where(there, ranks, 2).sum(axis=0)
    # Where the most is 0, the tie-break decides: j leads by half a rank if it comes first.
    tie_break = np.empty(len(table.runs))
    tie_break[np.argsort(table.costs[:, table.primary], kind="stable")] = range(len(tie_break))
    matters = slack > 0
    return _Bounds(
        high.astype(np.int32),
        low.astype(np.int32),
        [*slack[matters].tolist(), 1],
        _ints(np.where(there, ranks, _NO_RANK.max)[matters], tie_break),
        # A run does not come before itself.
        _ints(np.where(there, ranks, _NO_RANK.min)[matters], tie_break - 1),
    )


def _ints(ranks: Floats, tie_break: Floats) -> _Ints:
    return np.vstack([ranks, tie_break]).astype(np.int32)


def _certain(them: _Bounds, others: _Bounds) -> tuple[npt.NDArray[np.int64], ...]:
    """How many of the others are ahead of each of them in every completion, and the reverse.

    The second is a number for each of the others: of how many of them it is ahead.
    """
    ahead = np.empty(len(them.low), dtype=np.int64)
    led = np.zeros(len(others.high), dtype=np.int64)
    for rows in slices(len(them.low), max(1, _BLOCK // max(1, len(led)))):
        most = others.high - them.low[rows, None]
        for slack, one, other in zip(them.slack, them.as_behind, others.as_ahead, strict=True):
            most -= np.multiply(other <= one[rows, None], slack, dtype=np.int32)
        certain = most < 0
        ahead[rows] = certain.sum(axis=1)
        led += certain.sum(axis=0)
    return ahead, led
