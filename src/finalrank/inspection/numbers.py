"""The numbers that files hold, before anybody has said which of them are metrics."""

from __future__ import annotations

import math
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any, NamedTuple

from finalrank.config.sections import Scan
from finalrank.errors import UsageError
from finalrank.inspection.paths import Part, mean_of, path_of
from finalrank.model.artifact import Problem
from finalrank.scan.local import is_folder, read, reason_of
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import parse_json
from finalrank.scan.walk import walk
from finalrank.text.escape import visible

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words in the name of a duration or a time.
_TIME = re.compile("times?|runtime|secs?|seconds?|duration|latency|elapsed|timestamp")
# Words in the name of a loss or a distance, which is no percentage even between 0 and 100.
_DISTANCE = re.compile("loss|hd|hd95|hausdorff|assd|asd|distance|r?mse|mae|nll|perplexity|ppl")
# The kinds of value that were found at a place, as bits: objects and texts are "other".
_NUMBER, _LIST, _OTHER = 1, 2, 4


class Numbers(NamedTuple):
    """The numbers at one place, such as `folds[].dice`, over all files."""

    path: str  # the place as a JMESPath expression: `folds[].dice`
    keys: str  # what to write into a metric's `keys`: `avg(folds[].dice)`
    parts: tuple[Part, ...]
    sources: tuple[str, ...]  # the files that have it
    low: float
    high: float
    example: float  # the first in the first of the files
    looks_like: str  # see `_looks_like`

    @property
    def name(self) -> str:
        """The last key of its path."""
        return next((part for part in reversed(self.parts) if part is not None), "")


class Inspection(NamedTuple):
    """The numbers in some files, and which of the files could not be read."""

    files: tuple[str, ...]  # those that were read, sorted
    numbers: tuple[Numbers, ...]  # those in most files first, then by path
    problems: tuple[Problem, ...]


