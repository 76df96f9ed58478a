"""The numbers that the user chose as metrics: what they are called, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from finalrank.errors import UsageError
from finalrank.inspection.numbers import Inspection, Numbers
from finalrank.inspection.paths import shown
from finalrank.model.ranking import RUN_COLUMNS
from finalrank.registry.lookup import find
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# So many paths, those in most files, are compared with one that is not there.
_CANDIDATES = 10_000
# So many characters has a path that is offered: nobody would look at a longer one.
_LONGEST_OFFER = 500
# So many other places are offered for a metric that some files do not have at its own.
_OFFERS = 3
# How `--metric` says which way is better: `fid:lower`.
_DIRECTIONS = {":lower": False, ":higher": True}
_LAST_ITEM = "[-1]"


class Choice(NamedTuple):
    """The numbers at one place as a metric, and which way it is better."""

    numbers: Numbers
    higher_is_better: bool | None  # None: nobody knows
    said: bool = False  # the user said which way, and it is not that of the registry
    expression: str = ""  # how the user wrote the place, if it is a list: the mean, or the last

    @property
    def label(self) -> str:
        """Its own spelling: the last key, with the one before where that says what it is of."""
        names = [part for part in self.numbers.parts if part is not None]
        is_told = not names or find(names[-1:]).metric or len(names) == 1
        return visible(names[-1] if names and is_told else ".".join(names[-2:]) or "value")


def guess(numbers: Numbers) -> Choice:
    """Return which way a metric is better as the registry knows it by its name, or not at all."""
    metric = numbers.word.metric
    return Choice(numbers, metric.better == "higher" if metric else None)


def chosen(names: Sequence[str], inspection: Inspection) -> list[Choice]:
    """Return the numbers at the places that `--metric` names, and which way each is better.

    A place is named by its path, its `keys`, the last item of its list, or its last key where no
    other place has that. Raises UsageError where there is none.
    """
    known = _places(inspection.numbers)
    choices: dict[str, Choice] = {}
    for name in names:
        place, direction = _with_direction(name, known)
        if place not in known:
            hint = _hint(place, known, inspection.numbers)
            raise UsageError(f'--metric: there is no number at "{visible(place)}"{hint}')
        row = known[place]
        choice = guess(row)
        if None in row.parts and place != row.path and place != row.name:
            choice = choice._replace(expression=place)
        if direction is not None:
            choice = choice._replace(higher_is_better=direction, said=True)
        choices.setdefault(row.path, choice)
    return list(choices.values())


def _places(rows: Sequence[Numbers]) -> dict[str, Numbers]:
    """Return the numbers by all names that `--metric` may give them."""
    by_name: dict[str, list[Numbers]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    known = {name: same[0] for name, same in by_name.items() if len(same) == 1}
    known |= {row.path.replace("[]", _LAST_ITEM, 1): row for row in rows if "[]" in row.path}
    return known | {row.keys: row for row in rows} | {row.path: row for row in rows}


def _hint(place: str, known: Iterable[str], rows: Sequence[Numbers]) -> str:
    """Return what a place that is not there may be meant to be."""
    same = [row.path for row in rows if row.name == place][:3]
    if same:
        return "; did you mean " + " or ".join(f'"{shown(path)}"' for path in same) + "?"
    near = did_you_mean(place, islice(known, _CANDIDATES))
    return near or "; `finalrank inspect` lists what there is"


def _with_direction(name: str, known: Container[str]) -> tuple[str, bool | None]:
    """Return the place that an option names, and which way is better where it says so."""
    for ending, higher in _DIRECTIONS.items():
        if name.endswith(ending) and name not in known:
            return name.removesuffix(ending), higher
    return name, None


def offers_for(choice: Choice, choices: Sequence[Choice], inspection: Inspection) -> list[Numbers]:
    """Return other places at which files without the metric may have it: of the same last key.

    Short paths come first, and each adds a file. The first of `choices` is the primary metric.
    """
    row = choice.numbers
    files = set(row.sources)
    # Only files with the names of those that have the primary metric will be read.
    names = names_of(choices[0].numbers)
    taken = {choice.numbers.path for choice in choices}
    offers = []
    for other in sorted(inspection.numbers, key=lambda other: (len(other.parts), other.path)):
        if (
            other.name == row.name
            and other.path not in taken
            and len(other.keys) <= _LONGEST_OFFER
            and files.isdisjoint(other.sources)
            and not names.isdisjoint(names_of(other))
        ):
            offers.append(other)
            files.update(other.sources)
    return offers[:_OFFERS]


def names_of(row: Numbers) -> set[str]:
    """Return the names of the files that have the numbers, without their folders."""
    return {source.rpartition("/")[2] for source in row.sources}


def metric_keys(rows: Sequence[Numbers]) -> list[str]:
    """Return a short name for each: the last key of its path, or as many as make it differ."""
    keys: list[str] = []
    for row in rows:
        names = [word for part in row.parts if part and (word := _word(part))]
        same = [other for other in rows if other.name == row.name]
        size = 1 if len(same) == 1 and names and not names[-1].isdigit() else 2
        while size < len(names) and "_".join(names[-size:]) in keys:
            size += 1
        key = stem = "_".join(names[-size:]) or "value"
        count = 2
        while key in keys or key in RUN_COLUMNS:
            key, count = f"{stem}_{count}", count + 1
        keys.append(key)
    return keys


def _word(part: str) -> str:
    return re.sub(r"\W+", "_", part).strip("_")
