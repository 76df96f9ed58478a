"""Ranks, mean ranks, and deltas to the baseline."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from finalrank.config import Settings
from finalrank.errors import UsageError
from finalrank.models import Artifact, Metric, Survey, Values
from finalrank.names import did_you_mean, visible
from finalrank.summary import Delta, RankedRun

Rank = int | float

# The ranks of values that stand in order, by how equal ones are ranked.
TIES: dict[str, Callable[[list[float]], Iterable[Rank]]] = {
    "ordinal": lambda order: range(1, len(order) + 1),
    "min": lambda order: [bisect_left(order, value) + 1 for value in order],
    "average": lambda order: [
        _whole((bisect_left(order, value) + 1 + bisect_right(order, value)) / 2) for value in order
    ],
    "dense": lambda order: _dense(order, sorted(set(order))),
}


_NO_DELTA = Delta(None, None)


class _Standing(NamedTuple):
    artifact: Artifact
    ranks: dict[str, Rank | None]
    mean_rank: float
    metrics_used: int


def rank(survey: Survey, settings: Settings) -> tuple[list[RankedRun], RankedRun | None]:
    """The kept runs in combined order, and the one of them that is the baseline.

    Raises UsageError for a configured baseline that was not kept.
    """
    standings = _standings(survey.kept, settings)
    baseline = _baseline(standings, survey, settings)
    runs = []
    for position, standing in enumerate(standings, start=1):
        artifact = standing.artifact
        note = settings.note(artifact.run)
        runs.append(
            RankedRun(
                rank=position,
                run=artifact.run,
                source=artifact.source,
                mean_rank=standing.mean_rank,
                metrics_used=standing.metrics_used,
                metrics=artifact.metrics,
                ranks=standing.ranks,
                delta=baseline and _deltas(artifact.metrics, baseline.metrics),
                key_feature=note.key_feature,
                protocol=note.protocol,
                valid_artifacts=survey.valid[artifact.run],
            )
        )
    return runs, next((run for run in runs if baseline and run.run == baseline.run), None)


def _standings(kept: Sequence[Artifact], settings: Settings) -> list[_Standing]:
    """Every kept artifact with its ranks, in combined order."""
    keys = [metric.key for metric in settings.ranked]
    columns = [metric_ranks(kept, metric, settings.rank.ties) for metric in settings.ranked]
    primary, sign = settings.primary.key, settings.primary.sign
    keyed = []
    for artifact, ranks in zip(kept, zip(*columns, strict=True), strict=True):
        present = [rank for rank in ranks if rank is not None]
        mean, used = sum(present) / len(present), len(present)
        # No run is kept without its primary metric.
        cost = sign * (artifact.metrics[primary] or 0.0)
        standing = _Standing(artifact, dict(zip(keys, ranks, strict=True)), mean, used)
        keyed.append(((mean, -used, cost, artifact.run), standing))
    keyed.sort(key=itemgetter(0))
    return [standing for _, standing in keyed]


def metric_ranks(kept: Sequence[Artifact], metric: Metric, ties: str) -> list[Rank | None]:
    """The ranks of artifacts that come by run name, None where the metric is missing.

    Equal values are ranked by run name where `ties` is "ordinal".
    """
    key, sign = metric.key, metric.sign
    costs = [
        sign * value if (value := artifact.metrics[key]) is not None else None for artifact in kept
    ]
    present = [cost for cost in costs if cost is not None]
    positions = [position for position, cost in enumerate(costs) if cost is not None]
    # A sort keeps the order of equal ones, which is that of the names.
    order = sorted(range(len(present)), key=present.__getitem__)
    ranks: list[Rank | None] = [None] * len(kept)
    for index, rank in zip(order, TIES[ties]([present[index] for index in order]), strict=True):
        ranks[positions[index]] = rank
    return ranks


def _dense(order: list[float], distinct: list[float]) -> list[Rank]:
    return [bisect_left(distinct, value) + 1 for value in order]


def _whole(rank: float) -> Rank:
    return int(rank) if rank.is_integer() else rank


def _baseline(standings: list[_Standing], survey: Survey, settings: Settings) -> Artifact | None:
    """The artifact of the configured run, else of the best-ranked one that `match` finds."""
    wanted, part = settings.baseline.run, settings.baseline.match.lower()
    if not wanted:
        found = (s.artifact for s in standings if part and part in s.artifact.own_run.lower())
        return next(found, None)
    kept = {artifact.run: artifact for artifact in survey.kept}
    if wanted in kept:
        return kept[wanted]
    left_out = any(row.artifact.run == wanted for row in survey.left_out)
    fault = "has no valid artifact" if left_out else f"is no run in {visible(survey.root)}"
    hint = did_you_mean(wanted, kept) or "; `finalrank explain` tells of every run"
    raise UsageError(f'baseline "{visible(wanted)}" (--baseline, baseline.run) {fault}{hint}')


def _deltas(metrics: Values, baseline: Values) -> dict[str, Delta]:
    return dict(zip(metrics, map(delta, metrics.values(), baseline.values()), strict=True))


def delta(value: float | None, baseline: float | None) -> Delta:
    """value - baseline, and that in percent of |baseline|; None where missing or not finite."""
    if value is None or baseline is None:
        return _NO_DELTA
    absolute = value - baseline
    percent = absolute / abs(baseline) * 100 if baseline else math.inf
    if math.isfinite(percent) and math.isfinite(absolute):
        return Delta(absolute, percent)
    return Delta(absolute if math.isfinite(absolute) else None, None)
