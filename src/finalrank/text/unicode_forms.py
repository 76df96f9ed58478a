"""Names that look the same and are not: `é` as one character (NFC), or as `e` and an accent (NFD).

The normal forms: https://unicode.org/reports/tr15/
"""

from __future__ import annotations

from unicodedata import normalize


def composed(name: str) -> str:
    """Return the name in the form NFC, in which names that look the same are equal."""
    return name if name.isascii() else normalize("NFC", name)


def are_twins(one: str, other: str) -> bool:
    """Return whether two names differ in their Unicode normal form alone."""
    return one != other and composed(one) == composed(other)


def form_of(name: str) -> str:
    """Return the normal form that a name is in."""
    return next((form for form in ("NFC", "NFD") if normalize(form, name) == name), "neither form")
