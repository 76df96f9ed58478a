"""What an artifact says of its test set: how many cases, positives, negatives."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from finalrank.config.evidence import CaseKeys
from finalrank.config.keys import finder, search_by
from finalrank.model.artifact import CaseCounts

# One object for all the artifacts that say the same.
_MOST = 4096


def counter(keys: CaseKeys) -> Callable[[Any], CaseCounts | None]:
    """A function from a document to its counts; None where it says nothing."""
    finds = [finder(names) for names in keys.names]
    counts = lru_cache(_MOST)(_counts)
    return lambda document: counts(*(_whole(find(document)[0]) for find in finds))


def plain_names(keys: CaseKeys) -> list[str] | None:
    """Every key that a count may have, if all of them are plain names; else None."""
    names = [name for several in keys.names for name in several]
    plain = len(names) == len(set(names)) and not any(map(search_by, names))
    return names if plain else None


def flat_counter(keys: CaseKeys) -> Callable[[bytes], CaseCounts | None]:
    """As `counter`, of JSON that is one flat object without escapes, and of plain names.

    It looks at so much of the text alone, and raises ValueError where that is not enough.
    """
    names = plain_names(keys)
    if not names:
        return lambda _: None
    # A search for what all begin with is several times faster than one for each.
    start = os.path.commonprefix(names)  # noqa: RUF071 - they are no paths
    rests = "|".join(re.escape(name[len(start) :]) for name in names)
    pairs = re.compile(f'"{re.escape(start)}(?:{rests})"\\s*:[^,}}]*'.encode()).findall
    # What the last file says, which is mostly what the next one says.
    usual: list[bytes] = []
    counts: CaseCounts | None = None

    def count(data: bytes) -> CaseCounts | None:
        nonlocal usual, counts
        found = pairs(data)
        if found and data.count(b"{") > 1:
            raise ValueError("it may be another object's")
        if found != usual:
            usual, counts = found, _of_pairs(found, keys)
        return counts

    return count


def _of_pairs(pairs: list[bytes], keys: CaseKeys) -> CaseCounts | None:
    """The counts that `"key": number` of a file says, of a key given twice the last."""
    values: dict[str, object] = {}
    for pair in pairs:
        key, _, text = pair.partition(b":")
        values[key.strip()[1:-1].decode()] = _number(text.strip())
    first = (
        next((value for key in several if (value := values.get(key)) is not None), None)
        for several in keys.names
    )
    return _counts(*map(_whole, first))


def _number(text: bytes) -> object:
    """The number; None where there is none (null, NaN), as what else it may be is no count."""
    try:
        number = float(text)
    except ValueError:
        return None if text == b"null" else text
    return number if math.isfinite(number) else None


def _whole(value: object) -> int | None:
    """The value if it is a count; what is none says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # nan and inf are no whole numbers; beyond 2**53 a float counts nothing.
    is_whole = 0 <= value < 2**53 and value == int(value)
    return int(value) if is_whole else None


def _counts(
    cases: int | None, positives: int | None, negatives: int | None, missing: int | None
) -> CaseCounts | None:
    """The counts, and the one of the first three that the other two tell."""
    if cases is None and positives is not None and negatives is not None:
        cases = positives + negatives
    elif cases is not None and positives is not None and negatives is None:
        negatives = cases - positives if cases >= positives else None
    elif cases is not None and negatives is not None and positives is None:
        positives = cases - negatives if cases >= negatives else None
    if (cases, positives, negatives, missing) == (None, None, None, None):
        return None
    return CaseCounts(cases, positives, negatives, missing)
