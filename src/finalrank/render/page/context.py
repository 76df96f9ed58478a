"""The order of the Markdown page: what a template is given beside the summary. No new figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from finalrank.model.ranking import RankedRun
from finalrank.render.page.evidence.context import evidence_context
from finalrank.render.page.truncate import at_most
from finalrank.report.assemble import Document
from finalrank.report.model import Report
from finalrank.report.presentation import MetricLabel, Presentation
from finalrank.text.escape import prose


@dataclass(frozen=True, slots=True)
class Ranking:
    """The table of one ranked metric: its columns, and the runs that have it, best first."""

    number: int
    metric: MetricLabel
    columns: list[MetricLabel]
    runs: list[RankedRun]


def page_context(document: Document) -> dict[str, Any]:
    """The names that a template is given: those of the JSON summary, and those of the page."""
    report, layout = document.report, labelled(document.presentation)
    rankings = [
        Ranking(number, metric, columns, _ordered(report.runs, metric))
        for number, (metric, columns) in enumerate(layout.tables, start=1)
    ]
    summary = {name: getattr(report, name) for name in Report.model_fields}
    return summary | {
        "evidence": report.evidence and evidence_context(report, layout, report.evidence),
        "prefix": layout.prefix,
        "primary": layout.primary,
        "ranked": [ranking.metric for ranking in rankings],
        "rules": layout.rules,
        "podium": report.runs[: layout.top],
        "rankings": rankings,
        "combined_number": len(rankings) + 1,
        "recommendation_title": layout.recommendation_title,
        "zeros": layout.zeros,
        "clinical": layout.clinical,
        "tests": layout.tests,
        "chosen_by": layout.chosen_by,
        "newest": layout.chosen_by == "newest",
        "left_out_by_path": layout.left_out_by_path,
        "troubled": at_most(layout.troubled),
        "chosen_on_test": at_most(layout.chosen_on_test),
        "missing_counts": layout.missing,
        "incomplete": at_most(layout.incomplete),
        "groups": layout.groups,
        "grouped": at_most(layout.grouped),
        "reference": layout.test_sets.reference,
        "reference_run": layout.test_sets.reference_run,
        "other_test_sets": at_most(layout.test_sets.others),
        "excluded_test_sets": at_most(layout.test_sets.excluded),
        "small_test_sets": at_most(layout.test_sets.small),
        "fewest": layout.test_sets.fewest,
        "baseline_row": next(
            (run for run in report.runs if report.baseline and run.run == report.baseline.run), None
        ),
    }


def _ordered(runs: list[RankedRun], metric: MetricLabel) -> list[RankedRun]:
    """The runs that have the metric, best first, equal values by run name."""
    key, sign = metric.key, -1 if metric.higher_is_better else 1
    present = [(run.metrics[key], run) for run in runs]
    order = [(sign * value, run.run, run) for value, run in present if value is not None]
    return [run for *_, run in sorted(order, key=itemgetter(0, 1))]


def labelled(presentation: Presentation) -> Presentation:
    """Return the presentation in Markdown: a key that stands in for a label is a name, and data."""
    by_key = {metric.key: _in_markdown(metric) for metric in presentation.metrics}
    return replace(
        presentation,
        metrics=list(by_key.values()),
        primary=by_key[presentation.primary.key],
        tables=[
            (by_key[metric.key], [by_key[column.key] for column in columns])
            for metric, columns in presentation.tables
        ],
    )


def _in_markdown(metric: MetricLabel) -> MetricLabel:
    name = prose(metric.key)
    label, short = (name if text == metric.key else text for text in (metric.label, metric.short))
    return replace(metric, label=label, short=short)
