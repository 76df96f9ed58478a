"""What choosing one of several artifacts of a run did: what it gained, and what it gave up."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

from pydantic import Field

from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Artifact


@dataclass(frozen=True, slots=True)
class ArtifactChoice:
    """A run that had several artifacts to choose from."""

    run: str
    source: str
    artifacts: Annotated[int, Field(description="How many it chose among")]
    on_test: Annotated[bool, Field(description="Whether it was chosen by test metrics")]
    value: Annotated[float | None, Field(description="The primary metric of the chosen one")]
    siblings_median: Annotated[
        float | None, Field(description="The median primary metric of the others that have it")
    ]
    advantage: Annotated[
        float | None, Field(description="How much better than that; null: too large, or missing")
    ]


@dataclass(frozen=True, slots=True)
class BetterSibling:
    """A ranked metric in which another artifact of the run is better than the chosen one."""

    run: str
    metric: str
    value: float | None
    sibling_value: Annotated[float | None, Field(description="Null: infinite")]
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
    *,
    on_test: bool,
) -> Selection:
    """Return what was chosen for each run, and how it compares with the artifacts that were not.

    `kept` has the artifact of each run and `siblings`, by run, those that were not chosen. `best`
    are runs that stand for a group, as its best member by test metrics. `metrics` are the ranked
    ones, `by` is the rule `select.by`, and `fell_back` are runs chosen by test metrics because they
    lack the sidecar for `by`; `on_test` says whether all others are, too.

    The chosen artifact is compared with the median of the others: the maximum of several values on
    one test set is biased upwards (Cawley & Talbot 2010, Journal of Machine Learning Research
    11:2079-2107).
    """
    primary = next(metric for metric in metrics if metric.primary)
    chosen = [artifact for artifact in kept if artifact.run in siblings]
    tested = {a.run for a in chosen if on_test or a.run in best or a.run in fell_back}
    choices = [_choice(a, siblings[a.run], primary, a.run in tested) for a in chosen]
    others = [metric for metric in metrics if not metric.primary]
    given_up = (_better_sibling(a, siblings[a.run], metric) for a in chosen for metric in others)
    return Selection(
        by=by,
        metric=primary.key,
        runs=len(kept),
        choices=[choice for _, choice in sorted(choices, key=_largest_first)],
        artifacts=sum(choice.artifacts for _, choice in choices),
        median_advantage=_median(advantage for advantage, _ in choices),
        given_up=[better for better in given_up if better],
        fell_back=list(fell_back),
    )


def _median(advantages: Iterable[float | None]) -> float | None:
    """Return the median; None without any advantage, or if it is too large for a float."""
    present = [advantage for advantage in advantages if advantage is not None]
    return _finite(median(present)) if present else None


def _finite(advantage: float | None) -> float | None:
    return advantage if advantage is not None and math.isfinite(advantage) else None


def _advantage(chosen: float | None, half_median: float | None, sign: int) -> float | None:
    """Return how much better a value is than the median of others; infinite where it is too large.

    Of that, half is given. Two infinite values are equal. None where a side is missing.
    """
    if chosen is None or half_median is None:
        return None
    if chosen / 2 == half_median:
        return 0.0
    return 2 * (sign * (half_median - chosen / 2)) + 0.0  # + 0.0 makes -0.0 to 0.0


def _choice(
    chosen: Artifact, siblings: Sequence[Artifact], primary: Metric, on_test: bool
) -> tuple[float | None, ArtifactChoice]:
    """Return the advantage, which may be infinite, and the choice that holds it where it is not."""
    key, value = primary.key, chosen.metrics[primary.key]
    # A median of two values is half of their sum, which can be too large for a float. The sum of
    # their halves cannot.
    halves = [other / 2 for sibling in siblings if (other := sibling.metrics[key]) is not None]
    half = median(halves) if halves else None
    advantage = _advantage(value, half, primary.sign)
    return advantage, ArtifactChoice(
        run=chosen.run,
        source=chosen.source,
        artifacts=len(siblings) + 1,
        on_test=on_test,
        value=value,
        siblings_median=None if half is None else 2 * half,
        advantage=_finite(advantage),
    )


def _largest_first(choice: tuple[float | None, ArtifactChoice]) -> tuple[float, str]:
    advantage, row = choice
    return (math.inf if advantage is None else -advantage), row.run


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
