"""Suggestions for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable

from finalrank.text.escape import visible
from finalrank.text.unicode_forms import are_twins, form_of


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean "a" or "b"?`, or an empty text where no known name is similar."""
    # Imported here: only an error needs it, and every command would wait for it.
    import difflib

    names = list(known)
    # Names that look the same may have few characters in common.
    twins = [] if name.isascii() else [other for other in names if are_twins(name, other)]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    near = list(dict.fromkeys([*twins, *near]))[:3]
    if not near:
        return ""
    offers = [f'"{visible(candidate)}"{_form(candidate, [name, *near])}' for candidate in near]
    return f"; did you mean {' or '.join(offers)}?"


def _form(candidate: str, others: list[str]) -> str:
    """Return ` (in Unicode form NFD, not NFC)` where another name looks the same."""
    twins = [other for other in others if are_twins(candidate, other)]
    return f" (in Unicode form {form_of(candidate)}, not {form_of(twins[0])})" if twins else ""
