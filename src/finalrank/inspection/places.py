"""The places in files at which numbers stand, and what was found at each."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence

from finalrank.inspection.paths import Part, spelt

# The kinds of value that were found at a place, as bits: objects and texts are "other".
NUMBER, LIST, OTHER = 1, 2, 4


class Sources:
    """The files that have a place. Mostly all have it, so that a few ranges say which."""

    __slots__ = ("_files", "_ranges")

    def __init__(self, files: Sequence[str], ranges: Sequence[int]) -> None:
        """Keep the sources of all files, and of each range the first index and the one after."""
        self._files = files
        self._ranges = ranges

    def __len__(self) -> int:
        return sum(self._ranges[1::2]) - sum(self._ranges[::2])

    def __iter__(self) -> Iterator[str]:
        for start, end in zip(self._ranges[::2], self._ranges[1::2], strict=True):
            yield from self._files[start:end]

    @property
    def first(self) -> str:
        """The first of the files."""
        return self._files[self._ranges[0]]


class Place:
    """A place in the files, such as `folds[].dice`: what stands there, and the places below it.

    `name` is the key in the object that is the parent, or None for any item of a list.
    """

    __slots__ = (
        *("below", "example", "high", "kinds", "low", "name", "parent", "ranges", "whole", "width"),
    )

    def __init__(self, parent: Place | None, name: Part) -> None:
        """Make a place at which nothing was found yet."""
        self.parent = parent
        self.name = name
        self.below: dict[Part, Place] = {}
        self.kinds = 0
        self.ranges = array("I")  # of the files that have a number here, see `Sources`
        self.low, self.high, self.example = math.inf, -math.inf, 0.0
        self.whole = True
        # Of its path, in characters: an escape has up to twelve of them.
        self.width: int = parent.width + len(spelt(name)) + 1 if parent else 0

    def add(self, number: float) -> None:
        """Add a number that stands here."""
        self.kinds |= NUMBER
        self.low, self.high = min(self.low, number), max(self.high, number)
        self.whole = self.whole and number.is_integer()

    def all_below(self) -> Iterator[Place]:
        """Yield every place below this one."""
        waiting = list(self.below.values())
        while waiting:
            place = waiting.pop()
            yield place
            waiting.extend(place.below.values())

    def steps(self) -> list[Place]:
        """Return the places from the one below the top down to this one."""
        steps = []
        place = self
        while place.parent is not None:
            steps.append(place)
            place = place.parent
        return steps[::-1]
