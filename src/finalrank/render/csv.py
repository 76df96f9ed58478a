"""The ranking as CSV, and as the table that a DataFrame is made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

# `finalrank --help` imports this module; these import pydantic.
if TYPE_CHECKING:
    from finalrank.model.ranking import GroupMean, RankedRun
    from finalrank.report.assemble import Document
    from finalrank.report.model import Report

# A heading, and what stands below it in the row of a run.
Column = tuple[str, Callable[["RankedRun"], Any]]


def to_csv(document: Document, template: str | None = None) -> str:
    """Return the ranking as CSV: a row a run in combined order, an empty cell where one is missing.

    `template` is always None: CSV takes no template.
    """
    from finalrank.text.csv_text import csv_text

    header, rows = table(document.report)
    return csv_text(header, rows)


def table(report: Report) -> tuple[list[str], list[list[Any]]]:
    """Return the headings, and a row of cells a run in combined order; None is missing."""
    columns = _columns(report)
    cells = [cell for _, cell in columns]
    return [heading for heading, _ in columns], [
        [cell(run) for cell in cells] for run in report.runs
    ]


def _columns(report: Report) -> list[Column]:
    """Return the place of a run, its metrics, their ranks and deltas, and the spread of a group."""
    from finalrank.model.ranking import RUN_COLUMNS, GroupedRun

    keys = [metric.key for metric in report.metrics]
    ranked = [metric.key for metric in report.metrics if metric.ranked]
    columns: list[Column] = [
        *((name, attrgetter(name)) for name in RUN_COLUMNS),
        *((key, partial(_value, key)) for key in keys),
        *((f"rank_{key}", partial(_rank, key)) for key in ranked),
        *((f"delta_{key}", partial(_delta, "absolute", key)) for key in keys),
        *((f"delta_pct_{key}", partial(_delta, "percent", key)) for key in keys),
    ]
    # The figures of a group are means: these columns say of how many members, and their spread.
    if any(isinstance(run, GroupedRun) for run in report.runs):
        columns += [
            ("members", lambda run: len(run.members)),
            *((f"n_{key}", partial(_spread, "n", key)) for key in keys),
            *((f"sd_{key}", partial(_spread, "sd", key)) for key in keys),
        ]
    return columns


def _value(key: str, run: RankedRun) -> float | None:
    return run.metrics[key]


def _rank(key: str, run: RankedRun) -> float | None:
    return run.ranks[key]


def _delta(figure: str, key: str, run: RankedRun) -> Any:
    """Return a figure of the metric's delta; None without a baseline."""
    return run.delta and getattr(run.delta[key], figure)


def _spread(figure: str, key: str, run: RankedRun) -> Any:
    """Return a figure of the metric's spread; None for a run that is no group."""
    group: GroupMean | None = getattr(run, "group", None)
    spread = group.metrics[key] if group else None
    return spread and getattr(spread, figure)
