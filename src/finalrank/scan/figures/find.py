"""What is found of a metric in a file: a number, what is none, or the mean of a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from finalrank.config.keys import list_of_mean, search_by
from finalrank.model.artifact import Averaged


class Found(NamedTuple):
    """What was found by the keys of a metric, and by which."""

    value: Any = None  # None: nothing
    key: str | None = None
    nan: int = 0  # NaN that stood where a number was looked for
    averaged: Averaged | None = None  # of a mean: what it is taken over
    stranger: Any = None  # of a mean: the first of its list that is neither number nor null


def figure_finder(keys: Sequence[str], missing: Collection[str]) -> Callable[[Any], Found]:
    """Return the function that finds a metric's value in a decoded file.

    Each key is looked up as it is at the top of the file, and else as an expression; one whose
    outermost call is `avg` gives the mean over the numbers of its list. Null, NaN and the texts in
    `missing` are no values, and the next key is tried; so it is after an object or a list, which is
    what is found where no other key finds anything.
    """
    steps = [(key, list_of_mean(key), search_by(key)) for key in keys]

    def find(document: Any) -> Found:
        nan, structure = 0, Found()
        for key, list_in, search in steps:
            if isinstance(document, dict) and key in document:
                found = Found(document[key], key)
            elif list_in:
                found = mean_of(list_in(document), key, missing)
            else:
                found = Found(search(document) if search else None, key)
            value = found.value
            nan += found.nan + (isinstance(value, float) and math.isnan(value))
            if value is None or value != value:
                continue
            if isinstance(value, dict | list):
                structure = structure if structure.key else found
            elif not (isinstance(value, str) and value in missing):
                return found
        return structure._replace(nan=nan)

    return find


def mean_of(items: Any, key: str, missing: Collection[str]) -> Found:
    """Return the mean over the numbers of a list, and what else is in it.

    Nothing is found where it is no list, or holds no number.
    """
    if not isinstance(items, list):
        return Found(None, key)
    numbers = [float(item) for item in items if is_number(item)]
    values = [number for number in numbers if not math.isnan(number)]
    nulls = sum(item is None or (isinstance(item, str) and item in missing) for item in items)
    strangers = (
        item
        for item in items
        if not (item is None or is_number(item) or (isinstance(item, str) and item in missing))
    )
    nan = len(numbers) - len(values)
    averaged = Averaged(len(values), len(items), nan, nulls)
    mean = _mean(values) if values else None
    return Found(mean, key, nan, averaged if values else None, next(strangers, None))


def is_number(item: object) -> bool:
    """Return whether a value of JSON is a number."""
    return isinstance(item, int | float) and not isinstance(item, bool)


def _mean(values: Sequence[float]) -> float:
    """Return the mean, which does not depend on the order of the values."""
    if infinite := [value for value in values if math.isinf(value)]:
        return max(infinite)
    try:
        return fmean(values)
    except OverflowError:  # their sum is no float, their mean is one
        return math.fsum(value / len(values) for value in values)
