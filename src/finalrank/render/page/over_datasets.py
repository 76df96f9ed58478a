"""What the page over several datasets is given: its tables, a cell a run and dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finalrank.model.artifact import CaseCounts
from finalrank.model.over_datasets import RunOverDatasets
from finalrank.model.ranking import RankedRun
from finalrank.render.number_format import MISSING, figure
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.report.assemble import Document
from finalrank.report.datasets_model import DatasetsReport, WithoutDataset
from finalrank.report.labels import MetricLabel
from finalrank.report.presentation import Presentation

if TYPE_CHECKING:
    from finalrank.render.page.evidence.context import EvidenceContext

# With more datasets, a dataset is a row, and the columns are the podium and the baseline.
_MOST_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """One of the datasets: who is best in it, and on what it was tested."""

    name: str
    runs: int
    counts: bool  # whether its ranks count over all datasets
    test_set: CaseCounts | None
    best: list[RankedRun]  # those that share its first place
    evidence: EvidenceContext | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a run in a dataset."""

    figure: str
    best: bool  # whether no run of the dataset is ahead of it


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A row of a metric's table: that of a run, or of a dataset where there are many."""

    name: str
    cells: list[Cell]
    mean_rank: float | None
    datasets: int


@dataclass(frozen=True, slots=True)
class MetricTable:
    """A ranked metric over all datasets."""

    number: int  # of the section, from 1
    metric: MetricLabel
    columns: list[str]  # datasets, or runs where there are many datasets
    rows: list[MetricRow]


@dataclass(frozen=True, slots=True)
class DeltaRow:
    """A run of the podium beside the baseline, in one dataset."""

    dataset: str
    row: RankedRun


@dataclass(frozen=True, slots=True)
class OverDatasets:
    """The page over several datasets."""

    datasets: list[DatasetLine]
    counted: int  # how many datasets count in mean ranks
    uncounted: Truncated  # the names of the others
    ordered: bool  # whether any run has a mean rank
    runs: list[RunOverDatasets]
    podium: list[RunOverDatasets]
    by_dataset: bool  # whether the rows of the metrics' tables are datasets
    tables: list[MetricTable]
    deltas: list[DeltaRow]
    without_baseline: list[str]  # datasets that the baseline lacks
    lacking: bool  # whether any run lacks a dataset that counts
    missing_datasets: str  # what it counts there: `rank.missing_datasets`
    over: str  # `rank.over`
    # With evidence: each dataset that counts, and who would be first without it.
    without: list[WithoutDataset]

    @property
    def several_best(self) -> bool:
        """Whether the first place of a dataset is shared."""
        return any(len(line.best) > 1 for line in self.datasets)


def over_datasets(document: Document) -> OverDatasets | None:
    """Return what the page over datasets is given; None for a report that has none."""
    report, layout = document.report, document.presentation
    if not isinstance(report, DatasetsReport):
        return None
    counted = [dataset.name for dataset in report.datasets if dataset.counts]
    podium = report.runs[: layout.top]
    baseline = report.baseline.run if report.baseline else None
    shown = [*podium, *(run for run in report.runs[layout.top :] if run.run == baseline)]
    many = len(report.datasets) > _MOST_COLUMNS
    return OverDatasets(
        datasets=_datasets(document, report),
        counted=len(counted),
        uncounted=_uncounted(report),
        ordered=any(run.mean_rank is not None for run in report.runs),
        runs=report.runs,
        podium=podium,
        by_dataset=many,
        tables=_tables(report, layout, shown if many else None),
        deltas=[
            DeltaRow(name, row)
            for run in podium
            for name, row in run.by_dataset.items()
            if row.delta and run.run != baseline
        ],
        without_baseline=[d.name for d in report.datasets if baseline and d.baseline is None],
        lacking=any(name not in run.by_dataset for run in report.runs for name in counted),
        missing_datasets=layout.missing_datasets,
        over=layout.over,
        without=report.leave_one_dataset_out or [],
    )


def _uncounted(report: DatasetsReport) -> Truncated:
    return at_most([dataset.name for dataset in report.datasets if not dataset.counts])


def _datasets(document: Document, report: DatasetsReport) -> list[DatasetLine]:
    lines = []
    for number, dataset in enumerate(report.datasets):
        own = document.datasets[dataset.name]
        best = [run for run in own.report.runs if run.mean_rank == own.report.runs[0].mean_rank]
        lines.append(
            DatasetLine(
                dataset.name,
                dataset.runs,
                dataset.counts,
                dataset.test_set,
                best,
                _evidence(own, number, dataset.name),
            )
        )
    return lines


def _evidence(document: Document, before: int, dataset: str) -> EvidenceContext | None:
    report = document.report
    if report.evidence is None:
        return None
    from finalrank.render.page.evidence.context import evidence_context

    return evidence_context(report, document.presentation, report.evidence, before, dataset)


def _tables(
    report: DatasetsReport, layout: Presentation, columns: Sequence[RunOverDatasets] | None
) -> list[MetricTable]:
    """Return a table a ranked metric; its columns are the datasets, or the runs that are given."""
    names = [dataset.name for dataset in report.datasets]
    return [
        _rows_are_runs(number, metric, names, report.runs)
        if columns is None
        else _rows_are_datasets(number, metric, names, columns)
        for number, (metric, _) in enumerate(layout.tables, start=1)
    ]


def _rows_are_runs(
    number: int, metric: MetricLabel, names: Sequence[str], runs: Sequence[RunOverDatasets]
) -> MetricTable:
    """Return a metric's table with a row a run, best mean rank in the metric first."""
    having = [run for run in runs if _has(run, metric)]
    rows = [
        MetricRow(
            run.run,
            [_cell(run.by_dataset, name, metric) for name in names],
            run.mean_ranks[metric.key],
            run.datasets,
        )
        for run in sorted(having, key=lambda run: _by_mean_rank(run, metric))
    ]
    return MetricTable(number, metric, list(names), rows)


def _rows_are_datasets(
    number: int, metric: MetricLabel, names: Sequence[str], runs: Sequence[RunOverDatasets]
) -> MetricTable:
    rows = [
        MetricRow(name, [_cell(run.by_dataset, name, metric) for run in runs], None, 0)
        for name in names
    ]
    return MetricTable(number, metric, [run.run for run in runs], rows)


def _has(run: RunOverDatasets, metric: MetricLabel) -> bool:
    return any(row.ranks[metric.key] is not None for row in run.by_dataset.values())


def _by_mean_rank(run: RunOverDatasets, metric: MetricLabel) -> tuple[bool, float, int]:
    mean = run.mean_ranks[metric.key]
    return mean is None, mean or 0.0, run.rank


def _cell(rows: Mapping[str, RankedRun], name: str, metric: MetricLabel) -> Cell:
    if name not in rows:
        return Cell(MISSING, best=False)
    row = rows[name]
    return Cell(figure(row, metric), best=row.ranks[metric.key] == 1)


def only_dataset(document: Document) -> Document:
    """Return the document of the only dataset where there is one; else the document itself."""
    if len(document.datasets) != 1:
        return document
    (own,) = document.datasets.values()
    # What is of no dataset is told on the page, too.
    whole = {name: getattr(document.report, name) for name in ("counts", "excluded", "problems")}
    sources = document.presentation.sources_with_problems
    return replace(
        own,
        report=own.report.model_copy(update=whole),
        presentation=replace(own.presentation, sources_with_problems=sources),
    )
