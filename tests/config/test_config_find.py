"""docs/contract.md, section 10: where the configuration is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from configured_runs import RUNS
from conftest import Finalrank, Tree

# Where it is found


def test_the_search_order(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    places = [
        (Path("named.toml"), 'title = "named"'),
        (root / "finalrank.toml", 'title = "beside"'),
        (Path("x/y/finalrank.toml"), 'title = "here"'),
        (Path("x/y/pyproject.toml"), '[tool.finalrank]\ntitle = "project here"'),
        (Path("x/pyproject.toml"), '[tool.finalrank]\ntitle = "project above"'),
        (Path("finalrank.toml"), 'title = "far above"'),
    ]
    Path("x/y").mkdir(parents=True)
    for path, text in places:
        path.write_text(text)
    paths = [path.absolute() for path, _ in places]
    monkeypatch.chdir("x/y")
    named = finalrank("report", root, "--config", paths[0])
    assert named.out.startswith("# named\n")
    for path, title in zip(
        paths[1:], ("beside", "here", "project here", "project above", "far above"), strict=True
    ):
        assert finalrank("report", root).out.startswith(f"# {title}\n")
        path.unlink()
    assert finalrank("report", root).out.startswith("# Clean Final Results\n")


def test_a_project_file_without_our_table_is_passed_by(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    Path("x").mkdir()
    Path("x/pyproject.toml").write_text("[tool.other]\ntitle = 'no'\n")
    Path("finalrank.toml").write_text("title = 'above'")
    monkeypatch.chdir("x")
    assert finalrank("report", root).out.startswith("# above\n")


def test_the_search_goes_up_from_the_working_folder_not_from_runs(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    Path("finalrank.toml").write_text("title = 'above runs'")
    Path("elsewhere").mkdir()
    Path("elsewhere/finalrank.toml").write_text("title = 'working folder'")
    monkeypatch.chdir("elsewhere")
    assert finalrank("report", root).out.startswith("# working folder\n")


def test_a_project_file_may_be_named(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    Path("pyproject.toml").write_text("[tool.finalrank]\ntitle = 'project'")
    done = finalrank("report", root, "--config", "pyproject.toml")
    assert done.out.startswith("# project\n")
    Path("pyproject.toml").write_text("[tool.other]\n")
    done = finalrank("report", root, "--config", "pyproject.toml")
    assert done.status == 2
    assert "[tool.finalrank]" in done.err


def test_explain_takes_the_same_configuration(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    (root / "finalrank.toml").write_text("[filter.rules.b]\ntokens = ['b']")
    rows = finalrank("explain", root, "-f", "json").json
    assert [row["reason"] for row in rows if row["run"] == "b"] == ["b"]
    Path("other.toml").write_text("[filter.rules.a]\ntokens = ['a']")
    rows = finalrank("explain", root, "-f", "json", "--config", "other.toml").json
    assert [row["run"] for row in rows if row["reason"]] == ["a"]


def test_a_byte_order_mark_is_no_error(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS | {"finalrank.toml": b"\xef\xbb\xbftitle = 'marked'"})
    assert finalrank("report", root).out.startswith("# marked\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_place_of_a_configuration_is_no_hang(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}'})
    os.mkfifo(root / "finalrank.toml")
    done = finalrank("report", root)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert "finalrank.toml: not a file" in line


def test_an_empty_device_may_be_named_for_the_defaults(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}', "finalrank.toml": "title = 'own'"})
    assert finalrank("report", root, "--config", os.devnull).out.startswith("# Clean Final Results")


@pytest.mark.parametrize("path", ["/dev/zero", "runs/finalrank.toml"])
def test_a_configuration_that_is_far_too_large(
    path: str, finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}', "finalrank.toml": ""})
    os.truncate(root / "finalrank.toml", 3_000_000_000)
    monkeypatch.chdir(root.parent)
    done = finalrank("report", root, "--config", path)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert f"{path}: too large" in line
