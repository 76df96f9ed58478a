"""`finalrank init`: a finalrank.toml that loads, says what it means, and overwrites nothing."""

from __future__ import annotations

import io
import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import PATIENCE, Finalrank, Tree
from finalrank.cli import init as cli_init
from finalrank.config.load import load_settings
from finalrank.config.settings import Settings
from finalrank.inspection.draft.choices import guess, metric_keys
from finalrank.inspection.draft.draft import draft
from finalrank.inspection.numbers import inspect

RUNS: dict[str, Any] = {
    "unet/test_results.json": {"test": {"dice": 0.5, "hd95": 6.25}, "acc": 80.5},
    "vnet/test_results.json": {"test": {"dice": 0.75, "hd95": 4.5}, "acc": 90.25},
    "wnet/test_results.json": {"final": {"test": {"dice": 0.625}}},
    "wnet/history.json": {"epoch": [1, 2], "iou": 0.5, "mcc": -0.5},
}
STARTER = """\
# What `finalrank report` makes of this folder. Written by `finalrank init`: change what you like.

# title = "Clean Final Results"

[scan]
# The names of the files that hold the metrics; a `*` in a name stands for anything.
patterns = ["test_results.json"]
# A run is a file's folder; write "file" for each file to be a run of its own.
# run = "parent"

# In 2 of 4 files, from 0.5 to 0.75.
[[metrics]]
key = "dice"  # its name in every output
# Where it stands in a file: of several places, the first that is there.
keys = [
    "test.dice",
    # 1 other file has a number here; if it is the same metric, take off the #:
    # "final.test.dice",
]
label = "dice"  # the heading of its column
primary = true  # chooses the file that stands for a run; one metric is it
ranked = true  # false: shown, and not counted in the ranking
higher_is_better = true  # Dice: the higher, the better

# In 2 of 4 files, from 4.5 to 6.25.
[[metrics]]
key = "hd95"  # its name in every output
# Where it stands in a file: of several places, the first that is there.
keys = [
    "test.hd95",
]
label = "hd95"  # the heading of its column
ranked = true  # false: shown, and not counted in the ranking
higher_is_better = false  # HD95: the lower, the better
range = [0, inf]  # what is outside is a mistake, and missing

# Files with the words dev, debug, smoke or scan in their names are left out. For more:
# [filter.rules.draft]
# tokens = ["draft", "old"]

# What the runs are compared with, if anything.
# [baseline]
# run = "NAME"

# The heading above what to take forward.
# [recommendation]
# title = "Recommendation"
"""


def written(root: Path) -> Settings:
    return load_settings([str(root)])


