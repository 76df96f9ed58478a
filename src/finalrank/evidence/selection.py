"""What choosing one of several artifacts of a run did: what it gained, and what it gave up."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

from pydantic import Field

from finalrank.config.metrics import Metric
from finalrank.model.artifact import Artifact

# The rules of `select.by` that choose by the metrics on the test set.
_ON_TEST = ("primary", "complete-first")


@dataclass(frozen=True, slots=True)
class ArtifactChoice:
    """A run that had several artifacts to choose from."""

    run: str
    source: str
    artifacts: Annotated[int, Field(description="How many it chose among")]
    on_test: Annotated[bool, Field(description="Whether it was chosen by test metrics")]
    value: Annotated[float, Field(description="The primary metric of the chosen one")]
    siblings_median: Annotated[float, Field(description="The median primary metric of the others")]
    advantage: Annotated[
        float | None, Field(description="How much better than that; null: too large")
    ]


@dataclass(frozen=True, slots=True)
class BetterSibling:
    """A ranked metric in which another artifact of the run is better than the chosen one."""

    run: str
    metric: str
    value: float | None
    sibling_value: float
    sibling: Annotated[str, Field(description="Source of the other artifact")]


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
    fell_back: Annotated[
        list[str], Field(description="Runs chosen by test metrics for want of a sidecar")
    ]


def selection(
    kept: Sequence[Artifact],
    siblings: Mapping[str, Sequence[Artifact]],
    best: Collection[str],
    metrics: Sequence[Metric],
    by: str,
    fell_back: Sequence[str],
) -> Selection:
    """Return what was chosen for each run, and how it compares with the artifacts that were not.

    `kept` has the artifact of each run and `siblings`, by run, those that were not chosen; all have
    the primary metric. `best` are runs that stand for a group, as its best member by test metrics.
    `metrics` are the ranked ones, `by` is the rule `select.by`, and `fell_back` are runs chosen by
    test metrics because they lack the sidecar for `by`.

    The chosen artifact is compared with the median of the others: the maximum of several values on
    one test set is biased upwards (Cawley & Talbot 2010, Journal of Machine Learning Research
    11:2079-2107).
    """
    primary = next(metric for metric in metrics if metric.primary)
    chosen = [artifact for artifact in kept if artifact.run in siblings]
    on_test = {a.run for a in chosen if by in _ON_TEST or a.run in best or a.run in fell_back}
    choices = [_choice(a, siblings[a.run], primary, a.run in on_test) for a in chosen]
    given_up = (
        _better_sibling(artifact, siblings[artifact.run], metric)
        for artifact in chosen
        for metric in metrics
        if not metric.primary
    )
    return Selection(
        by=by,
        metric=primary.key,
        runs=len(kept),
        choices=sorted(choices, key=_largest_first),
        artifacts=sum(choice.artifacts for choice in choices),
        median_advantage=_median([choice.advantage for choice in choices]),
        given_up=[better for better in given_up if better],
        fell_back=list(fell_back),
    )


def _largest_first(choice: ArtifactChoice) -> tuple[float, str]:
    return -_or_infinite(choice.advantage), choice.run


def _or_infinite(advantage: float | None) -> float:
    return math.inf if advantage is None else advantage


def _median(advantages: Sequence[float | None]) -> float | None:
    """Return the median; None without any advantage, or if it is too large for a float."""
    middle = median(map(_or_infinite, advantages)) if advantages else math.inf
    return middle if math.isfinite(middle) else None


def _choice(
    chosen: Artifact, siblings: Sequence[Artifact], primary: Metric, on_test: bool
) -> ArtifactChoice:
    # No artifact without its primary metric gets here, but its type allows for None.
    value = chosen.metrics[primary.key] or 0.0
    # A median of two values is half of their sum, which can be too large for a float. The sum of
    # their halves cannot.
    half = median((sibling.metrics[primary.key] or 0.0) / 2 for sibling in siblings)
    advantage = 2 * (primary.sign * (half - value / 2)) + 0.0  # + 0.0 makes -0.0 to 0.0
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
    """Return the sibling with the best value of the metric, if it beats the chosen artifact there.

    Any value beats a missing one. Of equal values the first source counts.
    """
    candidates = [
        (metric.sign * value, sibling.source, value)
        for sibling in siblings
        if (value := sibling.metrics[metric.key]) is not None
    ]
    if not candidates:
        return None
    cost, source, value = min(candidates)
    chosen_value = chosen.metrics[metric.key]
    if chosen_value is not None and cost >= metric.sign * chosen_value:
        return None
    return BetterSibling(chosen.run, metric.key, chosen_value, value, source)