def inspect(paths: Sequence[str]) -> Inspection:
    """Find all numbers in the files, and in every `*.json` of the folders, at `paths`.

    Raises UsageError for a path that is not there.
    """
    entries = [entry for path in paths for entry in _json_files(path, several=len(paths) > 1)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    # A file that two of the paths lead to is read once, for the first of them.
    files: dict[str, _File] = {}
    for entry in entries:
        if isinstance(entry, _File):
            files.setdefault(os.path.normpath(entry.top + entry.path), entry)
    top = _Place(None, None)
    sources = []
    limit = Scan().max_bytes
    for file in sorted(files.values()):
        try:
            document = parse_json(read(file.top, file.path, file.is_file, limit))
        except Unreadable as refusal:
            problems.append(Problem(file.source, refusal.place, refusal.reason))
        else:
            sources.append(file.source)
            top.take(document, file.source)
    top_keys = {name for name in top.below if name is not None}
    numbers = [_numbers(place, top_keys) for place in top.all_below() if place.sources]
    numbers.sort(key=lambda row: (-len(row.sources), row.path))
    return Inspection(tuple(sources), tuple(numbers), tuple(problems))


def tokens(name: str) -> list[str]:
    """Return the words of a name, lower-cased: of `test_hd95` `test`, `hd95`; of `valLoss` two."""
    return re.findall("[a-z0-9]+", _HUMP.sub(" ", name).lower())


# Files


class _File(NamedTuple):
    """A file to read."""

    source: str  # as it is shown
    top: str  # the folder that was named, ending in `/`; empty for a file that was named
    path: str  # below it
    is_file: bool  # a regular file; False where that is not known yet


def _json_files(path: str, *, several: bool) -> Iterator[_File | Problem]:
    """Yield the file at `path`, or every `*.json` below the folder there.

    `several`: it is one of several paths, so that the files of a folder are shown with its path.
    Raises UsageError.
    """
    try:
        is_single = not is_folder(path)
    except FileNotFoundError:
        raise UsageError(
            f"{visible(path)}: there is no such file or folder; name your runs folder"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(path)}: cannot be looked at: {reason_of(error)}") from None
    if is_single:
        yield _File(path, "", path, is_file=False)
        return
    top = path.rstrip("/") + "/"
    prefix = top if several else ""
    for entry in walk(top, prefix, lambda name: name.endswith(".json")):
        if isinstance(entry, Problem):
            # One of the folder itself has no path below it.
            yield replace(entry, source=entry.source or top[:-1] or "/")
            continue
        folder, name, is_file, is_directory = entry
        if not is_directory:
            yield _File(prefix + folder + name, top, folder + name, is_file)


# Places


class _Place:
    """A place in the files, such as `folds[].dice`: what stands there, and the places below it.

    `name` is the key in the object that is the parent, or None for any item of a list.
    """

    __slots__ = ("below", "example", "high", "kinds", "low", "name", "parent", "sources", "whole")

    def __init__(self, parent: _Place | None, name: Part) -> None:
        self.parent = parent
        self.name = name
        self.below: dict[Part, _Place] = {}
        self.kinds = 0
        self.sources: list[str] = []
        self.low, self.high, self.example = math.inf, -math.inf, 0.0
        self.whole = True

    def take(self, document: Any, source: str) -> None:
        """Add every value of a file, as below this place. Without recursion, which has a limit."""
        waiting: deque[tuple[_Place, Any]] = deque()
        if isinstance(document, dict | list):
            waiting.append((self, document))
        while waiting:
            place, values = waiting.popleft()
            place.kinds |= _OTHER if isinstance(values, dict) else _LIST
            items: Iterable[tuple[Part, Any]]
            items = values.items() if isinstance(values, dict) else zip(repeat(None), values)
            for name, value in items:
                below = place.below.get(name)
                if below is None:
                    below = place.below[name] = _Place(place, name)
                if isinstance(value, dict | list):
                    waiting.append((below, value))
                elif isinstance(value, float) and math.isfinite(value):
                    below._add(value, source)
                elif value is not None:
                    below.kinds |= _OTHER

    def _add(self, number: float, source: str) -> None:
        self.kinds |= _NUMBER
        if not self.sources:
            self.example = number
        if not self.sources or self.sources[-1] != source:
            self.sources.append(source)
        self.low, self.high = min(self.low, number), max(self.high, number)
        self.whole = self.whole and number.is_integer()

    def all_below(self) -> Iterator[_Place]:
        """Yield every place below this one."""
        waiting = list(self.below.values())
        while waiting:
            place = waiting.pop()
            yield place
            waiting.extend(place.below.values())

    def steps(self) -> list[_Place]:
        """Return the places from the one below the top down to this one."""
        steps = []
        place = self
        while place.parent is not None:
            steps.append(place)
            place = place.parent
        return steps[::-1]


def _numbers(place: _Place, top_keys: set[str]) -> Numbers:
    steps = place.steps()
    parts = tuple(step.name for step in steps)
    path = path_of(parts, top_keys)
    keys = mean_of(parts, top_keys, alone=not _is_mixed(steps)) if None in parts else path
    numbers = (place.low, place.high, place.example)
    return Numbers(path, keys, parts, tuple(place.sources), *numbers, _looks_like(place, parts))


def _is_mixed(steps: list[_Place]) -> bool:
    """Return whether `[]` would find more than the numbers at the last of the places.

    It flattens lists of lists, and takes what is no number, too.
    """
    below_list = steps[[place.name for place in steps].index(None) :]
    above = any(p.kinds & _LIST and p.kinds & (_NUMBER | _OTHER) for p in below_list[:-1])
    return above or below_list[-1].kinds != _NUMBER


def _looks_like(place: _Place, parts: tuple[Part, ...]) -> str:
    """Return a word for what the numbers seem to be; a guess has a question mark."""
    words = tokens(next((part for part in reversed(parts) if part is not None), ""))
    if any(map(_TIME.fullmatch, words)) or (len(words) > 1 and words[-1] == "s"):
        return "time?"
    if place.low < 0:
        return "negative"
    if place.high <= 1 + 1e-9:
        return "share?"
    if place.whole:
        return "count?"
    # A value barely above 1 is a loss or a ratio rather than one per cent.
    if 2 < place.high <= 100 and not any(map(_DISTANCE.fullmatch, words)):
        return "percentage?"
    return "number"


def format_number(value: float) -> str:
    """Return the number with six significant figures; a whole number in full."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
