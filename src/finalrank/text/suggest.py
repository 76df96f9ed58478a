"""Suggestions for a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable

from finalrank.text.escape import visible


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean "a" or "b"?`, or an empty text where no known name is similar."""
    # Imported here: only an error needs it, and every command would wait for it.
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return "; did you mean " + " or ".join(f'"{visible(candidate)}"' for candidate in near) + "?"
