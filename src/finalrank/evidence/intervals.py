"""Intervals of figures, and differences to the baseline, from the figures and the counts alone.

The formulas and their sources are in `formulas`. A figure that they are not made for has no
interval, and the reason instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from finalrank.config.metrics import Kind, Metric
from finalrank.decide.testsets import contradictory, differs
from finalrank.evidence import formulas
from finalrank.model.artifact import CaseCounts

Role = Literal["podium", "baseline", "notable", "other"]


class IntervalSubject(NamedTuple):
    """An artifact whose figures are asked for."""

    run: str
    source: str
    role: Role
    values: Mapping[str, float | None]  # by metric key
    test_set: CaseCounts | None
    members: int = 1  # more: each value is the mean of so many


class _Rule(NamedTuple):
    z: float  # standard errors to either side
    min_class_size: int  # positives or negatives


class _Figure(NamedTuple):
    # A value between 0 and 1 on enough known cases: what a formula may be given.
    value: float
    positives: int
    negatives: int


Verdict = Literal["better", "worse", "unclear"]


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


def intervals(
    subjects: Sequence[IntervalSubject],
    metrics: Sequence[Metric],
    baseline: str | None,
    min_class_size: int,
    confidence: float,
    rivals: Sequence[str] = (),
) -> Intervals:
    """A row for each subject and metric of a known kind, in their order, and the differences.

    `min_class_size` is of positives and of negatives. `baseline` is a run: the differences are
    those of the other runs to it, of areas under the ROC curve alone, and notable artifacts have
    none. So is that of the first of two `rivals` to the second, where both are subjects.
    """
    rule = _Rule(formulas.z(confidence), min_class_size)
    ranked = {subject.run: subject for subject in subjects if subject.role != "notable"}
    areas = [metric for metric in metrics if metric.kind == "roc-auc"]

    def differences(runs: Iterable[str], reference: str, name: str) -> list[DifferenceRow]:
        found = (
            _difference(ranked[run], ranked[reference], metric, rule, name)
            for run in runs
            if run != reference
            for metric in areas
        )
        return [row for row in found if row]

    contest = rivals if len(rivals) == 2 and {*rivals} <= ranked.keys() else ()
    return Intervals(
        baseline=baseline if baseline in ranked else None,
        rows=[
            _row(subject, metric, rule) for subject in subjects for metric in metrics if metric.kind
        ],
        differences=differences(ranked, baseline, "baseline") if baseline in ranked else [],
        second=contest[1] if contest else None,
        to_second=differences(contest[:1], contest[1], "second") if contest else [],
    )


def _row(subject: IntervalSubject, metric: Metric, rule: _Rule) -> IntervalRow:
    figure = _figure(subject, metric, rule.min_class_size)
    found = None if isinstance(figure, str) else _interval(figure, metric, rule.z)
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
        standard_error=found.standard_error if found else None,
        low=found.low if found else None,
        high=found.high if found else None,
        withheld=figure if isinstance(figure, str) else None,
    )


def _interval(figure: _Figure, metric: Metric, z: float) -> formulas.Interval:
    if metric.kind == "roc-auc":
        return formulas.auc_interval(*figure, z)
    return formulas.ap_interval(figure.value, figure.positives, z)


def _difference(
    subject: IntervalSubject, reference: IntervalSubject, metric: Metric, rule: _Rule, name: str
) -> DifferenceRow | None:
    # Without two values there is no difference to speak of; the rows say which is missing.
    value, base = subject.values.get(metric.key), reference.values.get(metric.key)
    if value is None or base is None:
        return None
    one, other = (_figure(each, metric, rule.min_class_size) for each in (subject, reference))
    difference = value - base
    if not math.isfinite(difference):
        return None
    error = low = high = withheld = verdict = None
    if differs(subject.test_set, reference.test_set):
        withheld = "another test set"
    elif isinstance(one, str):
        withheld = one
    elif isinstance(other, str):
        withheld = f"{other} (the {name})"
    else:
        # As if each had cases of its own. On the same cases the two errors go together, and the
        # difference is known better than this says.
        error = math.hypot(*(formulas.auc_standard_error(*figure) for figure in (one, other)))
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


def _figure(subject: IntervalSubject, metric: Metric, min_class_size: int) -> _Figure | str:
    # Or the reason why there is no interval of it.
    value, counts = subject.values.get(metric.key), subject.test_set
    if subject.members > 1:
        return f"of a group of {subject.members} runs"
    if value is None:
        return "no value"
    if counts is None or counts.positives is None or counts.negatives is None:
        return _uncounted(counts or CaseCounts())
    if contradictory(counts):
        return "counts that contradict each other"
    if few := _few(counts.positives, counts.negatives, max(min_class_size, 1)):
        return few
    if not 0 < value < 1:
        return f"a value of {value:g}" if value in (0, 1) else "a value outside 0 to 1"
    return _Figure(value, counts.positives, counts.negatives)


def _uncounted(counts: CaseCounts) -> str:
    named = {"positives": counts.positives, "negatives": counts.negatives}
    lacking = " and ".join(name for name, count in named.items() if count is None)
    return f"no {'counts' if ' ' in lacking else 'count'} of {lacking}"


def _few(positives: int, negatives: int, min_class_size: int) -> str:
    named = {"positive": positives, "negative": negatives}
    few = [
        f"{count:,} {name}{'s' * (count != 1)}"
        for name, count in named.items()
        if count < min_class_size
    ]
    return f"{' and '.join(few)}, fewer than {min_class_size:,}" if few else ""
