"""Assembles the one Report that every format prints."""

from __future__ import annotations

import math
from datetime import datetime
from heapq import nsmallest

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.model.ranking import RankedRun
from finalrank.model.reasons import INCOMPLETE, TEST_SET
from finalrank.model.survey import Survey
from finalrank.report.model import (
    Baseline,
    Counts,
    Excluded,
    NotableExclusion,
    Recommendation,
    Report,
    ReportedMetric,
)
from finalrank.report.presentation import presentation_of

# A run without a valid artifact is worth a line where it is better than the last on the podium,
# or would have found a place free.
_PODIUM = 3


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
        layout=presentation_of(survey, runs, baseline, settings),
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
    for artifact, verdict in survey.left_out:
        run, values = artifact.run, artifact.metrics
        # Those have a line of their own.
        told = verdict.reason in (TEST_SET, INCOMPLETE)
        if run not in survey.valid and run not in notable and not told:
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
