"""The Report: the JSON summary, key for key, with what its page needs beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.json_schema import SkipJsonSchema

from finalrank.model.artifact import CaseCounts, Problem, Spread, Values

if TYPE_CHECKING:
    import pandas as pd

    from finalrank.evidence.model import Evidence
else:
    # Its types take as long to import as a small report, and only `json_schema` must know them.
    Evidence = Any


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

    @property
    def members(self) -> list[str]:
        """The runs that it stands for: itself, or the members of a group."""
        return [self.run]


@dataclass(frozen=True, slots=True)
class GroupMean:
    """What the figures of a row are the mean of."""

    kind: Annotated[str, Field(description='What its members are: "seed", "fold"')]
    members: Annotated[list[str], Field(description="Their runs, by name")]
    metrics: dict[str, Spread | None]


@dataclass(frozen=True, slots=True)
class GroupedRun(RankedRun):
    """Seeds or folds as one row: its metrics are the means of its members' (rank.groups)."""

    group: GroupMean

    @property
    def members(self) -> list[str]:
        """The runs that it stands for."""
        return self.group.members


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
class TestSets:
    """Kept runs whose figures are hard to compare, each with what it was tested on."""

    reference: CaseCounts | None  # what the others should have been tested on
    reference_run: str | None  # the baseline, if it is its
    others: list[tuple[str, CaseCounts]]
    excluded: list[tuple[str, CaseCounts]]  # sources, left out for that
    small: list[tuple[str, CaseCounts]]
    fewest: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the configuration says of the Markdown page, and the artifacts that it must name."""

    prefix: str  # what stands before a source to name it from beside the runs folder
    metrics: list[PageMetric]
    primary: PageMetric
    tables: list[tuple[PageMetric, list[PageMetric]]]  # each ranked metric, and its columns
    rules: list[str]
    top: int
    recommendation_title: str
    zeros: bool  # whether a primary metric of zero leaves an artifact out
    clinical: bool  # whether the recommendation calls itself that
    tests: bool  # whether the artifacts' names say that they are of tests
    chosen_by: str  # how the artifact of a run was chosen: `select.by`
    chosen_on_test: list[str]  # runs without a validation file, where that should have chosen
    missing: str  # what a missing metric counts: `rank.missing`
    incomplete: list[tuple[str, str]]  # runs that are not ranked for it, and what they lack
    groups: str  # what is ranked of seeds and folds: `rank.groups`
    grouped: list[tuple[str, int, str]]  # each group, how many members of which kind
    test_sets: TestSets
    case_table: str  # what a table of the first run's cases could be called; empty: nothing
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
    runs: list[GroupedRun | RankedRun] = Field(description="In combined order")
    baseline: Baseline | None
    recommendation: Recommendation
    notable_exclusions: list[NotableExclusion]
    excluded: list[Excluded] = Field(description="Every candidate that is not valid, by source")
    problems: list[Problem] = Field(description="By source")
    evidence: Evidence | None = Field(None, description="Null unless it was asked for")
    layout: SkipJsonSchema[Layout] = Field(exclude=True, repr=False)

    # A notebook wants to call these on the report; the room that does the work is
    # opened only then.

    def to_markdown(self) -> str:
        """The report as Markdown, as `finalrank report` prints it."""
        from finalrank.render.formats import to_markdown

        return to_markdown(self)

    def to_json(self) -> str:
        """The summary as JSON, as `finalrank report -f json` prints it."""
        from finalrank.render.formats import to_json

        return to_json(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a run in combined order, the columns of the CSV; missing is NaN."""
        from finalrank.render.formats import to_frame

        return to_frame(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of the summary."""
    from finalrank.evidence import model as results

    told = Report.model_fields["evidence"].description
    field: Any = (results.Evidence | None, Field(None, description=told))
    whole = create_model("Report", __base__=Report, __doc__=Report.__doc__, evidence=field)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema | whole.model_json_schema(mode="serialization"), indent=2) + "\n"
