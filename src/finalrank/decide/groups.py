"""Seeds and folds of one method: which runs are a group, and what is ranked of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from finalrank.config.settings import Settings
from finalrank.decide.ties import quality_key
from finalrank.model.artifact import Artifact, Values
from finalrank.model.groups import Group
from finalrank.model.survey import DetailedSurvey, Row, Survey

AnySurvey = TypeVar("AnySurvey", bound=Survey)
# What members of one group share: the text before their number, their kind, the folders behind.
_Place = tuple[str, str, str]


def rows_of(survey: Survey, settings: Settings) -> list[Row]:
    """Return what is ranked, by name: the kept runs, or, where groups collapse, each group as one.

    A group collapses where all of its members are kept.
    """
    return collapsed(survey) if settings.rank.groups == "collapse" else _single(survey)


def collapsed(survey: Survey, groups: Sequence[Group] | None = None) -> list[Row]:
    """Return the kept runs that are in no group, and each group as the mean of its members.

    They come by name. The groups are those of the survey, unless others are given.
    """
    kept = {artifact.run for artifact in survey.kept}
    if groups is None:
        groups = [group for group in survey.groups if kept.issuperset(group.runs)]
    members = {run for group in groups for run in group.runs}
    single = [row for row in _single(survey) if row.run not in members]
    means = [_mean_row(group, survey) for group in groups]
    return sorted([*single, *means], key=attrgetter("run"))


def groups_of(kept: Sequence[Artifact], others: Iterable[str], pattern: str) -> tuple[Group, ...]:
    """Return the groups among the kept runs, by name: the same but for a last number.

    `pattern` is `rank.members`. No group is called as a run is, be it one of `others`, which are
    not ranked: its name does not depend on what is.
    """
    search = re.compile(pattern).search
    by_place: dict[_Place, list[Artifact]] = {}
    spelling: dict[_Place, str] = {}
    for artifact in kept:
        if placed := _place(artifact, search):
            place, spelt = placed
            by_place.setdefault(place, []).append(artifact)
            spelling.setdefault(place, spelt)
    several = {place: members for place, members in by_place.items() if len(members) > 1}
    names = {place: _name(place, members) for place, members in several.items()}
    taken = {*others, *(artifact.run for artifact in kept)} if several else set()
    claims = Counter([*names.values(), *taken])
    groups = []
    for place, name in sorted(names.items()):
        own = name if claims[name] == 1 else spelling[place]
        # Nothing keeps a folder from being called so.
        while own in taken:
            own += "*"
        taken.add(own)
        groups.append(Group(own, place[1], tuple(several[place])))
    return tuple(sorted(groups, key=attrgetter("name")))


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
        best, *others = sorted(group.members, key=best_first)
        behind |= {member.run: member for member in others}
        outranked_by |= {member.run: best.run for member in others}
    kept = tuple(artifact for artifact in survey.kept if artifact.run not in behind)
    if isinstance(survey, DetailedSurvey):
        # Those of a run in order: it comes before its own siblings, and a sort keeps that.
        siblings = sorted([*behind.values(), *survey.siblings], key=attrgetter("run"))
        survey = replace(survey, siblings=tuple(siblings))
    return replace(survey, kept=kept, outranked_by=outranked_by)


def in_ranking(survey: Survey) -> tuple[Group, ...]:
    """Return the groups of the members that are ranked, or that stand behind a ranked one."""
    runs = {artifact.run for artifact in survey.kept} | survey.outranked_by.keys()
    groups = []
    for group in survey.groups:
        members = tuple(member for member in group.members if member.run in runs)
        if len(members) == len(group.members):
            groups.append(group)
        elif len(members) > 1:
            groups.append(replace(group, members=members))
    return tuple(groups)


def group_representatives(survey: Survey) -> dict[str, str]:
    """Return, of each run that stands behind the best of its group, that one if it is ranked."""
    kept = {artifact.run for artifact in survey.kept}
    return {run: best for run, best in survey.outranked_by.items() if best in kept}


def _single(survey: Survey) -> list[Row]:
    return [Row(a.run, a.own_run, a.source, a.metrics, survey.valid[a.run]) for a in survey.kept]


def _mean_row(group: Group, survey: Survey) -> Row:
    metrics: Values = {
        key: spread.mean if spread else None for key, spread in group.spreads.items()
    }
    valid = sum(survey.valid[member.run] for member in group.members)
    own_name = group.name[_root(group.members) :]
    return Row(group.name, own_name, _pattern(group.members), metrics, valid, group)


def _place(
    artifact: Artifact, search: Callable[[str], re.Match[str] | None]
) -> tuple[_Place, str] | None:
    """Return where a member stands, and its name with a `*` for the number; None if it is none.

    The number ends the name of the run, or of the folder that it is in. `seed_1`, `seed-2` and
    `Seed3` are in one place.
    """
    run = artifact.run
    folder, slash, name = run.rpartition("/")
    for text, rest in ((run, ""), (folder, slash + name)):
        if match := search(text):
            digits = re.search(r"\d*\Z", text)
            start = digits.start() if digits else len(text)
            end = rf"(?i){re.escape(match['kind'])}[-_]?\Z" if match["kind"] else r"\Z"
            before = re.sub(end, "", text[:start])
            return (before, _kind(match["kind"]), rest), f"{text[:start]}*{rest}"
    return None


def _kind(word: str | None) -> str:
    """Return what the members are in a word that a sentence can hold, or "run"."""
    kind = (word or "").lower()
    return kind if re.fullmatch(r"[^\W_]+(?:[-_][^\W_]+)*", kind) else "run"


def _root(members: Sequence[Artifact]) -> int:
    """Return how many characters of the members' names name their root; 0 where roots differ."""
    one, other = members[0], members[-1]
    return one.root if one.run[: one.root] == other.run[: other.root] else 0


def _name(place: _Place, members: Sequence[Artifact]) -> str:
    """Name a group: `dg_aug_seeds` of `dg_aug_seeds/seed_42`; `seeds` where no name is left."""
    before, kind, rest = place
    root = _root(members)
    method = before[root:].rstrip("-_. /")
    return before[:root] + ((method + rest).strip("/") or f"{kind}s")


def _pattern(members: Sequence[Artifact]) -> str:
    """Write the members' sources as one, with a `*` for the number if they differ in it alone."""
    sources = [member.source for member in members]
    parts = [re.split(r"(\d+)", source) for source in sources]
    if len({len(split) for split in parts}) == 1:
        columns = [set(column) for column in zip(*parts, strict=True)]
        if sum(len(column) > 1 for column in columns) == 1:
            return "".join(column.pop() if len(column) == 1 else "*" for column in columns)
    return ", ".join(sources)
