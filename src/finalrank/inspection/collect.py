"""All places of numbers in some files.

Files of others may hold anything: what is kept of them is bounded, in number and in characters.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from itertools import islice, repeat
from typing import Any

from finalrank.inspection.paths import Part
from finalrank.inspection.places import LIST, OTHER, Place

# Of a file so many values are looked at, numbers or not.
MAX_VALUES = 1_000_000
# All files together may have so many places, and so many characters in the paths to their numbers.
# Real files have up to 200 paths of 90 characters.
MAX_PLACES = 200_000
MAX_CHARACTERS = 4_000_000
# One file may add this share of what is left: after files that take all they can, there is still
# room for one with a few metrics.
_SHARE = 10
# All places together have so many gaps between the files that have them.
_MAX_RANGES = 4_000_000


class Places:
    """All places of the numbers in the files that were taken so far."""

    def __init__(self) -> None:
        """Begin without any file."""
        self.top = Place(None, None)
        self.files: list[str] = []
        self.is_whole = True  # whether all that the files hold was looked at and kept
        self._left = _Room(MAX_PLACES, MAX_CHARACTERS, _MAX_RANGES)

    def take(self, documents: Iterable[Any], source: str) -> list[str]:
        """Add the numbers of what a file holds, and say which of its bounds it met."""
        room = self._left.share()
        addition = _Addition(self.top, len(self.files), room)
        self.files.append(source)
        for document in documents:
            addition.take(document)
        self._left.take_back(room)
        told = []
        if addition.values < 0:
            told.append(f"has over {MAX_VALUES:,} values: the others are not looked at")
        if room.was_full:
            told.append("has too many paths to numbers, or too long ones: some are not told")
        self.is_whole = self.is_whole and not told
        return told


class _Room:
    """How much can still be kept."""

    __slots__ = ("characters", "places", "ranges", "was_full")

    def __init__(self, places: int, characters: int, ranges: int) -> None:
        self.places = places
        self.characters = characters
        self.ranges = ranges
        self.was_full = False  # whether something had no room

    def share(self) -> _Room:
        """Take out what one file may fill."""
        part = _Room(self.places // _SHARE, self.characters // _SHARE, self.ranges)
        self._add(part, -1)
        return part

    def take_back(self, part: _Room) -> None:
        """Add what a file has left of its part."""
        self._add(part, 1)

    def _add(self, part: _Room, times: int) -> None:
        self.places += times * part.places
        self.characters += times * part.characters
        self.ranges += times * part.ranges

    def has(self, places: int, characters: int, ranges: int) -> bool:
        """Take what something needs, where there is enough for it."""
        if places > self.places or characters > self.characters or ranges > self.ranges:
            self.was_full = True
            return False
        self.places -= places
        self.characters -= characters
        self.ranges -= ranges
        return True


# A place, or the step from one to where something stands that may hold no number.
_Way = Place | tuple["_Way", Part]


class _Addition:
    """What one file adds to the places below `top`, within its bounds."""

    def __init__(self, top: Place, file: int, room: _Room) -> None:
        self._top = top
        self._file = file
        self._room = room
        self._objects: deque[tuple[_Way, dict[str, Any], bool]] = deque()
        self._lists: deque[tuple[_Way, list[Any], bool]] = deque()
        self.values = MAX_VALUES  # that may still be looked at; below 0, there were more

    def take(self, document: Any) -> None:
        """Add the numbers of the file. Without recursion, which has a limit.

        Objects go first: a list of millions must not keep the metrics beside it from being seen.
        """
        self._wait(self._top, document, False)
        while (self._objects or self._lists) and self.values >= 0:
            way, values, in_list = (self._objects or self._lists).popleft()
            is_object = isinstance(values, dict)
            items: Iterable[tuple[Part, Any]]
            items = values.items() if isinstance(values, dict) else zip(repeat(None), values)
            self._take_items(way, islice(items, self.values), in_list or not is_object, is_object)
            self.values -= len(values)

    def _wait(self, way: _Way, value: Any, in_list: bool) -> None:
        if isinstance(value, dict):
            self._objects.append((way, value, in_list))
        elif isinstance(value, list):
            self._lists.append((way, value, in_list))

    def _take_items(
        self, way: _Way, items: Iterable[tuple[Part, Any]], in_list: bool, is_object: bool
    ) -> None:
        """Add what stands in an object or a list.

        A place is made where there is a number; in a list for whatever there is, as that decides
        how the mean of its numbers is spelt.
        """
        here = self._placed(way) if in_list else _known(way)
        if here is None:
            return
        if isinstance(here, Place):
            here.kinds |= OTHER if is_object else LIST
        for name, value in items:
            if isinstance(value, dict | list):
                self._wait((here, name), value, in_list)
                continue
            is_number = isinstance(value, float) and math.isfinite(value)
            if not is_number and (not in_list or value is None):
                continue
            place = self._placed((here, name))
            if place is None:
                if not isinstance(here, Place):
                    return  # nor is there room for anything else in it
            elif is_number:
                self._add(place, value)
                here = place.parent or here
            else:
                place.kinds |= OTHER

    def _placed(self, way: _Way) -> Place | None:
        """Return the place to which a way leads, None where there is no room for it."""
        names = []
        while not isinstance(way, Place):
            way, name = way
            names.append(name)
        for name in reversed(names):
            below = way.below.get(name)
            if below is None:
                if not self._room.has(1, len(name or ""), 0):
                    return None
                below = way.below[name] = Place(way, name)
            way = below
        return way

    def _add(self, place: Place, number: float) -> None:
        """Add a number to a place, if there is room."""
        ranges = place.ranges
        if not ranges or ranges[-1] < self._file:
            if not self._room.has(0, 0 if ranges else place.width, 1):
                return
            if not ranges:
                place.example = number
            ranges.extend((self._file, self._file + 1))
        ranges[-1] = self._file + 1
        place.add(number)


def _known(way: _Way) -> _Way:
    """Return the place to which a way leads, if it is one step from a place and was made."""
    if isinstance(way, Place):
        return way
    above, name = way
    return (above.below.get(name) if isinstance(above, Place) else None) or way
