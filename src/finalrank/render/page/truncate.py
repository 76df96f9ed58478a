"""A list of which a page shows the first few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Truncated:
    """A list of which a page shows the first entries."""

    count: int  # entries of the whole list
    shown: Sequence[Any]
    more: int  # entries that are not shown


def at_most(items: Sequence[Any], most: int = 5) -> Truncated:
    """Return the list cut after `most` entries; a line of the page names five."""
    return Truncated(len(items), items[:most], len(items[most:]))
