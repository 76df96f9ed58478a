"""Files of a run that look like tasks, of which the best would stand for them all."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Finalrank, Tree

OWN = """
[scan]
patterns = ["*.json"]
[[metrics]]
key = "score"
primary = true
"""
LINE = (
    "easy.json, hard.json are in most runs, and one of each run counts: if they are tasks and no "
    r"alternatives, name the dataset in scan.run, as in '^(?P<run>.+)/(?P<dataset>[^/]+)\.json$'"
)


@pytest.fixture
def told(finalrank: Finalrank, tree: Tree) -> Any:
    """The lines on standard error before the account, of a tree of files with a score."""

    def report(files: dict[str, float], config: str = OWN, *args: str) -> list[str]:
        contents: dict[str, Any] = {path: {"score": score} for path, score in files.items()}
        done = finalrank("report", tree({**contents, "finalrank.toml": config}), *args)
        assert done.status == 0, done.err
        return done.problems

    return report


TASKS = {"a/easy.json": 0.97, "a/hard.json": 0.2, "b/easy.json": 0.96, "b/hard.json": 0.6}


def test_the_same_files_in_most_runs_look_like_tasks(told: Any) -> None:
    assert told(TASKS) == [LINE]
    # It may be meant so, and is no problem.
    assert told(TASKS, OWN, "--strict") == [LINE]


def test_explain_tells_of_them_too(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {path: {"score": score} for path, score in TASKS.items()}
    assert finalrank("explain", tree({**files, "finalrank.toml": OWN})).problems == [LINE]


def test_the_setting_that_is_named_makes_datasets_of_them(told: Any) -> None:
    setting = LINE.rpartition("as in ")[2]
    config = OWN.replace("[[metrics]]", f"run = {setting}\n[[metrics]]")
    assert told(TASKS, config) == []


def test_a_list_of_many_names_ends(told: Any) -> None:
    files = {f"{run}/task{n}.json": 0.5 for run in "abc" for n in range(5)}
    (line,) = told(files)
    assert line.startswith("task0.json, task1.json, task2.json and 2 more are in most runs")


@pytest.mark.parametrize(
    "files",
    [
        # One file a run, or alternatives of names of their own.
        ["a/easy.json", "b/easy.json"],
        ["a/epoch1.json", "a/epoch2.json", "b/best.json", "b/last.json"],
        # Several in one run alone, or in no more than half of them.
        ["a/easy.json", "a/hard.json", "b/easy.json"],
        ["a/easy.json", "a/hard.json", "b/easy.json", "b/hard.json", "c/easy.json", "d/hard.json"],
        # Only one name recurs.
        ["a/easy.json", "a/x.json", "b/easy.json", "b/y.json", "c/easy.json", "c/z.json"],
        # One name in several folders of a run.
        ["a/fold/m.json", "b/fold/m.json"],
    ],
)
def test_other_files_do_not(files: list[str], told: Any) -> None:
    assert told(dict.fromkeys(files, 0.5)) == []


@pytest.mark.parametrize(
    "setting", ['[select]\nfallback = ["hard.json"]', '[select]\nby = "newest"']
)
def test_what_the_settings_say_is_no_task(setting: str, told: Any) -> None:
    assert told(TASKS, OWN + setting) == []


def test_what_is_left_out_is_not_counted(told: Any) -> None:
    # A zero is no valid artifact.
    assert told({**TASKS, "b/hard.json": 0.0}) == []


def test_the_published_layout_has_variants(finalrank: Finalrank, tree: Tree) -> None:
    names = ("test_metrics.json", "test_metrics_tta.json")
    root = tree({f"{run}/{name}": {"dice_pos": 0.5} for run in "abc" for name in names})
    assert finalrank("report", root).problems == []
