"""The values that walk through the house, all frozen.

What a file said (`Artifact`), what was decided of it (`Verdict`, `Survey`), and what was derived
(`Ranking`, and the report's `Report`) are different types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from pydantic import Field

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
class CaseCounts:
    """What an artifact says of the cases that it was tested on; None is unknown."""

    cases: int | None = None
    positives: int | None = None
    negatives: int | None = None
    missing_predictions: int | None = None

    @property
    def size(self) -> tuple[int | None, int | None, int | None]:
        """Cases, positives and negatives: what must be equal for figures to be compared."""
        return self.cases, self.positives, self.negatives


# The test set that others are compared with, if any run states one; the baseline, if it is its.
Reference = tuple[CaseCounts | None, str | None]


class CaseValues(NamedTuple):
    """The values of single cases, and where they stand."""

    source: str  # relative to the runs folder
    values: Mapping[str, Mapping[str, float]]  # by metric key, then by case; no missing ones
    faults: Mapping[str, str] = {}  # by metric key, what is wrong with others


class Artifact(NamedTuple):
    """One candidate file and what it said."""

    source: str
    run: str
    file_name: str
    metrics: Values
    problems: tuple[Problem, ...] = ()
    readable: bool = True
    used: Used | None = None  # None where each metric has one place to be found at
    root: int = 0  # so many characters of source and run are the name of one of several roots
    test_set: CaseCounts | None = None
    # The primary metric of the sidecar with its validation metrics, where `select.by` asks for it.
    validation: float | None = None

    @property
    def own_run(self) -> str:
        """The run as its own root names it."""
        return self.run[self.root :] if self.root else self.run


class Verdict(NamedTuple):
    """Why an artifact is left out: the reason's name, and what called for it."""

    reason: str
    detail: str


class LeftOut(NamedTuple):
    """An artifact that is not valid, and why."""

    artifact: Artifact
    verdict: Verdict
