"""Near misses of a name."""

from __future__ import annotations

from collections.abc import Iterable

from finalrank.text.escape import visible


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "a" or "b"?`, or nothing where no known name comes near."""
    # Only an error needs it, and every command would wait for its import.
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return "; did you mean " + " or ".join(f'"{visible(candidate)}"' for candidate in near) + "?"
