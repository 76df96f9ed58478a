"""Survey, Group, Row: what was decided"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from finalrank.model.artifact import Artifact, CaseValues, LeftOut, Problem, Reference, Used, Values

Outcome = Literal["kept", "sibling", "excluded"]


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric over the members of a group."""

    n: int
    mean: float
    sd: Annotated[float | None, Field(description="n - 1 in the denominator; null for one")]
    low: float
    high: float


class Group(NamedTuple):
    """Runs that differ in their seed or their fold alone, two at least."""

    name: str
    kind: str  # what its members are: "seed", "fold"
    members: tuple[Artifact, ...]  # by run


class Row(NamedTuple):
    """What is ranked as one: a run, or a group of runs as the mean of its members."""

    run: str
    own_run: str  # as its own root names it
    source: str
    metrics: Values
    valid_artifacts: int
    group: Group | None = None

    @property
    def runs(self) -> list[str]:
        """The runs that it is the row of."""
        return [member.run for member in self.group.members] if self.group else [self.run]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a runs folder holds: every candidate is kept, a sibling, or left out."""

    root: str  # the runs folder's own name, or those of several
    prefix: str  # what stands before a source to name it from beside the runs folder
    kept: tuple[Artifact, ...]  # the best valid artifact of each run, by run
    valid: Mapping[str, int]  # how many valid artifacts a run has: the kept one and its siblings
    siblings: tuple[Artifact, ...]  # by run, best first; empty unless they were asked for
    left_out: tuple[LeftOut, ...]  # by source
    problems: tuple[Problem, ...]  # by source, those of one file in metric order
    sources_with_problems: tuple[str, ...]  # sources of the artifacts with problems
    # Kept artifacts of runs that are not ranked, as another stands for their group.
    outranked: tuple[Artifact, ...] = ()
    cases: Mapping[str, CaseValues] = field(default_factory=dict)  # by run, if asked for
    reference: Reference | None = None  # by which others are left out, where that was asked for


@dataclass(frozen=True, slots=True)
class Explained:
    """What became of a candidate, and why."""

    source: str
    run: str
    rank: int | None  # of its run, in the combined order
    verdict: Outcome
    reason: str | None
    detail: str
    metrics: Values
    keys: Annotated[Used | None, Field(description="Where each was found, if in several places")]
