"""The reader of tables: CSV, TSV, and what else parts the cells of a line by one character."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from finalrank.scan.readers.csv import not_csv, number_in, refuse_nul
from finalrank.scan.readers.foreign import explained, kind_of
from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict
from finalrank.scan.readers.rows import Rows
from finalrank.scan.readers.utf8 import decode_utf8

# Of equally many in the header, the first parts the cells.
_DELIMITERS = "\t,;|"
# More than any table of metrics has: one column a class, and a few metrics a class.
_MOST_COLUMNS = 10_000
# What pandas calls a column without a name, where it is the first.
INDEX = "index"


def table(data: bytes) -> Rows | dict[str, Any]:
    """Return the rows below the header of a table, or the object that pairs of name and value are.

    Raises Unreadable.
    """
    if reason := kind_of(data):
        raise Unreadable(None, reason)
    try:
        refuse_nul(data)
        text = decode_utf8(data, with_column=False)
        beginning = text[:1000].lstrip()[:1]
        if beginning and beginning in "{[":
            raise Unreadable("line 1", "is no table of comma-separated values: see scan.reader")
        cells = _Cells(text)
        header = next(iter(cells), None)
        if header is None:
            raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
        if _is_pair(header):
            return _pairs(cells)
        return Table(cells, _columns(header))
    except Unreadable as refusal:
        raise explained(refusal, data) from None


class _Cells:
    """The rows of a table as texts, header and all; they are read again with each iteration."""

    def __init__(self, text: str) -> None:
        self._text = text
        first = text.lstrip("\r\n").partition("\n")[0]
        unquoted = re.sub('"[^"]*"', "", first)
        self._delimiter = max(_DELIMITERS, key=unquoted.count) if unquoted else ","
        self.line = 0

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the cells of each row that is not blank. Padding before a cell is taken off."""
        rows = csv.reader(
            io.StringIO(self._text, newline=""),
            delimiter=self._delimiter,
            skipinitialspace=True,
            strict=True,
        )
        try:
            for row in rows:
                self.line = rows.line_num
                if row:
                    yield row
        except csv.Error:
            raise not_csv(rows.line_num) from None


def _is_pair(row: Sequence[str]) -> bool:
    """Return whether a first row is no header, but the name of a figure and its value."""
    return len(row) == 2 and number_in(row[1].strip()) is not None and number_in(row[0]) is None


def _pairs(cells: _Cells) -> dict[str, Any]:
    pairs = []
    for row in cells:
        if len(row) != 2:
            raise Unreadable(f"line {cells.line}", "is no pair of a name and a value, as others")
        pairs.append((row[0].strip(), _value(row[1])))
    values = dict(pairs)
    return values if len(values) == len(pairs) else DuplicateKeyDict(pairs)


def _columns(header: Sequence[str]) -> list[str]:
    """Return the names of the columns; a nameless one is empty, but for a first one alone.

    Raises Unreadable.
    """
    names = [name.strip() for name in header]
    if len(names) > _MOST_COLUMNS:
        raise Unreadable("line 1", f"has over {_MOST_COLUMNS:,} columns: is it a table of metrics?")
    if all(not name or number_in(name) is not None for name in names):
        raise Unreadable("line 1", "does not name the columns: a table needs a header")
    if not names[0] and INDEX not in names:
        names[0] = INDEX
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise Unreadable("line 1", "names a column twice: keep one of them")
    return names


class Table(Rows):
    """The rows of a table, whose header is said once more where a run was resumed."""

    def __init__(self, cells: _Cells, columns: Sequence[str]) -> None:
        """Take all rows, the header first, and the names of the columns."""
        self._cells = cells
        self._columns = columns
        self._named = [(place, name) for place, name in enumerate(columns) if name]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield each row as an object of the cells that are not empty."""
        return map(self.as_object, self._rows())

    def with_value(self, column: str) -> Iterator[tuple[Any, Any]]:
        """Yield the value of a column in each row, and the row, of which no other cell is read."""
        if column not in self._columns:
            return ((None, row) for row in self._rows())
        place = self._columns.index(column)
        return ((_value(row[place]), row) for row in self._rows())

    def as_object(self, row: Any) -> dict[str, Any]:
        """Return the cells of a row that are not empty, by the names of their columns."""
        pairs = ((name, _value(row[place])) for place, name in self._named)
        return {name: value for name, value in pairs if value is not None}

    def last(self) -> dict[str, Any]:
        """Return, of each column, the last cell that is not empty."""
        last = [""] * len(self._columns)
        for row in self._rows():
            # A row without a gap, as most are, is all that is needed of those before it.
            last = row if "" not in row else [a or b for a, b in zip(row, last, strict=True)]
        pairs = ((name, _value(last[place])) for place, name in self._named)
        return {name: value for name, value in pairs if value is not None}

    def _rows(self) -> Iterator[list[str]]:
        width, cells = len(self._columns), iter(self._cells)
        header = next(cells, [])
        for row in cells:
            if len(row) != width:
                more = "more" if len(row) > width else "fewer"
                raise Unreadable(
                    f"line {self._cells.line}",
                    f"has {more} cells than the first line: was it cut off, or joined?",
                )
            if row[0] != header[0] or row != header:
                yield row


def _value(cell: str) -> float | str | None:
    """Return the number or the text of a cell; None where it is blank."""
    number = number_in(cell)
    return (cell.strip() or None) if number is None else number


READER = Reader("csv", table, artifact="table")
