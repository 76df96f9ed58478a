"""From bytes to text, and what they are where they are no UTF-8."""

from __future__ import annotations

import json

from finalrank.scan.readers.interface import Unreadable


def decode_utf8(data: bytes, *, with_column: bool = True) -> str:
    """Return UTF-8 bytes as text, without a byte order mark.

    Raises Unreadable where they are empty, blank or not UTF-8: at the line and, if `with_column`,
    the column (in bytes) of the first wrong byte, both from 1.
    """
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line, column = line_of(data, error.start), error.start - data.rfind(b"\n", 0, error.start)
        place = f"line {line} column {column}" if with_column else f"line {line}"
        raise Unreadable(place, "is not UTF-8 text: save it as UTF-8") from None
    if not text.strip():
        raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
    return text


def line_of(data: bytes, index: int) -> int:
    """Return the line, from 1, of the byte at an index."""
    return data.count(b"\n", 0, index) + 1


def refuse_wide(data: bytes) -> None:
    """Raise Unreadable for text in UTF-16 or UTF-32."""
    if encoding := _wide_encoding(data):
        source = ", as > in PowerShell writes it" if encoding == "UTF-16" else ""
        raise Unreadable(None, f"is {encoding} text{source}: save it as UTF-8")


def _wide_encoding(data: bytes) -> str | None:
    """Return UTF-16 or UTF-32 where the text is in it, with or without a byte order mark."""
    guess = json.detect_encoding(data)
    name = guess[:6].upper()
    if name not in ("UTF-16", "UTF-32"):
        return None
    try:
        text = data.decode(guess)
    except UnicodeDecodeError:
        return name if data.startswith((b"\xff\xfe", b"\xfe\xff")) else None
    return name if "\0" not in text else None
