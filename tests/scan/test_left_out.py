"""What the author leaves out by path: --include and --exclude."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Finalrank, Tree
from rooted import PAIR, made, one_line, posix, reasons

# What the author leaves out

CHOICE = {
    "runs/a/test_metrics.json": 0.5,
    "runs/a/test_metrics_old.json": 0.75,
    "runs/b/test_metrics.json": 0.25,
    "runs/b/deep/er/test_metrics.json": 0.125,
    "runs/broken/test_metrics.json": "{",
}


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--include", "a/*"], ["a/test_metrics.json", "a/test_metrics_old.json"]),
        (["--include", "a/test_metrics.json"], ["a/test_metrics.json"]),
        (["--include", "b/*"], ["b/deep/er/test_metrics.json", "b/test_metrics.json"]),
        (["--include", "*old*"], ["a/test_metrics_old.json"]),
        (
            ["--include", "*old*", "--include", "b/t*"],
            ["a/test_metrics_old.json", "b/test_metrics.json"],
        ),
        (["--include", "a/*", "--exclude", "*old*"], ["a/test_metrics.json"]),
        (
            ["--exclude", "b/*", "--exclude", "broken/*", "--exclude", "*_old.json"],
            ["a/test_metrics.json"],
        ),
        (["--include", "a/test_metrics?old.json"], ["a/test_metrics_old.json"]),
        (["--include", "[ab]/test_metrics.json"], ["a/test_metrics.json", "b/test_metrics.json"]),
    ],
)
def test_what_is_left_by_globs(options: list[str], left: list[str], finalrank: Finalrank) -> None:
    made(CHOICE)
    found = reasons(finalrank("explain", "runs", "-f", "json", *options))
    assert len(found) == 5
    assert sorted(source for source, reason in found.items() if reason is None) == left
    assert {reason for reason in found.values() if reason} <= {"excluded", "not-included"}


@pytest.mark.parametrize("glob", ["test_metrics.json", "a", "a/", "A/*", "runs/*", "./a/*"])
def test_a_glob_is_of_the_whole_path(glob: str, finalrank: Finalrank) -> None:
    made(CHOICE)
    found = reasons(finalrank("explain", "runs", "-f", "json", "--include", glob))
    assert set(found.values()) == {"not-included"}


def test_the_reasons_and_their_words(finalrank: Finalrank) -> None:
    made(CHOICE)
    options = ("--include", "[ab]/*", "--exclude", "*_old*", "--exclude", "*.json_")
    rows = finalrank("explain", "runs", "-f", "json", *options).json
    assert {(row["reason"], row["detail"]) for row in rows if row["reason"]} == {
        ("excluded", 'its path matches "*_old*"'),
        ("not-included", "its path matches none of those to include"),
    }
    text = finalrank("explain", "runs", *options).out
    assert "test_metrics_old.json  excluded " in text
    assert "not-included" in text


def test_what_is_excluded_is_so_even_if_it_is_included(finalrank: Finalrank) -> None:
    made(CHOICE)
    options = ("--include", "a/*", "--exclude", "a/*")
    found = reasons(finalrank("explain", "runs", "-f", "json", *options))
    assert found["a/test_metrics.json"] == "excluded"
    assert found["b/test_metrics.json"] == "not-included"


def test_it_goes_before_the_filter_rules(finalrank: Finalrank) -> None:
    made({"runs/dev/test_metrics.json": 0.5})
    found = reasons(finalrank("explain", "runs", "-f", "json", "--exclude", "dev/*"))
    assert found == {"dev/test_metrics.json": "excluded"}


def test_it_is_accounted_for(finalrank: Finalrank) -> None:
    made(CHOICE | {"runs/dev/test_metrics.json": 0.5})
    options = ("--include", "[abd]*", "--exclude", "a/*", "--exclude", "broken/*")
    done = finalrank("report", "runs", "-f", "json", *options)
    assert done.account == ("6 artifacts: 2 ranked, 0 siblings, 4 left out (excluded 3, dev 1)")
    assert done.json["counts"] == {
        "artifacts_found": 6,
        "artifacts_valid": 2,
        "runs_found": 5,
        "runs_valid": 2,
    }
    assert [row["reason"] for row in done.json["excluded"]] == ["excluded"] * 3 + ["dev"]
    done = finalrank("report", "runs", "--include", "b/*", "--exclude", "a/*")
    assert done.account.endswith("(excluded 2, not-included 2)")
    assert "zero-Dice outputs; 4 artifacts left out by path; one best" in done.out


def test_it_is_not_even_read(finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch) -> None:
    made(CHOICE)
    opened: list[str] = []

    def read(root: str, place: str, *how: object) -> bytes:
        opened.append(place)
        return b"{}"

    monkeypatch.setattr("finalrank.scan.scanner.read", read)
    finalrank("explain", "runs", "--include", "[ab]/test*", "--exclude", "*_old*")
    assert sorted(opened) == ["a/test_metrics.json", "b/test_metrics.json"]


@posix
def test_what_cannot_be_read_there_is_no_problem(finalrank: Finalrank) -> None:
    made(CHOICE)
    Path("runs/gone").mkdir()
    Path("runs/gone/test_metrics.json").symlink_to("nowhere")
    os.mkfifo("runs/gone/test_metrics_pipe.json")
    done = finalrank("report", "runs", "--strict", "--exclude", "broken/*", "--exclude", "gone/*")
    assert (done.status, done.problems) == (0, [])
    assert finalrank("report", "runs", "--strict").status == 1


def test_nor_is_it_notable(finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics.json": 0.25, "runs/dev/test_metrics.json": 0.9})
    assert finalrank("report", "runs", "-f", "json").json["notable_exclusions"]
    done = finalrank("report", "runs", "-f", "json", "--exclude", "dev/*")
    assert done.json["notable_exclusions"] == []


def test_where_nothing_is_left_there_is_nothing_to_rank(finalrank: Finalrank) -> None:
    made(CHOICE)
    done = finalrank("report", "runs", "--include", "nowhere/*")
    assert (done.status, done.bytes) == (1, b"")
    assert "nothing to rank, all left out (not-included 5)" in done.err
    assert done.account == "5 artifacts: 0 ranked, 0 siblings, 5 left out (not-included 5)"


def test_the_configuration_says_it_too(finalrank: Finalrank) -> None:
    made(CHOICE)
    made({"runs/finalrank.toml": '[scan]\ninclude = ["[ab]/*"]\nexclude = ["*/deep/*"]\n'})
    assert reasons(finalrank("explain", "runs", "-f", "json")) == {
        "a/test_metrics.json": None,
        "a/test_metrics_old.json": None,
        "b/test_metrics.json": None,
        "b/deep/er/test_metrics.json": "excluded",
        "broken/test_metrics.json": "not-included",
    }


def test_the_call_excludes_more_and_includes_instead(finalrank: Finalrank) -> None:
    made(CHOICE)
    made({"runs/finalrank.toml": '[scan]\ninclude = ["a/*"]\nexclude = ["*/deep/*"]\n'})
    found = reasons(finalrank("explain", "runs", "-f", "json", "--exclude", "*_old*"))
    assert [source for source, reason in found.items() if not reason] == ["a/test_metrics.json"]
    assert found["b/deep/er/test_metrics.json"] == "excluded"
    found = reasons(finalrank("explain", "runs", "-f", "json", "--include", "b/*"))
    assert [source for source, reason in found.items() if not reason] == ["b/test_metrics.json"]
    assert found["b/deep/er/test_metrics.json"] == "excluded"


def test_of_several_folders_the_path_begins_with_the_name(finalrank: Finalrank) -> None:
    made(PAIR)
    options = ("--include", "*/unet/*", "--exclude", "runs_b/*")
    found = reasons(finalrank("explain", "runs_a", "runs_b", "-f", "json", *options))
    assert [source for source, reason in found.items() if not reason] == [
        "runs_a/unet/test_metrics.json"
    ]
    assert found["runs_b/unet/test_metrics.json"] == "excluded"
    assert found["runs_a/nnunet/test_metrics.json"] == "not-included"


def test_a_filter_rule_cannot_have_these_names(finalrank: Finalrank, tree: Tree) -> None:
    for name in ("excluded", "not-included"):
        root = tree({"finalrank.toml": f'[filter.rules.{name}]\ntokens = ["x"]'})
        assert f'"{name}" is a reason of its own' in one_line(finalrank("report", root))
