"""Keeps, of each run, the valid artifact that stands for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from finalrank.config import Settings
from finalrank.models import Artifact, LeftOut, Problem, Survey


def select(
    judged: Iterable[Artifact | LeftOut],
    settings: Settings,
    root: str,
    folder_problems: Iterable[Problem],
    *,
    with_siblings: bool = False,
) -> Survey:
    """Sort the candidates, as they come, into kept, siblings and left out.

    Siblings are counted and let go, unless they are asked for. `folder_problems` is read last.
    """
    prefers = _preference(settings)
    best: dict[str, Artifact] = {}
    valid: Counter[str] = Counter()
    siblings: list[Artifact] = []
    left_out: list[LeftOut] = []
    problems: list[Problem] = []
    for candidate in judged:
        if isinstance(candidate, LeftOut):
            left_out.append(candidate)
            problems += candidate.artifact.problems
            continue
        problems += candidate.problems
        valid[candidate.run] += 1
        rival = best.setdefault(candidate.run, candidate)
        if rival is not candidate:
            best[candidate.run], behind = prefers(candidate, rival)
            if with_siblings:
                siblings.append(behind)
    sort_key = _sort_key(settings)
    return Survey(
        root=root,
        kept=tuple(best[run] for run in sorted(best)),
        valid=valid,
        siblings=tuple(sorted(siblings, key=lambda artifact: (artifact.run, sort_key(artifact)))),
        left_out=tuple(sorted(left_out, key=lambda row: row.artifact.source)),
        problems=tuple(sorted([*folder_problems, *problems], key=lambda row: row.source)),
        troubled=tuple(sorted({problem.source for problem in problems})),
    )


def _preference(settings: Settings) -> Callable[[Artifact, Artifact], tuple[Artifact, Artifact]]:
    """Puts two valid artifacts of a run in order, the better one first."""
    primary, sign = settings.primary.key, settings.primary.sign
    sort_key = _sort_key(settings)

    def in_order(one: Artifact, other: Artifact) -> tuple[Artifact, Artifact]:
        first, second = one.metrics[primary], other.metrics[primary]
        if first == second:
            # The whole key is costly, and settles ties alone.
            return (one, other) if sort_key(one) < sort_key(other) else (other, one)
        assert first is not None and second is not None  # noqa: S101, PT018 - the filter saw to it
        return (one, other) if sign * first < sign * second else (other, one)

    return in_order


def _sort_key(settings: Settings) -> Callable[[Artifact], tuple[Any, ...]]:
    """A sort key over the valid artifacts of a run, best first.

    The primary metric, then how many ranked metrics are missing, then each other ranked metric
    (missing last), then the source.
    """
    primary, sign = settings.primary.key, settings.primary.sign
    others = [(metric.key, metric.sign) for metric in settings.ranked if not metric.primary]

    def sort_key(artifact: Artifact) -> tuple[Any, ...]:
        metrics = artifact.metrics
        costs = [
            (1, 0.0) if (value := metrics[key]) is None else (0, sign * value)
            for key, sign in others
        ]
        missing = sum(cost[0] for cost in costs)
        return sign * _valid(artifact, primary), missing, *costs, artifact.source

    return sort_key


def _valid(artifact: Artifact, primary: str) -> float:
    value = artifact.metrics[primary]
    assert value is not None  # noqa: S101 - the filter lets none pass without it
    return value
