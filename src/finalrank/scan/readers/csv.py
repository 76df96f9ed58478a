"""The rows of a CSV file and the numbers in its cells: for readers, and for tables of cases."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.utf8 import decode_utf8, line_of, refuse_wide


def csv_rows(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield the rows of a CSV file that are not blank: the place ("line 3") and the stripped cells.

    Raises Unreadable.
    """
    refuse_nul(data)
    text = decode_utf8(data, with_column=False)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            if row:
                yield f"line {rows.line_num}", [cell.strip() for cell in row]
    except csv.Error:
        raise not_csv(rows.line_num) from None


def refuse_nul(data: bytes) -> None:
    """Raise Unreadable for bytes that are no text, or text in UTF-16 or UTF-32."""
    if (index := data.find(b"\0")) >= 0:
        refuse_wide(data)
        reason = "has NUL bytes: is it text? Did the disk or the job fail while it was written?"
        raise Unreadable(f"line {line_of(data, index)}", reason)


def not_csv(line: int) -> Unreadable:
    """Return the refusal of a table in which the parser cannot go on at a line."""
    return Unreadable(
        f"line {line}", "is not CSV: a quote is out of place, or a cell is far too long"
    )


def number_in(text: str) -> float | None:
    """Return the number that a text is, as Python, NumPy and C write it; None where it is none."""
    # float() alone would take 1_0, and the digits of any script.
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None
