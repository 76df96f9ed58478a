"""EvidenceContext: what the templates of the evidence are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finalrank.render.page.evidence.cases import CaseSummary, case_summary
from finalrank.render.page.evidence.comparability import TestSetSummary, test_set_summary
from finalrank.render.page.evidence.groups import GroupSummary, group_summary
from finalrank.render.page.evidence.in_short import InShort, Parts, in_short
from finalrank.render.page.evidence.intervals import IntervalSummary, interval_summary
from finalrank.render.page.evidence.ledger import LedgerSummary, ledger_summary
from finalrank.render.page.evidence.missing import MissingSummary, missing_summary
from finalrank.render.page.evidence.robustness import RobustnessSummary, robustness_summary
from finalrank.render.page.evidence.selection import SelectionSummary, selection_summary

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence
    from finalrank.report.labels import MetricLabel
    from finalrank.report.model import Report
    from finalrank.report.presentation import Presentation


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """The evidence, and what of it the page shows together: a field a part."""

    number: int  # of the section
    dataset: str  # of which the evidence is, on a page over several; else empty
    results: Evidence
    labels: dict[str, MetricLabel]  # by key
    winner: str
    top: int
    runs: int  # rows of the ranking
    has_notes: bool  # whether an author says what is special about a run, or how it was tested
    single_metric: bool  # whether one metric alone is ranked
    ties_averaged: bool  # whether equal values share their mean rank where weights are drawn
    case_table: str  # what a table of the first run's cases could be called; empty: nothing
    first_file: str  # the file name of the first run's artifact
    in_short: InShort
    test_sets: TestSetSummary
    missing: MissingSummary
    selection: SelectionSummary
    intervals: IntervalSummary
    cases: CaseSummary | None
    robustness: RobustnessSummary
    groups: GroupSummary
    ledger: LedgerSummary


def evidence_context(
    report: Report, layout: Presentation, results: Evidence, before: int = 0, dataset: str = ""
) -> EvidenceContext:
    """Return what the templates of the evidence are given.

    On a page over several datasets, `before` sections of evidence stand before that of `dataset`.
    """
    runs, top, rules = report.runs, layout.top, results.rules
    labels = {metric.key: metric for metric in layout.metrics}
    ranked = [metric for metric, _ in layout.tables]
    parts = Parts(
        test_sets=test_set_summary(report, results, labels, top),
        missing=missing_summary(results.missing, labels, runs[0].run),
        selection=selection_summary(results, layout.primary, layout.selecting, runs[0]),
        intervals=interval_summary(results.intervals, ranked, len(runs)),
        groups=group_summary(results.groups, runs, ranked, rules.groups, top),
    )
    return EvidenceContext(
        # Behind the tables of the metrics, and the combined one where there are several.
        number=len(layout.tables) + 1 + (len(layout.tables) > 1 or dataset != "") + before,
        dataset=dataset,
        results=results,
        labels=labels,
        winner=runs[0].run,
        top=top,
        runs=len(runs),
        has_notes=any(run.key_feature or run.protocol for run in runs),
        single_metric=len(ranked) == 1,
        ties_averaged=rules.ties in ("ordinal", "average"),
        case_table=layout.case_table,
        first_file=runs[0].source.rpartition("/")[2],
        in_short=in_short(results, labels, runs[0].run, len(ranked), parts),
        **parts._asdict(),
        cases=case_summary(results.cases, runs, ranked, rules.fewest),
        robustness=robustness_summary(results, runs, ranked, layout.primary, top),
        ledger=ledger_summary(results.ledger, report.counts, layout),
    )
