"""What the choice of one artifact a run did: how many chose, what it won, what it gave up."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from finalrank.evidence.results_figures import Choice, GivenUp, Selection
from finalrank.models import Artifact, Metric


def selection(
    kept: Sequence[Artifact], siblings: Sequence[Artifact], metrics: Sequence[Metric], by: str
) -> Selection:
    """What choosing among the artifacts of a run did. `metrics` are the ranked ones.

    The chosen one is compared with the median of its siblings: the maximum of several looks at one
    test set is biased upwards (Cawley & Talbot 2010, JMLR 11:2079-2107).
    """
    primary = next(metric for metric in metrics if metric.primary)
    behind: dict[str, list[Artifact]] = {}
    for sibling in siblings:
        behind.setdefault(sibling.run, []).append(sibling)
    chose = [artifact for artifact in kept if artifact.run in behind]
    choices = [_choice(artifact, behind[artifact.run], primary) for artifact in chose]
    return Selection(
        by=by,
        metric=primary.key,
        runs=len(kept),
        choices=sorted(choices, key=lambda choice: (-choice.advantage, choice.run)),
        artifacts=sum(choice.artifacts for choice in choices),
        median_advantage=median(choice.advantage for choice in choices) if choices else None,
        given_up=[
            given_up
            for artifact in chose
            for metric in metrics
            if not metric.primary
            and (given_up := _given_up(artifact, behind[artifact.run], metric))
        ],
        fell_back=[
            artifact.run for artifact in kept if by == "validation" and artifact.validation is None
        ],
    )


def _choice(chosen: Artifact, siblings: Sequence[Artifact], primary: Metric) -> Choice:
    value = chosen.metrics[primary.key] or 0.0  # the filter lets none pass without it
    others = median(sibling.metrics[primary.key] or 0.0 for sibling in siblings)
    advantage = primary.sign * (others - value)
    number = len(siblings) + 1
    return Choice(chosen.run, chosen.source, number, value, others, advantage)


def _given_up(chosen: Artifact, siblings: Sequence[Artifact], metric: Metric) -> GivenUp | None:
    """The best value of a sibling, where it is better than the chosen one's or that is missing."""
    found = [
        (metric.sign * value, sibling.source, value)
        for sibling in siblings
        if (value := sibling.metrics[metric.key]) is not None
    ]
    own = chosen.metrics[metric.key]
    if not found or (own is not None and min(found)[0] >= metric.sign * own):
        return None
    _, source, value = min(found)
    return GivenUp(chosen.run, metric.key, own, value, source)
