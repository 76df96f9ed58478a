"""Leaves out the runs that lack a ranked metric, where only complete runs are ranked."""

from __future__ import annotations

from finalrank.config.settings import Settings
from finalrank.decide.members.rows import rows_of
from finalrank.model.artifact import Artifact, LeftOut, Verdict
from finalrank.model.reasons import INCOMPLETE
from finalrank.model.survey import AnySurvey, DetailedSurvey, leaving_out


def exclude_incomplete(survey: AnySurvey, settings: Settings) -> AnySurvey:
    """Return the survey without the runs that lack a ranked metric.

    A group that is ranked as one has what any of its members has. Of a detailed survey it is told
    which sibling has what is missing.
    """
    keys = [metric.key for metric in settings.ranked]
    lacking = {
        run: lacks
        for row in rows_of(survey, settings, survey.groups)
        if (lacks := [key for key in keys if row.metrics[key] is None])
        for run in row.runs
    }
    siblings: dict[str, list[Artifact]] = {}
    for sibling in survey.siblings if isinstance(survey, DetailedSurvey) else ():
        siblings.setdefault(sibling.run, []).append(sibling)
    kept, gone = [], []
    for artifact in survey.kept:
        if artifact.run in lacking:
            detail = _lacking(lacking[artifact.run], siblings.get(artifact.run, []))
            gone.append(LeftOut(artifact, Verdict(INCOMPLETE, detail)))
        else:
            kept.append(artifact)
    return leaving_out(survey, kept, gone)


def _lacking(lacks: list[str], siblings: list[Artifact]) -> str:
    """Say what is missing, and where it is: `lacks auc, ap; test_metrics_b.json has auc, ap`."""
    parts = [f"lacks {', '.join(lacks)}"]
    for sibling in siblings:
        has = [key for key in lacks if sibling.metrics[key] is not None]
        lacks = [key for key in lacks if key not in has]
        parts += [f"{sibling.file_name} has {', '.join(has)}"] if has else []
    return "; ".join(parts)
