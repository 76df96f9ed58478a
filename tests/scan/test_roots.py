"""What a run is, several runs folders in one call, and what the author leaves out by path."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import finalrank as package
from conftest import Done, Finalrank, Tree
from finalrank.errors import UsageError

posix = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")


def made(files: Mapping[str, Any]) -> None:
    """Makes files in the working folder: a Dice, an object, or a text."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {"dice_pos": content} if isinstance(content, float) else content
        path.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")


def runs_of(done: Done) -> dict[str, str]:
    """The run of every candidate."""
    assert done.status == 0, done.err
    return {row["source"]: row["run"] for row in done.json}


def reasons(done: Done) -> dict[str, str | None]:
    """Why each candidate is left out, None where it is not."""
    assert done.status == 0, done.err
    return {row["source"]: row["reason"] for row in done.json}


def one_line(done: Done) -> str:
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    return line


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


# Several runs folders

PAIR = {
    "runs_a/unet/test_metrics.json": 0.5,
    "runs_a/nnunet/test_metrics.json": 0.25,
    "runs_b/unet/test_metrics.json": 0.75,
    "runs_b/test_metrics_top.json": 0.125,
    "runs_b/bad/test_metrics.json": "{",
}


def test_runs_and_sources_begin_with_the_folders_name(finalrank: Finalrank) -> None:
    made(PAIR)
    assert runs_of(finalrank("explain", "runs_a", "runs_b", "-f", "json")) == {
        "runs_a/unet/test_metrics.json": "runs_a/unet",
        "runs_a/nnunet/test_metrics.json": "runs_a/nnunet",
        "runs_b/unet/test_metrics.json": "runs_b/unet",
        "runs_b/test_metrics_top.json": "runs_b/test_metrics_top",
        "runs_b/bad/test_metrics.json": "runs_b/bad",
    }


def test_they_are_ranked_together(finalrank: Finalrank) -> None:
    made(PAIR)
    done = finalrank("report", "runs_a", "runs_b", "-f", "json")
    assert done.json["root"] == "runs_a, runs_b"
    assert [run["run"] for run in done.json["runs"]] == [
        "runs_b/unet",
        "runs_a/unet",
        "runs_a/nnunet",
        "runs_b/test_metrics_top",
    ]
    assert done.json["counts"]["artifacts_found"] == 5
    assert done.account == "5 artifacts: 4 ranked, 0 siblings, 1 left out (unreadable 1)"
    assert [line.partition(":")[0] for line in done.problems] == ["runs_b/bad/test_metrics.json"]
    assert done.json["problems"][0]["source"] == "runs_b/bad/test_metrics.json"


def test_the_order_of_the_folders_changes_nothing_but_the_root(finalrank: Finalrank) -> None:
    made(PAIR)
    one = finalrank("report", "runs_a", "runs_b", "-f", "json").json
    other = finalrank("report", "runs_b/", "./runs_a", "-f", "json").json
    assert other.pop("root") == "runs_b, runs_a"
    del one["root"], one["generated_at"], other["generated_at"]
    assert one == other


def test_the_page_names_a_source_once(finalrank: Finalrank) -> None:
    made(PAIR)
    page = finalrank("report", "runs_a", "runs_b").out
    assert "one-liner: `runs_b/unet` (`runs_b/unet/test_metrics.json`) with" in page
    assert "runs_b/runs_b" not in page
    # One folder has its name in front of the source alone, as ever.
    page = finalrank("report", "runs_b").out
    assert "one-liner: `unet` (`runs_b/unet/test_metrics.json`) with" in page


def test_the_baseline_may_be_in_any_of_them(finalrank: Finalrank) -> None:
    made(PAIR)
    folders = ("report", "runs_b", "runs_a", "-f", "json")
    assert finalrank(*folders).json["baseline"]["run"] == "runs_a/nnunet"
    done = finalrank(*folders, "--baseline", "runs_b/unet")
    assert done.json["baseline"]["run"] == "runs_b/unet"
    done = finalrank(*folders, "--baseline", "unet")
    assert (done.status, done.bytes) == (2, b"")
    assert "is no run in runs_b, runs_a" in done.err.splitlines()[-1]


