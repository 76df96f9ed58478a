"""What a file's name says: its stem, and the names of files beside it."""

from __future__ import annotations

from collections.abc import Iterable

# How the name of a table ends.
TABLES = (".csv", ".json")


def stem(file_name: str) -> str:
    """The file name without its `.json` or `.csv`."""
    for suffix in (".json", ".csv"):
        if file_name.endswith(suffix):
            return file_name[: -len(suffix)]
    return file_name


def sidecar_names(
    file_name: str, test: str, sidecars: Iterable[str], suffixes: Iterable[str] | None = TABLES
) -> list[str]:
    """The names that a sidecar may have: `test` replaced, with a suffix (None: its own)."""
    own = stem(file_name)
    if not test or test not in own:
        return []
    ends = (file_name[len(own) :],) if suffixes is None else tuple(suffixes)
    # Once: the rest of the name says which of several artifacts it is.
    names = [own.replace(test, sidecar, 1) + end for sidecar in sidecars for end in ends]
    return [name for name in dict.fromkeys(names) if name != file_name]
