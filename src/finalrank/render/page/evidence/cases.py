"""The part on single cases, the best places first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finalrank.render.number_format import interval, plural, plus
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.render.page.wording import agree, directed, listing

if TYPE_CHECKING:
    from finalrank.evidence.cases.alignment import Alignment
    from finalrank.evidence.cases.paired import (
        CaseDifference,
        CaseEvidence,
        CaseMetric,
        CasePlace,
    )
    from finalrank.model.ranking import RankedRun
    from finalrank.report.labels import MetricLabel

_MOST_METRIC_ROWS = 75
_MOST_PLACE_ROWS = 25


@dataclass(frozen=True, slots=True)
class MisalignedRun:
    """A run whose cases are not those of the reference."""

    run: str
    detail: str  # what follows its name


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a run comes when the cases are drawn anew."""

    run: str
    first: float  # share of the draws, from 0 to 1
    podium: float  # likewise
    places: str  # `1 to 3`


@dataclass(frozen=True, slots=True)
class CaseRemarks:
    """What a reader must know before the table of single cases."""

    misaligned: list[MisalignedRun]
    without: list[str]  # runs without values by case, where others have some
    no_baseline: bool  # whether there are no differences to a baseline
    notes: list[str]  # other remarks, without the full stop
    any: bool  # whether there is any remark


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What is told of single cases."""

    cases: str  # `36 cases have`
    runs: int  # that are compared
    dropped: str  # what becomes of cases that only the reference has; empty: there are none
    remarks: CaseRemarks
    metrics: Truncated  # of CaseMetric
    against_second: list[str]  # the winner, a metric each
    placed_by: str  # what the places are made by
    places: Truncated  # of PlaceRow
    shows_podium: bool  # whether not all runs fit on the podium


def case_summary(
    cases: CaseEvidence | None,
    runs: Sequence[RankedRun],
    ranked: Sequence[MetricLabel],
    min_cases: int,
) -> CaseSummary | None:
    """Return what is told of single cases; None where no run has values by case.

    `runs` are in the order of the ranking; with fewer cases than `min_cases` intervals are called
    too narrow.
    """
    if cases is None:
        return None
    labels = {metric.key: metric for metric in ranked}
    place_of = {run.run: run.rank for run in runs}
    metrics = sorted(cases.metrics, key=lambda row: place_of[row.run])
    return CaseSummary(
        cases=f"{plural(cases.cases, 'case')} {agree(cases.cases, 'has', 'have')}",
        runs=sum(row.used for row in cases.alignment),
        dropped=dropped_cases(cases.dropped),
        remarks=_remarks(cases, place_of, labels, min_cases),
        metrics=at_most(metrics, _MOST_METRIC_ROWS),
        against_second=[
            f"{difference_over_cases(row, labels[row.metric])} over {plural(row.cases, 'case')}"
            for row in cases.to_second
        ],
        placed_by=decides_places([labels[key].label for key in cases.placed_by], len(ranked)),
        places=_places(cases.places, place_of),
        shows_podium=len(cases.places) > cases.podium,
    )


def _remarks(
    cases: CaseEvidence,
    place_of: Mapping[str, int],
    labels: Mapping[str, MetricLabel],
    min_cases: int,
) -> CaseRemarks:
    """Return the remarks, runs in the order of their places."""
    misaligned = sorted(filter(is_misaligned, cases.alignment), key=lambda row: place_of[row.run])
    have_cases = {row.run for row in cases.alignment}
    without = [run for run in place_of if run not in have_cases]
    cases_of = {row.metric: row.cases for row in cases.metrics}
    notes = case_notes(
        pooled=sum(is_pooled(row, labels[row.metric].digits) for row in cases.metrics),
        rows=len(cases.metrics),
        cases=cases.cases,
        too_few=[labels[key].label for key in cases.too_few],
        few=[labels[key].label for key, number in cases_of.items() if number < min_cases],
        min_cases=min_cases,
    )
    return CaseRemarks(
        misaligned=[MisalignedRun(row.run, misalignment(row, labels)) for row in misaligned],
        without=without,
        no_baseline=not cases.baseline,
        notes=notes,
        any=any((misaligned, without, not cases.baseline, notes)),
    )


def case_notes(
    *,
    pooled: int,
    rows: int,
    cases: int,
    too_few: Sequence[str],
    few: Sequence[str],
    min_cases: int,
) -> list[str]:
    """Return what limits the table of single cases.

    In `pooled` of its `rows` the mean is not the figure in the artifact; `cases` are resampled;
    of the metrics `too_few`, by label, fewer than two cases are shared, and of the metrics `few`
    fewer than `min_cases`.
    """
    return [
        note
        for note, holds in [
            (
                f"In {pooled} of {plural(rows, 'row')} the mean over these cases is not the figure "
                "in the artifact, which may be pooled, or of other cases",
                pooled,
            ),
            ("There is nothing to resample in fewer than two cases", cases < 2),
            (f"Fewer than two cases are shared of {listing(too_few)}: not compared", too_few),
            (
                f"Of fewer than {min_cases} cases the intervals are too narrow: {listing(few)}",
                few,
            ),
        ]
        if holds
    ]


def is_misaligned(row: Alignment) -> bool:
    """Return whether the cases of a run are not those of the reference, or not all compared."""
    return bool(row.missing or row.extra or row.unused or not row.used)


def is_pooled(row: CaseMetric, digits: int) -> bool:
    """Return whether the mean over the cases is not the figure in the artifact.

    A table of cases may have been rounded to as many digits as the page.
    """
    return row.reported is not None and abs(row.mean - row.reported) > 10.0**-digits


def dropped_cases(dropped: int) -> str:
    """Return what becomes of cases that only the reference has; empty where there are none."""
    return f"{agree(dropped, 'is', 'are')} not in all of them, and not used" if dropped else ""


def misalignment(row: Alignment, labels: Mapping[str, MetricLabel]) -> str:
    """Return how the cases of a run differ from the reference's, after the run's name."""
    lacks = f", {row.missing} of the reference's without a value here" if row.missing else ""
    extra = ""
    if row.extra and row.extra == row.cases:
        extra = ", none of them by a name that the reference has"
    elif row.extra:
        extra = f", {row.extra} without a value in the reference"
    compared = ""
    if not row.used:
        compared = ": not compared"
    elif row.unused:
        metrics = listing([labels[key].label for key in row.unused])
        compared = f": not compared on {metrics}, of which it has too few"
    return f": {plural(row.cases, 'case')}{lacks}{extra}{compared}"


def difference_over_cases(row: CaseDifference, metric: MetricLabel) -> str:
    """Return `Dice +0.0100 [-0.0050, 0.0250]`: the first run less the second."""
    difference = plus(row.difference, metric.digits)
    return f"{directed(metric)} {difference} {interval((row.low, row.high), metric.digits)}"


def decides_places(metrics: Sequence[str], ranked: int) -> str:
    """Return by what the places are made: `the mean of the ranks in Dice and AP alone`.

    `metrics` are the labels of the metrics that decide, `ranked` is how many are ranked.
    """
    mean = "the mean of the ranks in " if len(metrics) > 1 else ""
    return f"{mean}{listing(metrics)}{' alone' if len(metrics) < ranked else ''}"


def _places(places: Sequence[CasePlace], place_of: Mapping[str, int]) -> Truncated:
    in_order = sorted(places, key=lambda row: place_of[row.run])
    cut = at_most(in_order, _MOST_PLACE_ROWS)
    rows = [
        PlaceRow(
            run=row.run,
            first=row.first,
            podium=row.podium,
            places=f"{row.low}{f' to {row.high}' if row.high != row.low else ''}",
        )
        for row in cut.shown
    ]
    return replace(cut, shown=rows)
