"""What a run is: its folder, its file, or a part of its path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Finalrank, Tree
from rooted import one_line, posix, reasons, runs_of

# What a run is

RULED = '[scan]\npatterns = ["*.json", "*.csv"]\nrun = {}\n'


@pytest.fixture
def runs(finalrank: Finalrank, tree: Tree) -> Any:
    """The run of each source under a rule."""

    def of(rule: str, *sources: str) -> list[str]:
        root = tree(dict.fromkeys(sources, '{"dice_pos": 0.5}'))
        (root / "finalrank.toml").write_text(RULED.format(json.dumps(rule)), encoding="utf-8")
        found = runs_of(finalrank("explain", root, "-f", "json"))
        return [found[source] for source in sources]

    return of


def test_a_run_is_a_folder_by_default(runs: Any) -> None:
    sources = ["a/b/x.json", "a/x.json", "x.json", "y.csv", "x.csv.json"]
    assert runs("parent", *sources) == ["a/b", "a", "x", "y", "x.csv"]


def test_each_file_may_be_a_run(runs: Any) -> None:
    sources = ["a/b/x.json", "a/y.json", "a/z.csv", "x.json"]
    assert runs("file", *sources) == ["a/b/x", "a/y", "a/z", "x"]


VALIDATION = r"(?P<run>.+)/validation/summary\.json"


def test_a_run_may_be_a_part_of_the_path(runs: Any) -> None:
    sources = ["d/t/fold_0/validation/summary.json", "d/t/fold_1/validation/summary.json"]
    assert runs(VALIDATION, *sources) == ["d/t/fold_0", "d/t/fold_1"]


def test_where_it_does_not_match_the_run_is_the_folder(runs: Any) -> None:
    sources = ["a/test/summary.json", "validation/summary.json", "summary.json"]
    assert runs(VALIDATION, *sources) == ["a/test", "validation", "summary"]


@pytest.mark.parametrize("rule", ["(?P<run>)", "(?P<run>z*)", "(?P<run>z)?x"])
def test_where_its_group_is_empty_the_run_is_the_folder(rule: str, runs: Any) -> None:
    assert runs(rule, "a/x.json", "x.json") == ["a", "x"]


def test_it_is_searched_for_anywhere_in_the_path(runs: Any) -> None:
    assert runs(r"(?P<run>fold_\d+)", "d/fold_1/x.json", "fold_2/x.json", "d/fold_10.json") == [
        "fold_1",
        "fold_2",
        "fold_10",
    ]


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        ("file", ["a/x.json", "a/x.csv"]),
        (r"(?P<run>[^/]+)/", ["a/1/x.json", "a/2/x.json"]),
        (r"(?P<run>[^/]+)\.json", ["a/x.json", "b/x.json"]),
    ],
)
def test_what_comes_to_the_same_name_is_one_run(
    rule: str, sources: list[str], runs: Any, finalrank: Finalrank
) -> None:
    (run,) = set(runs(rule, *sources))
    summary = finalrank("report", "runs", "-f", "json").json
    assert [row["run"] for row in summary["runs"]] == [run]
    assert summary["runs"][0]["valid_artifacts"] == 2
    assert summary["counts"]["runs_found"] == 1
    assert summary["runs"][0]["source"] == min(sources)


def test_file_rules_look_at_a_run_s_name_by_the_rule(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"dev/seed_1/test_metrics.json": {"dice_pos": 0.5}})
    assert reasons(finalrank("explain", root, "-f", "json")) == {
        "dev/seed_1/test_metrics.json": "dev"
    }
    (root / "finalrank.toml").write_text("[scan]\nrun = '(?P<run>seed_.+)/'")
    assert reasons(finalrank("explain", root, "-f", "json")) == {
        "dev/seed_1/test_metrics.json": None
    }


def test_runs_that_are_files_are_named_on_the_page(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"m/unet_test_metrics.json": {"dice_pos": 0.5}})
    (root / "finalrank.toml").write_text('[scan]\nrun = "file"')
    page = finalrank("report", root).out
    assert "`m/unet_test_metrics` (`runs/m/unet_test_metrics.json`)" in page
    text = finalrank("explain", root).out
    assert text.startswith("m/unet_test_metrics: rank 1; 1 artifact, 1 valid\n")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("folder", "has no group (?P<run>...)"),
        ("", "has no group (?P<run>...)"),
        ("(?P<name>.+)/", "has no group (?P<run>...)"),
        ("(?P<run>.+", "is no regular expression ("),
    ],
)
def test_a_rule_that_is_none_says_what_to_write(
    rule: str, words: str, finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({"finalrank.toml": f"[scan]\nrun = {json.dumps(rule)}"})
    line = one_line(finalrank("report", root))
    assert "scan.run: " in line
    assert words in line
    assert 'write "parent", "file", or ' in line


@posix
def test_a_link_to_a_file_of_the_same_run_is_no_problem(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/1/test_metrics.json": {"dice_pos": 0.5}})
    (root / "a" / "2").mkdir()
    (root / "a" / "2" / "test_metrics.json").symlink_to("../1/test_metrics.json")
    assert len(finalrank("report", root).problems) == 1
    (root / "finalrank.toml").write_text("[scan]\nrun = '(?P<run>[^/]+)/'")
    assert finalrank("report", root).problems == []
