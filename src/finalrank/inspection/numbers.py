"""The numbers that files hold, before anybody has said which of them are metrics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from finalrank.inspection.collect import Places
from finalrank.inspection.documents import read_document
from finalrank.inspection.files import File, files_at
from finalrank.inspection.layouts import layout_of
from finalrank.inspection.lists import Listed
from finalrank.inspection.paths import Part, mean_of, path_of
from finalrank.inspection.places import LIST, NUMBER, OTHER, Place, Sources
from finalrank.model.artifact import Problem
from finalrank.registry.lookup import Word, find
from finalrank.scan.readers.interface import Unreadable

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Words in the name of a duration or a time.
_TIME = re.compile("times?|runtime|secs?|seconds?|duration|latency|elapsed|timestamp")
# Words in the name of a percentage.
_PERCENT = re.compile("percent|percentage|pct|%")


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
    def word(self) -> Word:
        """What the names of its keys say of it."""
        return find([part for part in self.parts if part is not None])

    @property
    def name(self) -> str:
        """The last key of its path."""
        return next((part for part in reversed(self.parts) if part is not None), "")


class Contents(NamedTuple):
    """What a file holds beside its numbers."""

    lists: tuple[Listed, ...]
    texts: Mapping[tuple[str, str], str]  # by the role of a factor and its key: its value


class Inspection(NamedTuple):
    """The numbers in some files, and which of the files could not be read."""

    files: tuple[str, ...]  # those that were read, sorted
    numbers: tuple[Numbers, ...]  # those in most files first, then by path
    problems: tuple[Problem, ...]
    contents: Mapping[str, Contents]  # by file, of those that have any
    preset: str | None  # the one for their layout, if it is a known one


def inspect(paths: Sequence[str]) -> Inspection:
    """Find all numbers in the files, and in all of the folders that a reader knows, at `paths`.

    Raises UsageError for a path that is not there.
    """
    files, problems = files_at(paths)
    places = Places()
    contents = {}
    for file in files:
        held, told = _taken(file, places)
        problems += told
        if held.lists or held.texts:
            contents[file.source] = held
    top_keys = {name for name in places.top.below if name is not None}
    numbers = [
        _numbers(place, top_keys, places) for place in places.top.all_below() if place.ranges
    ]
    numbers.sort(key=lambda row: (-len(row.sources), row.path))
    return Inspection(
        tuple(places.files), tuple(numbers), tuple(problems), contents, layout_of(files)
    )


def _taken(file: File, places: Places) -> tuple[Contents, list[Problem]]:
    """Add a file to the places, and return what else it holds, and what is to be told of it.

    The document is gone when it returns: there is never more than one.
    """
    try:
        document = read_document(file)
    except Unreadable as refusal:
        return Contents((), {}), [Problem(file.source, refusal.place, refusal.reason)]
    told = places.take(document.objects, file.source)
    problems = [Problem(file.source, None, reason) for reason in told]
    return Contents(document.lists, document.texts), problems


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
    if place.whole and not _is_percentage(place, parts):
        return "count?"
    return "percentage?" if _is_percentage(place, parts) else "number"


def _is_percentage(place: Place, parts: tuple[Part, ...]) -> bool:
    """Return whether the numbers are percentages, by their name and by all of them.

    A maximum says nothing alone: all are above 1, and the name is that of a share.
    """
    names = [part for part in parts if part is not None]
    metric = find(names).metric
    says_so = any(map(_PERCENT.fullmatch, tokens(names[-1] if names else "")))
    can_be = metric is not None and metric.percentage
    return 1 < place.high <= 100 and (says_so or (can_be and place.low > 1))


def format_number(value: float) -> str:
    """Return the number with six significant figures; a whole number in full."""
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"
