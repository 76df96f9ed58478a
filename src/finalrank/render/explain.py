"""EXPLAIN_FORMATS: what an explanation can be printed as, a row a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

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
    """Return a list of objects, one an artifact; `keys` where a metric has several places."""
    from finalrank.text.json_text import json_text

    objects = [asdict(row) for row in rows]
    for row in objects:
        if row["keys"] is None:
            del row["keys"]
    return json_text(objects)


def to_csv(rows: list[Explained], settings: Settings) -> str:
    """Return a row an artifact; an empty cell is missing."""
    from finalrank.text.csv_text import csv_text

    keys = [metric.key for metric in settings.metrics]
    header = ["source", "run", "rank", "verdict", "reason", "detail", *keys]
    return csv_text(
        header,
        (
            [r.source, r.run, r.rank, r.verdict, r.reason, r.detail, *(r.metrics[k] for k in keys)]
            for r in rows
        ),
    )


def _block(run: str, rows: list[Explained], settings: Settings) -> str:
    """Return the block of one run."""
    from tabulate import tabulate

    valid = sum(row.verdict != "excluded" for row in rows)
    place = "not ranked" if rows[0].rank is None else f"rank {rows[0].rank}"
    noun = "artifact" if len(rows) == 1 else "artifacts"
    folder = f"{run}/"
    cells = [
        [
            visible(row.source.removeprefix(folder)),
            visible(row.reason or row.verdict),
            *(fixed(row.metrics[m.key], m.digits) for m in settings.metrics),
            visible("; ".join([row.detail, *_places(row, settings)])),
        ]
        for row in rows
    ]
    table = tabulate(
        cells,
        headers=["Artifact", "Verdict", *(visible(m.label) for m in settings.metrics), "Why"],
        disable_numparse=True,
        colalign=["left", "left", *["right"] * len(settings.metrics), "left"],
    )
    return f"{visible(run)}: {place}; {len(rows)} {noun}, {valid} valid\n\n{table}\n"


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
