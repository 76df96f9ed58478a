"""Which artifact stands for a run where `select.by` is not its primary metric alone."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import EXAMPLES, Done, Finalrank, Tree

DICE, IOU = "dice_pos", "iou_pos"
ROC, AP = "roc_auc_presence", "average_precision_presence"
VALIDATION = '[select]\nby = "validation"\n'
COMPLETE = '[select]\nby = "complete-first"\n'


def metrics(
    dice: float | None, roc: float | None = None, ap: float | None = None
) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def command(finalrank: Finalrank, tree: Tree) -> Any:
    """A command on files, with a configuration."""

    def run(files: dict[str, Any], config: str = VALIDATION, *args: str) -> Done:
        root = tree({**files, "finalrank.toml": config})
        first, *rest = args or ("report", "-f", "json")
        return finalrank(first, root, *rest)

    return run


def kept(done: Done) -> list[str]:
    assert done.status == 0, done.err
    return sorted(run["source"] for run in done.json["runs"])


def details(done: Done) -> dict[str, str]:
    return {row["source"]: row["detail"] for row in done.json}


def fallen_back(done: Done) -> list[str]:
    """What the bullet names."""
    bullet = "- Runs without usable validation metrics: (.+); the test metrics chose where .+"
    return re.findall(f"^{bullet}$", done.out, re.MULTILINE)


# The most complete first


def test_the_most_complete_comes_first(command: Any) -> None:
    files = {
        "a/test_metrics.json": metrics(0.9),
        "a/test_metrics_1.json": metrics(0.1, 0.1, 0.1),
        "a/test_metrics_2.json": metrics(0.2, 0.1, 0.1),
        "a/test_metrics_3.json": metrics(0.8, 0.9),
        # What is only shown completes nothing.
        "b/test_metrics_1.json": metrics(0.5, 0.5) | {IOU: 0.5},
        "b/test_metrics_2.json": metrics(0.6, None, 0.5),
    }
    assert kept(command(files, COMPLETE)) == ["a/test_metrics_2.json", "b/test_metrics_2.json"]
    told = details(command(files, COMPLETE, "explain", "-f", "json"))
    assert told == {
        "a/test_metrics_2.json": "Dice_pos 0.1000 ahead of the next",
        "a/test_metrics_1.json": "Dice_pos 0.1000 behind",
        "a/test_metrics_3.json": "the kept one has 1 more ranked metric",
        "a/test_metrics.json": "the kept one has 2 more ranked metrics",
        "b/test_metrics_2.json": "Dice_pos 0.1000 ahead of the next",
        "b/test_metrics_1.json": "Dice_pos 0.1000 behind",
    }


def test_the_most_complete_artifact_of_the_published_tree(
    finalrank: Finalrank, tmp_path: Path
) -> None:
    config = tmp_path / "complete.toml"
    config.write_text(COMPLETE)
    done = finalrank("report", EXAMPLES, "--config", config, "-f", "json")
    (run,) = (run for run in done.json["runs"] if run["run"] == "deeplab_full")
    assert run["source"] == "deeplab_full/test_metrics_rerun_20260214_gpu.json"
    page = finalrank("report", EXAMPLES, "--config", config).out
    assert "; the most complete test artifact per run kept." in page


# By its sidecar


@pytest.mark.parametrize(
    ("artifact", "sidecar"),
    [
        ("test_metrics.json", "validate_metrics.json"),
        ("test_metrics.json", "val_metrics.json"),
        ("test_metrics.json", "valid_metrics.json"),
        ("test_metrics_tta_hv.json", "val_metrics_tta_hv.json"),
        ("unet_test_metrics.json", "unet_validate_metrics.json"),
        ("test_metrics_oftest_metrics.json", "val_metrics_oftest_metrics.json"),
        ("test_metrics é|`*[x](y) ;.json", "val_metrics é|`*[x](y) ;.json"),
    ],
)
def test_a_sidecar_is_named_like_its_artifact(artifact: str, sidecar: str, command: Any) -> None:
    files = {
        f"a/b c/{artifact}": metrics(0.1, 0.1, 0.1),
        f"a/b c/{sidecar}": metrics(0.9),
        "a/b c/test_metrics_0.json": metrics(0.8, 0.8, 0.8),
        "a/b c/val_metrics_0.json": metrics(0.2),
    }
    done = command(files)
    # Also where it is worse on the test set; what is reported is of the test set.
    assert kept(done) == [f"a/b c/{artifact}"]
    assert done.json["runs"][0]["metrics"][DICE] == 0.1
    assert done.problems == []
    # Sidecars are no artifacts.
    assert done.account == "2 artifacts: 1 ranked, 1 siblings, 0 left out"
    assert fallen_back(command(files, VALIDATION, "report")) == []


@pytest.mark.parametrize(
    "sidecar",
    [
        *(
            "Val_metrics.json",
            "val_metrics.jsonl",
            "val_metrics",
            "val-metrics.json",
            ".val_metrics",
        ),
        *("../val_metrics.json", "val/val_metrics.json", "test_metrics_val.json.bak"),
    ],
)
def test_other_names_are_no_sidecars(sidecar: str, command: Any) -> None:
    files = {"a/test_metrics.json": metrics(0.1), f"a/{sidecar}": metrics(0.9)}
    assert fallen_back(command(files, VALIDATION, "report")) == ["**1** (`a`)"]


def test_the_first_of_several_names_counts(command: Any) -> None:
    files = {
        "a/test_metrics.json": metrics(0.5),
        "a/test_metrics_2.json": metrics(0.4),
        "a/valid_metrics.json": metrics(0.9),
        "a/validate_metrics.json": metrics(0.1),
        "a/val_metrics_2.json": metrics(0.2),
    }
    assert kept(command(files)) == ["a/test_metrics_2.json"]
    config = f'{VALIDATION}[sidecars]\nvalidation = ["valid_metrics", "val_metrics"]'
    assert kept(command(files, config)) == ["a/test_metrics.json"]


def test_names_of_sidecars_are_configurable(command: Any) -> None:
    files = {
        "a/final_1.json": metrics(0.5),
        "a/final_2.json": metrics(0.4),
        "a/dev_1.json": metrics(0.1),
        "a/dev_2.json": metrics(0.9),
    }
    config = f"""
        {VALIDATION}
        [scan]
        patterns = ["final_*.json"]
        [sidecars]
        replace = "final"
        validation = ["dev"]
    """
    done = command(files, config)
    assert kept(done) == ["a/final_2.json"]
    assert done.problems == []
    assert fallen_back(command(files, config.replace('["dev"]', "[]"), "report")) == ["**1** (`a`)"]


@pytest.mark.parametrize("sidecar", ["../val/metrics", "/etc/passwd", "\\u0000", "a/b"])
@pytest.mark.parametrize("key", ["validation", "cases"])
def test_a_sidecar_is_in_the_folder_of_its_artifact(key: str, sidecar: str, command: Any) -> None:
    done = command({"a/test_metrics.json": metrics(0.5)}, f'[sidecars]\n{key} = ["{sidecar}"]')
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert f"sidecars.{key}: " in done.err


def test_of_equal_ones_the_name_decides_and_never_the_test(command: Any) -> None:
    files = {
        "a/test_metrics_2.json": metrics(0.9, 0.9, 0.9),
        "a/test_metrics_1.json": metrics(0.1),
        "a/val_metrics_1.json": metrics(0.5),
        "a/val_metrics_2.json": metrics(0.5, 0.9, 0.9),
    }
    assert kept(command(files)) == ["a/test_metrics_1.json"]
    told = details(command(files, VALIDATION, "explain", "-f", "json"))
    assert told == {
        "a/test_metrics_1.json": "equal on validation, first by name",
        "a/test_metrics_2.json": "equal on validation, later by name",
    }


def test_those_without_a_sidecar_stand_behind(command: Any) -> None:
    files = {
        "a/test_metrics.json": metrics(0.9, 0.9, 0.9),
        "a/test_metrics_1.json": metrics(0.2),
        "a/val_metrics_1.json": metrics(0.0),
        "a/test_metrics_2.json": metrics(0.3),
        "a/val_metrics_2.json": metrics(0.25),
        "a/test_metrics_3.json": metrics(0.8),
        "a/val_metrics_3.json": metrics(None, 0.9, 0.9),
    }
    done = command(files)
    assert kept(done) == ["a/test_metrics_2.json"]
    # That a sidecar lacks the metric is no problem, as in an artifact it would be none.
    assert done.problems == []
    rows = command(files, VALIDATION, "explain", "-f", "json").json
    assert [(row["source"].removeprefix("a/test_metrics"), row["detail"]) for row in rows] == [
        ("_2.json", "on validation Dice_pos 0.2500 ahead of the next"),
        ("_1.json", "on validation Dice_pos 0.2500 behind"),
        (".json", "no validation metrics"),
        ("_3.json", "no validation metrics"),
    ]


def test_runs_without_sidecars_fall_back_and_are_named(command: Any) -> None:
    files: dict[str, Any] = {
        "with/test_metrics.json": metrics(0.5),
        "with/val_metrics.json": metrics(0.5),
    }
    for n in range(7):
        files |= {
            f"run{n}/test_metrics_1.json": metrics(0.5 + n / 100),
            f"run{n}/test_metrics_2.json": metrics(0.6 + n / 100),
        }
    expected = sorted(
        ["with/test_metrics.json", *(f"run{n}/test_metrics_2.json" for n in range(7))]
    )
    assert kept(command(files)) == expected
    done = command(files, VALIDATION, "report")
    assert fallen_back(done) == ["**7** (`run0`, `run1`, `run2`, `run3`, `run4` and 2 more)"]
    assert ", chosen by its validation Dice where there is one." in done.out
    told = details(command(files, VALIDATION, "explain", "-f", "json"))
    assert told["run0/test_metrics_2.json"] == "Dice_pos 0.1000 ahead of the next"
    assert told["with/test_metrics.json"] == "the only valid artifact"
    # Nobody asked for it.
    plain = command(files, "", "report")
    assert (fallen_back(plain), "validation" in plain.out) == ([], False)


@pytest.mark.parametrize(
    ("sidecar", "problem"),
    [
        ("", "val_metrics_1.json: is empty"),
        ("{", "val_metrics_1.json: line 1 column 2: ends too early"),
        ("[]", "val_metrics_1.json: is a list, not an object"),
        (b"\xff\xfe", "val_metrics_1.json: "),
        ('{"dice_pos": 90}', "val_metrics_1.json: dice_pos: "),
        ('{"dice_pos": "0.9"}', "val_metrics_1.json: dice_pos: is a text, not a number"),
        ('{"Dice-Pos": 0.9}', "val_metrics_1.json: dice_pos: is missing, but there is `Dice-Pos`"),
    ],
)
def test_a_broken_sidecar_is_a_problem_and_no_choice(
    sidecar: Any, problem: str, command: Any
) -> None:
    files = {
        "a/test_metrics_1.json": metrics(0.9),
        "a/val_metrics_1.json": sidecar,
        "a/test_metrics_2.json": metrics(0.5),
        "a/val_metrics_2.json": metrics(0.1),
        "b/test_metrics_1.json": metrics(0.4),
        "b/val_metrics_1.json": sidecar,
        "b/test_metrics_2.json": metrics(0.6),
    }
    done = command(files)
    assert kept(done) == ["a/test_metrics_2.json", "b/test_metrics_2.json"]
    assert len(done.problems) == 2
    for run, line in zip("ab", done.problems, strict=True):
        assert line.startswith(f"{run}/test_metrics_1.json: {problem}")
    assert [row["source"] for row in done.json["problems"]] == [
        "a/test_metrics_1.json",
        "b/test_metrics_1.json",
    ]
    assert command(files, VALIDATION, "report", "--strict").status == 1
    page = command(files, VALIDATION, "report")
    assert (
        "- Artifacts with problems: **2** (`a/test_metrics_1.json`, `b/test_metrics_1" in page.out
    )
    assert fallen_back(page) == ["**1** (`b`)"]
    # Without the choice nobody reads it.
    assert command(files, "").problems == []


@pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling", "loop"])
def test_a_sidecar_that_is_no_file_is_a_problem(kind: str, command: Any, tree: Tree) -> None:
    files = {"a/test_metrics.json": metrics(0.5)}
    sidecar = tree(files) / "a" / "val_metrics.json"
    if kind == "folder":
        sidecar.mkdir()
    elif kind == "pipe":
        os.mkfifo(sidecar)
    else:
        sidecar.symlink_to("nowhere" if kind == "dangling" else sidecar.name)
    done = command(files)
    assert kept(done) == ["a/test_metrics.json"]
    (line,) = done.problems
    assert line.startswith("a/test_metrics.json: val_metrics.json: is a")


def test_a_name_that_is_too_long_for_a_sidecar_has_none(command: Any) -> None:
    files = {f"a/test_metrics{'x' * 238}.json": metrics(0.5)}
    done = command(files, VALIDATION, "report", "--strict")
    assert (done.status, done.problems, fallen_back(done)) == (0, [], ["**1** (`a`)"])


def test_a_sidecar_may_be_a_link_to_a_file(command: Any, tree: Tree) -> None:
    files = {
        "a/test_metrics_1.json": metrics(0.5),
        "a/test_metrics_2.json": metrics(0.4),
        "a/val_metrics_1.json": metrics(0.1),
        "elsewhere.json": metrics(0.9),
    }
    (tree(files) / "a" / "val_metrics_2.json").symlink_to("../elsewhere.json")
    assert kept(command(files)) == ["a/test_metrics_2.json"]


def test_artifacts_that_are_left_out_ask_for_no_sidecar(command: Any) -> None:
    files = {
        "a/test_metrics.json": metrics(0.5),
        "a/val_metrics.json": metrics(0.5),
        "a/test_metrics_dev.json": metrics(0.9),
        "a/val_metrics_dev.json": "{",
        "a/test_metrics_zero.json": metrics(0.0),
        "a/val_metrics_zero.json": metrics(0.9),
    }
    done = command(files)
    assert (kept(done), done.problems) == (["a/test_metrics.json"], [])


def test_lower_may_be_better(command: Any) -> None:
    config = f"""
        {VALIDATION}
        [[metrics]]
        key = "hd95"
        keys = ["surface.hd95"]
        primary = true
        higher_is_better = false
        range = [0, inf]
    """
    files = {
        f"a/{kind}_metrics_{n}.json": {"surface": {"hd95": value}}
        for n, (test, val) in enumerate([(1, 9), (7, 2), (3, 5)])
        for kind, value in (("test", test), ("val", val))
    }
    assert kept(command(files, config)) == ["a/test_metrics_1.json"]
    told = details(command(files, config, "explain", "-f", "json"))
    assert told == {
        "a/test_metrics_1.json": "on validation hd95 3.0000 ahead of the next",
        "a/test_metrics_2.json": "on validation hd95 3.0000 behind",
        "a/test_metrics_0.json": "on validation hd95 7.0000 behind",
    }


def test_what_stands_back_stands_back(command: Any) -> None:
    config = VALIDATION + 'fallback = ["*_old.json"]'
    files = {
        "a/test_metrics_old.json": metrics(0.9),
        "a/val_metrics_old.json": metrics(0.9),
        "a/test_metrics.json": metrics(0.1),
    }
    assert kept(command(files, config)) == ["a/test_metrics.json"]


def test_of_several_roots_each_has_its_own_sidecars(finalrank: Finalrank, tmp_path: Path) -> None:
    config = tmp_path / "finalrank.toml"
    config.write_text(VALIDATION)
    for root, best in (("one", 1), ("two", 2)):
        folder = tmp_path / root / "deep" / "a"
        folder.mkdir(parents=True)
        for n in (1, 2):
            (folder / f"test_metrics_{n}.json").write_text(json.dumps(metrics(0.5 + n / 10)))
            value = 0.9 if n == best else 0.1
            (folder / f"val_metrics_{n}.json").write_text(json.dumps(metrics(value)))
    done = finalrank("report", tmp_path / "one", tmp_path / "two", "-f", "json")
    assert kept(done) == ["one/deep/a/test_metrics_1.json", "two/deep/a/test_metrics_2.json"]


def test_files_in_the_runs_folder_itself_have_sidecars(command: Any) -> None:
    files = {
        "a_1_test_metrics.json": metrics(0.5),
        "a_2_test_metrics.json": metrics(0.9),
        "a_1_val_metrics.json": metrics(0.9),
        "a_2_val_metrics.json": metrics(0.1),
    }
    config = f'{VALIDATION}[scan]\nrun = "^(?P<run>[a-z])"'
    assert kept(command(files, config)) == ["a_1_test_metrics.json"]


def test_nobody_has_a_sidecar_in_the_published_tree(finalrank: Finalrank, tmp_path: Path) -> None:
    config = tmp_path / "validation.toml"
    config.write_text(VALIDATION)
    (line,) = fallen_back(finalrank("report", EXAMPLES, "--config", config))
    assert line.startswith("**22** (`baseline_posmetric`, ")
    assert line.endswith(" and 17 more)")
    plain = finalrank("report", EXAMPLES, "-f", "csv")
    assert finalrank("report", EXAMPLES, "--config", config, "-f", "csv").bytes == plain.bytes


VALUES = st.sampled_from([0.25, 0.5, 0.75])
ARTIFACTS = st.lists(st.tuples(VALUES, st.none() | VALUES), min_size=1, max_size=5)


@given(st.lists(ARTIFACTS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_any_artifacts_of_any_runs(runs: list[list[tuple[float, float | None]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "finalrank.toml").write_text(VALIDATION)
        expected = {}
        for number, artifacts in enumerate(runs):
            run = Path(folder, f"run{number}")
            run.mkdir()
            for n, (test, val) in enumerate(artifacts):
                (run / f"test_metrics_{n}.json").write_text(json.dumps(metrics(test)))
                if val is not None:
                    (run / f"val_metrics_{n}.json").write_text(json.dumps(metrics(val)))
            # Of the values that choose, the first of the greatest.
            values = [val for _, val in artifacts]
            choosing = [-1 if val is None else val for val in values]
            if values.count(None) == len(values):
                choosing = [test for test, _ in artifacts]
            expected[run.name] = f"{run.name}/test_metrics_{choosing.index(max(choosing))}.json"
        report = package.load_report(folder, evidence=True)
    assert {run.run: run.source for run in report.runs} == expected
    without = [f"run{n}" for n, rows in enumerate(runs) if all(val is None for _, val in rows)]
    assert report.evidence is not None
    assert report.evidence.selection.fell_back == without
