"""What was decided: which artifact stands for each run, which are left out, what is a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import Field

from finalrank.model.artifact import (
    Artifact,
    CaseCounts,
    CaseValues,
    LeftOut,
    Problem,
    Remarks,
    Used,
    Values,
)
from finalrank.model.groups import Group

AnySurvey = TypeVar("AnySurvey", bound="Survey")
Outcome = Literal["kept", "member", "sibling", "excluded"]


class Row(NamedTuple):
    """What is ranked as one: a run, or a group of runs as the mean of its members."""

    run: str
    own_run: str  # as its own root names it
    source: str
    metrics: Values
    valid_artifacts: int
    group: Group | None = None
    lacks: Mapping[str, str] = {}  # by metric, what its figure is not over: `2 of 5 folds`
    factors: Mapping[str, list[str]] = {}  # the values of each factor behind it

    @property
    def runs(self) -> list[str]:
        """The runs that it is the row of."""
        return [artifact.run for artifact in self.group.artifacts] if self.group else [self.run]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a runs folder holds: every candidate is kept, a sibling, or left out."""

    root: str  # the runs folder's own name, or those of several
    prefix: str  # `runs/`, which makes a source a path from the folder above; empty for several
    kept: tuple[Artifact, ...]  # the artifact that stands for each ranked run, by run
    valid: Mapping[str, int]  # how many valid artifacts a run has: the kept one and its siblings
    left_out: tuple[LeftOut, ...]  # by source
    problems: tuple[Problem, ...]  # by source, those of one file in metric order
    sources_with_problems: tuple[str, ...]  # of artifacts; a folder can have problems, too
    groups: tuple[Group, ...]  # the seeds and folds among all runs with a valid artifact, by name
    # From a run that is not ranked to the member of its group that is ranked in its place.
    outranked_by: Mapping[str, str] = field(default_factory=dict)
    reference: CaseCounts | None = None  # by which others are left out, where that was asked for
    notes: tuple[str, ...] = ()  # what may be meant otherwise, a line each: no problem
    files: int | None = None  # how many files the results are of, where one can give several
    # Of results of several datasets: the survey of each, by name. The fields above are of them all.
    datasets: Mapping[str, Survey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedSurvey(Survey):
    """A survey that keeps the valid artifacts that do not stand for a run, too."""

    siblings: tuple[Artifact, ...]  # by run, best first
    datasets: Mapping[str, DetailedSurvey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSurvey(DetailedSurvey):
    """A detailed survey with the values of single cases."""

    cases: Mapping[str, CaseValues]  # by run; those of the kept artifacts that have any
    datasets: Mapping[str, EvidenceSurvey] = field(default_factory=dict)


def leaving_out(survey: AnySurvey, kept: Sequence[Artifact], more: Sequence[LeftOut]) -> AnySurvey:
    """Return the survey in which only these artifacts are kept, and more of them are left out."""
    valid = Counter(survey.valid)
    valid.subtract(row.artifact.run for row in more)
    return replace(
        survey,
        kept=tuple(kept),
        valid=+valid,
        left_out=tuple(sorted([*survey.left_out, *more], key=lambda row: row.artifact.source)),
    )


def fields_of(survey: Survey) -> dict[str, Any]:
    """Return the fields of a survey by name: what a survey that tells more is made of."""
    return {field.name: getattr(survey, field.name) for field in fields(survey)}


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
    remarks: Remarks | None = None  # what must be told of the values
    # By key, in the configuration's order; a fold or seed that only its name has comes last.
    factors: dict[str, str | None] = field(default_factory=dict)
