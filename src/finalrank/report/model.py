"""The Report: the JSON summary, key for key."""

from __future__ import annotations

import math
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from finalrank.model.artifact import Problem, Values
from finalrank.model.ranking import (
    GroupedRun,
    NotableExclusion,
    PassedOver,
    RankedRun,
)

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence
else:
    # Its types take as long to import as a small report; they wait until there is evidence.
    Evidence = Any


def evidence_read_back(value: Any) -> Any:
    """Make the evidence of what JSON holds of it."""
    if value is None or is_dataclass(value):
        return value
    from finalrank.evidence.model import Evidence

    return TypeAdapter(Evidence).validate_python(value)


def _with_infinite(summary: dict[str, Any]) -> dict[str, Any]:
    """Put the infinite values in their places, which are null in JSON."""
    worst = {
        row["key"]: -math.inf if row["higher_is_better"] else math.inf for row in summary["metrics"]
    }
    if "datasets" in summary:
        return {**summary, "runs": [_infinite_by_dataset(run, worst) for run in summary["runs"]]}
    runs = [_infinite_in(run, worst) for run in summary["runs"]]
    baseline = summary["baseline"]
    if baseline:
        own = next((run["metrics"] for run in runs if run["run"] == baseline["run"]), None)
        baseline = {**baseline, "metrics": own or baseline["metrics"]}
    return {**summary, "runs": runs, "baseline": baseline}


def _infinite_by_dataset(run: dict[str, Any], worst: dict[str, float]) -> dict[str, Any]:
    by_dataset = {name: _infinite_in(row, worst) for name, row in run["by_dataset"].items()}
    return {**run, "by_dataset": by_dataset}


def _infinite_in(run: dict[str, Any], worst: dict[str, float]) -> dict[str, Any]:
    """Put the infinite values of a run, and of the members that it is the mean of, in their places.

    `worst` has the infinite value of each metric.
    """
    infinite = {key: worst[key] for key in run["infinite"]}
    whole = {**run, "metrics": run["metrics"] | infinite}
    if infinite and "group" in run:
        spreads = dict(run["group"]["metrics"])
        for key, value in infinite.items():
            filled = {name: value for name, figure in spreads[key].items() if figure is None}
            spreads[key] = {**spreads[key], **filled, "sd": None}
        whole["group"] = {**run["group"], "metrics": spreads}
    return whole


@dataclass(frozen=True, slots=True)
class Counts:
    """How many artifacts and runs were found, and how many of them are valid."""

    artifacts_found: int
    artifacts_valid: int
    runs_found: int
    runs_valid: int


@dataclass(frozen=True, slots=True)
class ReportedMetric:
    """What a reader of the summary must know of a metric; an infinite bound is null."""

    key: str
    label: str
    higher_is_better: bool
    ranked: bool
    range: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The run that the others are compared with."""

    run: str
    label: str
    metrics: Values


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The runs to take forward."""

    primary: Annotated[
        str | None, Field(description="Null where several share the place, or nothing compares")
    ]
    fallback: Annotated[str | None, Field(description="Null where there is no other method")]
    tied: Annotated[list[str], Field(description="Runs that share the place; none is preferred")]
    passed_over: Annotated[
        list[PassedOver], Field(description="Runs ahead of it, each with what speaks against it")
    ]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate that is not valid."""

    source: str
    run: str
    reason: Annotated[str, Field(description="A filter rule, or unreadable, missing-primary, ...")]
    detail: str


class Report(BaseModel):
    """Clean final results of a runs folder, schema version 2."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    schema_version: Literal[2] = 2
    title: str
    generated_at: Annotated[
        datetime, WithJsonSchema({"type": "string", "description": "ISO 8601 time"})
    ]
    root: str = Field(description="The runs folder's own name")
    counts: Counts
    metrics: list[ReportedMetric]
    runs: list[GroupedRun | RankedRun] = Field(description="In combined order")
    baseline: Baseline | None
    recommendation: Recommendation
    notable_exclusions: list[NotableExclusion]
    excluded: list[Excluded] = Field(description="Every candidate that is not valid, by source")
    problems: list[Problem] = Field(description="By source")
    evidence: Annotated[Evidence | None, BeforeValidator(evidence_read_back)] = Field(
        None, description="Null unless it was asked for"
    )

    @model_validator(mode="before")
    @classmethod
    def _infinite_values_in_place(cls, summary: Any) -> Any:
        read_back = isinstance(summary, dict) and all(
            isinstance(run, dict) for run in summary.get("runs", ())
        )
        return _with_infinite(summary) if read_back else summary
