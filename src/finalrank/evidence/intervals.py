"""Intervals of values, and of differences, from the values and the counts of cases alone.

The formulas and their sources are in `formulas`. A value that they are not made for has no
interval, but the reason why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from finalrank.config.tables.metrics import Kind, Metric
from finalrank.decide.testsets import contradictory, differs
from finalrank.evidence import formulas
from finalrank.model.artifact import CaseCounts

Role = Literal["podium", "baseline", "notable", "other"]
# Of the first run of a difference, where the interval of the difference does not hold 0.
Verdict = Literal["better", "worse", "unclear"]


class IntervalSubject(NamedTuple):
    """An artifact whose values are to have intervals."""

    run: str
    source: str
    role: Role
    values: Mapping[str, float | None]  # by metric key
    test_set: CaseCounts | None
    members: int = 1  # more: each value is the mean of so many runs


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """An interval for one figure of one run, or why there is none."""

    run: str
    source: str
    role: Role
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
    """The difference to another run, as if the two were tested on different cases."""

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
        list[DifferenceRow], Field(description="The differences of the first run to the second")
    ]


class _Rule(NamedTuple):
    z: float  # how many standard errors an interval reaches to either side
    min_class_size: int  # the fewest positives, and the fewest negatives, that give an interval


class _Sample(NamedTuple):
    """What the formulas are made for: a value between 0 and 1, on enough cases of either class."""

    value: float
    positives: int
    negatives: int


class _Reference(NamedTuple):
    """The run that others are compared with, and what a reason calls it."""

    subject: IntervalSubject
    name: str


def intervals(
    subjects: Sequence[IntervalSubject],
    metrics: Sequence[Metric],
    baseline: str | None,
    min_class_size: int,
    confidence: float,
    first_two: Sequence[str] = (),
) -> Intervals:
    """Return one row for each subject and metric of a known kind, in their order, and differences.

    Differences are those of areas under the ROC curve alone: of each other run to the `baseline`,
    and of the first of `first_two` runs to the second. There are none of subjects with the role
    "notable", which are not ranked, and none to a run that is no subject. With fewer positives or
    negatives than `min_class_size` there is no interval; `confidence` is between 0 and 1.
    """
    rule = _Rule(formulas.z(confidence), min_class_size)
    ranked = {subject.run: subject for subject in subjects if subject.role != "notable"}
    areas = [metric for metric in metrics if metric.kind == "roc-auc"]

    def differences(runs: Iterable[str], reference: str, name: str) -> list[DifferenceRow]:
        compared_with = _Reference(ranked[reference], name)
        rows = (
            _difference(ranked[run], compared_with, metric, rule)
            for run in runs
            if run != reference
            for metric in areas
        )
        return [row for row in rows if row]

    pair = first_two if len(first_two) == 2 and {*first_two} <= ranked.keys() else ()
    return Intervals(
        baseline=baseline if baseline in ranked else None,
        rows=[
            _row(subject, metric, rule) for subject in subjects for metric in metrics if metric.kind
        ],
        differences=differences(ranked, baseline, "baseline") if baseline in ranked else [],
        second=pair[1] if pair else None,
        to_second=differences(pair[:1], pair[1], "second") if pair else [],
    )


def _row(subject: IntervalSubject, metric: Metric, rule: _Rule) -> IntervalRow:
    sample = _sample_or_reason(subject, metric, rule.min_class_size)
    interval = None if isinstance(sample, str) else _interval(sample, metric, rule.z)
    counts = subject.test_set or CaseCounts()
    return IntervalRow(
        run=subject.run,
        source=subject.source,
        role=subject.role,
        metric=metric.key,
        kind=metric.kind,
        value=subject.values.get(metric.key),
        positives=counts.positives,
        negatives=counts.negatives,
        standard_error=interval.standard_error if interval else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        withheld=sample if isinstance(sample, str) else None,
    )


def _interval(sample: _Sample, metric: Metric, z: float) -> formulas.Interval:
    if metric.kind == "roc-auc":
        return formulas.auc_interval(*sample, z)
    return formulas.ap_interval(sample.value, sample.positives, z)


def _difference(
    subject: IntervalSubject, reference: _Reference, metric: Metric, rule: _Rule
) -> DifferenceRow | None:
    """Return the subject's value less that of the reference; None if one of them has no value."""
    other, name = reference
    value, other_value = subject.values.get(metric.key), other.values.get(metric.key)
    if value is None or other_value is None or not math.isfinite(value - other_value):
        return None
    difference = value - other_value
    sample = _sample_or_reason(subject, metric, rule.min_class_size)
    other_sample = _sample_or_reason(other, metric, rule.min_class_size)
    error = low = high = withheld = verdict = None
    if differs(subject.test_set, other.test_set):
        withheld = "another test set"
    elif isinstance(sample, str):
        withheld = sample
    elif isinstance(other_sample, str):
        withheld = f"{other_sample} (the {name})"
    else:
        # The error of a difference of independent values. On the same cases the errors of both
        # runs are mostly correlated, and this one is too large.
        error = math.hypot(*starmap(formulas.auc_standard_error, (sample, other_sample)))
        low, high = difference - rule.z * error, difference + rule.z * error
        verdict = _verdict(low, high, metric)
    return DifferenceRow(
        run=subject.run,
        metric=metric.key,
        difference=difference,
        standard_error=error,
        low=low,
        high=high,
        verdict=verdict,
        withheld=withheld,
    )


def _verdict(low: float, high: float, metric: Metric) -> Verdict:
    if low <= 0 <= high:
        return "unclear"
    return "better" if metric.sign * low < 0 else "worse"


def _sample_or_reason(
    subject: IntervalSubject, metric: Metric, min_class_size: int
) -> _Sample | str:
    """Return what a formula needs to know of a value, or the reason why it has no interval."""
    value, counts = subject.values.get(metric.key), subject.test_set
    if subject.members > 1:
        return f"of a group of {subject.members} runs"
    if value is None:
        return "no value"
    if counts is None or counts.positives is None or counts.negatives is None:
        return _unknown_counts(counts or CaseCounts())
    if contradictory(counts):
        return "counts that contradict each other"
    if few := _few(counts.positives, counts.negatives, max(min_class_size, 1)):
        return few
    if not 0 < value < 1:
        return f"a value of {value:g}" if value in (0, 1) else "a value outside 0 to 1"
    return _Sample(value, counts.positives, counts.negatives)


def _unknown_counts(counts: CaseCounts) -> str:
    by_name = {"positives": counts.positives, "negatives": counts.negatives}
    unknown = " and ".join(name for name, count in by_name.items() if count is None)
    return f"no {'counts' if ' ' in unknown else 'count'} of {unknown}"


def _few(positives: int, negatives: int, min_class_size: int) -> str:
    """Return `3 positives, fewer than 10`, of each class that is too small, or an empty string."""
    by_name = {"positive": positives, "negative": negatives}
    few = [
        f"{count:,} {name}{'s' * (count != 1)}"
        for name, count in by_name.items()
        if count < min_class_size
    ]
    return f"{' and '.join(few)}, fewer than {min_class_size:,}" if few else ""
