"""PageContext: the names that a page's template is given."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from pydantic import Field

from finalrank.model.artifact import CaseCounts, Problem
from finalrank.model.ranking import NotableExclusion, RankedRun
from finalrank.render.page.rankings import RankingTable, ranking_tables
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.render.page.wording import artifact_noun, filtering, recommended_for
from finalrank.report.assemble import Document
from finalrank.report.model import Baseline, Counts, Excluded, Recommendation, Report
from finalrank.report.presentation import MetricLabel, Presentation, TestSets

if TYPE_CHECKING:
    from finalrank.render.page.evidence.context import EvidenceContext


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a template is given, a field for each name: plain data that has nothing to call.

    A description is one row of the documentation's table.
    """

    schema_version: Annotated[int, Field(description="The version of the JSON summary")]
    title: Annotated[str, Field(description="The title")]
    generated_at: Annotated[
        datetime,
        Field(
            description="The time; it prints as `YYYY-MM-DD HH:MM:SS`, the form that `--check` and "
            "`--if-changed` know"
        ),
    ]
    root: Annotated[str, Field(description="The runs folder's own name")]
    counts: Annotated[
        Counts,
        Field(description="`artifacts_found`, `artifacts_valid`, `runs_found`, `runs_valid`"),
    ]
    metrics: Annotated[
        list[MetricLabel],
        Field(
            description="Every metric: key, label, short, task, higher_is_better, digits, ranked, "
            "range (two bounds, none where there is no bound)"
        ),
    ]
    runs: Annotated[
        list[RankedRun],
        Field(
            description="In combined order; `run.metrics[metric.key]` is none where it is missing"
        ),
    ]
    baseline: Annotated[
        Baseline | None, Field(description="Run, label and metrics; none where there is none")
    ]
    recommendation: Annotated[
        Recommendation, Field(description="`primary` and `fallback`, which a single run has not")
    ]
    notable_exclusions: Annotated[
        list[NotableExclusion],
        Field(description="Runs without a valid artifact that a reader will miss: run, artifacts"),
    ]
    excluded: Annotated[
        list[Excluded],
        Field(description="Every candidate that is not valid: source, run, reason, detail"),
    ]
    problems: Annotated[list[Problem], Field(description="source, place, reason")]
    primary: Annotated[MetricLabel, Field(description="The primary metric, as in `metrics`")]
    ranked: Annotated[
        list[MetricLabel], Field(description="The metrics that are ranked, as in `metrics`")
    ]
    prefix: Annotated[
        str,
        Field(
            description="What stands before a source in the best-model line: the runs folder's "
            "name and `/`; empty for several folders"
        ),
    ]
    podium: Annotated[list[RankedRun], Field(description="The first runs, as many as `top`")]
    rankings: Annotated[
        list[RankingTable],
        Field(description="One a ranked metric: number, metric, columns, and runs, best first"),
    ]
    combined_number: Annotated[
        int, Field(description="The number of the section after the `rankings`")
    ]
    baseline_row: Annotated[
        RankedRun | None, Field(description="The baseline's row of `runs`, or none")
    ]
    recommendation_title: Annotated[str, Field(description="From the configuration")]
    recommended_for: Annotated[
        str, Field(description='"strongest combined profile", or the best of the one ranked metric')
    ]
    filtering: Annotated[
        str,
        Field(description="What was excluded and which artifact of a run was kept, in words"),
    ]
    artifact_noun: Annotated[
        str, Field(description='"test artifact" where `tests` holds, else "artifact"')
    ]
    rules: Annotated[list[str], Field(description="Names of the filter rules in force")]
    zeros: Annotated[
        bool, Field(description="Whether a primary metric of zero leaves an artifact out")
    ]
    clinical: Annotated[bool, Field(description="Whether the title of the recommendation says so")]
    tests: Annotated[bool, Field(description='Whether every file pattern has the word "test"')]
    left_out_by_path: Annotated[
        int,
        Field(description="How many artifacts `scan.include` and `scan.exclude` left out"),
    ]
    chosen_by: Annotated[str, Field(description="`select.by`")]
    newest: Annotated[bool, Field(description="Whether `select.by` is `newest`")]
    chosen_on_test: Annotated[
        Truncated,
        Field(
            description="Where `select.by` is `validation`: runs that have no validation metrics"
        ),
    ]
    missing_counts: Annotated[str, Field(description="`rank.missing`")]
    incomplete: Annotated[
        Truncated,
        Field(description="The runs that are not ranked for it, each with what it lacks"),
    ]
    groups: Annotated[str, Field(description="`rank.groups`")]
    grouped: Annotated[
        Truncated,
        Field(
            description="Each group that is one row, with the number and the kind of its members"
        ),
    ]
    reference: Annotated[
        CaseCounts | None, Field(description="The test set that others are compared with")
    ]
    reference_run: Annotated[str | None, Field(description="The baseline, if that is its test set")]
    other_test_sets: Annotated[
        Truncated, Field(description="The runs on another test set, each with its counts")
    ]
    excluded_test_sets: Annotated[
        Truncated, Field(description="The artifacts that are left out for it, each with its counts")
    ]
    small_test_sets: Annotated[
        Truncated,
        Field(
            description="The runs with fewer positives or negatives than `min_class_size`, each "
            "with its counts"
        ),
    ]
    min_class_size: Annotated[int, Field(description="`test_set.min_class_size`")]
    sources_with_problems: Annotated[Truncated, Field(description="The artifacts with problems")]
    evidence: Annotated[
        EvidenceContext | None,
        Field(
            description="None without `--evidence`. `evidence.results` is the evidence of the JSON "
            "summary, key for key; `evidence.labels` has the metrics by key, as in `metrics`; the "
            "other names are what the templates in `templates/evidence/` print, and may change"
        ),
    ]


