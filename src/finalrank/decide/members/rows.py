"""Seeds and folds of one method: which runs are a group, and what is ranked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from finalrank.config.settings import Settings
from finalrank.decide.members.figures import in_words, whole_coverage
from finalrank.decide.members.groups import expected_folds, failed_of, groups_of
from finalrank.decide.members.names import pattern_of, root_of
from finalrank.decide.ranking.ties import quality_key
from finalrank.model.artifact import Artifact
from finalrank.model.factors import FOLD
from finalrank.model.groups import Group
from finalrank.model.survey import AnySurvey, DetailedSurvey, Row, Survey

# Which groups are one row, by `rank.groups`: those of factors, those of names.
_COLLAPSED = {"auto": (True, False), "collapse": (True, True)}


def rows_of(survey: Survey, settings: Settings, groups: Sequence[Group]) -> list[Row]:
    """Return what is ranked, by name: the kept runs, or, where groups collapse, each group as one.

    `groups` are those of the kept runs: see `ranked_groups`.
    """
    by_factor, by_name = _COLLAPSED.get(settings.rank.groups, (False, False))
    collapse = [group for group in groups if (by_factor if group.by_factor else by_name)]
    return collapsed(survey, collapse, settings)


def collapsed(survey: Survey, groups: Sequence[Group], settings: Settings) -> list[Row]:
    """Return the kept runs that are in no group, and each group as the mean of its members.

    They come by name.
    """
    if not groups:
        return _single(survey, settings)
    members = {artifact.run for group in groups for artifact in group.artifacts}
    single = [row for row in _single(survey, settings) if row.run not in members]
    means = [_mean_row(group, survey) for group in groups]
    return sorted([*single, *means], key=attrgetter("run"))


def best_of_groups(survey: AnySurvey, settings: Settings) -> AnySurvey:
    """Return the survey in which the best member of each group stands for it.

    Best by the primary metric, then by how many are missing, then by each other one, by its key, so
    that neither the order of metrics nor a name lets a worse one stand; where only complete runs
    are ranked, first by how many are missing. Of a detailed survey the others become siblings.
    """
    complete = settings.rank.missing == "complete"
    # By key: the order of metrics must not decide.
    quality = quality_key(settings.primary, sorted(settings.ranked, key=attrgetter("key")))

    def best_first(member: Artifact) -> tuple[Any, ...]:
        cost, missing, *costs = quality(member.metrics)
        return missing if complete else 0, cost, missing, *costs, member.run

    behind: dict[str, Artifact] = {}
    outranked_by: dict[str, str] = {}
    for group in survey.groups:
        best, *others = sorted(group.artifacts, key=best_first)
        behind |= {member.run: member for member in others}
        outranked_by |= {member.run: best.run for member in others}
    kept = tuple(artifact for artifact in survey.kept if artifact.run not in behind)
    if isinstance(survey, DetailedSurvey):
        # The sort is stable: an outranked member stays before its own siblings.
        siblings = sorted([*behind.values(), *survey.siblings], key=attrgetter("run"))
        survey = replace(survey, siblings=tuple(siblings))
    return replace(survey, kept=kept, outranked_by=outranked_by)


def ranked_groups(survey: Survey, settings: Settings) -> tuple[Group, ...]:
    """Return the groups of the runs that are ranked, or that stand behind a ranked one."""
    runs = {artifact.run for artifact in survey.kept} | survey.outranked_by.keys()
    if all(runs.issuperset(_runs(group)) for group in survey.groups):
        return survey.groups
    # Some runs are not ranked for what they lack: of the others there are fewer groups, or smaller
    # ones, and the names of these are told apart from fewer.
    members = {member.run: member for group in survey.groups for member in group.artifacts}
    ranked = {artifact.run: artifact for artifact in survey.kept}
    ranked |= {run: members[run] for run in survey.outranked_by}
    return groups_of([ranked[run] for run in sorted(ranked)], survey.left_out, settings)


def _runs(group: Group) -> list[str]:
    return [artifact.run for artifact in group.artifacts]


def group_representatives(survey: Survey) -> dict[str, str]:
    """Return, of each run that stands behind the best of its group, that one if it is ranked."""
    kept = {artifact.run for artifact in survey.kept}
    return {run: best for run, best in survey.outranked_by.items() if best in kept}


def _single(survey: Survey, settings: Settings) -> list[Row]:
    rows = [Row(a.run, a.own_run, a.source, a.metrics, survey.valid[a.run]) for a in survey.kept]
    if any(artifact.factors for artifact in survey.kept):
        pairs = zip(rows, survey.kept, strict=True)
        rows = [row._replace(factors=_factors_behind([artifact])) for row, artifact in pairs]
    if not any(artifact.factors and artifact.factors.over for artifact in survey.kept):
        return rows
    folds = expected_folds([*survey.kept, *failed_of(survey.left_out)], settings)
    return [
        row._replace(
            lacks={k: in_words(c, FOLD) for k, c in whole_coverage(artifact, folds).items()}
        )
        for row, artifact in zip(rows, survey.kept, strict=True)
    ]


def _mean_row(group: Group, survey: Survey) -> Row:
    members, figures = group.artifacts, group.figures
    own_name = group.name[root_of(members) :]
    source = figures.stands.source if figures and figures.stands else pattern_of(group.members)
    return Row(
        group.name,
        own_name,
        source,
        group.metrics,
        sum(survey.valid[member.run] for member in members),
        group,
        figures.lacks if figures else {},
        _factors_behind(members),
    )


def _factors_behind(artifacts: Sequence[Artifact]) -> dict[str, list[str]]:
    """Return the values that each factor has in the results behind a row."""
    behind: dict[str, dict[str, None]] = {}
    for artifact in artifacts:
        for key, text in artifact.factors.values if artifact.factors else ():
            behind.setdefault(key, {})
            if text is not None:
                behind[key][text] = None
    return {key: sorted(texts) for key, texts in behind.items()}
