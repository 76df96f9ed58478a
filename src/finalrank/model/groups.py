"""Seeds and folds of one method as a group of runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from statistics import mean, stdev
from typing import Annotated

from pydantic import Field

from finalrank.model.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Spread:
    """A metric over the members of a group."""

    n: int
    mean: float
    sd: Annotated[float | None, Field(description="n - 1 in the denominator; null for one")]
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seed or their fold alone, two at least."""

    name: str
    kind: str  # what its members are: "seed", "fold"
    members: tuple[Artifact, ...]  # by run

    @property
    def runs(self) -> list[str]:
        """The runs of the members, by name."""
        return [member.run for member in self.members]

    # Exact means and deviations are costly, and a group whose members are ranked one by one needs
    # them for the evidence alone.
    @cached_property
    def spreads(self) -> dict[str, Spread | None]:
        """Number, mean, SD and range of each metric over the members that have it."""
        return {key: spread(self._values(key)) for key in self.members[0].metrics}

    def _values(self, key: str) -> list[float]:
        values = (member.metrics[key] for member in self.members)
        return [value for value in values if value is not None]


def spread(values: Sequence[float]) -> Spread | None:
    """Return number, mean, SD (n - 1 in the denominator) and range; None where there is no value.

    The SD of a single value is None, and so is one beyond the largest float.
    """
    if not values:
        return None
    sd = None
    if len(values) > 1:
        with suppress(OverflowError):
            sd = stdev(values)
    # `statistics.mean` is exact and rounds once: the mean of equal values is that value, and no
    # mean lies outside of the range.
    return Spread(len(values), mean(values), sd, min(values), max(values))
