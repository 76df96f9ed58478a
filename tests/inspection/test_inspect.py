"""`finalrank inspect`: every number in the files, and a spelling that gives it back."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import Finalrank, Tree
from finalrank.config.keys import expression, finder
from finalrank.inspection.numbers import Inspection, inspect
from finalrank.text.escape import visible
from modes import bound_by_modes

RUNS: dict[str, Any] = {
    "unet/test_results.json": {
        "acc": 77,
        "test": {"dice": 0.5, "hd95": 6.25, "note": "fine", "skipped": None, "ok": True},
        "cv": [{"auc": 0.5}, {"auc": 1.0}, {}],
    },
    "vnet/test_results.json": {"acc": 12.5, "test": {"dice": 0.75}, "runtime_s": 31.5},
    "vnet/summary.json": {"m": {"1": {"Dice": 0.25}}, "mAP@0.50": 0.125, "delta": -0.5},
}
TABLE = """\
3 files: test_results.json 2, summary.json 1

Path          Files    Minimum    Maximum    Example  Looks like    Metric             In keys
----------  -------  ---------  ---------  ---------  ------------  -----------------  -------------
acc               2       12.5         77         77  percentage?   Accuracy (higher)
test.dice         2        0.5       0.75        0.5  share?        Dice (higher)
cv[].auc          1        0.5          1        0.5  share?        ROC AUC (higher)   avg(cv[].auc)
delta             1       -0.5       -0.5       -0.5  negative
m."1".Dice        1       0.25       0.25       0.25  share?        Dice (higher)
mAP@0.50          1      0.125      0.125      0.125  share?        mAP (higher)
runtime_s         1       31.5       31.5       31.5  time?         Time (lower)
test.hd95         1       6.25       6.25       6.25  number        HD95 (lower)

