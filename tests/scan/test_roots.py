"""Several runs folders in one call."""

from __future__ import annotations

from pathlib import Path

import pytest

import finalrank as package
from conftest import Finalrank
from finalrank.errors import UsageError
from rooted import PAIR, made, one_line, posix, reasons, runs_of


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
