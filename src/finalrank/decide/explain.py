"""Why each candidate was kept or not, and by how much the kept one won."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.members.rows import group_representatives
from finalrank.errors import UsageError
from finalrank.model.artifact import Artifact
from finalrank.model.factors import FOLD, RUN, SEED, Role
from finalrank.model.survey import DetailedSurvey, Explained, Outcome, Survey
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# Where factors name folds and seeds, these settings of `rank.groups` make one row of them.
_AS_ONE = ("auto", "collapse")
# What a name can say of which no factor is configured.
_IN_NAMES: tuple[Role, ...] = (FOLD, SEED)
# What is told first of a run.
_ORDER: dict[Outcome, int] = {"kept": 0, "member": 1, "sibling": 2, "excluded": 3}


def explain(
    survey: DetailedSurvey,
    place_of: Mapping[str, int],
    settings: Settings,
    only: str | None = None,
) -> list[Explained]:
    """Explain every candidate, run by run: ranked runs in combined order, then the others by name.

    In a run: what is kept and its members, its siblings, best first, then what is left out, by
    source. `place_of` has the place of each run, and of each member of a row. `only` names one run
    or group to explain; raises UsageError where there is none of that name.
    """
    of_each = [*survey.datasets.values()] or [survey]
    # What is left out of a run is told with it.
    place_of = dict(place_of) | {
        artifact.method: place_of[artifact.run]
        for artifact in survey.kept
        if artifact.factors and artifact.run in place_of
    }
    rows = [row for own in of_each for row in _valid(own, place_of, settings)]
    rows += [
        _row(a, "excluded", verdict.reason, verdict.detail, place_of, settings)
        for a, verdict in survey.left_out
    ]
    if only is not None:
        rows = _only(only, rows, of_each, settings)
    # Equal runs share a place, and come in the order of the ranking all the same.
    position = {run: number for number, run in enumerate(place_of)}
    return sorted(
        rows,
        key=lambda row: (
            row.rank or math.inf,
            position.get(row.run, math.inf),
            row.run,
            _ORDER[row.verdict],
        ),
    )


def _valid(
    survey: DetailedSurvey, place_of: Mapping[str, int], settings: Settings
) -> Iterator[Explained]:
    """Yield a row for each valid artifact."""
    kept = {artifact.run: artifact for artifact in survey.kept}
    runner_up = {sibling.run: sibling for sibling in reversed(survey.siblings)}
    for a in survey.kept:
        verdict: Outcome = "member" if _is_member(a, settings) else "kept"
        detail = _won(a, runner_up.get(a.run), settings)
        yield _row(a, verdict, None, detail, place_of, settings)
    ahead = group_representatives(survey)
    for a in survey.siblings:
        detail = _lost(kept.get(a.run), a, ahead.get(a.run), settings)
        yield _row(a, "sibling", None, detail, place_of, settings)


def _is_member(artifact: Artifact, settings: Settings) -> bool:
    """Return whether its figures count in the row of a run whose fold or seed it is."""
    factors = artifact.factors
    return factors is not None and factors.is_member and settings.rank.groups in _AS_ONE


def _only(
    name: str, rows: list[Explained], surveys: Sequence[Survey], settings: Settings
) -> list[Explained]:
    """Return the rows of one run, or of the members of one group."""
    members: dict[str, list[str]] = {}
    if settings.rank.groups == "collapse":
        members = {group.name: group.runs for own in surveys for group in own.groups}
    known = {row.run for row in rows} | members.keys()
    if name not in known:
        hint = did_you_mean(name, known) or "; leave --run out to see them all"
        raise UsageError(f'--run: there is no run "{visible(name)}"{hint}')
    return [row for row in rows if row.run in (name, *members.get(name, ()))]


def _row(
    artifact: Artifact,
    verdict: Outcome,
    reason: str | None,
    detail: str,
    place_of: Mapping[str, int],
    settings: Settings,
) -> Explained:
    """Make a row; what is wrong with a metric stands behind the verdict's own detail."""
    wrong = [f"{problem.place} {problem.reason}" for problem in artifact.problems]
    told = "; ".join([detail, *wrong]) if artifact.readable else detail
    run = artifact.method if settings.rank.groups in _AS_ONE else artifact.run
    place = place_of.get(artifact.run, place_of.get(run))
    return Explained(
        artifact.source,
        run,
        place,
        verdict,
        reason,
        told,
        artifact.metrics,
        artifact.used,
        artifact.remarks,
        _factors(artifact, settings),
    )


def _factors(artifact: Artifact, settings: Settings) -> dict[str, str | None]:
    """Return the texts of its factors by their keys; the run's name is no more than that."""
    known = artifact.factors
    if known is None:
        return {}
    configured = [factor for factor in settings.all_factors if factor.role != RUN]
    texts = {factor.key: known.text(factor.key, factor.role) for factor in configured}
    roles = {factor.role for factor in configured}
    of_name = {role: known.text("", role) for role in _IN_NAMES if role not in roles}
    return texts | {role: text for role, text in of_name.items() if text is not None}


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
    if settings.rank.missing == "complete":
        return "what stands for it lacks a ranked metric (rank.missing)"
    return "what stands for it is left out"


def _decisive(kept: Artifact, sibling: Artifact, settings: Settings) -> tuple[str, str]:
    """Say what decided between two artifacts of a run: of the kept one, and of its sibling.

    It is looked for in the order in which they are compared.
    """
    chooses = settings.selecting
    back = [settings.select.fallback_order(a.file_name) for a in (kept, sibling)]
    if back[0] != back[1]:
        return "the next stands back (select.fallback)", "stands back (select.fallback)"
    if settings.select.by == "newest" and kept.file_name != sibling.file_name:
        return "the newest by its name", "older by its name"
    if settings.select.by == "validation" and kept.validation is not None:
        return _on_validation(kept, sibling, chooses)
    others = [metric for metric in settings.ranked if metric is not chooses]
    more = _more(kept, sibling, others)
    if more and settings.select.by == "complete-first":
        return more
    if lead := _lead(chooses, kept.metrics[chooses.key], sibling.metrics[chooses.key]):
        return lead
    if more:
        told = more
    else:
        leads = (_lead(m, kept.metrics[m.key], sibling.metrics[m.key]) for m in others)
        by_name = "all else too, first by name", "all else too, later by name"
        told = next((lead for lead in leads if lead), by_name)
    return f"{chooses.label} equal, {told[0]}", f"{chooses.label} equal, {told[1]}"


def _on_validation(kept: Artifact, sibling: Artifact, chooses: Metric) -> tuple[str, str]:
    if sibling.validation is None:
        return "the next has no validation metrics", "no validation metrics"
    lead = _lead(chooses, kept.validation, sibling.validation)
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
    if math.isinf(second):
        return f"{metric.label} infinite in the next", f"{metric.label} infinite"
    distance = abs(first - second)
    shown = f"{distance:.4f}" if distance >= 0.0001 else f"{distance:.1e}"
    return f"{metric.label} {shown} ahead of the next", f"{metric.label} {shown} behind"
