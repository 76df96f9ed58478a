"""The numbers that files hold, before anybody has said which of them are metrics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from finalrank.config.tables.scan import Scan
from finalrank.inspection.collect import Places
from finalrank.inspection.files import File, files_at
from finalrank.inspection.paths import Part, mean_of, path_of
from finalrank.inspection.places import LIST, NUMBER, OTHER, Place, Sources
from finalrank.model.artifact import Problem
from finalrank.scan.folders.local import read
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import parse_json

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words in the name of a duration or a time.
_TIME = re.compile("times?|runtime|secs?|seconds?|duration|latency|elapsed|timestamp")
# Words in the name of a loss or a distance, which is no percentage even between 0 and 100.
_DISTANCE = re.compile("loss|hd|hd95|hausdorff|assd|asd|distance|r?mse|mae|nll|perplexity|ppl")


class Numbers(NamedTuple):
    """The numbers at one place, such as `folds[].dice`, over all files."""

    path: str  # the place as a JMESPath expression: `folds[].dice`
    keys: str  # what to write into a metric's `keys`: `avg(folds[].dice)`
    parts: tuple[Part, ...]
    sources: Sources  # the files that have it
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
    files, problems = files_at(paths)
    places = Places()
    for file in files:
        problems += _taken(file, places)
    top_keys = {name for name in places.top.below if name is not None}
    numbers = [
        _numbers(place, top_keys, places) for place in places.top.all_below() if place.ranges
    ]
    numbers.sort(key=lambda row: (-len(row.sources), row.path))
    return Inspection(tuple(places.files), tuple(numbers), tuple(problems))


def _taken(file: File, places: Places) -> list[Problem]:
    """Add a file to the places, and return what is to be told of it.

    The document is gone when it returns: there is never more than one.
    """
    try:
        document = parse_json(read(file.top, file.path, file.is_file, Scan().max_bytes))
    except Unreadable as refusal:
        return [Problem(file.source, refusal.place, refusal.reason)]
    return [Problem(file.source, None, reason) for reason in places.take(document, file.source)]


def tokens(name: str) -> list[str]:
    """Return the words of a name, lower-cased: of `test_hd95` `test`, `hd95`; of `valLoss` two."""
    return re.findall("[a-z0-9]+", _HUMP.sub(" ", name).lower())


def _numbers(place: Place, top_keys: set[str], places: Places) -> Numbers:
    steps = place.steps()
    parts = tuple(step.name for step in steps)
    path = path_of(parts, top_keys)
    # Where something was not looked at, anything may stand there.
    alone = places.is_whole and None in parts and not _is_mixed(steps)
    keys = mean_of(parts, top_keys, alone=alone) if None in parts else path
    sources = Sources(places.files, place.ranges)
    numbers = (place.low, place.high, place.example)
    return Numbers(path, keys, parts, sources, *numbers, _looks_like(place, parts))


def _is_mixed(steps: list[Place]) -> bool:
    """Return whether `[]` would find more than the numbers at the last of the places.

    It flattens lists of lists, and takes what is no number, too.
    """
    below_list = steps[[place.name for place in steps].index(None) :]
    above = any(p.kinds & LIST and p.kinds & (NUMBER | OTHER) for p in below_list[:-1])
    return above or below_list[-1].kinds != NUMBER


def _looks_like(place: Place, parts: tuple[Part, ...]) -> str:
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
