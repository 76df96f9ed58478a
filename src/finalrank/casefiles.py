"""Values of single cases, in an artifact or in a table beside it, its twin. Never shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from finalrank.decode import Repeating, Unreadable, document
from finalrank.files import exists, listing, read, why
from finalrank.lookup import finder
from finalrank.models import CaseValues, Metric
from finalrank.names import stem
from finalrank.parse import fault_of, scaled
from finalrank.readers import csv_rows, number_in

# By metric key, the values by case name; what is missing is not there.
ByCase = dict[str, dict[str, float]]
# A case: where it stands, its name, and the values by the name of their column.
Row = tuple[str, Any, Mapping[str, Any]]

_CASE = "case"
_TABLES = (".csv", ".json")
# Whole numbers from here on are not all floats: two names could become one.
_LONGEST = 2.0**53
_NO_METRIC = "has no column of a metric: name each by the key of its metric"
_NO_TABLE = "is no table: write a list of objects, or an object of columns"


def read_cases(
    top: str,
    source: str,
    metrics: Sequence[Metric],
    *,
    test: str = "test_metrics",
    twins: Sequence[str] = ("test_cases",),
    case_names: str = "",
    max_bytes: int,
) -> CaseValues | None:
    """The case values of the artifact `source` below the folder `top` (ends in "/"), if it has any.

    Raises Unreadable for what is there and cannot be read; of a twin, the place begins with its
    file name.
    """
    if any(metric.cases for metric in metrics):
        values = from_artifact(read(top, source, False, max_bytes), metrics, case_names)
        return CaseValues(source, values) if values else None
    if not (twin := twin_of(top, source, test, twins)):
        return None
    name = twin.rpartition("/")[2]
    try:
        values = from_table(read(top, twin, False, max_bytes), name, metrics)
    except Unreadable as refusal:
        place = name if refusal.place is None else f"{name}: {refusal.place}"
        raise Unreadable(place, refusal.reason) from None
    return CaseValues(twin, values) if values else None


def twin_names(
    file_name: str, test: str, twins: Iterable[str], suffixes: Iterable[str] | None = _TABLES
) -> list[str]:
    """The names that a twin may have: `test` replaced, a suffix of `suffixes` (None: its own)."""
    own = stem(file_name)
    if not test or test not in own:
        return []
    ends = (file_name[len(own) :],) if suffixes is None else tuple(suffixes)
    # Once: the rest of the name says which of several artifacts it is.
    names = [own.replace(test, twin, 1) + end for twin in twins for end in ends]
    return [name for name in dict.fromkeys(names) if name != file_name]


def twin_of(top: str, source: str, test: str, twins: Sequence[str]) -> str | None:
    """The source of the twin: by the artifact's name, or alone beside it; raises Unreadable."""
    folder, slash, name = source.rpartition("/")
    folder += slash
    names = twin_names(name, test, twins)
    try:
        for twin in names:
            if exists(top, folder + twin):
                return folder + twin
        suffix = name.removeprefix(stem(name))
        return _only_twin(top, folder, test, twins, suffix) if names else None
    except OSError as error:
        raise Unreadable(None, f"cannot be listed: {why(error)}") from None


