"""The ranking as CSV, and as the table that a DataFrame is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

# `finalrank --help` imports this module; these import pydantic.
if TYPE_CHECKING:
    from finalrank.model.ranking import GroupMean, RankedRun
    from finalrank.report.assemble import Document
    from finalrank.report.datasets_model import DatasetsReport
    from finalrank.report.model import Report

# A heading, and what stands below it in the row of a run.
Column = tuple[str, Callable[["RankedRun"], Any]]


def to_csv(document: Document, template: str | None = None) -> str:
    """Return the ranking as CSV: a row a run in combined order.

    A cell is empty where a value is missing, and `inf` where it is infinite.

    `template` is always None: CSV takes no template.
    """
    from finalrank.text.csv_text import csv_text

    header, rows = table(document.report)
    return csv_text(header, rows)


def table(report: Report) -> tuple[list[str], list[list[Any]]]:
    """Return the headings, and a row of cells a run in combined order; None is missing."""
    from finalrank.report.datasets_model import DatasetsReport

    if isinstance(report, DatasetsReport):
        return _over_datasets(report)
    columns = _columns(report, report.runs)
    cells = [cell for _, cell in columns]
    return [heading for heading, _ in columns], [
        [cell(run) for cell in cells] for run in report.runs
    ]


def text_columns(report: Report) -> set[str]:
    """Return the headings below which there are texts, behind those of every run."""
    runs = [row for run in report.runs for row in getattr(run, "by_dataset", {"": run}).values()]
    factors = {key for run in runs for key in run.factors}
    return {"dataset", *factors, *(f"lacks_{metric.key}" for metric in report.metrics)}


def _over_datasets(report: DatasetsReport) -> tuple[list[str], list[list[Any]]]:
    """Return a row a run and dataset, in which place, mean rank and ranks used are over them all.

    The last column is the dataset.
    """
    pairs = [(run, name, row) for run in report.runs for name, row in run.by_dataset.items()]
    columns = _columns(report, [row for *_, row in pairs])
    over = ("rank", "mean_rank", "metrics_used")
    rows = [
        [getattr(run, head) if head in over else cell(row) for head, cell in columns] + [name]
        for run, name, row in pairs
    ]
    return [*(heading for heading, _ in columns), "dataset"], rows


def _columns(report: Report, runs: Sequence[RankedRun]) -> list[Column]:
    """Return the place of a run, its metrics, their ranks and deltas, and the spread of a group."""
    from finalrank.model.ranking import RUN_COLUMNS

    keys = [metric.key for metric in report.metrics]
    ranked = [metric.key for metric in report.metrics if metric.ranked]
    columns: list[Column] = [
        *((name, attrgetter(name)) for name in RUN_COLUMNS),
        *((key, partial(_value, key)) for key in keys),
        *((f"rank_{key}", partial(_rank, key)) for key in ranked),
        *((f"delta_{key}", partial(_delta, "absolute", key)) for key in keys),
        *((f"delta_pct_{key}", partial(_delta, "percent", key)) for key in keys),
    ]
    return [*columns, *_parts(runs, keys), *_members(runs, keys), *_circumstances(runs, ranked)]


def _parts(runs: Sequence[RankedRun], keys: Sequence[str]) -> Iterator[Column]:
    """Yield, of means over a part of a list, how many numbers of how many entries."""
    for key in keys:
        if any(key in run.partial for run in runs):
            yield f"values_{key}", partial(_part, "values", key)
            yield f"values_of_{key}", partial(_part, "of", key)


def _members(runs: Sequence[RankedRun], keys: Sequence[str]) -> list[Column]:
    """Return, where figures are means, of how many members they are, and their spread."""
    from finalrank.model.ranking import GroupedRun

    if not any(isinstance(run, GroupedRun) for run in runs):
        return []
    return [
        ("members", lambda run: len(run.members)),
        *((f"n_{key}", partial(_spread, "n", key)) for key in keys),
        *((f"sd_{key}", partial(_spread, "sd", key)) for key in keys),
    ]


def _circumstances(runs: Sequence[RankedRun], ranked: Sequence[str]) -> Iterator[Column]:
    """Yield the factors of the runs, and what their figures are not over, where they lack any."""
    for key in dict.fromkeys(key for run in runs for key in run.factors):
        yield key, partial(_factor, key)
    if any(run.incomplete for run in runs):
        for key in ranked:
            yield f"lacks_{key}", partial(_lacks, key)


def _factor(key: str, run: RankedRun) -> str | None:
    return ", ".join(run.factors.get(key, ())) or None


def _lacks(key: str, run: RankedRun) -> str | None:
    return run.incomplete.get(key)


def _value(key: str, run: RankedRun) -> float | None:
    return run.metrics[key]


def _rank(key: str, run: RankedRun) -> float | None:
    return run.ranks[key]


def _delta(figure: str, key: str, run: RankedRun) -> Any:
    """Return a figure of the metric's delta; None without a baseline."""
    return run.delta and getattr(run.delta[key], figure)


def _part(figure: str, key: str, run: RankedRun) -> int | None:
    """Return of what a partial mean is taken; None for a mean over all, or no mean."""
    part = run.partial.get(key)
    return getattr(part, figure) if part else None


def _spread(figure: str, key: str, run: RankedRun) -> Any:
    """Return a figure of the metric's spread; None for a run that is no group."""
    group: GroupMean | None = getattr(run, "group", None)
    spread = group.metrics[key] if group else None
    return spread and getattr(spread, figure)
