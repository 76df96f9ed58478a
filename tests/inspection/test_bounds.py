"""`inspect` and `init` on files that nobody meant as metrics: long, wide, deep and many."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

MEGABYTE = 2**20
GOOD = {"test": {"dice": 0.5}}
WIDEST_LINE = 400


def paths(done: Done) -> list[str]:
    return [row["path"] for row in done.json["numbers"]]


def deep(levels: int, numbers: int) -> str:
    """Objects in objects, each with numbers."""
    own = "".join(f'"n{i}":1,' for i in range(numbers))
    return f'{{{own}"below_{"x" * 20}":' * levels + "1" + "}" * levels


def test_a_long_path_is_cut_in_a_table_and_whole_in_json(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {"x" * 5000: {"dice": 1}} | {f"k{i}": 1 for i in range(200)}})
    done = finalrank("inspect", root)
    rows = done.out.splitlines()
    assert max(map(len, rows)) < WIDEST_LINE
    (row,) = [row for row in rows if row.startswith("xxx")]
    assert " ... xxx" in row
    assert "x.dice  " in row
    assert done.err == "1 path is cut in the middle: `finalrank inspect --json` has it whole\n"
    done = finalrank("inspect", root, "--json")
    assert (done.err, "x" * 5000 + ".dice" in paths(done)) == ("", True)


def test_a_path_as_long_as_real_ones_is_whole(finalrank: Finalrank, tree: Tree) -> None:
    path = ".".join(["metrics_on_validation"] * 4)
    document: Any = 0.5
    for name in reversed(path.split(".")):
        document = {name: document}
    done = finalrank("inspect", tree({"a.json": {"folds": [document]}}))
    assert done.err == ""
    assert f"avg(folds[].{path})" in done.out


def test_more_rows_than_anybody_reads_are_counted(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {f"k{i}": 1 for i in range(2002)}, "b.json": {"dice": 1, "k0": 2}})
    done = finalrank("inspect", root)
    assert len(done.out.splitlines()) == 2004
    assert done.err == "3 more paths: `finalrank inspect --json` has all\n"
    assert len(finalrank("inspect", root, "--json").json["numbers"]) == 2003


def test_a_list_of_a_million_leaves_room_for_the_metrics(finalrank: Finalrank, tree: Tree) -> None:
    text = '{"losses": [' + "1," * 1_100_000 + '2], "test": {"dice": 0.5}}'
    done = finalrank("inspect", tree({"a.json": text}), "--json")
    assert done.err == "a.json: has over 1,000,000 values: the others are not looked at\n"
    rows = {row["path"]: row for row in done.json["numbers"]}
    assert rows.keys() == {"losses[]", "test.dice"}
    # What was not looked at might be no number.
    assert rows["losses[]"]["keys"].startswith("avg(losses[*].[@][] | [?type(@)=='number'")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({f"case_{i}": {"dice": 0.5, "sizes": [1, "x"]} for i in range(25_000)}),
        json.dumps({"y" * 10_000: {f"k{i}": 1 for i in range(5000)}}),
        json.dumps({"cases": [{f"case_{i}": 1} for i in range(25_000)]}),
        deep(450, 50),
    ],
    ids=["wide", "one long key", "in a list", "deep"],
)
@pytest.mark.parametrize("command", ["inspect", "init"])
def test_too_many_or_too_long_paths(
    finalrank: Finalrank, tree: Tree, text: str, command: str
) -> None:
    told = "has too many paths to numbers, or too long ones: some are not told"
    files = {f"{i}.json": text.replace('"', f'"{i}', 1) for i in range(3)}
    root = tree({**files, "z.json": GOOD})
    if command == "init":
        assert finalrank("init", root, "--metric", "test.dice").status == 0
        return
    done = finalrank("inspect", root, "--json")
    assert [line for line in done.err.splitlines() if line != f"z.json: {told}"] == [
        f"{name}: {told}" for name in files
    ]
    assert "test.dice" in paths(done)
    assert len(paths(done)) > 3
    assert len(done.bytes) < 12 * MEGABYTE
    assert len(finalrank("inspect", root).bytes) < MEGABYTE


def test_a_hint_is_no_longer_than_a_line(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a.json": {"x" * 5000: {"dice": 1}}})
    done = finalrank("init", root, "--metric", "dice")
    assert len(done.err) < WIDEST_LINE


def test_files_that_have_a_place_need_not_follow_one_another(
    finalrank: Finalrank, tree: Tree
) -> None:
    files = {f"{i}.json": {"a": i} if i % 3 else {"a": i, "b": i, "c": [i, i]} for i in range(8)}
    done = finalrank("inspect", tree(files), "--json")
    rows = {row["path"]: (row["files"], row["example_source"]) for row in done.json["numbers"]}
    assert rows == {"a": (8, "0.json"), "b": (3, "0.json"), "c[]": (3, "0.json")}
