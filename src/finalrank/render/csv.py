"""The ranking as CSV, and the table that a DataFrame is made of, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finalrank.text.csv_text import csv_text

if TYPE_CHECKING:
    from finalrank.report.assemble import Document
    from finalrank.report.model import Report


def to_csv(document: Document) -> str:
    """One row a run in combined order; an empty cell is missing."""
    header, rows = table(document.report)
    return csv_text(header, rows)


def table(report: Report) -> tuple[list[str], list[list[Any]]]:
    """Header, and one row a run in combined order."""
    from finalrank.model.ranking import PLACE_COLUMNS

    keys = [metric.key for metric in report.metrics]
    ranked = [metric.key for metric in report.metrics if metric.ranked]
    header = [*PLACE_COLUMNS, *keys]
    header += [f"rank_{key}" for key in ranked]
    header += [f"delta_{key}" for key in keys] + [f"delta_pct_{key}" for key in keys]
    # What the figures are the mean of, where they are one.
    grouped = any(hasattr(run, "group") for run in report.runs)
    if grouped:
        header += ["members", *(f"n_{key}" for key in keys), *(f"sd_{key}" for key in keys)]
    rows = []
    for run in report.runs:
        row = [getattr(run, column) for column in PLACE_COLUMNS]
        row += [run.metrics[key] for key in keys]
        row += [run.ranks[key] for key in ranked]
        row += [run.delta and run.delta[key].absolute for key in keys]
        row += [run.delta and run.delta[key].percent for key in keys]
        if grouped:
            group = getattr(run, "group", None)
            spreads = [group.metrics[key] if group else None for key in keys]
            row += [len(run.members), *(s and s.n for s in spreads), *(s and s.sd for s in spreads)]
        rows.append(row)
    return header, rows
