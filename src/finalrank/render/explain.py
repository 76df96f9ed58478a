"""EXPLAIN_FORMATS: what an explanation looks like as text. Tabulate lives here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from finalrank.render.number_format import fixed
from finalrank.text.csv_text import csv_text
from finalrank.text.escape import visible
from finalrank.text.json_text import json_text

# `finalrank --help` reads the table of formats: what they need waits until one is asked for.
if TYPE_CHECKING:
    from finalrank.config.settings import Settings
    from finalrank.model.survey import Explained


def to_text(rows: list[Explained], settings: Settings) -> str:
    """A block a run: where it stands, then its artifacts in a table."""
    return "\n".join(
        _block(run, list(group), settings) for run, group in groupby(rows, key=attrgetter("run"))
    )


def to_json(rows: list[Explained], settings: Settings) -> str:
    """A list of objects, one an artifact; `keys` where metrics have several places."""
    objects = [asdict(row) for row in rows]
    for row in objects:
        if row["keys"] is None:
            del row["keys"]
    return json_text(objects)


def to_csv(rows: list[Explained], settings: Settings) -> str:
    """A row an artifact; an empty cell is missing."""
    keys = [metric.key for metric in settings.metrics]
    header = ["source", "run", "rank", "verdict", "reason", "detail", *keys]
    return csv_text(
        header,
        (
            [r.source, r.run, r.rank, r.verdict, r.reason, r.detail, *(r.metrics[k] for k in keys)]
            for r in rows
        ),
    )


EXPLAIN_FORMATS: dict[str, Callable[[list[Explained], Settings], str]] = {
    "text": to_text,
    "json": to_json,
    "csv": to_csv,
}


def _block(run: str, rows: list[Explained], settings: Settings) -> str:
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
    """Where the metrics were found that may stand in several places."""
    return [
        f"{metric.label} from {key}"
        for metric in settings.metrics
        if len(metric.sources) > 1 and row.keys and (key := row.keys[metric.key])
    ]
