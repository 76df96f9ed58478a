"""Fills the context of a page: from a document to the names that a template is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from finalrank.model.ranking import GroupedRun, RankedRun
from finalrank.render.page.context import PageContext
from finalrank.render.page.over_datasets import over_datasets
from finalrank.render.page.rankings import places, ranking_tables
from finalrank.render.page.truncate import at_most
from finalrank.render.page.verdict import against_second
from finalrank.render.page.wording import artifact_noun, filtering, recommended_for
from finalrank.report.assemble import Document
from finalrank.report.labels import MetricLabel
from finalrank.report.model import Report
from finalrank.report.presentation import Presentation, TestSets

if TYPE_CHECKING:
    from finalrank.render.page.evidence.context import EvidenceContext


def page_context(document: Document) -> PageContext:
    """Return what the template of a document's page is given.

    The labels of metrics and all names are as they are: a renderer makes them fit its format.
    """
    report, layout = document.report, document.presentation
    summary = {name: getattr(report, name) for name in Report.model_fields}
    overall = over_datasets(document)
    rankings = [] if overall else ranking_tables(report.runs, layout)
    ranked = [metric for metric, _ in layout.tables]
    baseline = report.baseline.run if report.baseline else None
    evidence = _evidence(document)
    return PageContext(
        **summary
        | {"metrics": layout.metrics, "evidence": evidence}
        | _of_configuration(layout)
        | _of_notices(layout)
        | _of_test_sets(layout.test_sets),
        primary=layout.primary,
        ranked=ranked,
        recommended_for="" if overall else _recommended_for(report.runs, ranked, layout),
        reservations=layout.recommended.reservations,
        against_second=against_second(report, ranked, evidence.number) if evidence else "",
        beside_first=at_most(layout.recommended.beside_first),
        passed_over=at_most(layout.recommended.passed_over),
        same_protocol=layout.same_protocol,
        only_training=layout.only_training,
        recommended_row=next(
            (run for run in report.runs if run.run == report.recommendation.primary), None
        ),
        podium=report.runs[: layout.top],
        places=places(report.runs, layout.ties),
        rankings=rankings,
        cross_validated=any(map(_is_cross_validated, report.runs)),
        combined_number=len(ranked) + 1,
        dataset=layout.dataset,
        over_datasets=overall,
        baseline_row=next((run for run in report.runs if run.run == baseline), None),
    )


def _is_cross_validated(run: RankedRun) -> bool:
    return isinstance(run, GroupedRun) and run.group.cross_validation is not None


def _recommended_for(
    runs: Sequence[RankedRun], ranked: Sequence[MetricLabel], layout: Presentation
) -> str:
    chosen = layout.recommended
    first = sorted(runs, key=lambda run: run.run != chosen.primary)
    what = recommended_for(ranked, layout.primary, first, chosen.alone)
    return f"{what} of those not passed over" if chosen.passed_over else what


def _evidence(document: Document) -> EvidenceContext | None:
    """Return what the templates of the evidence are given, where there is evidence."""
    if document.report.evidence is None:
        return None
    from finalrank.render.page.evidence.context import evidence_context

    return evidence_context(document.report, document.presentation, document.report.evidence)


def _of_configuration(layout: Presentation) -> dict[str, Any]:
    """Return the names that come from the settings."""
    return {
        "prefix": layout.prefix,
        "recommendation_title": layout.recommendation_title,
        "filtering": filtering(layout),
        "artifact_noun": artifact_noun(layout.tests),
        "factors": layout.factors.columns,
        "shared_factors": layout.factors.shared,
        "rules": layout.rules,
        "zeros": layout.lowest is not None,
        "clinical": layout.clinical,
        "tests": layout.tests,
        "chosen_by": layout.chosen_by,
        "newest": layout.chosen_by == "newest",
        "missing_counts": layout.missing,
        "groups": layout.groups,
    }


def _of_notices(layout: Presentation) -> dict[str, Any]:
    """Return the runs and artifacts that the page names above its tables."""
    return {
        "left_out_by_path": layout.left_out_by_path,
        "chosen_on_test": at_most(layout.chosen_on_test),
        "incomplete": at_most(layout.incomplete),
        "grouped": at_most(layout.grouped),
        "behind": at_most(layout.behind),
        "sources_with_problems": at_most(layout.sources_with_problems),
        "unlisted": at_most(layout.unlisted),
        "not_entered": at_most(layout.not_entered),
    }


def _of_test_sets(test_sets: TestSets) -> dict[str, Any]:
    """Return the names of the test sets that make figures hard to compare."""
    return {
        "reference": test_sets.reference,
        "other_test_sets": at_most(test_sets.others),
        "excluded_test_sets": at_most(test_sets.excluded),
        "small_test_sets": at_most(test_sets.small),
        "min_class_size": test_sets.min_class_size,
    }
