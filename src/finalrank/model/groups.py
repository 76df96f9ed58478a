"""Seeds and folds of one method as a group of runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field

from finalrank.model.artifact import Artifact, Values


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric over the members of a group."""

    n: int
    mean: Annotated[float | None, Field(description="Null: infinite, as one of the values is")]
    sd: Annotated[float | None, Field(description="n - 1 in the denominator; null for one")]
    low: Annotated[float | None, Field(description="Null: infinite")]
    high: Annotated[float | None, Field(description="Null: infinite")]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a group where they are more than the means of its members."""

    metrics: Values
    spreads: Mapping[str, Spread | None]  # over the seeds, or over the folds
    # What a figure is not over, by metric: `2 of 5 folds`; only metrics that lack some.
    lacks: Mapping[str, str]
    stands: Artifact | None = None  # the cross-validation that the figures are of
    expected: int | None = None  # members that there should be; None: those that there are


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed or their fold alone."""

    name: str
    kind: str  # what its members are: "seed", "fold"
    members: tuple[Artifact, ...]  # by run
    by_factor: bool = False  # whether factors say so, rather than the ends of names
    figures: Figures | None = None

    @property
    def runs(self) -> list[str]:
        """The runs of the members, by name."""
        return [member.run for member in self.members]

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All whose figures it stands for: its members, and a cross-validation over them."""
        whole = self.figures.stands if self.figures else None
        return (whole, *self.members) if whole else self.members

    # Exact means and deviations are costly, and a group whose members are ranked one by one needs
    # them for the evidence alone.
    @cached_property
    def spreads(self) -> Mapping[str, Spread | None]:
        """Number, mean, SD and range of each metric over the members that have it."""
        if self.figures:
            return self.figures.spreads
        return {key: spread(values_of(self.members, key)) for key in self.members[0].metrics}

    @property
    def metrics(self) -> Values:
        """The figures of its row."""
        if self.figures:
            return self.figures.metrics
        return {key: spread.mean if spread else None for key, spread in self.spreads.items()}


def values_of(members: Iterable[Artifact], key: str) -> list[float]:
    """Return the values of a metric that the members have."""
    values = (member.metrics[key] for member in members)
    return [value for value in values if value is not None]


def spread(values: Sequence[float]) -> Spread | None:
    """Return number, mean, SD (n - 1 in the denominator) and range; None where there is no value.

    The SD of a single value is None, and so is one beyond the largest float. With an infinite value
    the mean is infinite, and there is no SD.
    """
    if not values:
        return None
    if infinite := [value for value in values if math.isinf(value)]:
        return Spread(len(values), infinite[0], None, min(values), max(values))
    mean, sd = _mean_and_sd(values)
    return Spread(len(values), mean, sd, min(values), max(values))


def _mean_and_sd(values: Sequence[float]) -> tuple[float, float | None]:
    """Return what `statistics.mean` and `stdev` do, to the last bit, ten times as fast.

    Each is rounded once: the mean of equal values is that value, and no mean lies outside of the
    range.
    """
    ratios = [value.as_integer_ratio() for value in values]
    # Powers of two: the largest is a multiple of all.
    unit = max(denominator for _, denominator in ratios)
    whole = [numerator * (unit // denominator) for numerator, denominator in ratios]
    count, total = len(whole), sum(whole)
    mean = total / (count * unit)
    if count == 1:
        return mean, None
    squares = count * sum(number * number for number in whole) - total * total
    try:
        return mean, _square_root(squares, count * (count - 1) * unit * unit)
    except OverflowError:
        return mean, None


def _square_root(numerator: int, denominator: int) -> float:
    """Return the square root of a ratio, rounded once. Raises OverflowError beyond any float."""
    # Twice as many bits as a float has: what is cut off below them decides no rounding but that of
    # a tie, which the last bit tells.
    missing = 2 * 53 + 14 - numerator.bit_length() + denominator.bit_length()
    shift = max(0, missing) // 2 + 1
    shifted = numerator << 2 * shift
    root = math.isqrt(shifted // denominator)
    if root * root * denominator != shifted:
        root |= 1
    return root / (1 << shift)
