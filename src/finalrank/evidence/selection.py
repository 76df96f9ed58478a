"""What the choice of one artifact a run did: how many chose, what it won, what it gave up."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

from pydantic import Field

from finalrank.config.metrics import Metric
from finalrank.model.artifact import Artifact

# Rules of `select.by` that look at test metrics.
_ON_TEST = ("primary", "complete-first")


@dataclass(frozen=True, slots=True)
class ArtifactChoice:
    """A run that had several artifacts to choose from."""

    run: str
    source: str
    artifacts: Annotated[int, Field(description="How many it chose among")]
    on_test: Annotated[bool, Field(description="Whether by their test metrics")]
    value: Annotated[float, Field(description="The primary metric of the chosen one")]
    siblings_median: Annotated[float, Field(description="The primary metric of the others")]
    advantage: Annotated[
        float | None, Field(description="How much better than that; null: beyond any number")
    ]


@dataclass(frozen=True, slots=True)
class BetterSibling:
    """A ranked metric in which another artifact of the run is better than the chosen one."""

    run: str
    metric: str
    value: float | None
    sibling_value: float
    sibling: Annotated[str, Field(description="Source of that artifact")]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen by looking at the test set."""

    by: str
    metric: str
    runs: int
    choices: Annotated[list[ArtifactChoice], Field(description="Largest advantage first")]
    artifacts: Annotated[int, Field(description="How many they chose among, in all")]
    median_advantage: float | None
    given_up: list[BetterSibling]
    fell_back: Annotated[list[str], Field(description="Runs chosen on the test set all the same")]


def selection(
    kept: Sequence[Artifact],
    behind: Mapping[str, Sequence[Artifact]],
    best: Collection[str],
    metrics: Sequence[Metric],
    by: str,
    fell_back: Sequence[str],
) -> Selection:
    """What choosing among the artifacts of a run did. `metrics` are the ranked ones.

    `behind` are, by run, the artifacts that were not chosen; a run in `best` was chosen among
    others by its primary metric, and one in `fell_back` by its test metrics for want of a
    sidecar. The chosen one is compared with the median of the others: the maximum of several looks
    at one test set is biased upwards (Cawley & Talbot 2010, JMLR 11:2079-2107).
    """
    primary = next(metric for metric in metrics if metric.primary)
    chose = [artifact for artifact in kept if artifact.run in behind]
    looked = {a.run for a in chose if by in _ON_TEST or a.run in best or a.run in fell_back}
    choices = [
        _choice(artifact, behind[artifact.run], primary, artifact.run in looked)
        for artifact in chose
    ]
    return Selection(
        by=by,
        metric=primary.key,
        runs=len(kept),
        choices=sorted(choices, key=lambda choice: (-_or_infinite(choice.advantage), choice.run)),
        artifacts=sum(choice.artifacts for choice in choices),
        median_advantage=_median([choice.advantage for choice in choices]),
        given_up=[
            given_up
            for artifact in chose
            for metric in metrics
            if not metric.primary
            and (given_up := _better_sibling(artifact, behind[artifact.run], metric))
        ],
        fell_back=list(fell_back),
    )


def _or_infinite(advantage: float | None) -> float:
    return math.inf if advantage is None else advantage


def _median(advantages: Sequence[float | None]) -> float | None:
    """None where there is none, or it is beyond the largest number."""
    found = median(map(_or_infinite, advantages)) if advantages else math.inf
    return found if math.isfinite(found) else None


def _choice(
    chosen: Artifact, siblings: Sequence[Artifact], primary: Metric, on_test: bool
) -> ArtifactChoice:
    value = chosen.metrics[primary.key] or 0.0  # the filter lets none pass without it
    # Of halves, as the sum of two values may be beyond the largest number.
    half = median((sibling.metrics[primary.key] or 0.0) / 2 for sibling in siblings)
    advantage = 2 * (primary.sign * (half - value / 2)) + 0.0  # there is no such advantage as -0
    return ArtifactChoice(
        run=chosen.run,
        source=chosen.source,
        artifacts=len(siblings) + 1,
        on_test=on_test,
        value=value,
        siblings_median=2 * half,
        advantage=advantage if math.isfinite(advantage) else None,
    )


def _better_sibling(
    chosen: Artifact, siblings: Sequence[Artifact], metric: Metric
) -> BetterSibling | None:
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
    return BetterSibling(chosen.run, metric.key, own, value, source)
