"""The metrics.csv of Lightning's CSVLogger."""

from __future__ import annotations

import re

from finalrank.scan.readers.csv import csv_rows, number_in
from finalrank.scan.unreadable import Unreadable


def lightning(data: bytes) -> dict[str, float | str]:
    """The last cell that is not empty of each column of a CSV file whose name begins with `test`.

    The rows of training and validation leave these cells empty; a later test counts, not an older.
    """
    rows = csv_rows(data)
    _, header = next(rows, ("", []))
    if len(header) == 1 and re.search(r"[;\t{\[]", header[0]):
        raise Unreadable("line 1", "is no table of comma-separated values: see scan.reader")
    if all(not name or number_in(name) is not None for name in header):
        raise Unreadable("line 1", "does not name the columns: is it the file of a CSVLogger?")
    columns = [
        (place, name) for place, name in enumerate(header) if name.lower().startswith("test")
    ]
    if len({name for _, name in columns}) < len(columns):
        raise Unreadable("line 1", "names a column twice: keep one of them")
    found: dict[str, float | str] = {}
    for line, row in rows:
        if len(row) != len(header):
            more = "more" if len(row) > len(header) else "fewer"
            raise Unreadable(
                line, f"has {more} cells than the first line: was it cut off, or joined?"
            )
        for place, name in columns:
            if cell := row[place]:
                number = number_in(cell)
                found[name] = cell if number is None else number
    return found
