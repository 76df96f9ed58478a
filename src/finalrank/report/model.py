"""The Report: the JSON summary, key for key."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema

from finalrank.model.artifact import Problem, Values
from finalrank.model.ranking import GroupedRun, NotableExclusion, RankedRun

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence
else:
    # Its types take as long to import as a small report; they wait until there is evidence.
    Evidence = Any


def _evidence_read_back(value: Any) -> Any:
    """Make the evidence of what JSON holds of it."""
    if value is None or is_dataclass(value):
        return value
    from finalrank.evidence.model import Evidence

    return TypeAdapter(Evidence).validate_python(value)


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
    """The runs to take forward; there is no fallback for a single run."""

    primary: str
    fallback: str | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate that is not valid."""

    source: str
    run: str
    reason: Annotated[str, Field(description="A filter rule, or unreadable, missing-primary, ...")]
    detail: str


class Report(BaseModel):
    """Clean final results of a runs folder, schema version 1."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)

    schema_version: Literal[1] = 1
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
    evidence: Annotated[Evidence | None, BeforeValidator(_evidence_read_back)] = Field(
        None, description="Null unless it was asked for"
    )