cv: a list of 3 rows in 1 file: a fold each
"""


def found_in(*documents: Any) -> Inspection:
    """What inspect makes of files with these documents, `0.json` first."""
    with TemporaryDirectory() as folder:
        for place, document in enumerate(documents):
            Path(folder, f"{place}.json").write_text(json.dumps(document))
        return inspect([folder])


def test_a_row_a_path(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("inspect", tree(RUNS))
    assert (done.status, done.err) == (0, "")
    assert done.out == TABLE
    assert finalrank("inspect").bytes == done.bytes, "runs is the default"


def test_json_has_the_same_rows(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("inspect", tree(RUNS), "--json")
    rows = done.json["numbers"]
    assert [row["path"] for row in rows] == [line.split()[0] for line in TABLE.splitlines()[4:-2]]
    assert rows[2] == {
        "path": "cv[].auc",
        "keys": "avg(cv[].auc)",
        "files": 1,
        "min": 0.5,
        "max": 1.0,
        "example": 0.5,
        "example_source": "unet/test_results.json",
        "looks_like": "share?",
        "metric": "ROC AUC",
        "better": "higher",
        "is_figure": True,
    }


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("dice", [0, 1], "share?"),
        ("auprc", [1.0000000000000002], "share?"),
        ("acc", [99.77, 0.5], "number"),
        ("acc", [99.77, 77], "percentage?"),
        ("acc", [77, 3], "percentage?"),
        ("acc_percent", [77, 0.5], "percentage?"),
        ("psnr", [31.5, 28.25], "number"),
        ("support", [77, 3], "count?"),
        ("n_ref", [2675.7], "number"),
        ("val_loss", [1.5], "number"),
        ("score", [1.5], "number"),
        ("testLoss", [15.5], "number"),
        ("mcc", [-0.25, 0.5], "negative"),
        ("eval_runtime", [37.3], "time?"),
        ("eval_samples_per_second", [0.5], "time?"),
        ("epoch_s", [3], "time?"),
        ("times", [3], "time?"),
        ("s", [0.5], "share?"),
    ],
)
def test_what_numbers_look_like(name: str, values: list[float], word: str) -> None:
    (row,) = found_in(*({name: value} for value in values)).numbers
    assert row.looks_like == word


@pytest.mark.parametrize(
    ("document", "path", "keys"),
    [
        ({"aupro_0.3": 1}, "aupro_0.3", "aupro_0.3"),
        ({"acc,none": 1}, "acc,none", "acc,none"),
        ({"a{b": 1}, '"a{b"', '"a{b"'),
        ({" a": 1}, '" a"', '" a"'),
        ({"": 1}, '""', '""'),
        ({"a\n\u202e": 1}, r'"a\n\u202e"', r'"a\n\u202e"'),
        ({"\ud800": 1}, r'"\ud800"', r'"\ud800"'),
        ({"a b": {'c"\\': 1}}, r'"a b"."c\"\\"', r'"a b"."c\"\\"'),
        ({"é": {"ü": 1}}, '"é"."ü"', '"é"."ü"'),
        ([{"acc": 1}], "[].acc", "avg([].acc)"),
        ([[1], [2]], "[][]", "avg([][])"),
        ({"losses": [1, None]}, "losses[]", "avg(losses[])"),
    ],
)
def test_how_a_path_is_spelt(document: Any, path: str, keys: str) -> None:
    (row,) = found_in(document).numbers
    assert (row.path, row.keys) == (path, keys)


def test_a_key_with_a_dot_is_not_a_way_through_objects() -> None:
    rows = found_in({"a.b": 1, "a": {"b": 2}}).numbers
    assert [(row.path, row.keys, row.example) for row in rows] == [
        ("(a.b)", "(a.b)", 2),
        ("a.b", "a.b", 1),
    ]


def test_what_is_no_number_is_not_there() -> None:
    document = {"a": "0.5", "b": True, "c": None, "d": math.nan, "e": [math.inf, "x"], "f": {}}
    assert found_in(document, 0.5, "text", None).numbers == ()


# The spelling gives the numbers back

names = st.text(max_size=4) | st.sampled_from(["a", "b", "a.b", "a[]", "[]", "1", "@", "(a.b)"])
leaves = st.floats(-1e6, 1e6) | st.sampled_from([None, True, "text", math.nan, math.inf])
objects = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=4))
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=25,
)


def numbers_in(document: Any, way: tuple[str | None, ...] = ()) -> Iterator[tuple[Any, float]]:
    """Every number and the way to it: by recursion, where inspect has none."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from numbers_in(value, (*way, name))
    elif isinstance(document, list):
        for value in document:
            yield from numbers_in(value, (*way, None))
    elif isinstance(document, float) and math.isfinite(document):
        yield way, document


@settings(deadline=None)
@given(st.dictionaries(names, objects, min_size=1, max_size=4))
def test_a_value_comes_back_by_its_spelling(document: dict[str, Any]) -> None:
    rows = {row.parts: row for row in found_in(document).numbers}
    expected = dict(numbers_in(document))
    assert rows.keys() == expected.keys()
    assert len({row.path for row in rows.values()}) == len(rows)
    for parts, row in rows.items():
        assert finder([row.keys])(document) == (expected[parts], row.keys)


@settings(deadline=None)
@given(anything)
@example({"a": [[1.0, 2.0], 3.0]})
@example({"a": [{"b": [1.0, 2.0]}, {"b": 3.0}, {"b": math.nan}, {}]})
@example([[{"b": 1.0}], {"b": 2.0}, [[{"b": 4.0}]]])
def test_the_mean_of_a_list_comes_back_by_its_spelling(document: Any) -> None:
    expected: dict[Any, list[float]] = {}
    for way, number in numbers_in(document):
        expected.setdefault(way, []).append(number)
    expected.pop((), None)  # a file that is a number
    rows = {row.parts: row for row in found_in(document).numbers}
    assert rows.keys() == expected.keys()
    assert len({row.path for row in rows.values()}) == len(rows)
    for parts, row in rows.items():
        expression(row.keys)  # it can stand in a configuration
        assert visible(row.keys) == row.keys
        value, _ = finder([row.keys])(document)
        assert value == pytest.approx(fmean(expected[parts]), abs=1e-6)
        assert (row.low, row.high) == (min(expected[parts]), max(expected[parts]))


