"""The values that walk through the house, all frozen.

What a file said (`Artifact`), what was decided of it (`Verdict`, `Survey`), and what was derived
(`RankedRun` and `Report`, in `summary`) are different types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from finalrank.config.keys import expression

# A metric's value by its key; None is missing.
Values = dict[str, float | None]
# The key at which a metric's value was found, by the metric's key; None is missing.
Used = dict[str, str | None]
# The author's own Markdown, on one line.
Text = Annotated[str, AfterValidator(lambda text: re.sub(r"[\r\n]+", " ", text.strip("\r\n")))]
# A list from TOML, kept as a tuple; what stands in it is still checked strictly.
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Range = Annotated[tuple[float, float], Field(strict=False)]


def _sound_key(key: str) -> str:
    if key:
        expression(key)
    return key


def _sound_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        if not key:
            raise ValueError("a key is empty: write where the value stands in a file")
        expression(key)
    return keys


# A JMESPath expression, or a name; empty is none.
Expression = Annotated[str, AfterValidator(_sound_key)]
# Several of them, tried in order.
Keys = Annotated[Strings, AfterValidator(_sound_keys)]
Outcome = Literal["kept", "sibling", "excluded"]
# How a metric is computed, where finalrank knows more of it than its range.
Kind = Literal["", "roc-auc", "average-precision"]

SETTINGS = ConfigDict(frozen=True, extra="forbid", strict=True)


class Metric(BaseModel):
    """A row of `[[metrics]]`: what a number is called, and which way it is better."""

    model_config = SETTINGS

    key: str = Field(min_length=1, description="Its name in every output")
    keys: Keys = Field(
        (),
        description="Where it stands in a file, tried in order: keys or JMESPath expressions",
    )
    label: Text = Field(
        default_factory=lambda row: row.get("key", ""), description="Column heading (its key)"
    )
    short: Text = Field(
        default_factory=lambda row: row.get("label", ""),
        description="Name in running text (its label)",
    )
    task: Text = Field("", description='The word in "Final Segmentation Ranking"')
    primary: bool = Field(False, description="Selects the artifact of a run; one metric is primary")
    ranked: bool = Field(True, description="Counts in the combined ranking, and has a table")
    higher_is_better: bool = Field(True, description="False for a loss or a distance")
    scale: float = Field(
        1.0,
        gt=0,
        allow_inf_nan=False,
        description="What a value is multiplied by: 0.01 for percentages",
    )
    range: Range = Field((0.0, 1.0), description="What is outside is a problem, and missing")
    digits: int = Field(4, ge=0, le=15, description="Decimals on the page")
    columns: Strings = Field((), description="Metrics beside it in its table")
    kind: Kind = Field(
        "", description='What the evidence may compute of it: "roc-auc" or "average-precision"'
    )
    cases: Expression = Field(
        "", description="JMESPath of its values by case, where the artifact itself has them"
    )

    @field_validator("range")
    @classmethod
    def _ordered(cls, bounds: tuple[float, float]) -> tuple[float, float]:
        if not bounds[0] < bounds[1]:
            raise ValueError("write the smaller bound first, such as [0, 1]")
        return bounds

    @property
    def sources(self) -> tuple[str, ...]:
        """Where its value is looked for in a file, in order."""
        return self.keys or (self.key,)

    @property
    def sign(self) -> int:
        """What a value is multiplied by so that less is better."""
        return -1 if self.higher_is_better else 1


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
    # The primary metric of its twin on the validation set, where that is asked for.
    validation: float | None = None

    @property
    def own_run(self) -> str:
        """The run as its own root names it."""
        return self.run[self.root :] if self.root else self.run


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


class Verdict(NamedTuple):
    """Why an artifact is left out: the reason's name, and what called for it."""

    reason: str
    detail: str


class LeftOut(NamedTuple):
    """An artifact that is not valid, and why."""

    artifact: Artifact
    verdict: Verdict


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
    troubled: tuple[str, ...]  # sources of the artifacts with problems
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
