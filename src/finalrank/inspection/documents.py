"""What an inspection takes from one file: its numbers, its lists, and the texts of factors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from finalrank.config.tables.rows import Columns
from finalrank.config.tables.scan import Scan
from finalrank.inspection.files import File
from finalrank.inspection.lists import Listed, folded, lists_in, table_of
from finalrank.scan.folders.local import read
from finalrank.scan.readers.registry import READERS
from finalrank.scan.readers.rows import Rows
from finalrank.scan.results.texts import text_of
from finalrank.scan.rows.long_tables import wide_rows

# So many rows of a table are looked at.
_MOST_ROWS = 100_000
# The keys whose values say under which circumstances figures were got, by what they say.
_FACTORS: dict[str, str] = {
    **dict.fromkeys(("dataset", "datasetname", "task", "taskname", "benchmark"), "dataset"),
    **dict.fromkeys(("split", "subset", "phase", "partition"), "split"),
    **dict.fromkeys(("fold", "foldid", "foldindex", "cvfold"), "fold"),
    **dict.fromkeys(("seed", "randomseed", "randomstate"), "seed"),
}
_LONGEST = 80


class Document(NamedTuple):
    """What one file holds, as far as an inspection needs it."""

    objects: tuple[Any, ...]  # in which its numbers stand: one, or the rows that are results
    lists: tuple[Listed, ...]
    texts: Mapping[tuple[str, str], str]  # by the role of a factor and its key: its value


def read_document(file: File) -> Document:
    """Read a file with whatever reader knows it. Raises Unreadable."""
    data = read(file.top, file.path, file.is_file, Scan().max_bytes)
    content = READERS["auto"].document(data, file.source)
    if not isinstance(content, Rows):
        return Document((content,), tuple(lists_in(content)), _texts(content))
    rows = list(islice(content, _MOST_ROWS))
    listed = table_of(rows, len(rows))
    if listed.kind == "curve":
        return Document((content.last(),), (listed,), {})
    if listed.kind == "pairs":
        columns = Columns(metric=listed.columns["metric"], value=listed.columns["value"])
        identity = [column for role, column in listed.columns.items() if role in _IDENTITY]
        rows = list(wide_rows(Rows(rows), columns, identity))
    return Document(tuple(rows), (listed,), {})


_IDENTITY = ("run", "dataset", "fold", "seed")


def _texts(document: Any) -> dict[tuple[str, str], str]:
    """Return the values of the factors that stand at the top of a file."""
    if not isinstance(document, dict):
        return {}
    found = {}
    for key, value in islice(document.items(), 1000):
        role = _FACTORS.get(folded(key)) if len(key) <= _LONGEST else None
        text = text_of(value) if role and not isinstance(value, bool) else None
        if role and text is not None and len(text) <= _LONGEST:
            found[role, key] = text
    return found
