"""Keeps, of each run, the valid artifact that stands for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from finalrank.config.sections import Select
from finalrank.config.settings import Settings
from finalrank.decide.ties import best_first_key
from finalrank.model.artifact import Artifact, LeftOut, Problem
from finalrank.model.survey import Survey


def select(
    judged: Iterable[Artifact | LeftOut | Problem],
    settings: Settings,
    names: Sequence[str],
    with_siblings: bool = False,
) -> Survey:
    """Sort the candidates, as they come, into kept, siblings and left out.

    Siblings are let go, unless they are asked for. `names` and Problems are those of the folders.
    """
    prefers, sort_key = _preference(settings), _sort_key(settings)
    best: dict[str, Artifact] = {}
    valid: Counter[str] = Counter()
    siblings: list[Artifact] = []
    left_out: list[LeftOut] = []
    folder_problems: list[Problem] = []
    problems: list[Problem] = []
    for candidate in judged:
        if isinstance(candidate, LeftOut):
            problems += candidate.artifact.problems
            left_out.append(candidate)
        elif isinstance(candidate, Artifact):
            problems += candidate.problems
            valid[candidate.run] += 1
            rival = best.setdefault(candidate.run, candidate)
            if rival is not candidate:
                best[candidate.run], behind = prefers(candidate, rival)
                siblings += [behind] if with_siblings else []
        else:
            folder_problems.append(candidate)
    return Survey(
        root=", ".join(names),
        prefix=f"{names[0]}/" if len(names) == 1 else "",
        kept=tuple(best[run] for run in sorted(best)),
        valid=valid,
        siblings=tuple(sorted(siblings, key=lambda s: (s.run, sort_key(s)))),
        left_out=tuple(sorted(left_out, key=lambda row: row.artifact.source)),
        problems=tuple(sorted([*folder_problems, *problems], key=lambda p: p.source)),
        sources_with_problems=tuple(sorted({p.source for p in problems})),
    )


def _preference(settings: Settings) -> Callable[[Artifact, Artifact], tuple[Artifact, Artifact]]:
    """Puts two valid artifacts of a run in order, the better one first."""
    primary, sign = settings.primary.key, settings.primary.sign
    sort_key = _sort_key(settings)
    by_primary = settings.select == Select()

    def in_order(one: Artifact, other: Artifact) -> tuple[Artifact, Artifact]:
        first, second = one.metrics[primary], other.metrics[primary]
        # The whole key is costly, and settles ties alone, unless more was asked for.
        if first == second or not by_primary:
            return (one, other) if sort_key(one) < sort_key(other) else (other, one)
        assert first is not None and second is not None  # noqa: S101, PT018 - the filter saw to it
        return (one, other) if sign * first < sign * second else (other, one)

    return in_order


def _sort_key(settings: Settings) -> Callable[[Artifact], tuple[Any, ...]]:
    """A sort key over the valid artifacts of a run, best first.

    Those that stand back are last. Then what `select.by` asks for: the newest, the best on the
    validation set, the most complete. Then the primary metric, how many ranked metrics are missing,
    each other ranked metric (missing last), and the source.
    """
    primary, sign = settings.primary.key, settings.primary.sign
    others = [(metric.key, metric.sign) for metric in settings.ranked if not metric.primary]
    fallback_order, by = settings.select.fallback_order, settings.select.by

    def sort_key(artifact: Artifact) -> tuple[Any, ...]:
        metrics = artifact.metrics
        costs = [best_first_key(metrics[key], sign) for key, sign in others]
        missing = sum(cost[0] for cost in costs)
        back = fallback_order(artifact.file_name)
        # What was chosen on the validation set is chosen by nothing else but a name.
        if by == "validation" and artifact.validation is not None:
            return back, 0, sign * artifact.validation, artifact.source
        first: Any = missing if by == "complete-first" else 1
        if by == "newest":
            first = _descending(artifact.file_name)
        cost = sign * _valid(artifact, primary)
        return back, first, cost, missing, *costs, artifact.source

    return sort_key


def _descending(name: str) -> tuple[int, ...]:
    """A sort key by which the last name comes first."""
    return (*(-ord(char) for char in name), 1)


def _valid(artifact: Artifact, primary: str) -> float:
    value = artifact.metrics[primary]
    assert value is not None  # noqa: S101 - the filter lets none pass without it
    return value
