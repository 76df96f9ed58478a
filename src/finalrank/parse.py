"""From a file's bytes to its metrics. Tells what is wrong in plain words, never what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import SchemaValidator, core_schema

from finalrank.decode import Repeating, Unreadable, document
from finalrank.models import Metric, Problem, Values
from finalrank.names import visible

# Give or take this much, a value lies in its range: an AUPRC of 1.0000000000000002 is a 1.
_TOLERANCE = 1e-9
# What people write in place of one another in a key.
_SEPARATORS = "-_. "


def reader(
    metrics: Sequence[Metric],
) -> Callable[[bytes, str], tuple[Values, tuple[Problem, ...]]]:
    """A function from a file's bytes and its source to the metrics' values and their problems.

    A value is a finite number in its metric's range; None is missing. It raises Unreadable where
    the bytes are no JSON object.
    """
    plain = _plain_reader(metrics)
    keys_in = re.compile(
        b'"(?:%s)"' % b"|".join(re.escape(m.key.encode()) for m in metrics)
    ).findall
    look_alikes = {metric.key: _look_alike(metric.key) for metric in metrics}

    def read(data: bytes, source: str) -> tuple[Values, tuple[Problem, ...]]:
        found = keys_in(data)
        # A key that is given twice, or that may be written with an escape, is for the careful one.
        if len(found) == len(set(found)) and b"\\" not in data:
            try:
                values = plain(data)
            except ValueError:
                return _careful_values(_object(data), metrics, source)
            if None not in values.values() or not _has_look_alike(data, values):
                return values, ()
        return _careful_values(_object(data), metrics, source)

    def _has_look_alike(data: bytes, values: Values) -> bool:
        text = data.lower()
        return any(value is None and look_alikes[key](text) for key, value in values.items())

    return read


def _look_alike(key: str) -> Callable[[bytes], object]:
    """Searches lower-cased JSON for a key, be it spelt otherwise; may find what is none."""
    if not key.isascii():
        return lambda _: True
    letters = [re.escape(letter) for letter in _folded(key)]
    between = f"[{re.escape(_SEPARATORS)}]*"
    return re.compile(between.join(['"', *letters, '"']).encode()).search


def _folded(key: str) -> str:
    """The key without what people spell differently."""
    return key.translate(dict.fromkeys(map(ord, _SEPARATORS))).lower()


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
    """The JSON object that the bytes hold; raises Unreadable."""
    found = document(data)
    if isinstance(found, dict):
        return found
    raise Unreadable(None, f"is {_described(found)}, not an object: is it a metrics file?")


def _careful_values(
    found: dict[str, Any], metrics: Sequence[Metric], source: str
) -> tuple[Values, tuple[Problem, ...]]:
    values: Values = {}
    problems = []
    for metric in metrics:
        value = found.get(metric.key)
        number = _number(value)
        fault = _doubt(found, metric) if value is None else _fault(value, number, metric)
        if isinstance(found, Repeating) and metric.key in found and found.differs(metric.key):
            twice = "is given more than once, with different values: the last one counts"
            problems.append(Problem(source, metric.key, twice))
        if fault:
            problems.append(Problem(source, metric.key, fault))
        usable = number is not None and math.isfinite(number) and not fault
        values[metric.key] = number if usable else None
    return values, tuple(problems)


def _doubt(found: dict[str, Any], metric: Metric) -> str | None:
    """What is wrong where a metric is missing: nothing, unless its key is there spelt otherwise."""
    if metric.key in found:
        return None
    folded, longest = _folded(metric.key), 2 * len(metric.key)
    near = [name for name in found if len(name) <= longest and _folded(name) == folded]
    if not near:
        return None
    return f"is missing, but there is `{visible(min(near))}`: spell the key the same in both places"


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
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "a number")
