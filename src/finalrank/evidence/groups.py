"""Seeds and folds: how much the values of their members vary, and the ranking of methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from finalrank.config.settings import Settings
from finalrank.decide.members.rows import collapsed
from finalrank.decide.ranking.rank import rank_rows
from finalrank.model.groups import Spread
from finalrank.model.ranking import Ranking
from finalrank.model.survey import Survey


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


def group_evidence(survey: Survey, ranking: Ranking, settings: Settings) -> Groups:
    """Return the groups of which any member is ranked, and the ranking of methods.

    In the ranking of methods each group is one row, with the means of its members' metrics; without
    groups it is empty.
    """
    place_of = ranking.place_of
    groups = [group for group in ranking.groups if any(run in place_of for run in group.runs)]
    if not groups:
        return Groups(groups=[], once=[])
    methods = rank_rows(collapsed(survey, groups, settings), settings)
    return Groups(
        groups=[
            GroupRow(
                group=group.name,
                kind=group.kind,
                members=group.runs,
                places=sorted(place_of[run] for run in group.runs if run in place_of),
                metrics=dict(group.spreads),
            )
            for group in groups
        ],
        once=[MethodRank(row.rank, row.run, row.mean_rank, len(row.members)) for row in methods],
    )
