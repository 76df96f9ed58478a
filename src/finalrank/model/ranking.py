"""What is derived: the ranked runs, and what they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from finalrank.model.artifact import CaseCounts, Values
from finalrank.model.groups import Group, Spread

# The columns of a table that are not a metric's, those of every explanation, and what stands before
# a metric's key in the name of a further column of it.
RUN_COLUMNS = ("rank", "run", "source", "mean_rank", "metrics_used")
EXPLAIN_COLUMNS = ("source", "run", "rank", "verdict", "reason", "detail")
METRIC_PREFIXES = ("rank", "delta", "delta_pct", "values", "values_of", "n", "sd", "lacks")


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a run's metric is from the baseline's; null where a side is missing."""

    absolute: Annotated[float | None, Field(description="value - baseline")]
    percent: Annotated[float | None, Field(description="delta / |baseline| * 100")]


@dataclass(frozen=True, slots=True)
class Partial:
    """What a figure is the mean of that is not the mean over a whole list."""

    values: Annotated[int, Field(description="How many numbers there are")]
    of: Annotated[
        int, Field(description="How many entries its list has, or the longest of any ranked run")
    ]
    nan: Annotated[int, Field(description="How many entries are NaN")]
    null: Annotated[int, Field(description="How many entries are null")]


@dataclass(frozen=True, slots=True)
class RankedRun:
    """A run, the artifact that stands for it, and its place."""

    rank: Annotated[
        int, Field(description="Place in the combined order, from 1; of equals see rank.ties")
    ]
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
    incomplete: Annotated[
        Mapping[str, str],
        Field(description="By metric, what its figure is not over: `2 of 5 folds`"),
    ] = field(default_factory=dict, kw_only=True)
    factors: Annotated[
        Mapping[str, list[str]], Field(description="Values of the factors that are columns")
    ] = field(default_factory=dict, kw_only=True)
    infinite: Annotated[
        list[str], Field(description="Metrics whose value, null here, is infinite: the worst")
    ] = field(default_factory=list, kw_only=True)
    partial: Annotated[
        dict[str, Partial], Field(description="By metric, of means over a part of a list")
    ] = field(default_factory=dict, kw_only=True)
    nan: Annotated[
        dict[str, int], Field(description="By metric, how many NaN stood in place of numbers")
    ] = field(default_factory=dict, kw_only=True)

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
    cross_validation: Annotated[
        str | None, Field(description="The artifact over all folds that stands for these")
    ] = None
    expected: Annotated[
        int | None, Field(description="Members that there should be; null: those that there are")
    ] = None


@dataclass(frozen=True, slots=True)
class GroupedRun(RankedRun):
    """Seeds or folds as one row: its metrics are the means of its members' (rank.groups)."""

    group: GroupMean

    @property
    def members(self) -> list[str]:
        """The runs that it stands for."""
        return self.group.members


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A run that is ahead of the recommended one, and is not recommended."""

    run: str
    reason: Annotated[str, Field(description="What speaks against it")]


@dataclass(frozen=True, slots=True)
class Recommended:
    """The run to take forward, or the equal ones of which none is preferred."""

    primary: str | None
    fallback: str | None
    tied: tuple[str, ...]
    passed_over: tuple[PassedOver, ...]
    reservations: tuple[str, ...]  # what speaks against it, where something does against each run
    alone: bool  # whether no other run is equal to it, whatever speaks against that
    beside_first: tuple[str, ...]  # runs that are equal to the first of the ranking


@dataclass(frozen=True, slots=True)
class NotableExclusion:
    """A run without a valid artifact whose metrics would have reached the podium."""

    run: str
    artifacts: Annotated[list[str], Field(description="File names of all its candidates")]
    reason: Annotated[
        str | None, Field(description="Why; null: a rule's word is in each of these file names")
    ] = None


# A row's own name, or that of each of its members, with what it was tested on.
Tested = tuple[tuple[str, CaseCounts | None], ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranked runs of a survey, and what they are compared with."""

    runs: tuple[RankedRun, ...]  # in combined order
    place_of: Mapping[str, int]  # the place of each run, and of each member of a grouped row
    groups: tuple[Group, ...]  # seeds and folds: members that are ranked or stand behind the best
    baseline: RankedRun | None
    reference: CaseCounts | None  # the test set that others are compared with
    # What each row was tested on, by its run: on one test set, or each member of a group on one.
    tested: Mapping[str, Tested]
    notable: tuple[NotableExclusion, ...]  # by run
    # Runs without validation metrics, whose test metrics chose, where those should have chosen.
    chosen_on_test: tuple[str, ...]