def test_a_note_on_a_run_takes_the_whole_name(finalrank: Finalrank) -> None:
    made(PAIR)
    made({"runs_a/finalrank.toml": '[runs."*/unet"]\nkey_feature = "small"\n'})
    rows = finalrank("report", "runs_a", "runs_b", "-f", "json").json["runs"]
    assert {row["run"] for row in rows if row["key_feature"]} == {"runs_a/unet", "runs_b/unet"}


def test_the_first_configuration_beside_runs_counts(finalrank: Finalrank) -> None:
    made(PAIR)
    made({"finalrank.toml": "title = 'above'", "runs_b/finalrank.toml": "title = 'b'"})
    assert finalrank("report", "runs_a", "runs_b").out.startswith("# b\n")
    made({"runs_a/finalrank.toml": "title = 'a'"})
    assert finalrank("report", "runs_a", "runs_b").out.startswith("# a\n")
    assert finalrank("report", "runs_b", "runs_a").out.startswith("# b\n")


def test_a_clash_of_sources_cannot_be(finalrank: Finalrank) -> None:
    made({"x/b/test_metrics.json": 0.5, "x/b/c/test_metrics.json": 0.25, "b/y/c/placeholder": "{}"})
    made({"b/c/test_metrics.json": 0.75})
    found = runs_of(finalrank("explain", "x", "b", "-f", "json"))
    assert sorted(found) == [
        "b/c/test_metrics.json",
        "x/b/c/test_metrics.json",
        "x/b/test_metrics.json",
    ]


SAME = {"a/runs/u/test_metrics.json": 0.5, "b/runs/u/test_metrics.json": 0.25}


@pytest.mark.parametrize("absolute", [False, True])
def test_folders_of_one_name_are_told_apart_by_those_above(
    absolute: bool, finalrank: Finalrank
) -> None:
    made(SAME)
    roots = [Path(root).absolute() if absolute else root for root in ("a/runs", "b/runs")]
    done = finalrank("report", *roots, "-f", "json")
    assert done.json["root"] == "a/runs, b/runs"
    assert [run["run"] for run in done.json["runs"]] == ["a/runs/u", "b/runs/u"]


