"""CSV as text in which no cell is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from finalrank.text.escape import CONTROLS, escape

if TYPE_CHECKING:
    pass


# In a table file, a line break or a tab is part of the name.
_UNSAFE_CELL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{CONTROLS}]")


# What a spreadsheet takes for the beginning of a formula, and the mark that says it is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def cell(name: str) -> str:
    r"""The name as text in a spreadsheet: never a formula, nor a terminal command.

    What could be taken for a formula has a `'` in front, and so has a name that begins with `'`:
    without one leading `'` each is as it was. Control characters but line breaks and tabs are
    escapes, as in `visible`.
    """
    text = _UNSAFE_CELL.sub(escape, name)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(header: list[str], rows: Iterable[list[Any]]) -> str:
    r"""Rows as CSV (RFC 4180), each ended by `\n`; whatever a name holds, it stays in its cell.

    No text is a formula to a spreadsheet: see `cell`.
    """
    lines: list[str] = []
    # The writer quotes what could end its lines, so these end in both characters that could.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
