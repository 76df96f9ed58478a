"""Tables with a row a value: a column names the metric, and another holds its value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from finalrank.config.tables.rows import Columns
from finalrank.scan.readers.rows import Rows


def last_of_pairs(rows: Rows, table: Columns) -> dict[str, Any]:
    """Return the last value of each metric, as an object."""
    return dict(_pairs_in(row, table) for row in rows if table.metric in row and table.value in row)


def wide_rows(rows: Rows, table: Columns, identity: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield an object for each run, dataset and so on, with all metrics of it.

    `identity` are the columns that tell one result from another. Where a metric of a result has
    several values, each is in a result of its own, so that none is lost.
    """
    results: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if table.metric not in row:
            continue
        key = tuple(repr(row.get(column)) for column in identity)
        metric, value = _pairs_in(row, table)
        same = results.setdefault(key, [])
        result = next((each for each in same if metric not in each), None)
        if result is None:
            result = {name: row[name] for name in row if name not in (table.metric, table.value)}
            same.append(result)
        result[metric] = value
    for same in results.values():
        yield from same


def _pairs_in(row: dict[str, Any], table: Columns) -> tuple[str, Any]:
    return str(row[table.metric]), row.get(table.value)
