"""Names of files: their stems, and the names that their sidecars may have."""

from __future__ import annotations

from collections.abc import Iterable

# How the name of a table ends.
TABLES = (".csv", ".json")
# How the names of artifacts end.
_SUFFIXES = (".json", ".csv", ".jsonl", ".ndjson", ".tsv", ".yaml", ".yml", ".toml", ".db")


def stem(file_name: str) -> str:
    """Return the file name without the suffix of a kind of file that can be read."""
    for suffix in _SUFFIXES:
        if file_name.endswith(suffix):
            return file_name[: -len(suffix)]
    return file_name


def sidecar_names(
    file_name: str, test: str, sidecars: Iterable[str], suffixes: Iterable[str] | None = TABLES
) -> list[str]:
    """Return the names that a sidecar of the artifact `file_name` may have.

    In its name, `test` is replaced by each of `sidecars`, and its suffix by each of `suffixes`;
    None keeps its own suffix. There are none where `test` is not in its name.
    """
    own = stem(file_name)
    if not test or test not in own:
        return []
    endings = (file_name[len(own) :],) if suffixes is None else tuple(suffixes)
    # Only the first `test`: the rest of the name tells it from other artifacts.
    names = [own.replace(test, sidecar, 1) + end for sidecar in sidecars for end in endings]
    return [name for name in dict.fromkeys(names) if name != file_name]
