"""The part on seeds and folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finalrank.render.number_format import fixed, mean_of_members
from finalrank.render.page.truncate import Truncated, at_most

if TYPE_CHECKING:
    from finalrank.evidence.groups import GroupRow, Groups
    from finalrank.model.groups import Spread
    from finalrank.model.ranking import RankedRun
    from finalrank.report.labels import MetricLabel

_MOST_METRIC_ROWS = 75
_MOST_METHODS = 25


@dataclass(frozen=True, slots=True)
class GroupPlaces:
    """A group, and the places of its members."""

    group: str
    kind: str  # what its members are: "seed", "fold"
    members: int
    places: str  # `one place, as one row: 4`


@dataclass(frozen=True, slots=True)
class GroupMetric:
    """A metric over the members of a group."""

    group: str
    metric: MetricLabel
    n: int  # members that have it
    mean: str  # with its SD
    range: str


@dataclass(frozen=True, slots=True)
class Membership:
    """A run of the podium that is a member of a group."""

    run: str
    members: int  # of the group
    kind: str


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """What is told of seeds and folds."""

    groups: Truncated  # of GroupPlaces
    metrics: Truncated  # of GroupMetric
    methods: Truncated  # of MethodRank: the podium, and every group, if each method counts once
    podium: list[str]  # if each method counts once
    memberships: list[Membership]


def group_summary(
    groups: Groups, runs: Sequence[RankedRun], ranked: Sequence[MetricLabel], rule: str, top: int
) -> GroupSummary:
    """Return what is told of seeds and folds.

    `runs` are in the order of the ranking, and the first `top` are the podium; `rule` is
    `rank.groups`.
    """
    cut = at_most(groups.groups)
    places = [
        GroupPlaces(row.group, row.kind, len(row.members), places_in_words(row.places, rule))
        for row in cut.shown
    ]
    return GroupSummary(
        groups=replace(cut, shown=places),
        metrics=_metrics(groups.groups, ranked),
        methods=at_most(
            [row for row in groups.once if row.place <= top or row.members > 1], _MOST_METHODS
        ),
        podium=[row.run for row in groups.once[:top]],
        memberships=[
            Membership(run.run, len(row.members), row.kind)
            for run in runs[:top]
            for row in groups.groups
            if run.run in row.members
        ],
    )


def places_in_words(places: Sequence[int], rule: str) -> str:
    """Return the places that the members of a group take; `rule` is `rank.groups`."""
    if rule == "collapse":
        return f"one place, as one row: {places[0]}"
    if rule == "best":
        return f"one place, that of the best of them: {places[0]}"
    return f"the places {', '.join(map(str, places))}"


def _metrics(groups: Sequence[GroupRow], ranked: Sequence[MetricLabel]) -> Truncated:
    measured = [
        (row, metric, spread)
        for row in groups
        for metric in ranked
        if (spread := row.metrics[metric.key])
    ]
    cut = at_most(measured, _MOST_METRIC_ROWS)
    return replace(cut, shown=[_metric(*shown) for shown in cut.shown])


def _metric(row: GroupRow, metric: MetricLabel, spread: Spread) -> GroupMetric:
    digits = metric.digits
    return GroupMetric(
        group=row.group,
        metric=metric,
        n=spread.n,
        mean=mean_of_members(spread.mean, spread, row.kind, digits),
        range=f"{fixed(spread.low, digits)} to {fixed(spread.high, digits)}",
    )
