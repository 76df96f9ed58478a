"""Assembles the one Report that every format prints."""

from __future__ import annotations

import math
import re
from datetime import datetime
from heapq import nsmallest

from finalrank.config import Settings
from finalrank.models import Metric, Survey
from finalrank.names import visible
from finalrank.sections import FIRST_REASONS
from finalrank.summary import (
    Baseline,
    Counts,
    Excluded,
    Layout,
    NotableExclusion,
    PageMetric,
    RankedRun,
    Recommendation,
    Report,
    ReportedMetric,
)

# A run without a valid artifact is worth a line where it is better than the last on the podium,
# or would have found a place free.
_PODIUM = 3
# What acts in running text as Markdown has it; within a word, `_` does not.
_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|\b_|_\b")


def assemble(
    survey: Survey,
    runs: list[RankedRun],
    baseline: RankedRun | None,
    settings: Settings,
    generated_at: datetime,
) -> Report:
    """The report on `runs`, which are in combined order and at least one."""
    label = settings.baseline.label
    return Report(
        title=settings.title,
        # To the second, and as a clock on the wall shows it.
        generated_at=generated_at.replace(microsecond=0, tzinfo=None),
        root=survey.root,
        counts=_counts(survey),
        metrics=[_reported(metric) for metric in settings.metrics],
        runs=runs,
        baseline=baseline and Baseline(baseline.run, label, baseline.metrics),
        recommendation=Recommendation(runs[0].run, runs[1].run if len(runs) > 1 else None),
        notable_exclusions=_notable_exclusions(survey, settings),
        excluded=[
            Excluded(artifact.source, artifact.run, verdict.reason, verdict.detail)
            for artifact, verdict in survey.left_out
        ],
        problems=list(survey.problems),
        layout=_layout(survey, settings),
    )


def _counts(survey: Survey) -> Counts:
    valid = sum(survey.valid.values())
    runs = survey.valid.keys() | {row.artifact.run for row in survey.left_out}
    return Counts(valid + len(survey.left_out), valid, len(runs), len(survey.kept))


def _reported(metric: Metric) -> ReportedMetric:
    low, high = (bound if math.isfinite(bound) else None for bound in metric.range)
    return ReportedMetric(
        metric.key, metric.label, metric.higher_is_better, metric.ranked, (low, high)
    )


def _notable_exclusions(survey: Survey, settings: Settings) -> list[NotableExclusion]:
    """The runs without a valid artifact that a reader will miss on a metric's podium, by name."""
    bars = [(metric.key, metric.sign, _bar(survey, metric)) for metric in settings.ranked]
    notable: dict[str, list[str]] = {}
    for artifact, _ in survey.left_out:
        run, values = artifact.run, artifact.metrics
        if run not in survey.valid and run not in notable:
            for key, sign, bar in bars:
                if (value := values[key]) is not None and sign * value < bar:
                    notable[run] = []
    if notable:
        for artifact, _ in survey.left_out:
            if artifact.run in notable:
                notable[artifact.run].append(artifact.file_name)
    return [NotableExclusion(run, sorted(names)) for run, names in sorted(notable.items())]


def _bar(survey: Survey, metric: Metric) -> float:
    """The third-best kept value, turned so that less is better; infinite where there is none."""
    key, sign = metric.key, metric.sign
    values = [artifact.metrics[key] for artifact in survey.kept]
    podium = nsmallest(_PODIUM, [sign * value for value in values if value is not None])
    return podium[-1] if len(podium) == _PODIUM else math.inf


def _layout(survey: Survey, settings: Settings) -> Layout:
    by_key = {metric.key: _on_page(metric) for metric in settings.metrics}
    return Layout(
        prefix=survey.prefix,
        primary=by_key[settings.primary.key],
        tables=[
            (by_key[m.key], [by_key[key] for key in (m.key, *m.columns)]) for m in settings.ranked
        ],
        rules=[reason for reason, rule in settings.filter.rules.items() if rule.tokens],
        top=settings.top,
        recommendation_title=settings.recommendation.title,
        zeros=settings.has_zero,
        clinical="clinical" in settings.recommendation.title.lower(),
        tests=all("test" in _words(pattern) for pattern in settings.scan.patterns),
        newest=settings.select.by == "newest",
        left_out_by_path=sum(row.verdict.reason in FIRST_REASONS for row in survey.left_out),
        troubled=list(survey.troubled),
    )


def _on_page(metric: Metric) -> PageMetric:
    # What the author wrote is Markdown; a key that stands in for it is a name, and data.
    name = visible(_MARKUP.sub(r"\\\g<0>", metric.key))
    label, short = (name if text == metric.key else text for text in (metric.label, metric.short))
    return PageMetric(metric.key, label, short, metric.task, metric.higher_is_better, metric.digits)


def _words(pattern: str) -> list[str]:
    return re.findall("[a-z0-9]+", pattern.lower())
