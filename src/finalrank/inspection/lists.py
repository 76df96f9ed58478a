"""What a list in a file, or a table, is: a curve, a leaderboard, folds, cases or classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from finalrank.inspection.paths import Part, path_of
from finalrank.registry.lookup import find

# "" is a list that says nothing of what it is.
Kind = Literal["curve", "runs", "pairs", "folds", "seeds", "datasets", "cases", "classes", ""]
# So many rows are looked at, and so many lists of a file.
_ROWS, _LISTS, _DEEPEST = 200, 50, 4

_STEPS = frozenset(
    {
        "epoch",
        "epochs",
        "step",
        "steps",
        "iter",
        "iters",
        "iteration",
        "globalstep",
        "round",
        "trainingiteration",
        "trainerglobalstep",
        "timesteps",
    }
)
_RUNS = frozenset(
    {
        "model",
        "models",
        "modelname",
        "method",
        "methods",
        "run",
        "runname",
        "experiment",
        "system",
        "algorithm",
        "network",
        "arch",
        "architecture",
        "classifier",
        "estimator",
        "approach",
        "variant",
        "profile",
        "config",
        "setting",
        "index",
    }
)
_METRICS = frozenset({"metric", "metrics", "metricname", "measure", "score", "name"})
_VALUES = frozenset({"value", "val", "score", "result", "mean"})
_DATASETS = frozenset({"dataset", "datasets", "datasetname", "task", "taskname", "benchmark"})
_FOLDS, _SEEDS = (
    frozenset({"fold", "folds", "foldid", "cvfold", "split"}),
    frozenset(("seed", "seeds")),
)
_CASES = frozenset(
    {
        "case",
        "cases",
        "caseid",
        "caseidentifier",
        "image",
        "images",
        "imageid",
        "file",
        "filename",
        "path",
        "patient",
        "patientid",
        "subject",
        "subjectid",
        "sample",
        "sampleid",
        "scan",
        "id",
        "volume",
        "study",
    }
)
_CLASSES = frozenset(
    {"class", "classes", "classname", "label", "labels", "organ", "category", "region", "structure"}
)
# What the path to a list says of it.
_CURVE_PATH = re.compile("history|log|logs|epochs?|curves?|training|steps|progress|scalars", re.I)
_FOLDS_PATH = re.compile("folds?|cv|cross_?val.*|crossval.*|splits", re.I)
_CASES_PATH = re.compile("(?:per_?)?(?:cases?|images?|samples?|patients?|subjects?|volumes?)", re.I)
_CLASSES_PATH = re.compile(
    "(?:.*_)?per_?class(?:es)?|(?:per_?)?(?:class(?:es)?|organs?|labels?)", re.I
)


class Listed(NamedTuple):
    """A list of objects in a file, an object of lists, or a table."""

    path: str  # a JMESPath expression to it; empty for a table, which is the whole file
    parts: tuple[Part, ...]
    length: int
    kind: Kind
    # The columns that name the run, the dataset, the fold or seed, the metric and its value.
    columns: Mapping[str, str]

    @property
    def is_of_lists(self) -> bool:
        """Whether it is an object of lists, a column each."""
        return self.columns.get("shape") == "columns"


def table_of(rows: Sequence[Mapping[str, Any]], length: int) -> Listed:
    """Return what a table is, by its first rows."""
    kind, columns = _kind_of(rows)
    return Listed("", (), length, kind or "curve", columns)


def lists_in(document: Any) -> list[Listed]:
    """Return the lists of objects, and the objects of lists, that a document holds."""
    return list(islice(_lists(document, ()), _LISTS))


def _lists(value: Any, parts: tuple[Part, ...]) -> Iterator[Listed]:
    if isinstance(value, dict) and len(parts) <= _DEEPEST:
        if length := _columns(value):
            yield Listed(_path(parts), parts, length, _kind_of_columns(value, parts), _AS_COLUMNS)
        for key, item in value.items():
            yield from _lists(item, (*parts, key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        kind, columns = _kind_of(value[:_ROWS])
        named = _kind_of_path(parts)
        # A name in a row is that of a run, unless the way to it says what is listed.
        if named and (not kind or (kind == "runs" and "index" in columns.values())):
            kind = named
        yield Listed(_path(parts), parts, len(value), kind, columns)


_AS_COLUMNS = {"shape": "columns"}


def _path(parts: Sequence[Part]) -> str:
    return path_of(tuple(parts), ()) if parts else "@"


def _columns(value: Mapping[str, Any]) -> int:
    """Return how long the lists of an object are, if it is one of lists of numbers; else 0."""
    lists = [item for item in value.values() if isinstance(item, list) and len(item) > 1]
    numbers = [item for item in lists if all(isinstance(each, float) for each in item)]
    same = len({len(item) for item in lists}) == 1
    return len(lists[0]) if len(lists) > 1 and same and len(numbers) == len(lists) else 0


def _kind_of_columns(value: Mapping[str, Any], parts: Sequence[Part]) -> Kind:
    names = [folded(key) for key, item in value.items() if isinstance(item, list)]
    is_curve = any(
        name in _STEPS or "loss" in name or name.startswith(("train", "val")) for name in names
    )
    return "curve" if is_curve or _kind_of_path(parts) == "curve" else _kind_of_path(parts)


def _kind_of_path(parts: Sequence[Part]) -> Kind:
    name = next((part for part in reversed(parts) if part is not None), "")
    for pattern, kind in _PATHS:
        if pattern.fullmatch(name) or (kind == "curve" and pattern.search(name)):
            return kind
    return ""


_PATHS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_FOLDS_PATH, "folds"),
    (_CASES_PATH, "cases"),
    (_CLASSES_PATH, "classes"),
    (_CURVE_PATH, "curve"),
)


def _kind_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Kind, dict[str, str]]:
    """Return what rows are by the names of their keys, and the columns that say which is which."""
    names = list(dict.fromkeys(name for row in rows[:_ROWS] for name in row))
    texts = {name for name in names if any(isinstance(row.get(name), str) for row in rows)}
    known: dict[str, str] = {}
    for role, words in (
        ("step", _STEPS),
        ("run", _RUNS),
        ("dataset", _DATASETS),
        ("fold", _FOLDS),
        ("seed", _SEEDS),
    ):
        # Models and datasets have names, steps have numbers.
        wanted = [n for n in names if folded(n) in words and (n in texts or role not in _NAMED)]
        if wanted and not (role == "step" and wanted[0] in texts):
            known[role] = wanted[0]
    pair = _pair(rows, names, texts)
    if pair and pair[0] != known.get("run"):
        known["metric"], known["value"] = pair
        return "pairs", known
    return _kind_by_role(known, names, texts, len(rows)), known


_NAMED = ("run", "dataset")


def _kind_by_role(
    known: dict[str, str], names: Iterable[str], texts: set[str], length: int
) -> Kind:
    if "step" in known:
        return "curve"
    if "run" in known:
        return "runs"
    words = {folded(name) for name in names}
    for kind, own in (("cases", _CASES), ("classes", _CLASSES)):
        if words & own and texts:
            return "cases" if kind == "cases" else "classes"
    if "fold" in known:
        return "folds"
    if "seed" in known:
        return "seeds"
    if "dataset" in known:
        return "datasets"
    named = [name for name in texts if folded(name) == "name"]
    if named and length > 1:
        known["run"] = named[0]
        return "runs"
    return ""


def _pair(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], texts: set[str]
) -> tuple[str, str] | None:
    """Return the columns of a metric's name and of its value, in rows that hold a value each."""
    metric = next((name for name in names if name in texts and folded(name) in _METRICS), None)
    value = next((name for name in names if name not in texts and folded(name) in _VALUES), None)
    if metric is None or value is None or metric == value:
        return None
    said = {row[metric] for row in rows if isinstance(row.get(metric), str)}
    return (metric, value) if any(find([text]).metric for text in said) else None


def folded(name: str) -> str:
    """Return a name without case and separators."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
