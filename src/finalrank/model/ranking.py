"""What is derived: the ranked runs, and what they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from finalrank.model.artifact import CaseCounts, Values
from finalrank.model.groups import Group, Spread

# The columns of a table that are not a metric's.
RUN_COLUMNS = ("rank", "run", "source", "mean_rank", "metrics_used")


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
    mean_rank: Annotated[
        float, Field(description="Mean of its ranks; of missing ones see rank.missing")
    ]
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
class NotableExclusion:
    """A run without a valid artifact whose metrics would have reached the podium."""

    run: str
    artifacts: Annotated[list[str], Field(description="File names of all its candidates")]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranked runs of a survey, and what they are compared with."""

    runs: tuple[RankedRun, ...]  # in combined order
    place_of: Mapping[str, int]  # the place of each run, and of each member of a grouped row
    groups: tuple[Group, ...]  # seeds and folds: members that are ranked or stand behind the best
    baseline: RankedRun | None
    reference: CaseCounts | None  # the test set that others are compared with
    reference_run: str | None  # the baseline, if the reference is its test set
    notable: tuple[NotableExclusion, ...]  # by run
    # Runs without validation metrics, whose test metrics chose, where those should have chosen.
    chosen_on_test: tuple[str, ...]
