"""The frozen values that stages hand on.

What a file said (`Artifact`), what was decided of it (`Verdict`, `Survey`), and what was derived
(`Ranking`, and the report's `Report`) are different types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from pydantic import Field

from finalrank.model.factors import Factors

# A metric's value by its key; None is missing.
Values = dict[str, float | None]
# The key at which a metric's value was found, by the metric's key; None is missing.
Used = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file or a folder, in plain words."""

    source: Annotated[str, Field(description="Path relative to the runs folder")]
    place: Annotated[str | None, Field(description="Metric key, or line and column")]
    reason: Annotated[str, Field(description="What is wrong, and what to do about it")]


@dataclass(frozen=True, slots=True)
class Unseen(Problem):
    """A folder in which there may be artifacts that nobody sees.

    It cannot be listed, or it is a link that is not entered.
    """

    root: int = 0  # so many characters of the source are the name of its runs folder
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """What an artifact says of the cases that it was tested on; None is unknown."""

    cases: int | None = None
    positives: int | None = None
    negatives: int | None = None
    missing_predictions: int | None = None
    names: str | None = None  # a digest of their names

    @property
    def known(self) -> tuple[int | str | None, ...]:
        """All that must be equal for figures to be compared: the size, and which cases they are."""
        return (*self.size, self.names)

    @property
    def size(self) -> tuple[int | None, int | None, int | None]:
        """Cases, positives and negatives."""
        return self.cases, self.positives, self.negatives


class CaseValues(NamedTuple):
    """The values of single cases, and where they stand."""

    source: str  # relative to the runs folder
    values: Mapping[str, Mapping[str, float]]  # by metric key, then by case; no missing ones
    faults: Mapping[str, str] = {}  # by metric key, what is wrong with others


class Averaged(NamedTuple):
    """What a mean over a list in a file is taken over."""

    values: int  # numbers in the list
    of: int  # how many entries it has
    nan: int
    null: int


@dataclass(frozen=True, slots=True)
class Remarks:
    """What must be told of an artifact's values beside them, by metric key."""

    nan: Mapping[str, int]  # how many NaN stood in the place of a number
    averaged: Mapping[str, Averaged]  # of the values that are means over a list in the file
    # Why a metric is NaN, where the reader knows: `no case has the class 3`.
    because: Mapping[str, str] = field(default_factory=dict)


class Artifact(NamedTuple):
    """One candidate file and what it said, or one of the results that it gave."""

    source: str
    run: str
    file_name: str
    metrics: Values
    problems: tuple[Problem, ...] = ()
    readable: bool = True
    used: Used | None = None  # None where each metric has one place to be found at
    root: int = 0  # so many characters of source and run are the name of one of several roots
    test_set: CaseCounts | None = None
    # What `select.by` chooses by: the metric that chooses, of the sidecar on the validation set.
    validation: float | None = None
    remarks: Remarks | None = None  # None: there is nothing to tell
    factors: Factors | None = None  # None where no factor is configured, and no reader gives one
    # Run and stem as the name rules look at them: without what a factor took from the path.
    judged: tuple[str, str] | None = None
    element: str = ""  # what ends the source of one of several results of a file: `#svm`
    is_link: bool = False  # whether it is no regular file, and so may be a link to one
    conditions: tuple[str, ...] = ()  # the filter rules whose `when` is true of it

    @property
    def own_run(self) -> str:
        """The run as its own root names it."""
        if self.root and self.run.startswith(self.source[: self.root]):
            return self.run[self.root :]
        return self.run

    @property
    def method(self) -> str:
        """The run that its figures count for: its own, or that whose fold or seed it is."""
        return self.factors.method if self.factors else self.run

    @property
    def path(self) -> str:
        """The path of its file, relative to the runs folder."""
        return self.source.removesuffix(self.element) if self.element else self.source


class Verdict(NamedTuple):
    """Why an artifact is left out: the reason's name, and what called for it."""

    reason: str
    detail: str


class LeftOut(NamedTuple):
    """An artifact that is not valid, and why."""

    artifact: Artifact
    verdict: Verdict
