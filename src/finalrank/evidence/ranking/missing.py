"""What the rule for missing metrics decides, and what no missing value could change."""

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
# An artifact that does not stand for its run, and the reason why it is left out; None if it is
# valid, a sibling of the one that does.
OtherArtifact = tuple[Artifact, str | None]


@dataclass(frozen=True, slots=True)
class FoundElsewhere:
    """A metric that a kept artifact lacks and another artifact of the run has."""

    metric: str
    source: str
    value: Annotated[float | None, Field(description="Null: infinite")]
    reason: Annotated[str | None, Field(description="Why it is left out; null: a sibling")]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A run that lacks a ranked metric, and what that does to its place."""

    run: str
    lacks: list[str]
    elsewhere: Annotated[list[FoundElsewhere], Field(description="Other artifacts that have it")]
    available: Annotated[int, Field(description="Its place if missing ranks do not count")]
    worst: Annotated[int, Field(description="Its place if missing ranks share the places below")]
    complete: Annotated[
        int | None, Field(description="Its place if only complete runs count: null")
    ]
    guaranteed: Annotated[
        tuple[int, int], Field(description="Range of its places, whatever the missing values are")
    ]


@dataclass(frozen=True, slots=True)
class PlaceRange:
    """A run of the podium that has every metric, and its places whatever others lack."""

    run: str
    guaranteed: tuple[int, int]


@dataclass(frozen=True, slots=True)
class MissingMetrics:
    """What the rule for missing metrics decides."""

    runs: Annotated[int, Field(description="How many runs have places")]
    first: Annotated[
        dict[str, str | None], Field(description="The first run by each rule; null: none is ranked")
    ]
    incomplete: Annotated[list[Incomplete], Field(description="In order of their places")]
    podium: Annotated[
        list[PlaceRange], Field(description="Runs of the podium with every metric, best first")
    ]
    absent: Annotated[list[str], Field(description="Ranked metrics that no run has")]


def missing_metrics(
    table: Table,
    other_artifacts: Mapping[str, Sequence[OtherArtifact]],
    podium: Sequence[str],
    absent: Sequence[str],
) -> MissingMetrics:
    """Return the runs that lack a metric of the table, with their places by every rule.

    `other_artifacts` are, by run, its artifacts that are not ranked, best first. `podium` are the
    first runs of the ranking, best first, and `absent` the ranked metrics that no run has: the
    table does not have them.
    """
    lacking = [int(row) for row in np.flatnonzero(~table.complete())]
    complete = [row for run in podium if (row := table.runs.index(run)) not in lacking]
    by_rule = {rule: places(table, rule) for rule in _RULES}
    return MissingMetrics(
        runs=len(table.runs),
        first={rule: _first(table, rule_places) for rule, rule_places in by_rule.items()},
        incomplete=_incomplete(table, lacking, by_rule, other_artifacts),
        podium=[
            PlaceRange(table.runs[row], bounds)
            for row, bounds in zip(complete, guaranteed(table, complete), strict=True)
        ],
        absent=list(absent),
    )


def _first(table: Table, places: Sequence[int | None]) -> str | None:
    return table.runs[places.index(1)] if 1 in places else None


def _incomplete(
    table: Table,
    rows: Sequence[int],
    by_rule: Mapping[str, Sequence[int | None]],
    other_artifacts: Mapping[str, Sequence[OtherArtifact]],
) -> list[Incomplete]:
    """Return the runs in `rows`, which lack a metric, in order of their places.

    `by_rule` has the place of each run of the table by each rule.
    """
    incomplete = []
    for row, bounds in zip(rows, guaranteed(table, rows), strict=True):
        run = table.runs[row]
        lacks = [
            key for key, cost in zip(table.keys, table.costs[row], strict=True) if np.isnan(cost)
        ]
        incomplete.append(
            Incomplete(
                run=run,
                lacks=lacks,
                elsewhere=_elsewhere(lacks, other_artifacts.get(run, [])),
                available=_place(by_rule["available"][row]),
                worst=_place(by_rule["worst"][row]),
                complete=by_rule["complete"][row],
                guaranteed=bounds,
            )
        )
    return sorted(incomplete, key=lambda row: (row.available, row.run))


def _place(place: int | None) -> int:
    assert place is not None  # noqa: S101 - "available" and "worst" rank every run
    return place


def _elsewhere(
    lacks: Sequence[str], other_artifacts: Sequence[OtherArtifact]
) -> list[FoundElsewhere]:
    """Return, for each metric that is lacking, its value in the first other artifact with one."""
    elsewhere = []
    for key in lacks:
        for artifact, reason in other_artifacts:
            value = artifact.metrics[key]
            if value is not None:
                elsewhere.append(FoundElsewhere(key, artifact.source, value, reason))
                break
    return elsewhere
