"""What the lists in files, and the keys above a metric, become: rows, results, folds, means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finalrank.config.tables.factors import AT_INDEX, AT_KEY
from finalrank.errors import UsageError
from finalrank.inspection.draft.choices import Choice
from finalrank.inspection.lists import Kind, Listed
from finalrank.inspection.numbers import Inspection, Numbers
from finalrank.inspection.paths import Part, path_of, shown
from finalrank.registry.lookup import find

# Kinds of list whose items are results, and the role of what tells them apart.
_ROLES: dict[Kind, str] = {"folds": "fold", "seeds": "seed", "datasets": "dataset"}
# What a mean is taken over, as no item is a result of its own.
_MEANS: tuple[Kind, ...] = ("cases", "classes")
_FOLD_KEY = re.compile(r"(?:fold|cv|split)[-_ ]?\d+", re.IGNORECASE)
_OTHER_KEY = re.compile(
    r"\d+|train(?:ing)?|val(?:id|idation)?|test(?:ing)?|eval|mean|avg|average|std|min|max|median|"
    r"(?:macro|micro|weighted).*|overall|total|all|best|final|last|results?|metrics?|scores?",
    re.IGNORECASE,
)

# Words in the name of a list of numbers of which a mean is meant.
_MEANT_AS_MEAN = re.compile(
    "fold|cv|class|case|organ|label|subject|patient|seed|image", re.IGNORECASE
)


class FactorDraft(NamedTuple):
    """A row of `[[factors]]` that the files seem to have."""

    key: str
    role: str
    place: str  # the key at which it stands


class Within(NamedTuple):
    """What is written into `[scan]` for the lists that hold the metrics."""

    row: str = ""
    table: tuple[tuple[str, str], ...] = ()
    results: str = ""
    name: str = ""
    factors: tuple[FactorDraft, ...] = ()
    above: tuple[Part, ...] = ()  # the keys above the rows or results, which metrics do not have
    told: str = ""  # what was taken for what, as a line

    def keys_of(self, choice: Choice) -> str:
        """Return where a metric stands, in a row or result if it is in one."""
        row = choice.numbers
        if self.above and row.parts[: len(self.above)] == self.above:
            below = row.parts[len(self.above) :]
            # Of a list that is a column, one item is in each row.
            return path_of(below[:-1] if below[-1] is None else below, ())
        return choice.expression or row.keys


def within(choices: Sequence[Choice], inspection: Inspection) -> Within:
    """Return what becomes of the list, the table or the keys in which the primary metric stands.

    Raises UsageError for a list of which nothing says what it is of.
    """
    primary = choices[0]
    if primary.expression:
        return Within()
    source = primary.numbers.sources.first
    held = inspection.contents.get(source)
    tables = [listed for listed in held.lists if not listed.path] if held else []
    if tables:
        return _of_table(tables[0], source)
    if None in primary.numbers.parts:
        return _of_list(primary.numbers, inspection)
    return _of_keys(primary.numbers, inspection)


def _of_table(table: Listed, source: str) -> Within:
    columns = dict(table.columns)
    if table.kind in _MEANS:
        what = "a case" if table.kind == "cases" else "a class"
        raise UsageError(
            f"--metric: each row of {shown(source)} is of {what}: choose a file with the figures "
            "of whole runs"
        )
    factors = tuple(
        FactorDraft(role, role, columns[role]) for role in ("fold", "seed") if role in columns
    )
    if table.kind in _ROLES:
        role = _ROLES[table.kind]
        told = f"each row is one of its run's {table.kind}"
        rows = factors or (FactorDraft(role, role, columns[role]),)
        return Within("each", factors=rows, told=told)
    if table.kind == "curve":
        return Within("last", told=_curve_told("tables of many rows are taken for histories"))
    named = tuple(
        (key, columns[key]) for key in ("run", "dataset", "metric", "value") if key in columns
    )
    return Within(table=named, factors=factors, told="each row is of the run that its column names")


def _curve_told(what: str) -> str:
    return (
        f'{what}: the last value of each metric counts (scan.row); "best:COLUMN" takes the row '
        "that is best in a column"
    )


def _of_list(row: Numbers, inspection: Inspection) -> Within:
    place = row.parts.index(None)
    lists = [*_lists_of(row, inspection)]
    of_objects, of_lists = (row.parts[:place], False), (row.parts[: place - 1], True)
    objects = [each for each in lists if (each.parts, each.is_of_lists) == of_objects]
    columns = [each for each in lists if (each.parts, each.is_of_lists) == of_lists]
    if objects and len(row.parts) > place + 1:
        is_single = all(listed.length == 1 for listed in objects)
        return _of_objects(row, objects[0], place, is_single=is_single)
    kind = columns[0].kind if columns else ""
    if kind == "curve":
        path = columns[0].path
        told = _curve_told(f"{shown(path)} is taken for a history")
        return Within("last", (("rows", path),), above=columns[0].parts, told=told)
    name = next((part for part in reversed(row.parts[:place]) if part), "")
    if kind or _MEANT_AS_MEAN.search(name):
        return Within(told=f"{shown(row.path)}: the mean of the list counts")
    raise _unknown(row)


def _lists_of(row: Numbers, inspection: Inspection) -> Iterator[Listed]:
    """Yield the lists in all files that have the numbers."""
    for source in row.sources:
        if held := inspection.contents.get(source):
            yield from held.lists


def _of_objects(row: Numbers, listed: Listed, place: int, *, is_single: bool) -> Within:
    above = row.parts[: place + 1]
    path = listed.path
    if not listed.kind and is_single:
        return Within(told=f"{shown(path)} has one item in each file: its figures count")
    if listed.kind in _MEANS:
        return Within(told=f"{shown(path)} is taken for a list of {listed.kind}: its mean counts")
    if listed.kind == "curve":
        told = _curve_told(f"{shown(path)} is taken for a history")
        return Within("last", (("rows", path),), above=above, told=told)
    if listed.kind in _ROLES:
        role = _ROLES[listed.kind]
        factor = FactorDraft(role, role, listed.columns.get(role, AT_INDEX))
        told = f"{shown(path)} is taken for the {listed.kind} of its run"
        return Within(results=path, factors=(factor,), above=above, told=told)
    if listed.kind == "runs":
        name = listed.columns.get("run", AT_INDEX)
        told = f"each item of {shown(path)} is taken for a run, called by `{name}` (scan.name)"
        return Within(results=path, name=name, above=above, told=told)
    if listed.kind == "pairs":
        named = [
            (k, listed.columns[k])
            for k in ("run", "dataset", "metric", "value")
            if k in listed.columns
        ]
        return Within(table=(("rows", path), *named), above=above)
    raise _unknown(row)


def _unknown(row: Numbers) -> UsageError:
    last = row.path.replace("[]", "[-1]", 1)
    return UsageError(
        f"--metric: {shown(row.path)} is a list, and nothing says of what: choose its last value, "
        f'--metric "{shown(last)}", or the mean, --metric "{shown(row.keys)}"; if each item is a '
        "run, or an epoch, see scan.results and scan.row"
    )


def _of_keys(row: Numbers, inspection: Inspection) -> Within:
    """Return what the keys above a metric are in the only file that has it: models, or folds."""
    if len(row.sources) > 1 or len(row.parts) < 2:
        return Within()
    places = [other.parts for other in inspection.numbers if len(other.parts) == len(row.parts)]
    for depth in range(len(row.parts) - 1):
        same = [
            p
            for p in places
            if (p[:depth], p[depth + 1 :]) == (row.parts[:depth], row.parts[depth + 1 :])
        ]
        names = [name for parts in same if (name := parts[depth]) is not None]
        if len(names) < 2:
            continue
        above = row.parts[: depth + 1]
        path = path_of(row.parts[:depth], ()) if depth else "@"
        if all(map(_FOLD_KEY.fullmatch, names)):
            factor = FactorDraft("fold", "fold", AT_KEY)
            return Within(results=path, factors=(factor,), above=above, told="its keys are folds")
        if any(_OTHER_KEY.fullmatch(name) or find([name]).metric for name in names):
            continue
        told = f"the keys {', '.join(sorted(names)[:3])} ... of {shown(path)} are taken for runs"
        return Within(results=path, name=AT_KEY, above=above, told=told)
    return Within()
