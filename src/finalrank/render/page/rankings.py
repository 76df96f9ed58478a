"""The tables of the ranked metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from finalrank.model.ranking import RankedRun
from finalrank.report.labels import MetricLabel
from finalrank.report.presentation import Presentation

if TYPE_CHECKING:
    from finalrank.model.over_datasets import RunOverDatasets


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
    present = [(rank, run.run, run) for run in runs if (rank := run.ranks[metric.key]) is not None]
    return [run for *_, run in sorted(present, key=itemgetter(0, 1))]


def places(runs: Sequence[RankedRun | RunOverDatasets], ties: str) -> dict[str, int]:
    """Return the place of each run, which come in combined order, in the combined ranking.

    Equal mean ranks share the least of their places, as no name puts one before the other; where
    `ties` is "ordinal", as ranks do, places count on.
    """
    shared: dict[str, int] = {}
    mean_rank, place = None, 0
    for position, run in enumerate(runs, start=1):
        if position == 1 or ties == "ordinal" or run.mean_rank != mean_rank:
            mean_rank, place = run.mean_rank, position
        shared[run.run] = place
    return shared
