"""The reader of JSON: the value that a file's bytes hold, or what they are instead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from finalrank.scan.readers.foreign import explained
from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.utf8 import decode_utf8, refuse_wide

# More than any metrics file has, and well within what Python's own parser can follow.
_MAX_DEPTH = 500
_NO_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^][{}"]++', re.DOTALL)
_LEVELS = {"[": 1, "{": 1, "]": -1, "}": -1}
_COMMENT = re.compile(r"//|/\*|#")


class DuplicateKeyDict(dict[str, Any]):
    """An object in which, or below which, a key is written more than once; the last value counts.

    All objects above such a one are of this class, too, so that a file in which no key is given
    twice costs nothing to check.
    """

    def __init__(self, pairs: Iterable[tuple[str, Any]]) -> None:
        """Keep every pair as it was written."""
        self.pairs = list(pairs)
        super().__init__(self.pairs)

    def differs(self, key: str) -> bool:
        """Return whether the key was given different values."""
        values = [value for name, value in self.pairs if name == key]
        return not all(_same(value, values[-1]) for value in values)


# JMESPath tells by the name of its type that a value is an object.
DuplicateKeyDict.__name__ = dict.__name__


def _same(one: object, other: object) -> bool:
    if isinstance(one, dict | list):  # in which NaN may stand
        return one == other or repr(one) == repr(other)
    both_nan = one != one and other != other
    return type(one) is type(other) and (one == other or both_nan)


def whole_number(digits: str) -> float:
    """Return the number that decimal digits are, with a sign or without."""
    # Not by way of int, which has a limit of digits: 10**400 is infinite. The whole number -0 is 0.
    return float(digits) or 0.0


class _GivenTwice(Exception):  # noqa: N818 - no fault
    """A key is given more than once."""


def _plain_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise _GivenTwice
    return mapping


def _any_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    return mapping if len(mapping) == len(pairs) else DuplicateKeyDict(pairs)


# Mostly no key is given twice: then nothing has to be marked.
_decode_plain, _decode_any = (
    json.JSONDecoder(parse_int=whole_number, object_pairs_hook=hook).decode
    for hook in (_plain_object, _any_object)
)


def _decode(text: str) -> Any:
    """Return what JSON holds; raises JSONDecodeError."""
    try:
        return _decode_plain(text)
    except _GivenTwice:
        return _marked(_decode_any(text))


def _items(value: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    return iter(value.items()) if isinstance(value, dict) else iter(enumerate(value))


def _marked(document: Any) -> Any:
    """Return the document with every object that has a `DuplicateKeyDict` below it as one, too.

    Without recursion, which has a limit.
    """
    way: list[tuple[Any, Any, Iterator[tuple[Any, Any]]]] = [(None, document, _items(document))]
    depth_of_last = 0  # down to here, the objects on the way are to be marked
    while True:
        key, value, rest = way[-1]
        below = next((item for item in rest if isinstance(item[1], dict | list)), None)
        if below is not None:
            way.append((*below, _items(below[1])))
            if isinstance(below[1], DuplicateKeyDict):
                depth_of_last = len(way)
            continue
        if len(way) <= depth_of_last and type(value) is dict:
            value = DuplicateKeyDict(value.items())
        way.pop()
        if not way:
            return value
        if len(way) < depth_of_last:
            way[-1][1][key] = value
            depth_of_last = len(way)


def without(mapping: dict[str, Any], is_left_out: Callable[[str], bool]) -> dict[str, Any]:
    """Return an object without some of its keys; it still knows which are given twice."""
    if isinstance(mapping, DuplicateKeyDict):
        return DuplicateKeyDict(pair for pair in mapping.pairs if not is_left_out(pair[0]))
    return {key: value for key, value in mapping.items() if not is_left_out(key)}


def with_other_values(document: Any) -> Any:
    """Return the document with another value of each key that was given different ones.

    It is the first that differs from the last, which counts. A document without any is itself.
    """
    if isinstance(document, DuplicateKeyDict):
        changed = dict(document)
        for key, value in document.pairs:
            if changed[key] is document[key] and not _same(value, document[key]):
                changed[key] = value
        for key, value in document.items():
            if changed[key] is value:
                changed[key] = with_other_values(value)
        return changed
    if isinstance(document, list):
        return list(map(with_other_values, document))
    return document


def made_of_both(document: Any, make: Callable[[Any], Any]) -> Any:
    """Return the object that `make` makes of a document, with what keys given twice change in it.

    What it makes of their other values stands in it as given before: it would be lost else.
    """
    made = make(document)
    if isinstance(document, DuplicateKeyDict):
        return DuplicateKeyDict([*make(with_other_values(document)).items(), *made.items()])
    return made


def parse_json(data: bytes) -> Any:
    """Return the JSON that UTF-8 bytes hold (RFC 8259, and NaN and Infinity as Python writes them).

    Every number is a float. Raises Unreadable, with the place of the fault or with what the bytes
    are instead.
    """
    try:
        return _parsed(data)
    except Unreadable as refusal:
        raise explained(refusal, data) from None


def _parsed(data: bytes) -> Any:
    refuse_wide(data)
    return decode_text(decode_utf8(data))


def decode_text(text: str, line: int = 1) -> Any:
    """Return what JSON text holds that begins in a line of its file; raises Unreadable."""
    if _is_too_deep(text):
        raise Unreadable(None, f"is nested over {_MAX_DEPTH} levels deep: is it a metrics file?")
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno + line - 1} column {error.colno}"
        raise Unreadable(place, _fault(error, text)) from None


def _fault(error: json.JSONDecodeError, text: str) -> str:
    """Say what is wrong with JSON, and show nothing of it."""
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
    """Return whether JSON is nested over `_MAX_DEPTH` levels deep.

    Python's own parser has a limit, too, which depends on its version and on its caller.
    """
    if text.count("[") + text.count("{") <= _MAX_DEPTH:
        return False
    brackets = _NO_BRACKETS.sub("", text)
    return any(level > _MAX_DEPTH for level in accumulate(map(_LEVELS.__getitem__, brackets)))


READER = Reader("json", parse_json, artifact="json")