def _only_twin(top: str, folder: str, test: str, twins: Sequence[str], suffix: str) -> str | None:
    """The table like a twin, where it is the only one in the folder, and so is the artifact."""
    tables: list[str] = []
    artifacts = 0
    with listing(top, folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.endswith(_TABLES) and any(twin in name for twin in twins):
                tables.append(name)
            elif test in name and name.endswith(suffix):
                artifacts += 1
            # A folder of ten thousand artifacts is not listed to its end for each of them.
            if artifacts > 1 or len(tables) > 1:
                return None
    return folder + tables[0] if artifacts == 1 and tables else None


def from_table(data: bytes, name: str, metrics: Sequence[Metric]) -> ByCase:
    """The case values of a table, CSV or JSON by the suffix of its name; raises Unreadable.

    A column `case` and one for each metric, by its key; JSON may be a list of objects, an object
    of lists, or an object of objects by case name.
    """
    keys = {metric.key for metric in metrics}
    rows = _csv_rows(data, keys) if name.lower().endswith(".csv") else _json_rows(data, keys)
    return _by_case(rows, metrics)


def from_artifact(data: bytes, metrics: Sequence[Metric], case_names: str) -> ByCase:
    """The case values in a JSON artifact, where `Metric.cases` finds them; raises Unreadable.

    A list, as long as the one of names that the JMESPath `case_names` finds, or an object by name.
    """
    held = document(data)
    names = finder([case_names])(held)[0] if case_names else None
    values: ByCase = {}
    for metric in metrics:
        found = finder([metric.cases])(held)[0] if metric.cases else None
        if found is not None:
            pairs = _found(found, names, metric.key)
            rows = ((f"case {n}", case, {metric.key: v}) for n, (case, v) in enumerate(pairs, 1))
            values |= _by_case(rows, [metric])
    return values


def _found(found: Any, names: Any, key: str) -> list[tuple[Any, Any]]:
    """Names and values of the cases that an expression found in an artifact."""
    if isinstance(found, dict):
        return _pairs(found)
    if not isinstance(found, list) or not isinstance(names, list):
        raise Unreadable(key, "must give a list of values by case, beside a list of their names")
    if len(found) != len(names):
        # Projections leave out what is null, which would move every value behind it to another.
        counts = f"gives {len(found)} values for the names of {len(names)} cases"
        hint = "`cases[*].dice` leaves out what is null, `map(&dice, cases)` does not"
        raise Unreadable(key, f"{counts}: {hint}")
    return list(zip(names, found, strict=True))


def _by_case(rows: Iterable[Row], metrics: Sequence[Metric]) -> ByCase:
    """Those of the metrics that have any value."""
    found: ByCase = {metric.key: {} for metric in metrics}
    seen = set()
    for place, case, cells in rows:
        name = _name(case, place)
        if name in seen:
            raise Unreadable(place, "has the name of a case twice: which one counts? Keep one")
        seen.add(name)
        for metric in metrics:
            value = cells.get(metric.key)
            number = scaled(value, metric.scale)
            if number is not None and not fault_of(value, number, metric):
                found[metric.key][name] = number
    return {key: values for key, values in found.items() if values}


def _name(case: Any, place: str) -> str:
    """The name of a case as text; a number as it is mostly written."""
    if isinstance(case, str) and case.strip():
        return case.strip()
    if isinstance(case, bool) or not isinstance(case, int | float):
        raise Unreadable(place, "has a case without a name: give it a text or a number")
    if not abs(case) < _LONGEST:
        raise Unreadable(place, "has a case whose number is too long, or not finite: write a text")
    return str(int(case)) if case == int(case) else repr(case)


def _csv_rows(data: bytes, keys: set[str]) -> Iterator[Row]:
    rows = csv_rows(data)
    place, header = next(rows, ("line 1", []))
    _check_columns(header, keys, place)
    for line, row in rows:
        if not any(row):  # as spreadsheets leave them at the end
            continue
        if len(row) != len(header):
            raise Unreadable(
                line, "has not the cells of the first line: was it cut off, or joined?"
            )
        cells = dict(zip(header, row, strict=True))
        yield line, cells[_CASE], {key: number_in(cells[key]) for key in keys & cells.keys()}


def _json_rows(data: bytes, keys: set[str]) -> Iterator[Row]:
    """The cases of a list of objects, of an object of lists, or of objects by case name."""
    table: Any = document(data)
    if isinstance(table, dict) and isinstance(table.get(_CASE), list):
        pairs = _from_columns(table, keys)
    elif isinstance(table, list):
        pairs = [(row.get(_CASE) if isinstance(row, dict) else None, row) for row in table]
    else:
        pairs = _pairs(table) if isinstance(table, dict) else [(None, None)]
    if not all(isinstance(cells, dict) for _, cells in pairs):
        raise Unreadable(None, _NO_TABLE)
    if pairs and all(keys.isdisjoint(cells) for _, cells in pairs):
        raise Unreadable(None, _NO_METRIC)
    for number, (case, cells) in enumerate(pairs, 1):
        if isinstance(cells, Repeating) and any(map(cells.differs, [*keys, _CASE])):
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
        raise Unreadable(place, f"has no column `{_CASE}`: name the column of the cases so")
    if keys.isdisjoint(names):
        raise Unreadable(place, _NO_METRIC)
    if any(names.count(name) > 1 for name in {_CASE, *keys}):
        raise Unreadable(place, "names a column twice: keep one of them")


def _pairs(table: dict[str, Any]) -> list[tuple[Any, Any]]:
    """What an object holds, as often as it was written."""
    return table.pairs if isinstance(table, Repeating) else list(table.items())