# Files


def test_files_and_folders_may_be_mixed(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    done = finalrank("inspect", "runs/vnet", root / "unet" / "test_results.json", "./runs/vnet")
    assert done.status == 0
    assert done.out.startswith("3 files: test_results.json 2, summary.json 1\n")
    rows = finalrank("inspect", "runs/vnet", "runs/unet", "--json").json["numbers"]
    assert rows[0]["example_source"] == "runs/unet/test_results.json"
    assert finalrank("inspect", "runs/vnet/summary.json", "--json").json["numbers"][0]["files"] == 1


def test_hidden_and_other_files_are_passed_over(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {"x": 1}, ".b.json": {"y": 1}, ".c/d.json": {"y": 1}, "e.txt": "1"})
    (root / "again").symlink_to(root)
    done = finalrank("inspect", root, "--json")
    assert done.err == ""
    assert [(row["path"], row["files"]) for row in done.json["numbers"]] == [("x", 1)]


def test_a_folder_may_have_the_name_of_a_file(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("inspect", tree({"a.json/b.json": {"x": 1}}), "--json")
    assert (done.err, done.json["numbers"][0]["example_source"]) == ("", "a.json/b.json")


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes")
def test_what_cannot_be_read_is_a_line_each(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {"x": 1}, "b\n.json": "{", "c/d.json": b"", "e.json": "[1}"})
    os.mkfifo(root / "p.json")
    (root / "q.json").symlink_to("nowhere")
    done = finalrank("inspect", root)
    assert done.status == 0
    assert [line.split(": ")[0] for line in done.err.splitlines()] == [
        r"b\n.json",
        "c/d.json",
        "e.json",
        "p.json",
        "q.json",
    ]
    assert "e.json: line 1 column 3: is not JSON" in done.err


def test_a_folder_that_cannot_be_listed_is_a_line(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {"x": 1}, "b/c.json": {"x": 1}})
    (root / "b").chmod(0)
    with bound_by_modes():
        done = finalrank("inspect", root)
    (root / "b").chmod(0o755)
    assert done.status == 0
    assert done.err.startswith("b: cannot be listed: ")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a.txt": "1"}, "no file that could be read"),
        ({"a.json": {"x": "1"}}, "there is no number in any file"),
    ],
)
def test_nothing_to_show(finalrank: Finalrank, tree: Tree, files: Any, why: str) -> None:
    tree(files)
    done = finalrank("inspect")
    assert (done.status, done.bytes) == (1, b"")
    assert done.err == (f"finalrank: runs: {why}: name the folder or the files that hold metrics\n")


@pytest.mark.parametrize("path", ["gone", "gone/too.json", "a\0b", "x" * 5000])
def test_a_path_that_is_not_there(finalrank: Finalrank, path: str) -> None:
    done = finalrank("inspect", path)
    assert (done.status, done.bytes, done.err.count("\n")) == (2, b"", 1)


def test_thousands_of_paths_and_the_deepest_file(finalrank: Finalrank, tree: Tree) -> None:
    deep = '{"a":' * 499 + '{"b": 1}' + "}" * 499
    wide = {f"case_{i}": {"dice": 0.5, "cases": list(range(20))} for i in range(3000)}
    done = finalrank("inspect", tree({"deep.json": deep, "wide.json": wide}), "--json")
    rows = done.json["numbers"]
    assert len(rows) == 6001
    assert rows[0]["path"] == ".".join(["a"] * 499 + ["b"])


def test_many_file_names_are_counted(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("inspect", tree({f"{i}.json": {"x": i} for i in range(12)}))
    assert done.out.splitlines()[0].startswith("12 files: 0.json 1, 1.json 1, 10.json 1")
    assert done.out.splitlines()[0].endswith(", and 4 more names")