def test_they_are_told_apart_from_within_one_of_them(
    finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(SAME)
    monkeypatch.chdir("a")
    done = finalrank("report", "runs", "../b/runs", "-f", "json")
    assert done.json["root"] == "a/runs, b/runs"
    monkeypatch.chdir("runs")
    done = finalrank("report", ".", "../../b/runs", "-f", "json")
    assert done.json["root"] == "a/runs, b/runs"


def test_they_are_told_apart_as_far_up_as_it_takes(
    finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch
) -> None:
    made({f"{lab}/b/runs/u/test_metrics.json": 0.5 for lab in ("x", "y")})
    monkeypatch.chdir("x")
    done = finalrank("report", "b/runs", "../y/b/runs", "-f", "json")
    assert done.json["root"] == "x/b/runs, y/b/runs"


def test_a_folder_whose_name_is_its_own_keeps_it(finalrank: Finalrank) -> None:
    made(SAME | {"other/u/test_metrics.json": 0.5})
    done = finalrank("report", "a/runs", "b/runs", "other", "-f", "json")
    assert done.json["root"] == "a/runs, b/runs, other"


@pytest.mark.parametrize(
    "again", ["runs", "runs/", "./runs", "runs/../runs", "{here}/runs", "../{name}/runs"]
)
def test_the_same_folder_twice_is_a_mistake(again: str, finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics.json": 0.5})
    again = again.format(here=Path.cwd(), name=Path.cwd().name)
    assert one_line(finalrank("report", "runs", again, "-q")) == (
        "finalrank: RUNS: the same folder is given twice; give each once"
    )


@posix
def test_the_same_folder_by_a_link_is_a_mistake_too(finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics.json": 0.5})
    Path("latest").symlink_to("runs")
    assert "given twice" in one_line(finalrank("report", "runs", "latest", "-q"))


@pytest.mark.parametrize("bad", ["gone", "file", "runs/a/test_metrics.json"])
def test_each_of_them_must_be_a_folder(bad: str, finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics.json": 0.5, "file": "{}"})
    assert f"{bad}: " in one_line(finalrank("report", "runs", bad, "-q"))


def test_nothing_to_rank_names_them_all(finalrank: Finalrank) -> None:
    made({"runs_a/x.json": "{}", "runs_b/x.json": "{}"})
    done = finalrank("report", "runs_a", "runs_b", "-q")
    assert done.status == 1
    assert done.err.startswith("finalrank: runs_a, runs_b: no file is named test_metrics*.json")


def test_in_python_they_are_a_list() -> None:
    made(PAIR)
    report = package.load_report([Path("runs_a"), "runs_b"])
    assert report.root == "runs_a, runs_b"
    assert report.runs[0].run == "runs_b/unet"
    assert package.load_report(["runs_a"]).runs[0].run == "unet"
    with pytest.raises(UsageError, match="given twice"):
        package.load_report(["runs_a", "runs_a"])


@posix
def test_a_link_into_another_of_the_folders_is_told(finalrank: Finalrank) -> None:
    made({"a/u/test_metrics.json": 0.5, "b/w/test_metrics.json": 0.25})
    Path("b/v").mkdir()
    Path("b/v/test_metrics.json").symlink_to(Path("a/u/test_metrics.json").absolute())
    # Alone, `b` has the file once.
    assert finalrank("report", "b").problems == []
    (problem,) = finalrank("report", "a", "b").problems
    assert problem.startswith("b/v/test_metrics.json: is a link to a/u/test_metrics.json, which is")


@posix
def test_a_link_within_one_of_the_folders_is_told_by_its_whole_name(finalrank: Finalrank) -> None:
    made({"a/u/test_metrics.json": 0.5, "b/w/test_metrics.json": 0.25})
    Path("b/v").mkdir()
    Path("b/v/test_metrics.json").symlink_to("../w/test_metrics.json")
    (problem,) = finalrank("report", "a", "b").problems
    assert problem.startswith("b/v/test_metrics.json: is a link to b/w/test_metrics.json, which is")


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


# Which artifact of a run stands for it

FOLDS = {
    "runs/a/test_metrics_1.json": 0.75,
    "runs/a/test_metrics_2.json": 0.25,
    "runs/a/test_metrics_all.json": 0.9,
    "runs/b/test_metrics_all.json": 0.5,
}


def details(done: Done) -> dict[str, str]:
    assert done.status == 0, done.err
    return {row["source"]: row["detail"] for row in done.json}


def test_the_last_stand_for_a_run_only_if_no_other_does(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nfallback = ["*_all.json"]'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/test_metrics_1.json": "Dice_pos 0.5000 ahead of the next",
        "a/test_metrics_2.json": "Dice_pos 0.5000 behind",
        "a/test_metrics_all.json": "stands back (select.fallback)",
        "b/test_metrics_all.json": "the only valid artifact",
    }
    page = finalrank("report", "runs").out
    assert "one-liner: `a` (`runs/a/test_metrics_1.json`)" in page


def test_the_last_stand_back_in_their_order(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nfallback = ["*_2.json", "*_1.json", "*.json"]'})
    rows = [row for row in finalrank("explain", "runs", "-f", "json").json if row["run"] == "a"]
    assert [row["source"].rpartition("_")[2] for row in rows] == ["2.json", "1.json", "all.json"]
    assert rows[0]["detail"] == "the next stands back (select.fallback)"


def test_the_newest_may_stand_for_a_run_whatever_it_says(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nby = "newest"\nfallback = ["*_all.json"]'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/test_metrics_2.json": "the newest by its name",
        "a/test_metrics_1.json": "older by its name",
        "a/test_metrics_all.json": "stands back (select.fallback)",
        "b/test_metrics_all.json": "the only valid artifact",
    }
    summary = finalrank("report", "runs", "-f", "json").json
    assert {run["source"] for run in summary["runs"]} == {
        "a/test_metrics_2.json",
        "b/test_metrics_all.json",
    }
    assert "; the newest test artifact per run kept." in finalrank("report", "runs").out


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("test_metrics_2026-02-15T08-14-41.json", "test_metrics_2026-02-15T08-14-40.json"),
        ("test_metrics_2026-02-15T08-14-41.5.json", "test_metrics_2026-02-15T08-14-41.4.json"),
        ("test_metrics_ab.json", "test_metrics_a.json"),
        ("test_metrics_\N{GRINNING FACE}.json", "test_metrics_\ue000.json"),
    ],
)
def test_the_newest_is_the_last_by_its_name(newer: str, older: str, finalrank: Finalrank) -> None:
    made({f"runs/a/{newer}": 0.25, f"runs/a/{older}": 0.75})
    made({"runs/finalrank.toml": '[select]\nby = "newest"'})
    (run,) = finalrank("report", "runs", "-f", "json").json["runs"]
    assert run["source"] == f"a/{newer}"


def test_of_one_name_in_two_folders_the_better_is_kept(finalrank: Finalrank) -> None:
    made({"runs/a/1/test_metrics.json": 0.25, "runs/a/2/test_metrics.json": 0.75})
    made({"runs/finalrank.toml": '[scan]\nrun = "(?P<run>[^/]+)/"\n[select]\nby = "newest"'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/2/test_metrics.json": "Dice_pos 0.5000 ahead of the next",
        "a/1/test_metrics.json": "Dice_pos 0.5000 behind",
    }


def test_only_a_valid_artifact_is_the_newest(finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics_1.json": 0.5, "runs/a/test_metrics_2.json": 0.0})
    made({"runs/finalrank.toml": '[select]\nby = "newest"'})
    assert details(finalrank("explain", "runs", "-f", "json"))["a/test_metrics_1.json"] == (
        "the only valid artifact"
    )


# Folders that would count twice, or be taken for one another


def test_a_folder_inside_another_is_refused(finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics.json": 0.5, "runs/b/c/test_metrics.json": 0.25})
    for roots in (("runs", "runs/b"), ("runs/b", "runs")):
        assert "runs/b is inside runs; give one" in one_line(finalrank("report", *roots))


def test_no_name_of_a_folder_begins_another(finalrank: Finalrank) -> None:
    made({"z/p/x/a/test_metrics.json": 0.5, "p/x/a/test_metrics.json": 0.25, "q/x/b.json": 0.1})
    found = runs_of(finalrank("explain", "z/p", "p/x", "q/x", "-f", "json"))
    assert len(found) == len(set(found.values())) == 2


def test_rules_globs_and_the_baseline_go_by_the_run_and_not_by_the_folder(
    finalrank: Finalrank,
) -> None:
    made({"dev/a/test_metrics.json": 0.5, "nnunet_group/b/test_metrics.json": 0.25})
    done = finalrank("report", "dev", "nnunet_group", "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == ["dev/a", "nnunet_group/b"]
    assert done.json["baseline"] is None
    told = finalrank("explain", "dev", "nnunet_group", "--exclude", "a/*", "-f", "json")
    assert reasons(told)["dev/a/test_metrics.json"] == "excluded"


def test_no_folder_is_no_report() -> None:
    with pytest.raises(UsageError, match="at least one"):
        package.load_report([])
    with pytest.raises(UsageError):
        package.load_report(["runs", "a\0b"])


def test_a_folder_without_artifacts_is_told_among_several(
    tmp_path: Path, finalrank: Finalrank
) -> None:
    (tmp_path / "full" / "a").mkdir(parents=True)
    (tmp_path / "full" / "a" / "test_metrics.json").write_text('{"dice_pos": 0.5}')
    (tmp_path / "empty").mkdir()
    done = finalrank("report", tmp_path / "full", tmp_path / "empty", "--strict")
    assert done.status == 1
    told = "empty: holds no artifact: check scan.patterns, or the folder"
    assert done.problems == [told]
    assert "Artifacts with problems" not in done.out
    # Where there is nothing at all, the error says so.
    alone = finalrank("report", tmp_path / "empty")
    assert (alone.status, told in alone.err) == (1, False)
