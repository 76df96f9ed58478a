"""From a file's bytes to its metrics. Tells what is wrong in plain words, never what it says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import SchemaValidator, core_schema

from finalrank.models import Metric, Problem, Values

# Give or take this much, a value lies in its range: an AUPRC of 1.0000000000000002 is a 1.
_TOLERANCE = 1e-9

# A whole number becomes a float at once: there is no limit of digits, and 10**400 is infinite.
_decode = json.JSONDecoder(parse_int=float).decode


class Unreadable(Exception):  # noqa: N818 - it is a verdict
    """A candidate that gives no JSON object: the place and the reason of its problem."""

    def __init__(self, place: str | None, reason: str) -> None:
        """Keep the place (line and column, or None for the whole file) and the reason."""
        super().__init__(reason)
        self.place = place
        self.reason = reason


def reader(
    metrics: Sequence[Metric],
) -> Callable[[bytes, str], tuple[Values, tuple[Problem, ...]]]:
    """A function from a file's bytes and its source to the metrics' values and their problems.

    A value is a finite number in its metric's range; None is missing. It raises Unreadable where
    the bytes are no JSON object.
    """
    plain = _plain_reader(metrics)

    def read(data: bytes, source: str) -> tuple[Values, tuple[Problem, ...]]:
        try:
            return plain(data), ()
        except ValueError:
            return _careful_values(_object(data), metrics, source)

    return read


def _plain_reader(metrics: Sequence[Metric]) -> Callable[[bytes], Values]:
    """Reads the files in which nothing is amiss, several times faster than `json`.

    It raises ValueError at anything else: NaN, a text, a value out of its range, a byte order
    mark, half a surrogate pair, ... whether it is a fault or not is for the careful reader to say.
    """
    fields = {}
    for metric in metrics:
        low, high = metric.range
        number = core_schema.float_schema(strict=True, ge=low, le=high, allow_inf_nan=False)
        value = core_schema.with_default_schema(core_schema.nullable_schema(number), default=None)
        fields[metric.key] = core_schema.typed_dict_field(value)
    schema = core_schema.typed_dict_schema(fields, extra_behavior="ignore")
    return SchemaValidator(schema).validate_json


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object that the UTF-8 bytes hold (RFC 8259, and NaN and Infinity as Python writes).

    Raises Unreadable.
    """
    document = _document(data)
    if isinstance(document, dict):
        return document
    raise Unreadable(None, f"is {_described(document)}, not an object: is it a metrics file?")


def _document(data: bytes) -> Any:
    """Whatever JSON the bytes hold; raises Unreadable with the place of the fault."""
    if encoding := _wide_encoding(data):
        raise Unreadable(None, f"is {encoding} text: save it as UTF-8")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        place = f"line {line} column {column}"
        raise Unreadable(place, "is not UTF-8 text: save it as UTF-8") from None
    if not text.strip():
        raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise Unreadable(place, "ends too early: was it cut off? Write it again") from None
        # What follows a colon in the message can be a piece of the file.
        reason = error.msg.partition(": ")[0].removesuffix(" at")
        reason = reason[0].lower() + reason[1:]
        raise Unreadable(place, f"is not JSON: {reason}") from None
    except RecursionError:
        raise Unreadable(None, "is nested too deep to parse") from None


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


def _careful_values(
    document: dict[str, Any], metrics: Sequence[Metric], source: str
) -> tuple[Values, tuple[Problem, ...]]:
    values: Values = {}
    problems = []
    for metric in metrics:
        value = document.get(metric.key)
        number = _number(value)
        fault = None if value is None else _fault(value, number, metric)
        if fault:
            problems.append(Problem(source, metric.key, fault))
        usable = number is not None and math.isfinite(number) and not fault
        values[metric.key] = number if usable else None
    return values, tuple(problems)


def _fault(value: object, number: float | None, metric: Metric) -> str | None:
    """What is wrong with a value; to be missing, or infinite, is not wrong."""
    low, high = metric.range
    if number is None:
        hint = ": write it as a number" if isinstance(value, str) else ""
        return f"is {_described(value)}, not a number{hint}"
    if not math.isfinite(number) or low - _TOLERANCE <= number <= high + _TOLERANCE:
        return None
    hint = ": a percentage? Divide it by 100" if (low, high) == (0, 1) and 1 < number <= 100 else ""
    return f"is outside its range from {low:g} to {high:g}{hint}"


def _number(value: object) -> float | None:
    """The value if it is a number, and that is a float: see `_decode`."""
    return value if isinstance(value, float) else None


def _described(value: object) -> str:
    """What kind of JSON value it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), "a number")
