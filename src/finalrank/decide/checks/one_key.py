"""Figures of two keys: in a dataset, a metric that may stand at several is ranked at one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.filter import content_rules
from finalrank.decide.members.groups import groups_of
from finalrank.model.artifact import Artifact, LeftOut, Verdict
from finalrank.model.reasons import MISSING_PRIMARY
from finalrank.model.survey import AnySurvey, leaving_out
from finalrank.text.escape import visible


def with_one_key(survey: AnySurvey, settings: Settings) -> AnySurvey:
    """Return the survey of a dataset in which a metric's values all stand at one of its keys.

    It is the first of the metric's that any run has; values at others are missing.
    """
    first = {
        metric.key: key
        for metric in settings.metrics
        if metric.one_key and (key := _first_key(survey.kept, metric))
    }
    others = {a.run: _at_other_keys(a, first) for a in survey.kept} if first else {}
    if not any(others.values()):
        return survey
    verdict_of, primary = content_rules(settings), settings.primary
    kept, gone = [], []
    for artifact in survey.kept:
        keys = others[artifact.run]
        values = artifact.metrics | dict.fromkeys(keys)
        without = artifact._replace(metrics=values) if keys else artifact
        if (verdict := keys and verdict_of(without)) and verdict.reason == MISSING_PRIMARY:
            told = _told(primary, keys.get(primary.key), first)
            gone.append(LeftOut(without, Verdict(MISSING_PRIMARY, told or verdict.detail)))
        else:
            kept.append(without)
    result = leaving_out(survey, kept, gone)
    return replace(result, groups=groups_of(kept, result.left_out, settings))


def _first_key(kept: Sequence[Artifact], metric: Metric) -> str | None:
    """Return the first of a metric's keys at which any value was found."""
    found = {a.used[metric.key] for a in kept if a.used and a.metrics[metric.key] is not None}
    return next((key for key in metric.sources if key in found), None)


def _at_other_keys(artifact: Artifact, first: dict[str, str]) -> dict[str, str]:
    """Return, by metric, the other key at which an artifact has its value."""
    used = artifact.used or {}
    return {
        metric: key
        for metric, wanted in first.items()
        if (key := used.get(metric)) and key != wanted and artifact.metrics[metric] is not None
    }


def _told(metric: Metric, key: str | None, first: dict[str, str]) -> str | None:
    if key is None:
        return None
    own, wanted = visible(key), visible(first[metric.key])
    return f"its {metric.key} is {own}, that of others {wanted}: they are never compared"
