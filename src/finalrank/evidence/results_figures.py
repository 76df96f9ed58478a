"""What the evidence says of figures: on which cases, chosen how, how precise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from finalrank.model.artifact import CaseCounts, Kind

Verdict = Literal["better", "worse", "unclear"]

# In the order in which they are told.
FlagKind = Literal[
    "different-test-set",
    "unknown-test-set",
    "contradictory-counts",
    "few-cases",
    "missing-predictions",
    "unattainable",
    "single-positive",
    "identical",
    "no-validation",
]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that makes a run's figures hard to compare, with the numbers that say so."""

    kind: FlagKind
    runs: Annotated[list[str], Field(description="One, or all that have identical figures")]
    metric: Annotated[str | None, Field(description="The metric it is about")]
    test_set: CaseCounts | None
    figures: Annotated[dict[str, int | float], Field(description="What it rests on, by name")]


@dataclass(frozen=True, slots=True)
class SharedTestSet:
    """A test set and the runs that were tested on it."""

    test_set: CaseCounts
    runs: list[str]


@dataclass(frozen=True, slots=True)
class Comparability:
    """Whether the runs were tested on the same cases."""

    reference: Annotated[CaseCounts | None, Field(description="What others are compared with")]
    reference_run: Annotated[str | None, Field(description="The baseline; null: most common")]
    test_sets: Annotated[list[SharedTestSet], Field(description="Most runs first")]
    counting_predictions: Annotated[
        int, Field(description="Runs that say how many predictions are missing")
    ]
    flags: list[Flag]


@dataclass(frozen=True, slots=True)
class Choice:
    """A run that had several artifacts to choose from."""

    run: str
    source: str
    artifacts: Annotated[int, Field(description="How many it chose among")]
    on_test: Annotated[bool, Field(description="Whether by their test metrics")]
    value: Annotated[float, Field(description="The primary metric of the chosen one")]
    siblings_median: Annotated[float, Field(description="The primary metric of the others")]
    advantage: Annotated[
        float | None, Field(description="How much better than that; null: beyond any number")
    ]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A ranked metric in which another artifact of the run is better than the chosen one."""

    run: str
    metric: str
    value: float | None
    sibling_value: float
    sibling: Annotated[str, Field(description="Source of that artifact")]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen by looking at the test set."""

    by: str
    metric: str
    runs: int
    choices: Annotated[list[Choice], Field(description="Largest advantage first")]
    artifacts: Annotated[int, Field(description="How many they chose among, in all")]
    median_advantage: float | None
    given_up: list[GivenUp]
    fell_back: Annotated[list[str], Field(description="Runs chosen on the test set all the same")]


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """An interval for one figure of one run, or why there is none."""

    run: str
    source: str
    role: Literal["podium", "baseline", "notable", "other"]
    metric: str
    kind: Kind
    value: float | None
    positives: int | None
    negatives: int | None
    standard_error: float | None
    low: float | None
    high: float | None
    withheld: str | None


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """The difference to another run, as if both were tested on cases of their own."""

    run: str
    metric: str
    difference: float
    standard_error: float | None
    low: float | None
    high: float | None
    verdict: Verdict | None
    withheld: str | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals from the figures and the counts alone."""

    baseline: str | None
    rows: list[IntervalRow]
    differences: list[DifferenceRow]
    second: str | None
    to_second: Annotated[
        list[DifferenceRow], Field(description="Of the first run to the second, likewise")
    ]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the cases of a run fit those that all are compared on."""

    run: str
    source: Annotated[str, Field(description="Where the values stand")]
    cases: Annotated[int, Field(description="How many it has")]
    missing: Annotated[int, Field(description="Of the reference, how many it lacks")]
    extra: Annotated[int, Field(description="How many the reference lacks")]
    used: Annotated[bool, Field(description="False: too few in common")]
    unused: Annotated[list[str], Field(description="Metrics compared here of which it has too few")]


@dataclass(frozen=True, slots=True)
class CaseMetric:
    """A metric of a run over the cases."""

    run: str
    metric: str
    cases: Annotated[int, Field(description="How many: those that every run compared here has")]
    mean: float
    low: float
    high: float
    reported: Annotated[float | None, Field(description="What the artifact itself says")]
    difference: Annotated[float | None, Field(description="Mean minus the baseline's")]
    difference_low: float | None
    difference_high: float | None
    p: Annotated[float | None, Field(description="Wilcoxon signed-rank test against the baseline")]
    p_holm: Annotated[float | None, Field(description="The same, adjusted over all of them")]


@dataclass(frozen=True, slots=True)
class CaseContest:
    """The first run's mean over the cases less that of the second."""

    metric: str
    cases: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where a run comes in resampled test sets."""

    run: str
    first: Annotated[
        float, Field(description="Share of the resamples; a tie counts in equal shares")
    ]
    podium: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What the values of single cases say."""

    reference: Annotated[str, Field(description="The run whose cases are the reference")]
    baseline: str | None
    cases: Annotated[int, Field(description="How many are resampled: compared on any metric")]
    dropped: Annotated[int, Field(description="Cases of the reference that are compared on none")]
    podium: int
    too_few: Annotated[list[str], Field(description="Metrics with fewer than two cases in common")]
    placed_by: Annotated[list[str], Field(description="The metrics that decide the places")]
    alignment: list[Alignment]
    metrics: list[CaseMetric]
    places: list[CasePlace]
    second: Annotated[str | None, Field(description="Null: not compared, or the baseline is one")]
    to_second: Annotated[list[CaseContest], Field(description="Of the first run, by metric")]
