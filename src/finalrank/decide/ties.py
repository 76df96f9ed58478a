"""How equal values are ranked, and which of several artifacts is the better one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from finalrank.config.metrics import Metric
from finalrank.model.artifact import Values

Rank = int | float

# By the rule for equal values: from costs in ascending order to their ranks.
TIES: dict[str, Callable[[list[float]], Iterable[Rank]]] = {
    "ordinal": lambda order: range(1, len(order) + 1),
    "min": lambda order: [bisect_left(order, value) + 1 for value in order],
    "average": lambda order: [
        _whole((bisect_left(order, value) + 1 + bisect_right(order, value)) / 2) for value in order
    ],
    "dense": lambda order: _dense(order, sorted(set(order))),
}


def ranks(costs: list[float | None], ties: str) -> list[Rank | None]:
    """Return the rank of each cost, 1 for the least, None where the cost is missing.

    Of equal ones the first has the lower rank where `ties` is "ordinal".
    """
    present = [cost for cost in costs if cost is not None]
    positions = [position for position, cost in enumerate(costs) if cost is not None]
    # A sort keeps the order of equal ones.
    order = sorted(range(len(present)), key=present.__getitem__)
    of_costs: list[Rank | None] = [None] * len(costs)
    for index, rank in zip(order, TIES[ties]([present[index] for index in order]), strict=True):
        of_costs[positions[index]] = rank
    return of_costs


def quality_key(primary: Metric, metrics: Sequence[Metric]) -> Callable[[Values], tuple[Any, ...]]:
    """Return a sort key over the values of valid artifacts, the best first.

    First the primary metric, then how many of the other `metrics` are missing, then each of these
    in their order, a missing one last: `(cost, missing, *costs)`.
    """
    others = [(metric.key, metric.sign) for metric in metrics if metric.key != primary.key]
    key, sign = primary.key, primary.sign

    def quality(values: Values) -> tuple[Any, ...]:
        costs = [
            (1, 0.0) if (value := values[other]) is None else (0, its_sign * value)
            for other, its_sign in others
        ]
        # No artifact is valid without its primary metric.
        return sign * (values[key] or 0.0), sum(cost[0] for cost in costs), *costs

    return quality


def worst_rank(present: int, runs: int) -> Rank:
    """Return what a missing metric counts: the mean of the places below the `present` of `runs`."""
    return _whole((present + 1 + runs) / 2)


def _dense(order: list[float], distinct: list[float]) -> list[Rank]:
    return [bisect_left(distinct, value) + 1 for value in order]


def _whole(rank: float) -> Rank:
    return int(rank) if rank.is_integer() else rank
