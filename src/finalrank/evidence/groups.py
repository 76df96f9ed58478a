"""Seeds and folds: how far their members spread, and the ranking of methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from finalrank.config.settings import Settings
from finalrank.decide.groups import (
    collapsed,
    groups_of,
    spreads,
)
from finalrank.decide.rank import rank
from finalrank.model.ranking import Ranking
from finalrank.model.survey import Spread, Survey


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Runs that differ in their seed or fold alone."""

    group: str
    kind: Annotated[str, Field(description='What its members are: "seed", "fold"')]
    members: list[str]
    places: Annotated[list[int], Field(description="Of its members in the ranking, best first")]
    metrics: dict[str, Spread | None]


@dataclass(frozen=True, slots=True)
class MethodRank:
    """A place in the ranking that counts each method once."""

    place: int
    run: str
    mean_rank: float
    members: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Seeds and folds, and the ranking in which each method counts once."""

    groups: list[GroupRow]
    once: Annotated[list[MethodRank], Field(description="Empty where there is no group")]


def group_evidence(found: Survey, ranking: Ranking, settings: Settings) -> Groups:
    """The groups of which any member is ranked, and the ranking that counts each method once."""
    place = {member: run.rank for run in ranking.runs for member in run.members}
    # Of a group none of whose members is ranked there is nothing to say.
    groups = [
        group
        for group in groups_of(found, settings)
        if any(member.run in place for member in group.members)
    ]
    if not groups:
        return Groups(groups=[], once=[])
    ranked = {member.run for group in groups for member in group.members} | place.keys()
    methods = [row for row in collapsed(found, settings) if ranked.issuperset(row.runs)]
    once, _ = rank(methods, found, settings.replaced(baseline=""))
    return Groups(
        groups=[
            GroupRow(
                group=group.name,
                kind=group.kind,
                members=[member.run for member in group.members],
                places=sorted(place[m.run] for m in group.members if m.run in place),
                metrics=spreads(group),
            )
            for group in groups
        ],
        once=[MethodRank(run.rank, run.run, run.mean_rank, len(run.members)) for run in once],
    )
