"""What the rule for missing metrics decides, and what no value of theirs could change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from finalrank.evidence.ranking.bounds import guaranteed, places
from finalrank.evidence.ranking.table import Table
from finalrank.model.artifact import Artifact

_RULES = ("available", "worst", "complete")

# Another artifact of a run, and why it is left out; None: it is a sibling.
Other = tuple[Artifact, str | None]


@dataclass(frozen=True, slots=True)
class FoundElsewhere:
    """A metric that a kept artifact lacks and another artifact of the run has."""

    metric: str
    source: str
    value: float
    reason: Annotated[str | None, Field(description="Why it is left out; null: a sibling")]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A run that lacks a ranked metric, and what that does to its place."""

    run: str
    lacks: list[str]
    elsewhere: Annotated[list[FoundElsewhere], Field(description="Other artifacts that have it")]
    available: Annotated[int, Field(description="Place by the mean of the ranks that are there")]
    worst: Annotated[int, Field(description="Place where missing shares the places below")]
    complete: Annotated[int | None, Field(description="Place among complete runs: none")]
    guaranteed: Annotated[
        tuple[int, int], Field(description="No values of what is missing lead out of these places")
    ]


@dataclass(frozen=True, slots=True)
class PlaceRange:
    """A run of the podium that lacks nothing, and the places that others' values leave it."""

    run: str
    guaranteed: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MissingMetrics:
    """What the rule for missing metrics decides."""

    runs: Annotated[int, Field(description="How many runs the places count")]
    first: Annotated[
        dict[str, str | None], Field(description="The first run by each rule; null: none is ranked")
    ]
    incomplete: Annotated[list[Incomplete], Field(description="In order of their places")]
    podium: Annotated[list[PlaceRange], Field(description="Its complete runs, best first")]
    absent: Annotated[list[str], Field(description="Ranked metrics that no run has")]


def missing_metrics(
    table: Table,
    others: Mapping[str, Sequence[Other]],
    podium: Sequence[str],
    absent: Sequence[str],
) -> MissingMetrics:
    """The runs that lack a metric of the table, with their places by every rule.

    `others` has the other artifacts of a run, best first; `podium` are the first runs, and
    `absent` the ranked metrics that no run has, and that the table leaves out.
    """
    lacking = [int(row) for row in np.flatnonzero(~table.complete())]
    placed = [row for run in podium if (row := table.runs.index(run)) not in lacking]
    by_rule = {rule: places(table, rule) for rule in _RULES}
    return MissingMetrics(
        runs=len(table.runs),
        first={rule: _first(table, found) for rule, found in by_rule.items()},
        incomplete=_incomplete(table, lacking, by_rule, others),
        podium=[
            PlaceRange(table.runs[row], bounds)
            for row, bounds in zip(placed, guaranteed(table, placed), strict=True)
        ],
        absent=list(absent),
    )


def _first(table: Table, places: Sequence[int | None]) -> str | None:
    return table.runs[places.index(1)] if 1 in places else None


def _incomplete(
    table: Table,
    rows: Sequence[int],
    by_rule: Mapping[str, Sequence[int | None]],
    others: Mapping[str, Sequence[Other]],
) -> list[Incomplete]:
    """The runs that lack a metric, in order of their places."""
    found = []
    for row, bounds in zip(rows, guaranteed(table, rows), strict=True):
        run = table.runs[row]
        lacks = [
            key for key, cost in zip(table.keys, table.costs[row], strict=True) if np.isnan(cost)
        ]
        found.append(
            Incomplete(
                run=run,
                lacks=lacks,
                elsewhere=_elsewhere(lacks, others.get(run, [])),
                available=_place(by_rule["available"][row]),
                worst=_place(by_rule["worst"][row]),
                complete=by_rule["complete"][row],
                guaranteed=bounds,
            )
        )
    return sorted(found, key=lambda run: (run.available, run.run))


def _place(place: int | None) -> int:
    assert place is not None  # noqa: S101 - by these rules every run has one
    return place


def _elsewhere(lacks: Sequence[str], others: Sequence[Other]) -> list[FoundElsewhere]:
    """Of each metric, the first other artifact that has it."""
    found = []
    for key in lacks:
        has_it = ((a, reason) for a, reason in others if a.metrics[key] is not None)
        if first := next(has_it, None):
            artifact, reason = first
            value = artifact.metrics[key]
            found += (
                [FoundElsewhere(key, artifact.source, value, reason)] if value is not None else []
            )
    return found
