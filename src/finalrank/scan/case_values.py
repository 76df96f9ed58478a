"""Values of single cases, from an artifact or from a table beside it. No message shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from finalrank.config.keys import finder
from finalrank.config.tables.metrics import Metric
from finalrank.scan.figures.faults import near_miss, range_fault, scaled
from finalrank.scan.readers.csv import csv_rows, number_in
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json

# By metric key, the values by case name; what is missing is not there.
ByCase = dict[str, dict[str, float]]
# A case: its place in the file ("line 3"), its name, and its values by the name of their column.
Row = tuple[str, Any, Mapping[str, Any]]

_CASE = "case"
# What people write in a cell where there is no value, in lower case.
_NOTHING = frozenset({"", "-", "na", "n/a", "nan", "none", "null"})
# Larger values stand for none, as the largest float there is does in some programs.
_LARGEST = 1e300
# Not every whole number from here on is a float: two names could become one.
_LONGEST = 2.0**53
_NO_TABLE = "is no table: write a list of objects, or an object of columns"


class Cases(NamedTuple):
    """The values of single cases that a file has."""

    values: ByCase  # of the metrics that have any
    faults: dict[str, str]  # by metric key, what is wrong with values that are left out


class _Table(NamedTuple):
    """The cases of a table, as they stand in it."""

    rows: list[Row]
    faults: dict[str, str]  # by the key of a metric without a column, what is spelt like it


def from_table(data: bytes, name: str, metrics: Sequence[Metric]) -> Cases:
    """Read the case values of a table, CSV or JSON by the suffix of its file name `name`.

    It has a column `case` and one for each metric, by its key; JSON may be a list of objects, an
    object of lists, or an object of objects by case name. Raises Unreadable.
    """
    keys = {metric.key for metric in metrics}
    table = _csv_table(data, keys) if name.endswith(".csv") else _json_table(data, keys)
    if not table.rows:
        raise Unreadable(None, "has no cases")
    values, faults = _by_case(table.rows, metrics)
    return Cases(values, table.faults | faults)


def from_artifact(data: bytes, metrics: Sequence[Metric], case_names: str) -> Cases:
    """Read the case values in a JSON artifact, where `Metric.cases` finds them.

    They are a list, as long as the one of names that the JMESPath `case_names` finds, or an object
    by case name. Raises Unreadable.
    """
    document = parse_json(data)
    names = finder([case_names])(document)[0] if case_names else None
    values: ByCase = {}
    faults: dict[str, str] = {}
    for metric in metrics:
        held = finder([metric.cases])(document)[0] if metric.cases else None
        if held is None:
            continue
        pairs = enumerate(_named_values(held, names, metric.key), 1)
        rows = [(f"case {number}", case, {metric.key: value}) for number, (case, value) in pairs]
        own = _by_case(rows, [metric])
        values |= own.values
        faults |= own.faults
    return Cases(values, faults)


def _named_values(held: Any, names: Any, key: str) -> list[tuple[Any, Any]]:
    """Pair the values of a metric with the names of their cases.

    `held` is what `Metric.cases` of the metric `key` found, `names` what `case_names` found.
    """
    if isinstance(held, dict):
        return _pairs(held)
    if not isinstance(held, list):
        raise Unreadable(key, "must give a list of values by case, or an object by case name")
    if not isinstance(names, list):
        raise Unreadable(key, "evidence.case_names finds no list of the names of these cases")
    if len(held) != len(names):
        # A JMESPath projection leaves out nulls: each value behind one would get another's name.
        counts = f"gives {len(held)} values for the names of {len(names)} cases"
        hint = "`cases[*].dice` leaves out what is null, `map(&dice, cases)` does not"
        raise Unreadable(key, f"{counts}: {hint}")
    return list(zip(names, held, strict=True))


def _by_case(rows: Iterable[Row], metrics: Sequence[Metric]) -> Cases:
    """Check and scale the values of the rows."""
    values: ByCase = {metric.key: {} for metric in metrics}
    bad: dict[str, list[str]] = {}
    seen = set()
    for place, case, cells in rows:
        name = _name(case, place)
        if name in seen:
            raise Unreadable(place, "has the name of a case twice: which one counts? Keep one")
        seen.add(name)
        for metric in metrics:
            value = cells.get(metric.key)
            # A case may have no value, such as a distance to nothing.
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                continue
            number = scaled(value, metric.scale)
            fault = range_fault(value, number, metric)
            if fault is None and number is not None and abs(number) > _LARGEST:
                fault = "is too large to compute with"
            if fault:
                bad.setdefault(metric.key, []).append(f"{place} {fault}")
            elif number is not None:
                values[metric.key][name] = number
    return Cases(
        {key: numbers for key, numbers in values.items() if numbers},
        {key: _first_of(faults) for key, faults in bad.items()},
    )


def _first_of(faults: Sequence[str]) -> str:
    """Describe the first fault, and count the others."""
    more = len(faults) - 1
    which = f"it and {more} more are" if more else "it is"
    return f"{faults[0]}; {which} left out"


def _name(case: Any, place: str) -> str:
    """Return the name of a case as text: a whole number without a decimal point."""
    if isinstance(case, str) and case.strip():
        return case.strip()
    if isinstance(case, bool) or not isinstance(case, int | float):
        raise Unreadable(place, "has a case without a name: give it a text or a number")
    if not abs(case) < _LONGEST:
        raise Unreadable(place, "has a case whose number is too long, or not finite: write a text")
    return str(int(case)) if case == int(case) else repr(case)


def _csv_table(data: bytes, keys: set[str]) -> _Table:
    lines = csv_rows(data)
    place, header = next(lines, ("line 1", []))
    _check_columns(header, keys, place)
    rows: list[Row] = []
    for line, row in lines:
        if not any(row):  # as spreadsheets leave them at the end
            continue
        if len(row) != len(header):
            raise Unreadable(
                line, "has not the cells of the first line: was it cut off, or joined?"
            )
        cells = dict(zip(header, row, strict=True))
        values = {key: _number_or_text(cells[key]) for key in keys & cells.keys()}
        rows.append((line, cells[_CASE], values))
    return _Table(rows, _near_misses(header, keys))


def _number_or_text(cell: str) -> float | str | None:
    """Return what a cell holds; None where it says that there is no value."""
    number = number_in(cell)
    return number if number is not None or cell.strip().lower() in _NOTHING else cell


def _json_table(data: bytes, keys: set[str]) -> _Table:
    """Return the cases of a list of objects, of an object of lists, or of objects by case name."""
    pairs = _named_cells(parse_json(data), keys)
    if pairs and all(keys.isdisjoint(cells) for _, cells in pairs):
        raise _without_metric(None, keys)
    rows: list[Row] = []
    for number, (case, cells) in enumerate(pairs, 1):
        if isinstance(cells, DuplicateKeyDict) and any(map(cells.differs, [*keys, _CASE])):
            raise Unreadable(f"case {number}", "has two values of one name: keep one of them")
        rows.append((f"case {number}", case, cells))
    return _Table(rows, _near_misses(pairs[0][1], keys) if pairs else {})


def _named_cells(table: Any, keys: set[str]) -> list[tuple[Any, dict[str, Any]]]:
    """Return the name and the cells of each case, whichever of the three forms the table has."""
    if isinstance(table, dict) and isinstance(table.get(_CASE), list):
        pairs = _from_columns(table, keys)
    elif isinstance(table, list):
        pairs = [(row.get(_CASE) if isinstance(row, dict) else None, row) for row in table]
    else:
        pairs = _pairs(table) if isinstance(table, dict) else [(None, None)]
    if not all(isinstance(cells, dict) for _, cells in pairs):
        raise Unreadable(None, _NO_TABLE)
    return pairs


def _from_columns(table: dict[str, Any], keys: set[str]) -> list[tuple[Any, Any]]:
    """Return the name and the cells of each case of an object of lists."""
    _check_columns([name for name, _ in _pairs(table)], keys, None)
    columns = {key: table[key] for key in sorted(keys & table.keys())}
    for key, column in columns.items():
        if not isinstance(column, list) or len(column) != len(table[_CASE]):
            raise Unreadable(key, f"is no list as long as that of `{_CASE}`")
    cells = ({key: columns[key][n] for key in columns} for n in range(len(table[_CASE])))
    return list(zip(table[_CASE], cells, strict=True))


def _check_columns(names: Sequence[str], keys: set[str], place: str | None) -> None:
    """Raise Unreadable unless there is one column of the cases, and one of any metric."""
    if _CASE not in names:
        hint = "name the column of the cases so, and part columns by commas"
        raise Unreadable(place, f"has no column `{_CASE}`: {hint}")
    if keys.isdisjoint(names):
        raise _without_metric(place, keys)
    if any(names.count(name) > 1 for name in {_CASE, *keys}):
        raise Unreadable(place, "names a column twice: keep one of them")


def _near_misses(names: Iterable[str], keys: set[str]) -> dict[str, str]:
    """Tell, by the key of each metric without a column, of one that is spelt almost like it."""
    columns = dict.fromkeys(names)
    return {key: fault for key in sorted(keys) if (fault := near_miss(columns, [key]))}


def _without_metric(place: str | None, keys: set[str]) -> Unreadable:
    return Unreadable(place, f"has no column of a metric: name them {', '.join(sorted(keys))}")


def _pairs(table: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Return the keys and values of an object, a key as often as it was written."""
    return table.pairs if isinstance(table, DuplicateKeyDict) else list(table.items())
