"""What the evidence says of the recommended run against the second: better, worse or unclear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from finalrank.evidence.cases.paired import CaseEvidence
    from finalrank.evidence.intervals import Intervals
    from finalrank.report.labels import MetricLabel
    from finalrank.report.model import Report

# The parts of the evidence that compare two runs: by figures and counts, and over single cases.
_BY_FIGURES, _BY_CASES = 4, 5
_UNCLEAR = "unclear"
_OPPOSITE = {"better": "worse", "worse": "better", _UNCLEAR: _UNCLEAR}


class _Told(NamedTuple):
    metric: str  # its label
    verdict: str
    part: int  # of the evidence, where it stands


def against_second(report: Report, ranked: Sequence[MetricLabel], number: int) -> str:
    """Return `unclear (5.4)`, or `ROC-AUC better, AP unclear (5.4)` where metrics differ in it.

    `ranked` are the ranked metrics, `number` is that of the section of the evidence. Empty without
    evidence, and where the first run of the ranking is not the one that is recommended.
    """
    results, runs = report.evidence, report.runs
    if results is None or len(runs) < 2 or report.recommendation.primary != runs[0].run:
        return ""
    first, second = runs[0].run, runs[1].run
    by_cases = dict(_by_cases(results.cases, first, second, ranked)) if results.cases else {}
    by_figures = dict(_by_figures(results.intervals, first, second))
    told = [
        _Told(metric.label, verdicts[metric.key], part)
        for part, verdicts in ((_BY_FIGURES, by_figures | by_cases), (_BY_CASES, by_cases))
        for metric in ranked
        # What single cases say goes before what figures alone say.
        if metric.key in verdicts and (part == _BY_CASES) == (metric.key in by_cases)
    ]
    return _in_words(told, number) if told else f"not known ({number}.{_BY_FIGURES})"


def _in_words(told: Sequence[_Told], number: int) -> str:
    if len({row.verdict for row in told}) == 1:
        parts = ", ".join(f"{number}.{part}" for part in sorted({row.part for row in told}))
        return f"{told[0].verdict} ({parts})"
    return "; ".join(
        f"{', '.join(f'{row.metric} {row.verdict}' for row in rows)} ({number}.{part})"
        for part, rows in groupby(told, key=itemgetter(2))
    )


def _by_figures(intervals: Intervals, first: str, second: str) -> Iterator[tuple[str, str]]:
    """Yield the verdict of each metric that figures and counts allow."""
    for row in intervals.to_second:
        if row.verdict:
            yield row.metric, row.verdict
    # Where one of the two is the baseline, they are compared with it and not once more.
    for row in intervals.differences:
        if row.verdict and (row.run, intervals.baseline) == (first, second):
            yield row.metric, row.verdict
        elif row.verdict and (row.run, intervals.baseline) == (second, first):
            yield row.metric, _OPPOSITE[row.verdict]


def _by_cases(
    cases: CaseEvidence, first: str, second: str, ranked: Sequence[MetricLabel]
) -> Iterator[tuple[str, str]]:
    """Yield the verdict of each metric that single cases allow: whether an interval has zero."""
    higher_is_better = {metric.key: metric.higher_is_better for metric in ranked}
    for difference in cases.to_second:
        higher = higher_is_better[difference.metric]
        yield difference.metric, _verdict(difference.low, difference.high, higher=higher)
    for row in cases.metrics:
        low, high = row.difference_low, row.difference_high
        if low is None or high is None or {row.run, cases.baseline} != {first, second}:
            continue
        verdict = _verdict(low, high, higher=higher_is_better[row.metric])
        yield row.metric, verdict if row.run == first else _OPPOSITE[verdict]


def _verdict(low: float, high: float, *, higher: bool) -> str:
    """Return what an interval of a difference says; `higher` is whether higher is better."""
    if low <= 0 <= high:
        return _UNCLEAR
    return "better" if (low > 0) == higher else "worse"
