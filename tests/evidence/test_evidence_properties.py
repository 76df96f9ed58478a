"""The evidence of any tree, and of numbers that nothing can be computed of."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import finalrank as package
from conftest import PUBLISHED, Finalrank, Tree
from with_evidence import AP, DICE, ROC

VALUES = st.sampled_from([0.1, 0.25, 0.4, 0.4, 0.55, 0.7, 0.9])
RUN = st.fixed_dictionaries(
    {DICE: VALUES},
    optional={
        ROC: VALUES,
        AP: VALUES,
        "num_cases": st.sampled_from([40, 400]),
        "num_positive": st.sampled_from([3, 20]),
    },
)
NAMES = st.sampled_from(["nnunet", "a", "b", "m/seed_1", "m/seed_2", "m/fold_0", "m/fold_1", "c/d"])
TREES = st.dictionaries(NAMES, st.lists(RUN, min_size=1, max_size=3), min_size=1, max_size=8)


def write(root: Path, runs: dict[str, list[dict[str, float]]], order: random.Random) -> Path:
    """The tree, its files written in an order of their own and their keys too."""
    files = [
        (root / run / f"test_metrics_{number}.json", found)
        for run, artifacts in runs.items()
        for number, found in enumerate(artifacts)
    ]
    order.shuffle(files)
    for path, found in files:
        path.parent.mkdir(parents=True, exist_ok=True)
        items = list(found.items())
        order.shuffle(items)
        path.write_text(json.dumps(dict(items)))
    return root


@pytest.mark.slow
@hypothesis_settings(max_examples=40, deadline=None)
@given(TREES, st.integers(0, 1000))
def test_the_order_of_files_and_keys_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, runs: Any, seed: int
) -> None:
    pages = []
    for number in (seed, seed + 1):
        root = tmp_path_factory.mktemp("tree") / "runs"
        write(root, runs, random.Random(number))
        report = package.load_report(root, evidence=True, intervals="all")
        pages.append(report.to_json().replace(report.generated_at.isoformat(), ""))
        assert report.to_markdown().count("## 5) Evidence") == 1
        shutil.rmtree(root.parent)
    assert pages[0] == pages[1]


@hypothesis_settings(max_examples=40, deadline=None)
@given(TREES, st.data())
def test_a_copy_of_a_run_is_flagged(
    tmp_path_factory: pytest.TempPathFactory, runs: Any, data: st.DataObject
) -> None:
    copied = data.draw(st.sampled_from(sorted(runs)))
    root = tmp_path_factory.mktemp("tree") / "runs"
    write(root, runs | {"the_copy": runs[copied]}, random.Random(0))
    report = package.load_report(root, evidence=True)
    assert report.evidence is not None
    flags = [flag for flag in report.evidence.comparability.flags if flag.kind == "identical"]
    assert any({copied, "the_copy"} <= set(flag.runs) for flag in flags)
    shutil.rmtree(root.parent)


# One artifact a run: of several that are equal the order of metrics chooses one.
@hypothesis_settings(max_examples=30, deadline=None)
@given(st.dictionaries(NAMES, st.lists(RUN, min_size=1, max_size=1), min_size=1, max_size=8))
def test_the_order_of_metrics_changes_no_figure(
    tmp_path_factory: pytest.TempPathFactory, runs: Any
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    root = write(folder / "runs", runs, random.Random(0))
    tables = [f'[[metrics]]\nkey = "{key}"\n' for key in (DICE, ROC, AP)]
    tables[0] += "primary = true\n"
    found = []
    for order in (tables, tables[::-1]):
        (folder / "order.toml").write_text("\n".join(order))
        report = package.load_report(root, folder / "order.toml", evidence=True)
        assert report.evidence is not None
        robust, missing = report.evidence.robustness, report.evidence.missing.incomplete
        readings = sorted(
            (row.kind, row.metric or "", row.leaders, row.outcome)
            for row in (robust.readings if robust else [])
        )
        decided = (robust.shares, robust.removals) if robust else None
        found.append(
            (readings, decided, [(m.run, m.available, m.worst, m.guaranteed) for m in missing])
        )
    assert found[0] == found[1]
    shutil.rmtree(folder)


# What nothing can be computed of

HUGE = 1.7976931348623157e308
DISTANCE = """
    baseline.match = "base"
    [[metrics]]
    key = "hd"
    primary = true
    range = [{low}, inf]
    higher_is_better = false
    kind = "roc-auc"
