"""A list of which the page shows the first few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Truncated:
    """A list of which the page shows the first: how many there are, these, and how many more."""

    count: int
    named: Sequence[Any]
    more: int


def at_most(items: Sequence[Any], most: int = 5) -> Truncated:
    """The list, cut where the page stops: a line names five of a list, and counts the rest."""
    return Truncated(len(items), items[:most], len(items[most:]))
