"""The counts of its test set's cases that an artifact states: all, positives, negatives."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from finalrank.config.keys import finder, search_by
from finalrank.config.tables.evidence import CaseKeys
from finalrank.model.artifact import CaseCounts

# So many different counts are kept, to be one object for all the artifacts that state the same.
_CACHED = 4096


def counter(keys: CaseKeys) -> Callable[[Any], CaseCounts | None]:
    """Return the function from a decoded file to its counts, None where it states none."""
    finds = [finder(names) for names in keys.names]
    counts = lru_cache(_CACHED)(_completed)
    return lambda document: counts(*(_as_count(find(document)[0]) for find in finds))


def plain_names(keys: CaseKeys) -> list[str] | None:
    """Return every key that a count may have; None if any is an expression, or of two counts."""
    names = [name for several in keys.names for name in several]
    plain = len(names) == len(set(names)) and not any(map(search_by, names))
    return names if plain else None


def flat_counter(keys: CaseKeys) -> Callable[[bytes], CaseCounts | None]:
    """Return a quicker `counter`, from the bytes of JSON that is one object without escapes.

    It searches the text for the keys, which must be plain names (see `plain_names`), and raises
    ValueError where there is more than one object, as a key may be that of another.
    """
    names = plain_names(keys)
    if not names:
        return lambda _: None
    # To search for the beginning that all share is several times faster than for one of many.
    start = os.path.commonprefix(names)  # noqa: RUF071 - they are no paths
    rests = "|".join(re.escape(name[len(start) :]) for name in names)
    pairs_in = re.compile(f'"{re.escape(start)}(?:{rests})"\\s*:[^,}}]*'.encode()).findall
    # Those of the last file, which are mostly those of the next.
    usual_pairs: list[bytes] = []
    counts: CaseCounts | None = None

    def count(data: bytes) -> CaseCounts | None:
        nonlocal usual_pairs, counts
        pairs = pairs_in(data)
        if pairs and data.count(b"{") > 1:
            raise ValueError("it may be another object's")
        if pairs != usual_pairs:
            usual_pairs, counts = pairs, _of_pairs(pairs, keys)
        return counts

    return count


def _of_pairs(pairs: list[bytes], keys: CaseKeys) -> CaseCounts | None:
    """Return the counts in pairs such as `"num_cases": 20`; of a key given twice, the last."""
    values: dict[str, object] = {}
    for pair in pairs:
        key, _, text = pair.partition(b":")
        values[key.strip()[1:-1].decode()] = _number_or_text(text.strip())
    first = (
        next((value for key in several if (value := values.get(key)) is not None), None)
        for several in keys.names
    )
    return _completed(*map(_as_count, first))


def _number_or_text(text: bytes) -> object:
    """Return a number, None where there is none (null, NaN), and anything else as it is."""
    try:
        number = float(text)
    except ValueError:
        return None if text == b"null" else text
    return number if math.isfinite(number) else None


def _as_count(value: object) -> int | None:
    """Return the value if it is a whole number from 0 on, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # From 2**53 on, a float may be rounded. No comparison holds for NaN.
    is_whole = 0 <= value < 2**53 and value == int(value)
    return int(value) if is_whole else None


def _completed(
    cases: int | None, positives: int | None, negatives: int | None, missing: int | None
) -> CaseCounts | None:
    """Return the counts; of cases, positives and negatives, two give the third.

    None where nothing is known.
    """
    if cases is None and positives is not None and negatives is not None:
        cases = positives + negatives
    elif cases is not None and positives is not None and negatives is None:
        negatives = cases - positives if cases >= positives else None
    elif cases is not None and negatives is not None and positives is None:
        positives = cases - negatives if cases >= negatives else None
    if (cases, positives, negatives, missing) == (None, None, None, None):
        return None
    return CaseCounts(cases, positives, negatives, missing)