def test_what_is_written(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    done = finalrank("init", "--metric", "test.dice", "--metric", "test.hd95")
    assert (done.status, done.out) == (0, "")
    assert done.err == (
        "dice: in 2 of 4 files; others may have it at another place, which stands in the file as "
        "a comment\n"
        "runs/finalrank.toml: written; next: finalrank report runs\n"
    )
    assert (root / "finalrank.toml").read_text() == STARTER
    assert written(root).primary.keys == ("test.dice",)


def test_from_nothing_to_a_report(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    rows = finalrank("inspect", "--json").json["numbers"]
    assert "test.dice" in [row["keys"] for row in rows]
    assert finalrank("init", "--metric", "test.dice", "--metric", "acc").status == 0
    runs = finalrank("report", "-f", "json").json["runs"]
    assert [row["metrics"] for row in runs] == [
        {"dice": 0.75, "acc": 0.9025},
        {"dice": 0.5, "acc": 0.805},
    ]
    config = root / "finalrank.toml"
    config.write_text(
        config.read_text().replace('    # "final.test.dice"', '    "final.test.dice"')
    )
    runs = finalrank("report", "-f", "json").json["runs"]
    assert sorted(row["run"] for row in runs) == ["unet", "vnet", "wnet"]


def test_what_is_commented_out_loads_too(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    finalrank("init", "--metric", "test.dice")
    config = root / "finalrank.toml"
    live = ("# title", "# run =", "# [", "# tokens", "# label", "# title", '    # "')
    lines = config.read_text().splitlines()
    text = [line.replace("# ", "", 1) if line.startswith(live) else line for line in lines]
    config.write_text("\n".join(text))
    found = written(root)
    assert found.primary.keys == ("test.dice", "final.test.dice")
    assert found.filter.rules["draft"].tokens == ("draft", "old")
    assert (found.baseline.run, found.recommendation.title) == ("NAME", "Recommendation")
    assert (found.scan.run, found.title) == ("parent", "Clean Final Results")


def test_what_the_numbers_say(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    metrics = ("acc", "test.hd95", "mcc", "avg(epoch[])", "iou", "epoch[]", "iou")
    done = finalrank("init", *(part for name in metrics for part in ("--metric", name)))
    rows = written(root).metrics
    assert [(row.key, row.sources, row.scale, row.range) for row in rows] == [
        ("acc", ("acc",), 0.01, (0, 1)),
        ("hd95", ("test.hd95",), 1, (0, float("inf"))),
        ("mcc", ("mcc",), 1, (-1, 1)),
        ("epoch", ("avg(epoch[])",), 1, (0, float("inf"))),
        ("iou", ("iou",), 1, (0, 1)),
    ]
    assert [row.primary for row in rows] == [True, False, False, False, False]
    assert "mcc: in no file that has acc: a run is ranked by the numbers of one file" in done.err


@pytest.mark.parametrize(
    ("path", "higher"),
    [
        ("accuracy", True),
        ("test_loss", False),
        ("valLoss", False),
        ("HD95", False),
        ("hd95.mean", False),
        ('hd95."1"', False),
        ('loss."1".dice', True),
        ("wer.best", False),
        ("lossless", None),
        ("mean", None),
    ],
)
def test_a_guess_by_the_name(tree: Tree, path: str, higher: bool | None) -> None:
    document: Any = 0.5
    for part in reversed(path.split(".")):
        document = {part.strip('"'): document}
    (row,) = inspect([str(tree({"a.json": document}))]).numbers
    assert row.path == path
    assert guess(row).higher_is_better is higher


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("roc_auc", "roc-auc"),
        ("test_AUROC", "roc-auc"),
        ("auc_roc_presence", "roc-auc"),
        ("average_precision", "average-precision"),
        ("macro_roc_auc", ""),
        ("weighted_average_precision", ""),
        ("auc", ""),
        ("precision", ""),
    ],
)
def test_the_kind_of_well_known_metrics(
    finalrank: Finalrank, tree: Tree, key: str, kind: str
) -> None:
    root = tree({"a/results.json": {key: 0.5}})
    assert finalrank("init", "--metric", key).status == 0
    assert written(root).primary.kind == kind


def test_names_are_short_and_differ(tree: Tree) -> None:
    document = {
        "dice": 1,
        "mean": {"1": {"Dice": 1}, "2": {"Dice": 1}, "all": [1]},
        "auc": {"3": 1},
        "a": {"dice": 1, "b-c": 1, "b": {"c": 1}},
        "a_b": {"dice": 1},
        "rank": 1,
        "run": {"rank": 1},
        "@": 1,
        "ü x": 1,
    }
    rows = {row.path: row for row in inspect([str(tree({"a.json": document}))]).numbers}
    paths = ["dice", "a.dice", "a_b.dice", 'mean."1".Dice', 'mean."2".Dice', "mean.all[]"]
    assert metric_keys([rows[path] for path in paths]) == [
        *("dice", "a_dice", "a_b_dice", "1_Dice", "2_Dice", "all"),
    ]
    paths = ['auc."3"', "rank", "run.rank", "@", "ü x", 'a."b-c"', "a.b.c"]
    assert metric_keys([rows[path] for path in paths]) == [
        *("auc_3", "rank_2", "run_rank", "value", "ü_x", "b_c", "c"),
    ]


def patterns_of(files: list[str], tree: Tree) -> tuple[list[str], str]:
    """The patterns and the rule for runs that init writes where these files hold the metric."""
    root = tree({name: {"x": 1} for name in files})
    found = inspect([str(root)])
    scan = tomllib.loads(draft([guess(found.numbers[0])], found, str(root)).text)["scan"]
    return scan["patterns"], scan.get("run", "parent")


@pytest.mark.parametrize(
    ("files", "patterns", "run"),
    [
        (["a/m.json", "b/m.json", "c/n.json"], ["*.json"], "parent"),
        (["a/m.json", "b/m.json", "b/c/n.json"], ["m.json"], "parent"),
        (["a/m.json", "a/n.json", "b/m.json"], ["*.json"], "file"),
        (["m.json", "n.json"], ["*.json"], "parent"),
        (["a/[x]*.json"], ["[[]x][*].json"], "parent"),
        (["a/b\n.json"], ["b?.json"], "parent"),
        ([f"test_unet{i}_ema.json" for i in range(9)], ["test_unet[0-9]*_ema.json"], "parent"),
        ([f"{i}a.json" for i in range(9)], ["[0-9]*a.json"], "parent"),
        ([f"a{'_a' * i}.json" for i in range(9)], ["*a.json"], "parent"),
    ],
)
def test_files_and_runs(tree: Tree, files: list[str], patterns: list[str], run: str) -> None:
    assert patterns_of(files, tree) == (patterns, run)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=6), min_size=1, max_size=3), st.floats(-200, 200))
def test_any_key_loads_and_finds_its_value(tree: Tree, way: list[str], value: float) -> None:
    document: Any = value
    for part in reversed(way):
        document = {part: document}
    root = tree({"run/m.json": document})
    found = inspect([str(root)])
    (root / "finalrank.toml").write_text(draft([guess(found.numbers[0])], found, str(root)).text)
    metric = written(root).primary
    assert metric.keys == (found.numbers[0].keys,)
    from finalrank.config.keys import finder

    assert finder(metric.keys)(json.loads((root / "run/m.json").read_text()))[0] == value


