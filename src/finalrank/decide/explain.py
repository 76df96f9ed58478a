"""Why each candidate was kept or not, and by how much the kept one won."""

from __future__ import annotations

import math
from dataclasses import replace

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.decide.groups import group_representatives
from finalrank.errors import UsageError
from finalrank.model.artifact import Artifact
from finalrank.model.ranking import Ranking
from finalrank.model.survey import DetailedSurvey, Explained, Outcome
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean


def explain(
    survey: DetailedSurvey, ranking: Ranking, settings: Settings, only: str | None = None
) -> list[Explained]:
    """Explain every candidate, run by run: ranked runs in combined order, then the others by name.

    In a run: the kept artifact, its siblings, best first, then what is left out, by source.
    `only` names one run or group to explain; raises UsageError where there is none of that name.
    """
    kept = {artifact.run: artifact for artifact in survey.kept}
    runner_up = {sibling.run: sibling for sibling in reversed(survey.siblings)}
    rows = [_row(a, "kept", None, _won(a, runner_up.get(a.run), settings)) for a in survey.kept]
    ahead = group_representatives(survey)
    rows += [
        _row(a, "sibling", None, _lost(kept.get(a.run), a, ahead.get(a.run), settings))
        for a in survey.siblings
    ]
    rows += [_row(a, "excluded", verdict.reason, verdict.detail) for a, verdict in survey.left_out]
    if only is not None:
        rows = _only(only, rows, ranking)
    rows = [replace(row, rank=ranking.place_of.get(row.run)) for row in rows]
    return sorted(rows, key=lambda row: (row.rank or math.inf, row.run))


def _only(name: str, rows: list[Explained], ranking: Ranking) -> list[Explained]:
    """Return the rows of one run, or of the members of one group."""
    members = {run.run: run.members for run in ranking.runs}
    known = {row.run for row in rows} | members.keys()
    if name not in known:
        hint = did_you_mean(name, known) or "; leave --run out to see them all"
        raise UsageError(f'--run: there is no run "{visible(name)}"{hint}')
    return [row for row in rows if row.run in (name, *members.get(name, ()))]


def _row(artifact: Artifact, verdict: Outcome, reason: str | None, detail: str) -> Explained:
    """Make a row; what is wrong with a metric stands behind the verdict's own detail."""
    wrong = [f"{problem.place} {problem.reason}" for problem in artifact.problems]
    told = "; ".join([detail, *wrong]) if artifact.readable else detail
    return Explained(
        artifact.source, artifact.run, None, verdict, reason, told, artifact.metrics, artifact.used
    )


def _won(kept: Artifact, runner_up: Artifact | None, settings: Settings) -> str:
    return _decisive(kept, runner_up, settings)[0] if runner_up else "the only valid artifact"


def _lost(kept: Artifact | None, sibling: Artifact, ahead: str | None, settings: Settings) -> str:
    """Say why an artifact does not stand for its run, or why its run is not ranked.

    `ahead` is the run that stands for its group, where another one does.
    """
    if kept:
        return _decisive(kept, sibling, settings)[1]
    if ahead:
        return f"{visible(ahead)} stands for its group (rank.groups)"
    return "what stands for it lacks a ranked metric (rank.missing)"


def _decisive(kept: Artifact, sibling: Artifact, settings: Settings) -> tuple[str, str]:
    """Say what decided between two artifacts of a run: of the kept one, and of its sibling.

    It is looked for in the order in which they are compared.
    """
    primary = settings.primary
    back = [settings.select.fallback_order(a.file_name) for a in (kept, sibling)]
    if back[0] != back[1]:
        return "the next stands back (select.fallback)", "stands back (select.fallback)"
    if settings.select.by == "newest" and kept.file_name != sibling.file_name:
        return "the newest by its name", "older by its name"
    if settings.select.by == "validation" and kept.validation is not None:
        return _on_validation(kept, sibling, primary)
    others = [metric for metric in settings.ranked if metric is not primary]
    more = _more(kept, sibling, others)
    if more and settings.select.by == "complete-first":
        return more
    if lead := _lead(primary, kept.metrics[primary.key], sibling.metrics[primary.key]):
        return lead
    if more:
        told = more
    else:
        leads = (_lead(m, kept.metrics[m.key], sibling.metrics[m.key]) for m in others)
        by_name = "all else too, first by name", "all else too, later by name"
        told = next((lead for lead in leads if lead), by_name)
    return f"{primary.label} equal, {told[0]}", f"{primary.label} equal, {told[1]}"


def _on_validation(kept: Artifact, sibling: Artifact, primary: Metric) -> tuple[str, str]:
    if sibling.validation is None:
        return "the next has no validation metrics", "no validation metrics"
    lead = _lead(primary, kept.validation, sibling.validation)
    if lead is None:
        return "equal on validation, first by name", "equal on validation, later by name"
    return f"on validation {lead[0]}", f"on validation {lead[1]}"


def _more(kept: Artifact, sibling: Artifact, others: list[Metric]) -> tuple[str, str] | None:
    """`2 more ranked metrics than the next`, as each side tells it; None where it has no more."""
    missing = [sum(a.metrics[metric.key] is None for metric in others) for a in (kept, sibling)]
    more = missing[1] - missing[0]
    if not more:
        return None
    metrics = f"{more} more ranked {'metric' if more == 1 else 'metrics'}"
    return f"{metrics} than the next", f"the kept one has {metrics}"


def _lead(metric: Metric, first: float | None, second: float | None) -> tuple[str, str] | None:
    """`Dice_pos 0.0108 ahead of the next`, `Dice_pos 0.0108 behind`; None where they are equal."""
    if first == second:
        return None
    if first is None or second is None:
        return f"{metric.label} missing in the next", f"{metric.label} missing"
    distance = abs(first - second)
    shown = f"{distance:.4f}" if distance >= 0.0001 else f"{distance:.1e}"
    return f"{metric.label} {shown} ahead of the next", f"{metric.label} {shown} behind"
