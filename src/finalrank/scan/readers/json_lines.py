"""The reader of JSON lines: an object a line, as logs have it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from finalrank.scan.figures.faults import described
from finalrank.scan.readers.foreign import explained
from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.json import decode_text
from finalrank.scan.readers.rows import Rows
from finalrank.scan.readers.utf8 import decode_utf8, refuse_wide


def json_lines(data: bytes) -> Rows:
    """Return the objects of a file that has one a line. Raises Unreadable."""
    refuse_wide(data)
    try:
        return Rows(_Lines(decode_utf8(data)))
    except Unreadable as refusal:
        raise explained(refusal, data) from None


class _Lines:
    """The objects in a text, each parsed when its line is reached."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number, line in enumerate(self._lines(), 1):
            if not line or line.isspace():
                continue
            row = decode_text(line, number)
            if not isinstance(row, dict):
                reason = f"is {described(row)}, not an object: in JSON lines, each is one"
                raise Unreadable(f"line {number}", reason)
            yield row

    def _lines(self) -> Iterator[str]:
        """Yield the lines one by one: a list of millions would take many times their memory."""
        start = 0
        # Not splitlines: U+2028 may stand within a text of JSON.
        while (end := self._text.find("\n", start)) >= 0:
            yield self._text[start:end]
            start = end + 1
        yield self._text[start:]


READER = Reader("jsonl", json_lines, artifact="table")
