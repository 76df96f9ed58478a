"""Runs without a valid artifact that a reader will miss on a podium."""

from __future__ import annotations

import math
from heapq import nsmallest

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.model.ranking import NotableExclusion
from finalrank.model.reasons import INCOMPLETE, TEST_SET
from finalrank.model.survey import Survey

# A run without a valid artifact is worth a line where it is better than the last on the podium,
# or would have found a place free.
_PODIUM = 3
# What is left out for these has a line of its own.
_TOLD_ELSEWHERE = (TEST_SET, INCOMPLETE)


def notable_exclusions(survey: Survey, settings: Settings) -> tuple[NotableExclusion, ...]:
    """Return the runs without a valid artifact that would be on a metric's podium, by name."""
    bars = [(metric.key, metric.sign, _bar(survey, metric)) for metric in settings.ranked]
    notable: dict[str, list[str]] = {}
    for artifact, verdict in survey.left_out:
        run, values = artifact.run, artifact.metrics
        if run in survey.valid or run in notable or verdict.reason in _TOLD_ELSEWHERE:
            continue
        for key, sign, bar in bars:
            if (value := values[key]) is not None and sign * value < bar:
                notable[run] = []
    if notable:
        for artifact, _ in survey.left_out:
            if artifact.run in notable:
                notable[artifact.run].append(artifact.file_name)
    return tuple(NotableExclusion(run, sorted(names)) for run, names in sorted(notable.items()))


def _bar(survey: Survey, metric: Metric) -> float:
    """Return the third-best kept value as a cost (less is better); infinite where there is none."""
    key, sign = metric.key, metric.sign
    values = [artifact.metrics[key] for artifact in survey.kept]
    podium = nsmallest(_PODIUM, [sign * value for value in values if value is not None])
    return podium[-1] if len(podium) == _PODIUM else math.inf
