"""The order of the Markdown page: what a template is given beside the summary. No new figures."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from finalrank.summary import PageMetric, RankedRun, Report

# The page names so many artifacts with problems, and counts the rest.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    """The table of one ranked metric: its columns, and the runs that have it, best first."""

    number: int
    metric: PageMetric
    columns: list[PageMetric]
    runs: list[RankedRun]


@dataclass(frozen=True, slots=True)
class Troubled:
    """The artifacts with problems: how many, the first few by source, and how many more."""

    count: int
    named: list[str]
    more: int


def page(report: Report) -> dict[str, Any]:
    """The names that a template is given: those of the JSON summary, and those of the page."""
    layout = report.layout
    rankings = [
        Ranking(number, metric, columns, _ordered(report.runs, metric))
        for number, (metric, columns) in enumerate(layout.tables, start=1)
    ]
    summary = {name: getattr(report, name) for name in Report.model_fields if name != "layout"}
    return summary | {
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
        "newest": layout.newest,
        "left_out_by_path": layout.left_out_by_path,
        "troubled": Troubled(
            len(layout.troubled), layout.troubled[:_NAMED], len(layout.troubled[_NAMED:])
        ),
    }


def _ordered(runs: list[RankedRun], metric: PageMetric) -> list[RankedRun]:
    """The runs that have the metric, best first, equal values by run name."""
    key, sign = metric.key, -1 if metric.higher_is_better else 1
    present = [(run.metrics[key], run) for run in runs]
    order = [(sign * value, run.run, run) for value, run in present if value is not None]
    return [run for *_, run in sorted(order, key=itemgetter(0, 1))]
