"""What the page tells of single cases, the best places first. No new figures but counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from finalrank.evidence.cases.alignment import Alignment
    from finalrank.evidence.cases.paired import CaseMetric, CasePlace
    from finalrank.evidence.model import Evidence
    from finalrank.report.model import Report
    from finalrank.report.presentation import Presentation


class CaseSummary(NamedTuple):
    """What is told of single cases."""

    compared: int
    metrics: list[CaseMetric]
    places: list[CasePlace]
    winner: CasePlace | None
    few: list[str]  # metrics that are compared on few cases
    pooled: int  # means over the cases that are not what the artifact has
    misaligned: list[Alignment]  # they have other cases
    without: list[str]  # they have no values by case, where others have


def case_summary(report: Report, layout: Presentation, found: Evidence) -> CaseSummary:
    """The rows by case in the order of the ranking, and what does not fit."""
    cases, place = found.cases, {run.run: run.rank for run in report.runs}
    if cases is None:
        return CaseSummary(0, [], [], None, [], 0, [], [])
    own = {row.run for row in cases.alignment}
    of_metric = {row.metric: row.cases for row in cases.metrics}
    last_digit = {metric.key: 10.0**-metric.digits for metric in layout.metrics}

    def by_place(row: Alignment | CaseMetric | CasePlace) -> tuple[int, str]:
        return place[row.run], row.run

    def is_pooled(row: CaseMetric) -> bool:
        # A table may have been rounded to as many digits as the page.
        far = None if row.reported is None else abs(row.mean - row.reported)
        return far is not None and far > last_digit[row.metric]

    misaligned = [r for r in cases.alignment if r.missing or r.extra or r.unused or not r.used]
    return CaseSummary(
        compared=sum(row.used for row in cases.alignment),
        metrics=sorted(cases.metrics, key=by_place),
        places=sorted(cases.places, key=by_place),
        winner=next((row for row in cases.places if place[row.run] == 1), None),
        few=[key for key, number in of_metric.items() if number < found.rules.fewest],
        pooled=sum(map(is_pooled, cases.metrics)),
        misaligned=sorted(misaligned, key=by_place),
        without=[run.run for run in report.runs if run.run not in own],
    )
