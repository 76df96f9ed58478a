"""Ranked metrics that no run has: of a preset they take no part, else they keep their section."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Finalrank, Tree

RUNS = {
    "a/all_results.json": {"test_accuracy": 0.9},
    "b/all_results.json": {"test_accuracy": 0.8},
}
LISTED = """
[scan]
patterns = ["all_results.json"]
[[metrics]]
key = "accuracy"
keys = ["test_accuracy"]
label = "Accuracy"
primary = true
[[metrics]]
key = "f1"
label = "F1"
"""


@pytest.mark.parametrize("more", [(), ("--evidence",)])
def test_of_a_preset_there_is_no_word_on_the_page(
    more: tuple[str, ...], finalrank: Finalrank, tree: Tree
) -> None:
    done = finalrank("report", tree(RUNS), "--preset", "huggingface", *more)
    assert (done.status, done.problems) == (0, [])
    assert "F1" not in done.out
    assert "Loss" not in done.out
    assert "Top 2 by combined final rank (Accuracy):\n" in done.out
    assert "It has the best Accuracy" in done.out
    # With one ranking there is nothing to combine.
    assert "Combined" not in done.out
    assert ("\n## 2) Evidence\n" in done.out) == bool(more)


def test_json_and_csv_keep_its_keys(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    summary = finalrank("report", root, "--preset", "huggingface", "-f", "json").json
    assert [metric["key"] for metric in summary["metrics"]] == ["accuracy", "f1", "loss"]
    assert [run["metrics"]["f1"] for run in summary["runs"]] == [None, None]
    assert [run["ranks"] for run in summary["runs"]] == [
        {"accuracy": 1, "f1": None},
        {"accuracy": 2, "f1": None},
    ]
    table = finalrank("report", root, "--preset", "huggingface", "-f", "csv").out.splitlines()
    columns = table[0].split(",")
    for name in ("f1", "rank_f1", "delta_f1", "delta_pct_f1", "loss"):
        assert table[1].split(",")[columns.index(name)] == ""


def test_explain_says_so_once(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("explain", tree(RUNS), "--preset", "huggingface")
    assert done.problems == [
        f"{key}: no run has it, and it takes no part (preset huggingface)" for key in ("f1", "loss")
    ]


@pytest.mark.parametrize("rule", ["worst", "complete"])
def test_nobody_lacks_it(rule: str, finalrank: Finalrank, tree: Tree) -> None:
    config = f'preset = "huggingface"\n[rank]\nmissing = "{rule}"\n'
    runs = finalrank("report", tree({**RUNS, "finalrank.toml": config}), "-f", "json").json["runs"]
    assert [(run["run"], run["mean_rank"], run["metrics_used"]) for run in runs] == [
        ("a", 1, 1),
        ("b", 2, 1),
    ]


def test_what_one_run_has_takes_part(finalrank: Finalrank, tree: Tree) -> None:
    runs: dict[str, Any] = {**RUNS, "b/all_results.json": {"test_accuracy": 0.8, "test_f1": 0.7}}
    page = finalrank("report", tree(runs), "--preset", "huggingface").out
    assert "## 2) Final Classification Ranking (F1)\n" in page
    assert "## 3) Combined Final Ranking" in page


@pytest.mark.parametrize("preset", ["", 'preset = "huggingface"\n'])
def test_what_the_author_lists_keeps_its_section(
    preset: str, finalrank: Finalrank, tree: Tree
) -> None:
    page = finalrank("report", tree({**RUNS, "finalrank.toml": preset + LISTED})).out
    assert "## 2) Final Ranking (F1)\n\n| Rank | Run | F1 | Source |\n|---:|---|---:|---|\n" in page
    assert "(Mean Rank across Accuracy + F1)" in page


def test_so_does_what_the_published_layout_has(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": {"dice_pos": 0.5}})
    for how in ((), ("--preset", "published")):
        assert "## 3) Final Classification Ranking (AP)\n" in finalrank("report", root, *how).out


def test_the_primary_metric_always_takes_part(finalrank: Finalrank, tree: Tree) -> None:
    config = 'preset = "huggingface"\n[filter]\nrequire = "any"\n'
    runs = {"a/all_results.json": {"test_f1": 0.9}, "b/all_results.json": {"test_f1": 0.8}}
    page = finalrank("report", tree({**runs, "finalrank.toml": config})).out
    assert "Ranking (Accuracy)\n" in page
    assert "Ranking (F1)\n" in page