def context_fields() -> list[tuple[str, str]]:
    """Return each name that a template is given, with its description."""
    from finalrank.render.page.evidence.context import EvidenceContext

    hints = get_type_hints(
        PageContext, localns={"EvidenceContext": EvidenceContext}, include_extras=True
    )
    return [
        (field.name, hints[field.name].__metadata__[0].description) for field in fields(PageContext)
    ]


def page_context(document: Document) -> PageContext:
    """Return what the template of a document's page is given.

    The labels of metrics and all names are as they are: a renderer makes them fit its format.
    """
    report, layout = document.report, document.presentation
    summary = {name: getattr(report, name) for name in Report.model_fields}
    rankings = ranking_tables(report.runs, layout)
    ranked = [ranking.metric for ranking in rankings]
    baseline = report.baseline.run if report.baseline else None
    return PageContext(
        **summary
        | {"metrics": layout.metrics, "evidence": _evidence(document)}
        | _of_configuration(layout)
        | _of_notices(layout)
        | _of_test_sets(layout.test_sets),
        primary=layout.primary,
        ranked=ranked,
        recommended_for=recommended_for(ranked, layout.primary),
        podium=report.runs[: layout.top],
        rankings=rankings,
        combined_number=len(rankings) + 1,
        baseline_row=next((run for run in report.runs if run.run == baseline), None),
    )


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
        "rules": layout.rules,
        "zeros": layout.zeros,
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
        "sources_with_problems": at_most(layout.sources_with_problems),
    }


def _of_test_sets(test_sets: TestSets) -> dict[str, Any]:
    """Return the names of the test sets that make figures hard to compare."""
    return {
        "reference": test_sets.reference,
        "reference_run": test_sets.reference_run,
        "other_test_sets": at_most(test_sets.others),
        "excluded_test_sets": at_most(test_sets.excluded),
        "small_test_sets": at_most(test_sets.small),
        "min_class_size": test_sets.min_class_size,
    }
