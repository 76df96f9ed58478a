"""EXPLAIN_FORMATS: what an explanation can be printed as, a row a format."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from finalrank.render.number_format import fixed
from finalrank.text.escape import visible

# `finalrank --help` reads this table: what a format imports waits until it is asked for.
if TYPE_CHECKING:
    from finalrank.config.settings import Settings
    from finalrank.model.survey import Explained


def to_text(rows: list[Explained], settings: Settings) -> str:
    """Return a block a run: its rank, then its artifacts in a table."""
    return "\n".join(
        _block(run, list(group), settings) for run, group in groupby(rows, key=attrgetter("run"))
    )


def to_json(rows: list[Explained], settings: Settings) -> str:
    """Return a list of objects, one an artifact.

    `keys` is there where a metric has several places, `factors` where results have any, `infinite`,
    `averaged` and `nan` where there is something of the kind to tell of its values.
    """
    from finalrank.text.json_text import json_text

    return json_text([_json_row(row) for row in rows])


def _json_row(row: Explained) -> dict[str, Any]:
    """Return an artifact as an object of JSON."""
    fields = asdict(row)
    remarks = fields.pop("remarks") or {}
    for name in ("keys", "factors"):
        if not fields[name]:
            del fields[name]
    infinite = [key for key, value in row.metrics.items() if value and math.isinf(value)]
    averaged = {key: mean._asdict() for key, mean in remarks.get("averaged", {}).items()}
    told = {"infinite": infinite, "averaged": averaged, "nan": remarks.get("nan")}
    return fields | {name: what for name, what in told.items() if what}


def to_csv(rows: list[Explained], settings: Settings) -> str:
    """Return a row an artifact; an empty cell is missing."""
    from finalrank.model.ranking import EXPLAIN_COLUMNS
    from finalrank.text.csv_text import csv_text

    keys = [metric.key for metric in settings.metrics]
    factors = dict.fromkeys(key for row in rows for key in row.factors)
    return csv_text(
        [*EXPLAIN_COLUMNS, *keys, *factors],
        (
            [
                *(getattr(row, column) for column in EXPLAIN_COLUMNS),
                *(row.metrics[key] for key in keys),
                *(row.factors.get(key) for key in factors),
            ]
            for row in rows
        ),
    )


def _block(run: str, rows: list[Explained], settings: Settings) -> str:
    """Return the block of one run."""
    from tabulate import tabulate

    valid = sum(row.verdict != "excluded" for row in rows)
    place = "not ranked" if rows[0].rank is None else f"rank {rows[0].rank}"
    noun = "artifact" if len(rows) == 1 else "artifacts"
    folder = f"{run}/"
    factors = {key: visible(label) for key, label in _factor_labels(rows, settings).items()}
    cells = [
        [
            visible(row.source.removeprefix(folder)),
            visible(row.reason or row.verdict),
            *(visible(row.factors.get(key) or "") for key in factors),
            *(fixed(row.metrics[m.key], m.digits) for m in settings.metrics),
            visible("; ".join([row.detail, *_remarks(row, settings), *_places(row, settings)])),
        ]
        for row in rows
    ]
    table = tabulate(
        cells,
        headers=[
            "Artifact",
            "Verdict",
            *factors.values(),
            *(visible(m.label) for m in settings.metrics),
            "Why",
        ],
        disable_numparse=True,
        colalign=[*["left"] * (2 + len(factors)), *["right"] * len(settings.metrics), "left"],
    )
    return f"{visible(run)}: {place}; {len(rows)} {noun}, {valid} valid\n\n{table}\n"


def _factor_labels(rows: list[Explained], settings: Settings) -> dict[str, str]:
    """Return the headings of the factors that any of the rows has a value of, by key."""
    labels = {factor.key: factor.label for factor in settings.all_factors}
    there = {key for row in rows for key, text in row.factors.items() if text is not None}
    return {key: labels.get(key, key) for row in rows for key in row.factors if key in there}


def _remarks(row: Explained, settings: Settings) -> list[str]:
    """Return what must be told of the values: means over a part of a list, and NaN."""
    if row.remarks is None:
        return []
    averaged, nan = row.remarks.averaged, row.remarks.nan
    told = []
    for metric in settings.metrics:
        mean, count = averaged.get(metric.key), nan.get(metric.key, 0)
        if mean and mean.values < mean.of:
            others = [
                f"{mean.nan} NaN" if mean.nan else "",
                f"{mean.null} null" if mean.null else "",
            ]
            counted = ", ".join(filter(None, others))
            told.append(
                f"{metric.label} over {mean.values} of {mean.of}{counted and f' ({counted})'}"
            )
        elif count:
            told.append(f"{metric.label} NaN" if count == 1 else f"{metric.label} {count} NaN")
    return told


def _places(row: Explained, settings: Settings) -> list[str]:
    """Return where each metric was found that has several places to be looked for in."""
    return [
        f"{metric.label} from {key}"
        for metric in settings.metrics
        if len(metric.sources) > 1 and row.keys and (key := row.keys[metric.key])
    ]


# Each returns the whole text of the explained artifacts, which stand run by run. The first is the
# default.
EXPLAIN_FORMATS: dict[str, Callable[[list[Explained], Settings], str]] = {
    "text": to_text,
    "json": to_json,
    "csv": to_csv,
}
