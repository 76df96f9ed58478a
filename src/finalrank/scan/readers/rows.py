"""Rows: what a table or a log holds, before it is said which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from finalrank.config.keys import lookup
from finalrank.scan.readers.json import DuplicateKeyDict


class Rows:
    """The rows of a file, each an object of what it has. They are read as they are asked for.

    Iterating raises Unreadable where a row is broken.
    """

    def __init__(self, objects: Iterable[dict[str, Any]]) -> None:
        """Take the rows, which can be iterated over more than once only if `objects` can."""
        self._objects = objects

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield each row as an object."""
        return iter(self._objects)

    def with_value(self, column: str) -> Iterator[tuple[Any, Any]]:
        """Yield the value of a column in each row, None where it has none, and the row.

        The column is a key, or a JMESPath expression; `as_object` makes an object of a row.
        """
        find = lookup(column)
        return ((find(row), row) for row in self)

    def as_object(self, row: Any) -> dict[str, Any]:
        """Return a row that `with_value` yields as an object of what it has."""
        held: dict[str, Any] = row
        return held

    def last(self) -> dict[str, Any]:
        """Return, of each column, the last value that is there; null is none, NaN is one."""
        row_of: dict[str, dict[str, Any]] = {}
        for row in self:
            for name, value in row.items():
                if value is not None or name not in row_of:
                    row_of[name] = row
        last = {name: row[name] for name, row in row_of.items()}
        # What a row gives twice is told, as in any file.
        marked = {id(row): row for row in row_of.values() if isinstance(row, DuplicateKeyDict)}
        pairs = [p for row in marked.values() for p in row.pairs if row_of[p[0]] is row]
        return DuplicateKeyDict([*pairs, *last.items()]) if pairs else last
