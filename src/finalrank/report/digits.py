"""How many digits tell figures apart that would all print as 0."""

from __future__ import annotations

from collections.abc import Iterable

from finalrank.decide.ranking.ties import levels
from finalrank.text.decimals import prints_as_zero

# Fewer say nothing of a figure, and more cannot part what is equal but for rounding.
_FEWEST, _MOST = 2, 10


def parting_digits(values: Iterable[float | None], digits: int) -> int:
    """Return how many significant digits part the values that print alike as 0.

    `digits` is with how many decimals they print. 0 where none or only one prints so: then it may.
    """
    least = 10.0**-digits
    small = [value for value in values if value is not None and -least < value < least]
    as_zero = {value for value in small if prints_as_zero(value, digits)}
    different = set(levels(sorted(as_zero)))
    if len(different) < 2:
        return 0
    counts = range(_FEWEST, _MOST)
    parted = (n for n in counts if len({f"{v:.{n - 1}e}" for v in different}) == len(different))
    return next(parted, _MOST)
