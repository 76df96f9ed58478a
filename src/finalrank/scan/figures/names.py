"""The names that a metric could be looked up by in an artifact, for whoever misspelt one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from finalrank.config.settings import Settings
from finalrank.scan.folders.local import read, read_folder
from finalrank.scan.folders.roots import Root, locate
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.registry import READERS
from finalrank.scan.results.beside import decode_beside
from finalrank.scan.rows.documents import document_reader

# A metric that is further down than this is seldom misspelt by one letter.
_DEEPEST = 4
# A file may be full of keys that nobody meant: so many names are looked at, of so many characters.
_NAMES, _LONGEST = 10_000, 200


def names_in(source: str, roots: Sequence[Root], settings: Settings) -> list[str]:
    """Return the dotted paths of an artifact, at which anything stands that is no object."""
    reader = READERS[settings.scan.reader]
    top, path = locate(source, roots)
    read_bytes = read_folder if reader.artifact == "folder" else read
    try:
        data = read_bytes(top, path, False, settings.scan.max_bytes)
        document = document_reader(settings)(data, path)
    except Unreadable:  # it is gone, or another file by now
        return []
    return list(islice(_paths(document, _DEEPEST), _NAMES))


def names_beside(source: str, file: str, roots: Sequence[Root], settings: Settings) -> list[str]:
    """Return the dotted paths of the nearest file of factors beside an artifact or above it."""
    top, path = locate(source, roots)
    while path:
        path = path.rpartition("/")[0]
        beside = f"{path}/{file}" if path else file
        try:
            document = decode_beside(read(top, beside, False, settings.scan.max_bytes), beside)
        except Unreadable:
            continue
        return list(_paths(document, _DEEPEST))
    return []


def _paths(document: Any, depth: int) -> Iterator[str]:
    """Yield the paths to what is no object, of a list those in its first object."""
    if isinstance(document, list):
        first = next((item for item in document if isinstance(item, dict)), None)
        yield from (f"[].{path}" for path in _paths(first, depth))
    if not isinstance(document, dict) or not depth:
        return
    for key, value in document.items():
        if len(key) > _LONGEST:
            continue
        below = list(_paths(value, depth - 1)) if isinstance(value, dict | list) else []
        if isinstance(value, dict) or below:
            yield from (f"{key}{'' if path.startswith('[') else '.'}{path}" for path in below)
        else:
            yield key
