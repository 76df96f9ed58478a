"""Why each candidate was kept or not, and by how much the kept one won."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from finalrank.config import Settings
from finalrank.errors import UsageError
from finalrank.models import Artifact, Explained, Metric, Outcome, Survey
from finalrank.names import did_you_mean, visible
from finalrank.summary import RankedRun


def explain(
    survey: Survey, runs: Iterable[RankedRun], settings: Settings, only: str | None = None
) -> list[Explained]:
    """Every candidate, run by run: ranked runs in combined order, then the others by name.

    In a run: the kept artifact, its siblings, best first, then what is left out, by source.
    `only` names one run to explain; raises UsageError where there is none of that name.
    """
    kept = {artifact.run: artifact for artifact in survey.kept}
    runner_up = {sibling.run: sibling for sibling in reversed(survey.siblings)}
    rows = [_row(a, "kept", None, _won(a, runner_up.get(a.run), settings)) for a in survey.kept]
    rows += [
        _row(a, "sibling", None, f"{_lead(kept[a.run], a, settings)} behind")
        for a in survey.siblings
    ]
    rows += [_row(a, "excluded", verdict.reason, verdict.detail) for a, verdict in survey.left_out]
    if only is not None:
        known = {row.run for row in rows}
        if only not in known:
            hint = did_you_mean(only, known) or "; leave --run out to see them all"
            raise UsageError(f'--run: there is no run "{visible(only)}"{hint}')
        rows = [row for row in rows if row.run == only]
    rank = {run.run: run.rank for run in runs}
    rows = [replace(row, rank=rank.get(row.run)) for row in rows]
    return sorted(rows, key=lambda row: (row.rank or math.inf, row.run))


def _row(artifact: Artifact, verdict: Outcome, reason: str | None, detail: str) -> Explained:
    """A row of the list; what was wrong with a metric stands behind the verdict's own detail."""
    wrong = [f"{problem.place} {problem.reason}" for problem in artifact.problems]
    told = "; ".join([detail, *wrong]) if artifact.readable else detail
    return Explained(artifact.source, artifact.run, None, verdict, reason, told, artifact.metrics)


def _won(kept: Artifact, runner_up: Artifact | None, settings: Settings) -> str:
    if runner_up is None:
        return "the only valid artifact"
    return f"{_lead(kept, runner_up, settings)} ahead of the next"


def _lead(ahead: Artifact, behind: Artifact, settings: Settings) -> str:
    """What decided between two artifacts of a run, in the order in which they are compared."""
    primary = settings.primary
    others = [metric for metric in settings.ranked if metric is not primary]
    if lead := _difference(primary, ahead, behind):
        return lead
    missing = [sum(a.metrics[metric.key] is None for metric in others) for a in (ahead, behind)]
    if missing[0] != missing[1]:
        return f"{primary.label} equal, {missing[1] - missing[0]} more ranked metrics"
    leads = (_difference(metric, ahead, behind) for metric in others)
    decisive = next((lead for lead in leads if lead), None)
    return f"{primary.label} equal, {decisive or 'all else too, by name'}"


def _difference(metric: Metric, ahead: Artifact, behind: Artifact) -> str | None:
    """`Dice_pos 0.0108`; None where both have the same, or both have none."""
    first, second = ahead.metrics[metric.key], behind.metrics[metric.key]
    if first == second:
        return None
    if first is None or second is None:
        return f"{metric.label} missing"
    distance = abs(first - second)
    return (
        f"{metric.label} {distance:.4f}" if distance >= 0.0001 else f"{metric.label} {distance:.1e}"
    )
