"""The reader of the metrics.csv of Lightning's CSVLogger."""

from __future__ import annotations

import re

from finalrank.scan.readers.csv import csv_rows, number_in
from finalrank.scan.readers.interface import Reader, Unreadable


def lightning(data: bytes) -> dict[str, float | str]:
    """Return the last cell that is not empty of each column.

    A row is of training, of validation or of a test, and leaves the cells of the others empty; of
    several epochs, or tests, the last counts. What is no number is kept as text. Raises Unreadable.
    """
    rows = csv_rows(data)
    _, header = next(rows, ("", []))
    if len(header) == 1 and re.search(r"[;\t{\[]", header[0]):
        raise Unreadable("line 1", "is no table of comma-separated values: see scan.reader")
    if all(not name or number_in(name) is not None for name in header):
        raise Unreadable("line 1", "does not name the columns: is it the file of a CSVLogger?")
    columns = [(index, name) for index, name in enumerate(header) if name]
    if len({name for _, name in columns}) < len(columns):
        raise Unreadable("line 1", "names a column twice: keep one of them")
    last: dict[str, str] = {}
    for line, row in rows:
        if len(row) != len(header):
            more = "more" if len(row) > len(header) else "fewer"
            raise Unreadable(
                line, f"has {more} cells than the first line: was it cut off, or joined?"
            )
        for index, name in columns:
            if cell := row[index]:
                last[name] = cell
    return {name: _number_or_text(cell) for name, cell in last.items()}


def _number_or_text(cell: str) -> float | str:
    number = number_in(cell)
    return cell if number is None else number


READER = Reader("lightning", lightning, artifact="table")
