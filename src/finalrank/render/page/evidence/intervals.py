"""The part on intervals from figures and counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finalrank.render.number_format import interval, plus

if TYPE_CHECKING:
    from finalrank.evidence.intervals import DifferenceRow, IntervalRow, Intervals
    from finalrank.report.labels import MetricLabel


@dataclass(frozen=True, slots=True)
class Opponent:
    """A run, and the differences of others to it."""

    run: str
    differences: list[DifferenceRow]


@dataclass(frozen=True, slots=True)
class IntervalSummary:
    """What is told of intervals from figures and counts alone."""

    subjects: str  # which runs have intervals
    more_positives: bool  # whether an interval of an area is of more positives than negatives
    without: list[str]  # labels of the ranked metrics that have no interval
    opponents: list[Opponent]  # the baseline and the second, where anything is compared with them


def interval_summary(
    intervals: Intervals, ranked: Sequence[MetricLabel], runs: int
) -> IntervalSummary:
    """Return what is told of intervals; `runs` is the number of ranked runs."""
    rows = intervals.rows
    have_one = {row.run for row in rows if row.role != "notable"}
    with_interval = {row.metric for row in rows}
    opponents = [
        (intervals.baseline, intervals.differences),
        (intervals.second, intervals.to_second),
    ]
    return IntervalSummary(
        subjects=interval_subjects(
            every_run=runs <= len(have_one),
            baseline=intervals.baseline is not None,
            excluded=any(row.role == "notable" for row in rows),
        ),
        more_positives=any(map(_more_positives, rows)),
        without=[metric.label for metric in ranked if metric.key not in with_interval],
        opponents=[Opponent(run, differences) for run, differences in opponents if run],
    )


def interval_subjects(*, every_run: bool, baseline: bool, excluded: bool) -> str:
    """Return which runs have intervals.

    `baseline` says whether there is one, `excluded` whether runs that are named as excluded have
    intervals, too.
    """
    podium = f"the podium{' and the baseline' if baseline else ''}"
    named = ", and for what is named as excluded" if excluded else ""
    how_to_get_all = "" if every_run else "; for all runs by `--intervals all`"
    return f"{'every ranked run' if every_run else podium}{named}{how_to_get_all}"


def _more_positives(row: IntervalRow) -> bool:
    """Return whether an interval of an area under the ROC curve can be far too narrow."""
    has_one = row.kind == "roc-auc" and row.low is not None
    return has_one and (row.positives or 0) > (row.negatives or 0)


def difference_in_words(row: DifferenceRow, metric: MetricLabel) -> str:
    """Return `ROC-AUC +0.1100 [0.0345, 0.1855], better`, or why there is no interval."""
    difference = f"{metric.label} {plus(row.difference, metric.digits)}"
    if row.withheld:
        return f"{difference} (withheld: {row.withheld})"
    return f"{difference} {interval((row.low, row.high), metric.digits)}, {row.verdict}"
