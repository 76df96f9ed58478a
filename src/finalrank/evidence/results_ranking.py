"""What the evidence says of the ranking: missing metrics, other readings, seeds and folds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from finalrank.model.artifact import Spread

Outcome = Literal["leads", "ties", "loses"]


@dataclass(frozen=True, slots=True)
class Available:
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
    elsewhere: Annotated[list[Available], Field(description="Other artifacts that have it")]
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


@dataclass(frozen=True, slots=True)
class Reading:
    """The ranking by another rule, and what becomes of its winner."""

    kind: Literal["without", "median", "wins", "min-max", "ties"]
    metric: Annotated[str | None, Field(description="The metric that is left out")]
    detail: Annotated[str, Field(description="Of ties: their rules")]
    leaders: list[str]
    outcome: Outcome
    podium_overlap: Annotated[int, Field(description="How many of the podium stay on it")]
    tau_b: Annotated[float | None, Field(description="Kendall's, with the ranking")]


@dataclass(frozen=True, slots=True)
class WeightShare:
    """Of how many weightings of the metrics a run wins."""

    run: str
    share: float


@dataclass(frozen=True, slots=True)
class Removal:
    """A run without which the others' podium is another."""

    removed: str
    podium: Annotated[list[str], Field(description="The podium without it")]
    expected: Annotated[list[str], Field(description="The same runs as they stood before")]


@dataclass(frozen=True, slots=True)
class Tie:
    """Runs with the same value of a metric."""

    metric: str
    value: float
    runs: list[str]
    ranks: Annotated[list[float], Field(description="What the ranking made of it")]


@dataclass(frozen=True, slots=True)
class Robustness:
    """Whether the winner holds under other rules, over the runs with every ranked metric."""

    runs: Annotated[int, Field(description="How many have every ranked metric")]
    podium: list[str]
    leaders: Annotated[list[str], Field(description="By the ranking; more than one is a tie")]
    readings: list[Reading]
    leads: int
    ties: int
    shares: Annotated[list[WeightShare], Field(description="Largest first; the others have none")]
    removals: list[Removal]
    equal: list[Tie]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Runs that differ in their seed or fold alone."""

    group: str
    kind: Annotated[str, Field(description='What its members are: "seed", "fold"')]
    members: list[str]
    places: Annotated[list[int], Field(description="Of its members in the ranking, best first")]
    metrics: dict[str, Spread | None]


@dataclass(frozen=True, slots=True)
class Once:
    """A place in the ranking that counts each method once."""

    place: int
    run: str
    mean_rank: float
    members: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Seeds and folds, and the ranking in which each method counts once."""

    groups: list[GroupRow]
    once: Annotated[list[Once], Field(description="Empty where there is no group")]
