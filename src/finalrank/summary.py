"""The Report: the JSON summary, key for key, with what its page needs beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from finalrank.models import Problem, Values

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a run's metric is from the baseline's; null where a side is missing."""

    absolute: Annotated[float | None, Field(description="value - baseline")]
    percent: Annotated[float | None, Field(description="delta / |baseline| * 100")]


@dataclass(frozen=True, slots=True)
class RankedRun:
    """A run, the artifact that stands for it, and its place."""

    rank: Annotated[int, Field(description="Position in the combined order, from 1")]
    run: Annotated[str, Field(description="Its folder, relative to the runs folder")]
    source: Annotated[str, Field(description="The artifact, relative to the runs folder")]
    mean_rank: Annotated[float, Field(description="Mean of the ranks that it has")]
    metrics_used: Annotated[int, Field(description="How many ranks it has")]
    metrics: Annotated[Values, Field(description="Value of every metric; null is missing")]
    ranks: Annotated[dict[str, int | float | None], Field(description="Rank by ranked metric")]
    delta: Annotated[dict[str, Delta] | None, Field(description="By metric; null: no baseline")]
    key_feature: str | None
    protocol: str | None
    valid_artifacts: Annotated[int, Field(description="How many artifacts of it are valid")]


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
class NotableExclusion:
    """A run without a valid artifact whose metrics would have reached the podium."""

    run: str
    artifacts: Annotated[list[str], Field(description="File names of all its candidates")]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A candidate that is not valid."""

    source: str
    run: str
    reason: Annotated[str, Field(description="A filter rule, or unreadable, missing-primary, ...")]
    detail: str


@dataclass(frozen=True, slots=True)
class PageMetric:
    """A metric as a template sees it: plain data, with no way to a model's methods."""

    key: str
    label: str
    short: str
    task: str
    higher_is_better: bool
    digits: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the configuration says of the Markdown page, and the artifacts that it must name."""

    prefix: str  # what stands before a source to name it from beside the runs folder
    primary: PageMetric
    tables: list[tuple[PageMetric, list[PageMetric]]]  # each ranked metric, and its columns
    rules: list[str]
    top: int
    recommendation_title: str
    zeros: bool  # whether a primary metric of zero leaves an artifact out
    clinical: bool  # whether the recommendation calls itself that
    tests: bool  # whether the artifacts' names say that they are of tests
    newest: bool  # whether the newest artifact of a run stands for it, not the best
    left_out_by_path: int  # artifacts that the author's own globs left out
    troubled: list[str]


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
    runs: list[RankedRun] = Field(description="In combined order")
    baseline: Baseline | None
    recommendation: Recommendation
    notable_exclusions: list[NotableExclusion]
    excluded: list[Excluded] = Field(description="Every candidate that is not valid, by source")
    problems: list[Problem] = Field(description="By source")
    layout: SkipJsonSchema[Layout] = Field(exclude=True, repr=False)

    # A notebook wants to call these on the report; the room that does the work is
    # opened only then.

    def to_markdown(self) -> str:
        """The report as Markdown, as `finalrank report` prints it."""
        from finalrank.render import to_markdown

        return to_markdown(self)

    def to_json(self) -> str:
        """The summary as JSON, as `finalrank report -f json` prints it."""
        from finalrank.render import to_json

        return to_json(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a run in combined order, the columns of the CSV; missing is NaN."""
        from finalrank.render import to_frame

        return to_frame(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of the summary."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema | Report.model_json_schema(mode="serialization"), indent=2) + "\n"
