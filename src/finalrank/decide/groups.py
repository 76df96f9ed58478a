"""Seeds and folds of one method: which runs are a group, and what is ranked of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from statistics import mean, stdev
from typing import Any

from finalrank.config.settings import Settings
from finalrank.decide.ties import best_first_key
from finalrank.model.artifact import Artifact, Values
from finalrank.model.reasons import INCOMPLETE, TEST_SET
from finalrank.model.survey import Group, Row, Spread, Survey

_BY_CHOICE = (INCOMPLETE, TEST_SET)
# What stands before the name of a member, what it is, and what stands behind it.
_Place = tuple[str, str, str]


def rows(survey: Survey, settings: Settings) -> list[Row]:
    """What is ranked, by name: the kept runs, or, where groups collapse, each group as one."""
    if settings.rank.groups != "collapse":
        return [_row(artifact, survey) for artifact in survey.kept]
    return collapsed(survey, settings)


def collapsed(survey: Survey, settings: Settings) -> list[Row]:
    """The kept runs that are in no group, and each group as the mean of its members, by name."""
    groups = groups_of(survey, settings)
    members = {member.run for group in groups for member in group.members}
    single = [_row(artifact, survey) for artifact in survey.kept if artifact.run not in members]
    found = [*single, *(_mean_row(group, survey) for group in groups)]
    return sorted(found, key=attrgetter("run"))


def groups_of(survey: Survey, settings: Settings) -> list[Group]:
    """The groups among the kept runs, by name: those that are the same but for a last number.

    No group is called as a run is, be it one that is not ranked: its name does not depend on that.
    """
    search = re.compile(settings.rank.members).search
    found: dict[_Place, list[Artifact]] = {}
    spelt: dict[_Place, str] = {}
    for artifact in survey.kept:
        if placed := _place(artifact, search):
            place, spelling = placed
            found.setdefault(place, []).append(artifact)
            spelt.setdefault(place, spelling)
    several = {place: members for place, members in found.items() if len(members) > 1}
    names = {place: _name(place, members) for place, members in several.items()}
    taken = _others(survey) | {artifact.run for artifact in survey.kept}
    twice = Counter([*names.values(), *taken])
    groups = []
    for place, name in sorted(names.items()):
        own = name if twice[name] == 1 else spelt[place]
        # Nothing keeps a folder from being called so.
        while own in taken:
            own += "*"
        taken.add(own)
        groups.append(Group(own, place[1], tuple(several[place])))
    return sorted(groups, key=attrgetter("name"))


def best_of_groups(survey: Survey, settings: Settings) -> Survey:
    """The survey in which the best member of each group stands for it, the others behind it.

    Best by the primary metric, then by how many are missing, then by each other one, by its key, so
    that neither the order of metrics nor a name lets a worse one stand; where only complete runs
    are ranked, first by how many are missing.
    """
    primary = settings.primary
    others = sorted((m for m in settings.ranked if not m.primary), key=attrgetter("key"))
    complete = settings.rank.missing == "complete"

    def preference(member: Artifact) -> tuple[Any, ...]:
        costs = [best_first_key(member.metrics[metric.key], metric.sign) for metric in others]
        missing = sum(cost[0] for cost in costs)
        cost = primary.sign * (member.metrics[primary.key] or 0.0)
        return missing if complete else 0, cost, missing, *costs, member.run

    behind = {
        member.run: member
        for group in groups_of(survey, settings)
        for member in sorted(group.members, key=preference)[1:]
    }
    return replace(
        survey,
        kept=tuple(artifact for artifact in survey.kept if artifact.run not in behind),
        # Those of a run in order: it comes before its own siblings, and a sort keeps that.
        siblings=tuple(sorted((*behind.values(), *survey.siblings), key=attrgetter("run"))),
        outranked=tuple(behind.values()),
    )


def with_all_members(survey: Survey) -> Survey:
    """The survey with every member of a group, where the best one stands for it."""
    kept = sorted([*survey.kept, *survey.outranked], key=attrgetter("run"))
    return replace(survey, kept=tuple(kept))


def group_representatives(survey: Survey, settings: Settings) -> dict[str, str]:
    """Of each run that stands behind the best of its group: that one, where it is ranked."""
    kept = {artifact.run for artifact in survey.kept}
    return {
        member.run: best
        for group in (groups_of(with_all_members(survey), settings) if survey.outranked else ())
        for best in [member.run for member in group.members if member.run in kept]
        for member in group.members
        if member.run != best
    }


def spreads(group: Group) -> dict[str, Spread | None]:
    """Of each metric: number, mean, SD (ddof 1) and range over the members that have it."""
    return {key: spread(_values(group, key)) for key in group.members[0].metrics}


def spread(values: Sequence[float]) -> Spread | None:
    """Number, mean, SD (ddof 1; None for one value) and range; None where there is no value."""
    if not values:
        return None
    sd = None
    if len(values) > 1:
        with suppress(OverflowError):  # it is beyond the largest number
            sd = stdev(values)
    # Rounded once: that of equal values is their value, and none is out of the range.
    return Spread(len(values), mean(values), sd, min(values), max(values))


def _others(survey: Survey) -> set[str]:
    """The runs that could be ranked, and are not by `rank` or `filter.test_set`."""
    left_out = (row.artifact.run for row in survey.left_out if row.verdict.reason in _BY_CHOICE)
    return {*left_out, *(artifact.run for artifact in survey.outranked)}


def _row(artifact: Artifact, survey: Survey) -> Row:
    run = artifact.run
    return Row(run, artifact.own_run, artifact.source, artifact.metrics, survey.valid[run])


def _mean_row(group: Group, survey: Survey) -> Row:
    metrics: Values = {key: found.mean if found else None for key, found in spreads(group).items()}
    valid = sum(survey.valid[member.run] for member in group.members)
    own_name = group.name[_root(group.members) :]
    return Row(group.name, own_name, _pattern(group.members), metrics, valid, group)


def _values(group: Group, key: str) -> list[float]:
    found = (member.metrics[key] for member in group.members)
    return [value for value in found if value is not None]


def _place(
    artifact: Artifact, search: Callable[[str], re.Match[str] | None]
) -> tuple[_Place, str] | None:
    """Where a member is, and its name with a `*` for the number.

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


def _kind(found: str | None) -> str:
    """What the members are, in a word; a name is data, and no word of ours."""
    kind = (found or "").lower()
    return kind if re.fullmatch(r"[^\W_]+(?:[-_][^\W_]+)*", kind) else "run"


def _root(members: Sequence[Artifact]) -> int:
    """So many characters of the members' names are that of their root; 0 where roots differ."""
    one, other = members[0], members[-1]
    return one.root if one.run[: one.root] == other.run[: other.root] else 0


def _name(place: _Place, members: Sequence[Artifact]) -> str:
    """`dg_aug_seeds` of `dg_aug_seeds/seed_42`; `seeds` where the members' names say no more."""
    before, kind, rest = place
    root = _root(members)
    method = before[root:].rstrip("-_. /")
    return before[:root] + ((method + rest).strip("/") or f"{kind}s")


def _pattern(members: Sequence[Artifact]) -> str:
    """The members' sources as one: with a `*` for the number, if they differ in that alone."""
    sources = [member.source for member in members]
    parts = [re.split(r"(\d+)", source) for source in sources]
    if len({len(split) for split in parts}) == 1:
        columns = [set(column) for column in zip(*parts, strict=True)]
        if sum(len(column) > 1 for column in columns) == 1:
            return "".join(column.pop() if len(column) == 1 else "*" for column in columns)
    return ", ".join(sources)
