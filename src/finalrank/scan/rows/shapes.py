"""The shapes that rows have within JSON: a list of objects, lists by column, series by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.rows import Rows

# What Sacred calls the parts of a series, and what others do.
_STEPS, _VALUES = ("steps", "step", "epochs", "x"), ("values", "value", "y")
STEP = "step"


def rows_of(value: Any, expression: str) -> Rows:
    """Return the rows that a value within a document is; `expression` found it.

    A list of objects is a row each. An object of lists of one length is a column each. An object of
    series, each with its `steps` and `values`, is a row a step. Raises Unreadable for all else.
    """
    for shape in (_objects, _columns, _series):
        if (rows := shape(value)) is not None:
            return Rows(rows)
    raise Unreadable(
        "scan.table.rows",
        f"`{expression}` finds no rows: a list of objects, or an object of lists of one length",
    )


def _objects(value: Any) -> list[dict[str, Any]] | None:
    is_list = isinstance(value, list) and bool(value)
    return value if is_list and all(isinstance(item, dict) for item in value) else None


def _columns(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, dict):
        return None
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    if not lists or len({len(items) for items in lists.values()}) != 1:
        return None
    names = list(lists)
    return [dict(zip(names, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _series(value: Any) -> list[dict[str, Any]] | None:
    if not isinstance(value, dict):
        return None
    series = {key: points for key, item in value.items() if (points := _points(item)) is not None}
    by_step: dict[float, dict[str, Any]] = {}
    for key, points in series.items():
        for step, number in points:
            by_step.setdefault(step, {STEP: step})[key] = number
    return [by_step[step] for step in sorted(by_step)] if series else None


def _points(item: Any) -> Sequence[tuple[float, Any]] | None:
    """Return the steps and values of a series; None for what is none."""
    if not isinstance(item, dict):
        return None
    steps, values = (
        next((item[name] for name in names if isinstance(item.get(name), list)), None)
        for names in (_STEPS, _VALUES)
    )
    if steps is None or values is None or len(steps) != len(values):
        return None
    if not all(isinstance(step, float) for step in steps):
        return None
    return list(zip(steps, values, strict=True))
