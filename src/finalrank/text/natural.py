"""An order of names in which numbers count as numbers: `epoch9` before `epoch100`."""

from __future__ import annotations

import re

_PARTS = re.compile(r"(\d+)", re.ASCII)
# Of a name: its texts and numbers in turn, and the name itself, which tells `01` from `1`.
NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


def natural_key(name: str) -> NaturalKey:
    """Return a sort key by which runs of digits order as the numbers that they are.

    A number comes before a text, as digits come before letters.
    """
    return tuple(_part(part) for part in _PARTS.split(name) if part), name


def _part(part: str) -> tuple[int, int, str]:
    # Of two numbers the one with more digits is larger: no number is too long to compare.
    digits = part.lstrip("0") if part[0] in "0123456789" else None
    return (1, 0, part) if digits is None else (0, len(digits), digits)
