"""The rows and the numbers of a CSV file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from finalrank.scan.readers.json import refuse_wide
from finalrank.scan.unreadable import Unreadable

# As Python, NumPy and C write a number; float() alone would take 1_0 and other scripts' digits.
_NUMBER = re.compile(
    r"[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf(?:inity)?)",
    re.ASCII | re.IGNORECASE,
)


def csv_rows(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV file that are not blank, each with its place."""
    text = _text(data)
    if not text.strip():
        raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            if row:
                yield f"line {rows.line_num}", [cell.strip() for cell in row]
    except csv.Error:
        reason = "is not CSV: a quote is out of place, or a cell is far too long"
        raise Unreadable(f"line {rows.line_num}", reason) from None


def _text(data: bytes) -> str:
    if (place := data.find(b"\0")) >= 0:
        refuse_wide(data)
        reason = "has NUL bytes: is it text? Did the disk or the job fail while it was written?"
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = error.start
            reason = "is not UTF-8 text: save it as UTF-8"
    line = data.count(b"\n", 0, place) + 1
    raise Unreadable(f"line {line}", reason)


def number_in(text: str) -> float | None:
    """The number that a text is, as programs write it; None where it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None
