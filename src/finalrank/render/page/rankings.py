"""The tables of the ranked metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from finalrank.model.ranking import RankedRun
from finalrank.report.presentation import MetricLabel, Presentation


@dataclass(frozen=True, slots=True)
class RankingTable:
    """The table of one ranked metric: its columns, and the runs that have it, best first."""

    number: int  # of the section, from 1
    metric: MetricLabel
    columns: list[MetricLabel]
    runs: list[RankedRun]


def ranking_tables(runs: Sequence[RankedRun], layout: Presentation) -> list[RankingTable]:
    """Return a table for each ranked metric, in their order."""
    return [
        RankingTable(number, metric, columns, _ordered(runs, metric))
        for number, (metric, columns) in enumerate(layout.tables, start=1)
    ]


def _ordered(runs: Sequence[RankedRun], metric: MetricLabel) -> list[RankedRun]:
    """Return the runs that have the metric, best first, equal values by run name."""
    key, sign = metric.key, -1 if metric.higher_is_better else 1
    present = [(run.metrics[key], run) for run in runs]
    order = [(sign * value, run.run, run) for value, run in present if value is not None]
    return [run for *_, run in sorted(order, key=itemgetter(0, 1))]
