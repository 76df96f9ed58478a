"""Places of runs that lack metrics: by each rule, and their range over all missing values.

A completion is a table in which every missing value has some value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from finalrank.decide.ranking.ties import worst_rank
from finalrank.evidence.ranking.table import Floats, Table, slices

_Ints = npt.NDArray[np.int32]
_Counts = npt.NDArray[np.int64]
# Pairs of runs that are compared at a time: their differences take 2 MB.
_BLOCK = 1 << 19
# The least and the greatest number of the type stand for a missing rank: before and behind all.
_NO_RANK = np.iinfo(np.int32)


def places(table: Table, rule: str) -> list[int | None]:
    """Return the place of each run, from 1, if `rank.missing` is `rule`; None if it is not ranked.

    Runs are not ranked by the rule "complete" alone, if they lack a metric.
    """
    if rule == "complete":
        complete = table.complete()
        complete_places = iter(_places(table.rows(complete), "available"))
        return [next(complete_places) if is_in else None for is_in in complete.tolist()]
    return [*_places(table, rule)]


def guaranteed(table: Table, rows: Sequence[int] | None = None) -> list[tuple[int, int]]:
    """Return the least and the greatest place of runs, from 1, that no completion leaves.

    The range may be wider than the places that completions reach; `_Bounds` explains how it is
    computed. `rows` are the rows of these runs in the table; None stands for all. Memory is linear
    and time quadratic in the number of runs.
    """
    bounds = _bounds(table)
    runs = len(table.runs)
    if rows is None:
        ahead, behind = _certain_leads(bounds, bounds)
    else:
        chosen = bounds.of(np.array(rows, dtype=np.intp))
        ahead, behind = _certain_leads(chosen, bounds)[0], _certain_leads(bounds, chosen)[1]
    return [(1 + a, runs - b) for a, b in zip(ahead.tolist(), behind.tolist(), strict=True)]


def _places(table: Table, rule: str) -> list[int]:
    """Return the places by the mean rank, from 1, where `rule` is "available" or "worst"."""
    ranks = table.ranks()
    runs = len(table.runs)
    present = ~np.isnan(ranks)
    used = present.sum(axis=1)
    if rule == "worst":
        stand_ins = [worst_rank(count, runs) for count in present.sum(axis=0).tolist()]
        ranks = np.where(present, ranks, stand_ins)
    # Ranks are whole or half numbers, so their sums are exact, and means that are equal in exact
    # arithmetic are equal here, too.
    mean = np.nansum(ranks, axis=1) / (~np.isnan(ranks)).sum(axis=1)
    # `lexsort` wants the least significant key first. It is stable and the rows stand by name, so
    # that the name is the last tie-break.
    order = np.lexsort((table.primary_costs(), -used, mean))
    places = np.empty(runs, dtype=np.intp)
    places[order] = np.arange(1, runs + 1)
    return places.tolist()


class _Bounds(NamedTuple):
    """What bounds the difference between the ranks of two runs, in units of half ranks.

    On a metric that u runs lack, let `low` and `high` be the least and the greatest rank that a run
    has in any completion: r and r + u where its rank among those that have the metric is r, the
    first and the last rank where it lacks the metric. The rank of run j less that of run i is then
    at most high(j) - low(i). If both have the metric and j is not behind i, it is at most
    r(j) - r(i), as each completed value that moves j down moves i down as well.

    Both bounds hold for every rule for ties: a completed value never makes equal values unequal,
    and changes the difference between two ranks by at most one. Metrics are completed independently
    of each other, so that the bounds of the metrics add up. Where their sum is 0, the primary
    metric decides; it is a column of its own here, after the metrics, and counts for half a rank.

    The bounds are this project's own (docs/evidence.md, part 2); the tests compare them with all
    completions of small tables.
    """

    high: _Ints  # (runs,), the sum over the metrics
    low: _Ints  # (runs,), likewise
    slack: list[int]  # of each metric that a run lacks: u; and of the tie-break
    as_leading: _Ints  # (metrics + 1, runs), the rank; a missing one is behind all
    as_trailing: _Ints  # (metrics + 1, runs), the rank; a missing one is before all

    def of(self, rows: npt.NDArray[np.intp]) -> _Bounds:
        """Return what bounds the runs in these rows alone."""
        return _Bounds(
            self.high[rows],
            self.low[rows],
            self.slack,
            self.as_leading[:, rows],
            self.as_trailing[:, rows],
        )


def _bounds(table: Table) -> _Bounds:
    ranks = (2 * table.ranks().T).round()  # (metrics, runs), in halves
    present = ~np.isnan(ranks)
    slack = 2 * (~present).sum(axis=1)
    # The last rank is by "dense" the number of distinct values, by the other rules that of runs.
    if table.ties == "dense":
        last = np.where(present, ranks, 0).max(axis=1, initial=0) + slack
    else:
        last = np.full(len(slack), 2 * len(table.runs))
    high = np.where(present, ranks + slack[:, None], last[:, None]).sum(axis=0)
    low = np.where(present, ranks, 2).sum(axis=0)
    primary = table.primary_costs()
    has_primary = ~np.isnan(primary)
    tie_break = np.empty(len(table.runs))
    tie_break[np.argsort(primary, kind="stable")] = range(len(tie_break))
    # On a metric that no run lacks, high(j) - low(i) is the difference itself.
    lacking = slack > 0
    return _Bounds(
        high.astype(np.int32),
        low.astype(np.int32),
        [*slack[lacking].tolist(), 1],
        _as_ints(
            np.where(present, ranks, _NO_RANK.max)[lacking],
            np.where(has_primary, tie_break, _NO_RANK.max),
        ),
        # Less 1, so that no run is ahead of itself by the tie-break.
        _as_ints(
            np.where(present, ranks, _NO_RANK.min)[lacking],
            np.where(has_primary, tie_break - 1, _NO_RANK.min),
        ),
    )


def _as_ints(ranks: Floats, tie_break: Floats) -> _Ints:
    """Return the ranks (metrics, runs) with the tie-break (runs,) as their last row."""
    return np.vstack([ranks, tie_break]).astype(np.int32)


def _certain_leads(trailing: _Bounds, leading: _Bounds) -> tuple[_Counts, _Counts]:
    """Count the pairs of a leading and a trailing run whose order no completion changes.

    Return, of each trailing run, how many of the leading ones are ahead of it in every completion,
    shape (trailing,); and of each leading run, of how many trailing ones it is ahead, (leading,).
    """
    ahead_of_it = np.empty(len(trailing.low), dtype=np.int64)
    behind_it = np.zeros(len(leading.high), dtype=np.int64)
    for rows in slices(len(trailing.low), max(1, _BLOCK // max(1, len(behind_it)))):
        difference = leading.high - trailing.low[rows, None]
        for slack, trailing_ranks, leading_ranks in zip(
            trailing.slack, trailing.as_trailing, leading.as_leading, strict=True
        ):
            not_behind = leading_ranks <= trailing_ranks[rows, None]
            difference -= np.multiply(not_behind, slack, dtype=np.int32)
        certain = difference < 0
        ahead_of_it[rows] = certain.sum(axis=1)
        behind_it += certain.sum(axis=0)
    return ahead_of_it, behind_it
