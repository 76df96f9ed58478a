"""CSV as text in which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from finalrank.text.escape import CONTROLS, escape

# Control characters but line breaks and tabs, which may be in a cell.
_UNSAFE_CELL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{CONTROLS}]")
# What a spreadsheet takes for the beginning of a formula; and `'`, which says that it is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def cell(name: str) -> str:
    r"""Return the name as the text of a cell: never a formula, nor a command to a terminal.

    What could be taken for a formula gets a `'` in front, and so does a name that begins with `'`,
    so that to take off one leading `'` gives every name back. Control characters but line breaks
    and tabs are escaped as in `visible`.
    """
    text = _UNSAFE_CELL.sub(escape, name)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(header: list[str], rows: Iterable[list[Any]]) -> str:
    r"""Return rows as CSV (RFC 4180), each ended by `\n`. Texts are escaped by `cell`."""
    lines: list[str] = []
    # The writer quotes cells that hold a character of its line end, so that has both of them.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