"""


@pytest.mark.parametrize("low", ["0", "-inf"])
def test_the_largest_numbers_break_nothing(low: str, tree: Tree, finalrank: Finalrank) -> None:
    # As programs write it where there is no prediction: finite, and a distance.
    least = -HUGE if low == "-inf" else 0.0
    files: dict[str, Any] = {
        "base/test_metrics.json": {"hd": HUGE},
        "b/test_metrics.json": {"hd": least, "num_positive": 50, "num_negative": 50},
        **{f"b/test_metrics_{n}.json": {"hd": HUGE} for n in (1, 2)},
        **{f"{run}/test_cases.csv": f"case,hd\na,{HUGE}\nb,{HUGE}\nc,1\nd,3\n" for run in "b"},
        "base/test_cases.csv": f"case,hd\na,3\nb,{HUGE}\nc,1e300\nd,1\n",
        "finalrank.toml": DISTANCE.format(low=low),
    }
    done = finalrank("report", tree(files), "--evidence", "-f", "json")
    assert done.status == 0, done.err
    assert [line.partition(": ")[2] for line in done.problems] == [
        "test_cases.csv: hd: line 2 is too large to compute with; it and 1 more are left out",
        "test_cases.csv: hd: line 3 is too large to compute with; it is left out",
    ]
    schema = json.loads(finalrank("schema").out)
    jsonschema.validate(done.json, schema)
    page = finalrank("report", tree(files), "--evidence").out
    assert not re.search(r"\binf\b|\bnan\b", page)


TESTED = {
    **{f"{run}/test_metrics.json": {"dice_pos": 0.5} for run in ("a", "nnunet")},
    "a/test_cases.csv": "case,dice_pos\nx,0.1\ny,0.2\n",
    "nnunet/test_cases.csv": "case,dice_pos\nx,0.3\ny,0.2\n",
}


@pytest.mark.parametrize("epoch", ["", "x", "1.5", "9" * 30])
def test_a_time_that_is_none_does_not_matter_where_it_is_not_asked_for(
    epoch: str, tree: Tree, finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    done = finalrank("report", tree(TESTED), "--evidence", "--generated-at", PUBLISHED)
    assert (done.status, len(done.err.splitlines())) == (0, 1)
    assert "| `a` | Dice_pos | 2 | 0.1500 |" in done.out
    assert os.environ["SOURCE_DATE_EPOCH"] == epoch


def test_a_time_that_is_none_does_not_matter_to_what_is_imported_late(tree: Tree) -> None:
    # In a process of its own, where scipy is not imported yet.
    command = [sys.executable, "-m", "finalrank", "report", str(tree(TESTED)), "--evidence"]
    done = subprocess.run(
        [*command, "--generated-at", PUBLISHED],
        capture_output=True,
        text=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": "x"},
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert "| `a` | Dice_pos | 2 | 0.1500 |" in done.stdout


def test_without_memory_there_is_one_line(
    tree: Tree, finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("finalrank.evidence.build.build_evidence", none)
    done = finalrank("report", tree({"a/test_metrics.json": {"dice_pos": 0.5}}), "--evidence", "-q")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("finalrank: not enough memory: lower evidence.resamples, ")
    assert len(done.err.splitlines()) == 1


def test_an_expression_that_finds_nothing_is_told_once(tree: Tree, finalrank: Finalrank) -> None:
    config = """
        [evidence]
        case_names = "ids"
        [[metrics]]
        key = "dice_pos"
        primary = true
        cases = "percase[].dice"
    """
    files: dict[str, Any] = {f"{run}/test_metrics.json": {"dice_pos": 0.5} for run in "abc"}
    root = tree(files | {"finalrank.toml": config})
    done = finalrank("report", root, "--evidence", "--strict")
    assert done.status == 1
    assert done.err.splitlines()[0] == (
        "a/test_metrics.json: dice_pos: metrics[].cases finds no values by case, here or in any "
        "other artifact: check it"
    )
    assert done.err.count("metrics[].cases") == 1
    assert "Artifacts with problems" not in done.out
    assert finalrank("report", root, "--strict").status == 0
