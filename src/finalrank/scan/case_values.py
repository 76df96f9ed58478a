"""Values of single cases, in an artifact or in a table beside it. Never shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from finalrank.config.keys import finder
from finalrank.config.metrics import Metric
from finalrank.scan.parse import near_miss, range_fault, scaled
from finalrank.scan.readers.csv import csv_rows, number_in
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json
from finalrank.scan.unreadable import Unreadable

# By metric key, the values by case name; what is missing is not there.
ByCase = dict[str, dict[str, float]]
# A case: where it stands, its name, and the values by the name of their column.
Row = tuple[str, Any, Mapping[str, Any]]

_CASE = "case"
# What stands in a table for a value that is not there, in lower case.
_NOTHING = frozenset({"", "-", "na", "n/a", "nan", "none", "null"})
# What stands for no value at all, such as the largest number there is, is larger.
_LARGEST = 1e300
# Whole numbers from here on are not all floats: two names could become one.
_LONGEST = 2.0**53
_NO_TABLE = "is no table: write a list of objects, or an object of columns"


def from_table(
    data: bytes, name: str, metrics: Sequence[Metric], faults: dict[str, str] | None = None
) -> ByCase:
    """The case values of a table, CSV or JSON by the suffix of its name; raises Unreadable.

    A column `case` and one for each metric, by its key; JSON may be a list of objects, an object
    of lists, or an object of objects by case name. `faults` gets, by metric key, what is wrong with
    values that are not used.
    """
    keys = {metric.key for metric in metrics}
    faults = {} if faults is None else faults
    read = _csv_rows if name.endswith(".csv") else _json_rows
    rows = list(read(data, keys, faults))
    if not rows:
        raise Unreadable(None, "has no cases")
    return _by_case(rows, metrics, faults)


def from_artifact(
    data: bytes,
    metrics: Sequence[Metric],
    case_names: str,
    faults: dict[str, str] | None = None,
) -> ByCase:
    """The case values in a JSON artifact, where `Metric.cases` finds them; raises Unreadable.

    A list, as long as the one of names that the JMESPath `case_names` finds, or an object by name.
    """
    held = parse_json(data)
    names = finder([case_names])(held)[0] if case_names else None
    values: ByCase = {}
    for metric in metrics:
        found = finder([metric.cases])(held)[0] if metric.cases else None
        if found is not None:
            pairs = _found(found, names, metric.key)
            rows = ((f"case {n}", case, {metric.key: v}) for n, (case, v) in enumerate(pairs, 1))
            values |= _by_case(rows, [metric], {} if faults is None else faults)
    return values


def _found(found: Any, names: Any, key: str) -> list[tuple[Any, Any]]:
    """Names and values of the cases that an expression found in an artifact."""
    if isinstance(found, dict):
        return _pairs(found)
    if not isinstance(found, list):
        raise Unreadable(key, "must give a list of values by case, or an object by case name")
    if not isinstance(names, list):
        raise Unreadable(key, "evidence.case_names finds no list of the names of these cases")
    if len(found) != len(names):
        # Projections leave out what is null, which would move every value behind it to another.
        counts = f"gives {len(found)} values for the names of {len(names)} cases"
        hint = "`cases[*].dice` leaves out what is null, `map(&dice, cases)` does not"
        raise Unreadable(key, f"{counts}: {hint}")
    return list(zip(names, found, strict=True))


def _by_case(rows: Iterable[Row], metrics: Sequence[Metric], faults: dict[str, str]) -> ByCase:
    """Those of the metrics that have any value."""
    found: ByCase = {metric.key: {} for metric in metrics}
    bad: dict[str, list[tuple[str, str]]] = {}
    seen = set()
    for place, case, cells in rows:
        name = _name(case, place)
        if name in seen:
            raise Unreadable(place, "has the name of a case twice: which one counts? Keep one")
        seen.add(name)
        for metric in metrics:
            value = cells.get(metric.key)
            # A case without a value, such as a distance to nothing.
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                continue
            number = scaled(value, metric.scale)
            fault = range_fault(value, number, metric)
            if fault is None and number is not None and abs(number) > _LARGEST:
                fault = "is too large to compute with"
            if fault:
                bad.setdefault(metric.key, []).append((place, fault))
            elif number is not None:
                found[metric.key][name] = number
    faults |= {key: _told(rows) for key, rows in bad.items()}
    return {key: values for key, values in found.items() if values}


def _told(bad: Sequence[tuple[str, str]]) -> str:
    (place, fault), more = bad[0], len(bad) - 1
    which = f"it and {more} more are" if more else "it is"
    return f"{place} {fault}; {which} left out"


def _name(case: Any, place: str) -> str:
    """The name of a case as text; a number as it is mostly written."""
    if isinstance(case, str) and case.strip():
        return case.strip()
    if isinstance(case, bool) or not isinstance(case, int | float):
        raise Unreadable(place, "has a case without a name: give it a text or a number")
    if not abs(case) < _LONGEST:
        raise Unreadable(place, "has a case whose number is too long, or not finite: write a text")
    return str(int(case)) if case == int(case) else repr(case)


def _csv_rows(data: bytes, keys: set[str], faults: dict[str, str]) -> Iterator[Row]:
    rows = csv_rows(data)
    place, header = next(rows, ("line 1", []))
    _check_columns(header, keys, place)
    faults |= _doubts(header, keys)
    for line, row in rows:
        if not any(row):  # as spreadsheets leave them at the end
            continue
        if len(row) != len(header):
            raise Unreadable(
                line, "has not the cells of the first line: was it cut off, or joined?"
            )
        cells = dict(zip(header, row, strict=True))
        yield line, cells[_CASE], {key: _number_or_text(cells[key]) for key in keys & cells.keys()}


def _number_or_text(cell: str) -> float | str | None:
    number = number_in(cell)
    return number if number is not None or cell.strip().lower() in _NOTHING else cell


def _json_rows(data: bytes, keys: set[str], faults: dict[str, str]) -> Iterator[Row]:
    """The cases of a list of objects, of an object of lists, or of objects by case name."""
    table: Any = parse_json(data)
    if isinstance(table, dict) and isinstance(table.get(_CASE), list):
        pairs = _from_columns(table, keys)
    elif isinstance(table, list):
        pairs = [(row.get(_CASE) if isinstance(row, dict) else None, row) for row in table]
    else:
        pairs = _pairs(table) if isinstance(table, dict) else [(None, None)]
    if not all(isinstance(cells, dict) for _, cells in pairs):
        raise Unreadable(None, _NO_TABLE)
    if pairs and all(keys.isdisjoint(cells) for _, cells in pairs):
        raise _without_metric(None, keys)
    faults |= _doubts(pairs[0][1], keys) if pairs else {}
    for number, (case, cells) in enumerate(pairs, 1):
        if isinstance(cells, DuplicateKeyDict) and any(map(cells.differs, [*keys, _CASE])):
            raise Unreadable(f"case {number}", "has two values of one name: keep one of them")
        yield f"case {number}", case, cells


def _from_columns(table: dict[str, Any], keys: set[str]) -> list[tuple[Any, Any]]:
    _check_columns([name for name, _ in _pairs(table)], keys, None)
    columns = {key: table[key] for key in sorted(keys & table.keys())}
    for key, column in columns.items():
        if not isinstance(column, list) or len(column) != len(table[_CASE]):
            raise Unreadable(key, f"is no list as long as that of `{_CASE}`")
    cells = ({key: columns[key][n] for key in columns} for n in range(len(table[_CASE])))
    return list(zip(table[_CASE], cells, strict=True))


def _check_columns(names: Sequence[str], keys: set[str], place: str | None) -> None:
    if _CASE not in names:
        hint = "name the column of the cases so, and part columns by commas"
        raise Unreadable(place, f"has no column `{_CASE}`: {hint}")
    if keys.isdisjoint(names):
        raise _without_metric(place, keys)
    if any(names.count(name) > 1 for name in {_CASE, *keys}):
        raise Unreadable(place, "names a column twice: keep one of them")


def _doubts(names: Iterable[str], keys: set[str]) -> dict[str, str]:
    """By key, that there is no such column, but one that is spelt otherwise."""
    columns = dict.fromkeys(names)
    return {key: told for key in sorted(keys) if (told := near_miss(columns, [key]))}


def _without_metric(place: str | None, keys: set[str]) -> Unreadable:
    return Unreadable(place, f"has no column of a metric: name them {', '.join(sorted(keys))}")


def _pairs(table: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What an object holds, as often as it was written."""
    return table.pairs if isinstance(table, DuplicateKeyDict) else list(table.items())