# The file


def test_it_never_writes_over_a_file(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    config = root / "finalrank.toml"
    config.write_text("top = 1")
    done = finalrank("init", "--metric", "acc")
    assert done.status == 2
    assert done.err == (
        "finalrank: runs/finalrank.toml: is there already: --force writes over it, -o FILE "
        "elsewhere\n"
    )
    assert config.read_text() == "top = 1"
    assert finalrank("init", "--metric", "acc", "--force").status == 0
    assert written(root).primary.key == "acc"


def test_a_broken_link_is_a_file_too(finalrank: Finalrank, tree: Tree) -> None:
    (tree(RUNS) / "finalrank.toml").symlink_to("elsewhere.toml")
    assert finalrank("init", "--metric", "acc").status == 2


def test_another_file(finalrank: Finalrank, tree: Tree, tmp_path: Path) -> None:
    tree(RUNS)
    done = finalrank("init", "runs", "-o", "my lab.toml", "--metric", "acc")
    assert done.err == (
        "my lab.toml: written; next: finalrank report runs --config 'my lab.toml'\n"
    )
    assert finalrank("report", "runs", "--config", "my lab.toml").status == 0
    done = finalrank("init", "-o", "-", "--metric", "acc")
    assert (done.out, done.err) == ((tmp_path / "my lab.toml").read_text(), "")


def test_a_folder_that_is_not_there(finalrank: Finalrank, tree: Tree) -> None:
    assert finalrank("init").err.startswith("finalrank: runs: there is no such folder")
    tree({"a.txt": "1"})
    assert finalrank("init", "--metric", "x").status == 1
    assert finalrank("init", "--metric", "x", "-o", "no/such.toml").status == 2


# The choice


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("acx", 'did you mean "acc"?'),
        ("dice", 'did you mean "test.dice" or "final.test.dice"?'),
        ("zzzzzz", "`finalrank inspect` lists what there is"),
        ("", "`finalrank inspect` lists what there is"),
    ],
)
def test_an_unknown_metric(finalrank: Finalrank, tree: Tree, name: str, hint: str) -> None:
    root = tree(RUNS)
    done = finalrank("init", "--metric", "acc", "--metric", name)
    assert done.status == 2
    assert done.err == f'finalrank: --metric: there is no number at "{name}"; {hint}\n'
    assert not (root / "finalrank.toml").exists()


def test_without_a_terminal_nothing_is_asked(finalrank: Finalrank, tree: Tree) -> None:
    tree(RUNS)
    done = finalrank("init")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "finalrank: --metric is missing: choose a path that `finalrank inspect runs` shows\n"
    )


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(cli_init, "_at_a_terminal", lambda: True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_at_a_terminal_it_asks(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    answer(monkeypatch, "none\n99\n 3, 2\nn\n\n")
    done = finalrank("init")
    assert (done.status, done.out.strip()) == (0, "")
    assert "\n       2  test.dice " in done.err
    assert done.err.count("Error: write numbers from 1 to 7, such as 1 2") == 2
    dice = written(root).metrics[1]
    hd95 = written(root).primary
    assert (hd95.keys, hd95.higher_is_better) == (("test.hd95",), False)
    assert (dice.keys, dice.higher_is_better) == (("test.dice",), True)
    assert "# as you said" in (root / "finalrank.toml").read_text()


def test_too_many_to_ask_about(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree({"a/m.json": {f"x{i:03}": 0.5 for i in range(120)}})
    answer(monkeypatch, "100\ny\n")
    done = finalrank("init")
    assert "20 more: see `finalrank inspect`, and use --metric" in done.err
    assert written(Path("runs")).primary.key == "x099"


def test_who_leaves_leaves_nothing(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    answer(monkeypatch, "")
    done = finalrank("init")
    assert done.status == 130
    assert done.err.endswith("finalrank: interrupted; nothing was left half written\n")
    assert not (root / "finalrank.toml").exists()


def test_a_file_made_while_we_asked_stays(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tree(RUNS) / "finalrank.toml"
    asked = cli_init._asked

    def slowly(found: Any) -> Any:
        config.write_text("top = 1")
        return asked(found)

    monkeypatch.setattr(cli_init, "_asked", slowly)
    answer(monkeypatch, "1\ny\n")
    assert finalrank("init").status == 2
    assert config.read_text() == "top = 1"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of our own")
def test_a_real_terminal(tree: Tree) -> None:
    import pty
    import subprocess

    root = tree(RUNS)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "finalrank", "init"]
    with subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE) as process:
        try:
            os.write(ours, b"2\ny\n")
            out, _ = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    os.close(theirs)
    os.close(ours)
    assert (process.returncode, out.strip()) == (0, b"")
    assert written(root).primary.keys == ("test.dice",)
