"""How equal values are ranked, and which of several artifacts is the better one."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Values

Rank = int | float
# Values of runs that differ by at most this share of the larger magnitude are equal.
_TOLERANCE = 1e-9

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

    Costs that are equal but for rounding are equal: see `levels`. Of equal ones the first has the
    lower rank where `ties` is "ordinal".
    """
    present = [cost for cost in costs if cost is not None]
    positions = [position for position, cost in enumerate(costs) if cost is not None]
    # A sort keeps the order of equal ones.
    order = sorted(range(len(present)), key=present.__getitem__)
    exact = [present[index] for index in order]
    leveled = _leveled(exact)
    if leveled != exact:
        order = [index for _, index in sorted(zip(leveled, order, strict=True))]
    of_costs: list[Rank | None] = [None] * len(costs)
    for index, rank in zip(order, TIES[ties](leveled), strict=True):
        of_costs[positions[index]] = rank
    return of_costs


def levels(costs: Sequence[float]) -> list[float]:
    """Return the costs with one number for those that are equal but for rounding.

    From the least upwards, a cost belongs to the group whose first it differs from by at most 1e-9
    of the larger magnitude: one sum in two orders is no winner.
    """
    order = sorted(range(len(costs)), key=costs.__getitem__)
    leveled = [*costs]
    for index, level in zip(order, _leveled([costs[index] for index in order]), strict=True):
        leveled[index] = level
    return leveled


def _leveled(ascending: Sequence[float]) -> list[float]:
    """Return ascending costs as `levels` has them."""
    leveled = []
    first = math.nan
    for cost in ascending:
        # `isclose` knows that an infinite cost is equal to none but itself.
        if cost != first and not math.isclose(cost, first, rel_tol=_TOLERANCE, abs_tol=0):
            first = cost
        leveled.append(first)
    return leveled


def same_figures(one: Sequence[float | None], other: Sequence[float | None]) -> bool:
    """Return whether figures are equal but for rounding, each with its like; missing ones, too."""
    for first, second in zip(one, other, strict=True):
        if first == second:
            continue
        if first is None or second is None or not math.isclose(first, second, rel_tol=_TOLERANCE):
            return False
    return True


def cost_last(value: float | None, sign: int) -> tuple[int, float]:
    """Return a sort key by which the best value comes first, and a missing one last."""
    return (1, 0.0) if value is None else (0, sign * value)


def quality_key(first: Metric, metrics: Sequence[Metric]) -> Callable[[Values], tuple[Any, ...]]:
    """Return a sort key over the values of valid artifacts, the best first.

    First the metric `first`, then how many of the other `metrics` are missing, then each of these
    in their order, a missing one last: `(cost, missing, *costs)`.
    """
    others = [(metric.key, metric.sign) for metric in metrics if metric.key != first.key]
    key, sign = first.key, first.sign

    def quality(values: Values) -> tuple[Any, ...]:
        costs = [cost_last(values[other], its_sign) for other, its_sign in others]
        return cost_last(values[key], sign), sum(cost[0] for cost in costs), *costs

    return quality


def worst_rank(present: int, runs: int) -> Rank:
    """Return what a missing metric counts: the mean of the places below the `present` of `runs`."""
    return _whole((present + 1 + runs) / 2)


def _dense(order: list[float], distinct: list[float]) -> list[Rank]:
    return [bisect_left(distinct, value) + 1 for value in order]


def _whole(rank: float) -> Rank:
    return int(rank) if rank.is_integer() else rank
