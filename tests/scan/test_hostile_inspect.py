"""What looks for names in files, on hostile ones: `inspect`, `init`, and `report` for its hints."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conftest import Tree
from hostile_reports import told

MEGABYTE = 2**20


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory as POSIX does")
@pytest.mark.parametrize("command", [("inspect",), ("inspect", "--json"), ("init", "-o", "-")])
def test_a_hostile_folder_takes_little_memory(
    tmp_path: Path, tree: Tree, command: tuple[str, ...]
) -> None:
    own = "".join(f'"n{i}":1,' for i in range(50))
    deep = f'{{{own}"below_{"x" * 20}":' * 450 + "1" + "}" * 450
    wide = {f"{i}.json": {f"{i}_{k}": {"dice": 1} for k in range(20_000)} for i in range(8)}
    tree(
        {
            **wide,
            "deep.json": deep,
            "y.json": {"y" * 10**6: {"a": 1}},
            "z.json": {"test": {"dice": 0.5}},
        }
    )
    options = ("--metric", "test.dice") if command[0] == "init" else ()
    done = told(tmp_path, *command, "runs", *options)
    assert done.status == 0
    assert done.memory < 200 * MEGABYTE


@pytest.mark.skipif(sys.platform == "win32", reason="measures memory as POSIX does")
def test_a_hint_takes_little_memory(tmp_path: Path, tree: Tree) -> None:
    keys = {f"key_{i}": 1 for i in range(5000)}
    config = '[[metrics]]\nkey = "dice"\nprimary = true\n'
    file = {"y" * 10**5: keys, "z": {"y" * 10**5: keys}, **keys}
    tree({"a/test_metrics.json": file, "finalrank.toml": config})
    done = told(tmp_path, "report", "runs")
    assert done.status == 1
    assert "has no value in any file" in done.err
    assert done.memory < 200 * MEGABYTE
