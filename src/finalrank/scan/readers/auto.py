"""The reader that chooses another by the suffix of a file's name, and by what the file holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from finalrank.scan.readers.interface import Decode, Reader, Unreadable
from finalrank.scan.readers.json import parse_json
from finalrank.scan.readers.json_lines import json_lines
from finalrank.scan.readers.mlflow_db import mlflow_db
from finalrank.scan.readers.table import table
from finalrank.scan.readers.toml import parse_toml
from finalrank.scan.readers.yaml import parse_yaml

# An object on a line of its own, and another on a line below: a log that is called .json.
_TWO_OBJECTS = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{[^\n]*\}\s*\n\s*\{")


def json_or_lines(data: bytes) -> Any:
    """Return what JSON holds, or the rows of JSON lines under the name of JSON.

    Raises Unreadable.
    """
    try:
        return parse_json(data)
    except Unreadable:
        if not _TWO_OBJECTS.match(data):
            raise
    return json_lines(data)


def table_or_json(data: bytes) -> Any:
    """Return the rows of a table, or what JSON under the name of a table holds.

    Raises Unreadable.
    """
    is_json = data[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    return (json_or_lines if is_json else table)(data)


def _by_content(data: bytes) -> Any:
    """Return what a file of an unknown suffix holds. Raises Unreadable."""
    beginning = data[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"SQLite format 3\0"):
        return mlflow_db(data)
    if beginning[:1] in (b"{", b"["):
        return json_or_lines(data)
    first = beginning.partition(b"\n")[0]
    return table(data) if re.search(rb"[,;\t|]", first) else parse_json(data)


# Without the dot, in lower case.
SUFFIXES: dict[str, Decode] = {
    "json": json_or_lines,
    "jsonl": json_lines,
    "ndjson": json_lines,
    "csv": table_or_json,
    "tsv": table_or_json,
    "yaml": parse_yaml,
    "yml": parse_yaml,
    "toml": parse_toml,
    "db": mlflow_db,
}


def decoder_for(name: str) -> Callable[[bytes], Any]:
    """Return the function that decodes a file of a name."""
    return SUFFIXES.get(name.rpartition(".")[2].lower(), _by_content)


READER = Reader("auto", json_or_lines, artifact="json", decoder_for=decoder_for)
