"""From a file's bytes to the JSON that they hold, or to what they are instead. Never shows them."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

from finalrank.scan.unreadable import Unreadable

# Deeper than any metrics file, and well within what Python's own parser can follow.
_MAX_DEPTH = 500
_NO_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^][{}"]++', re.DOTALL)
_LEVELS = {"[": 1, "{": 1, "]": -1, "}": -1}

_COMMENT = re.compile(r"//|/\*|#")
# The three marks of a merge conflict, in their order.
_CONFLICT = [re.compile(mark, re.MULTILINE) for mark in (rb"^<{7} ", rb"^={7}\r?$", rb"^>{7} ")]
# What is often found in place of a metrics file, by how it begins.
_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"version https://git-lfs"),
        "is a Git LFS pointer, not the file itself: run `git lfs pull`",
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]"),
        "is an HTML or XML page, not JSON: was it a download that failed?",
    ),
    (re.compile(rb"\x1f\x8b"), "is compressed with gzip: unpack it"),
    (re.compile(rb"PK\x03\x04"), "is a zip archive: unpack it"),
    (
        re.compile(rb"\0+\Z"),
        "is all NUL bytes: did the disk or the job fail while it was written? Write it again",
    ),
)


class DuplicateKeyDict(dict[str, Any]):
    """An object in which a key stands more than once; the last value is the key's."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        """Keep every pair as it was written."""
        super().__init__(pairs)
        self.pairs = pairs

    def differs(self, key: str) -> bool:
        """Whether the key was given different values."""
        values = [value for name, value in self.pairs if name == key]
        return not all(_same(value, values[-1]) for value in values)


# The functions of JMESPath know an object by its type's name.
DuplicateKeyDict.__name__ = dict.__name__


def _same(one: object, other: object) -> bool:
    both_nan = one != one and other != other
    return type(one) is type(other) and (one == other or both_nan)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else DuplicateKeyDict(pairs)


def _whole(digits: str) -> float:
    # At once: there is no limit of digits, and 10**400 is infinite. The whole number -0 is 0.
    return float(digits) or 0.0


_decode = json.JSONDecoder(parse_int=_whole, object_pairs_hook=_object).decode


def parse_json(data: bytes) -> Any:
    """The JSON that the UTF-8 bytes hold (RFC 8259, and NaN and Infinity as Python writes them).

    Every number is a float. Raises Unreadable, with the place of the fault or with what the bytes
    are instead.
    """
    try:
        return _parsed(data)
    except Unreadable:
        if line := _conflict(data):
            place = f"line {line} column 1"
            raise Unreadable(place, "has the marks of a merge conflict: resolve it") from None
        for beginning, reason in _OTHERS:
            if beginning.match(data):
                raise Unreadable(None, reason) from None
        raise


def _conflict(data: bytes) -> int | None:
    """The line, from 1, at which a merge conflict begins."""
    start, place = None, 0
    for mark in _CONFLICT:
        found = mark.search(data, place)
        if not found:
            return None
        start, place = found.start() if start is None else start, found.end()
    return data.count(b"\n", 0, start) + 1


def refuse_wide(data: bytes) -> None:
    """Raise Unreadable for text in UTF-16 or UTF-32."""
    if encoding := _wide_encoding(data):
        source = ", as > in PowerShell writes it" if encoding == "UTF-16" else ""
        raise Unreadable(None, f"is {encoding} text{source}: save it as UTF-8")


def _parsed(data: bytes) -> Any:
    refuse_wide(data)
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        place = f"line {line} column {column}"
        raise Unreadable(place, "is not UTF-8 text: save it as UTF-8") from None
    if not text.strip():
        raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
    if _is_too_deep(text):
        raise Unreadable(None, f"is nested over {_MAX_DEPTH} levels deep: is it a metrics file?")
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise Unreadable(place, _fault(error, text)) from None


def _fault(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "ends too early: was it cut off? Write it again"
    if _COMMENT.match(text, error.pos):
        return "is not JSON: has a comment here; delete it"
    if error.msg == "Extra data":
        return "is not JSON: goes on after its end; keep one object"
    # What follows a colon in the message can be a piece of the file.
    reason = error.msg.partition(": ")[0].removesuffix(" at")
    return f"is not JSON: {reason[0].lower()}{reason[1:]}"


def _is_too_deep(text: str) -> bool:
    """Whether it is nested deeper than we follow: the same for every caller and Python."""
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return False
    brackets = _NO_BRACKETS.sub("", text)
    return max(accumulate(_LEVELS[bracket] for bracket in brackets), default=0) > _MAX_DEPTH


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32, where the text is written in it, with or without a byte order mark."""
    guess = json.detect_encoding(data)
    name = guess[:6].upper()
    if name not in ("UTF-16", "UTF-32"):
        return None
    try:
        text = data.decode(guess)
    except UnicodeDecodeError:
        return name if data.startswith((b"\xff\xfe", b"\xfe\xff")) else None
    return name if "\0" not in text else None
