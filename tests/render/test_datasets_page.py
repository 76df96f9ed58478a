"""The page over several datasets: what it shows, and what it may not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

SCORE = '[[metrics]]\nkey = "score"\nprimary = true\n'


@pytest.fixture
def made(finalrank: Finalrank, tree: Tree) -> Any:
    """The report on `{"dataset/run": score}`; more tables of the configuration may follow."""

    def run(scores: Mapping[str, float], more: str = "", *args: str) -> Done:
        files: dict[str, Any] = {
            f"{place}/m.json": {"score": score} for place, score in scores.items()
        }
        files["finalrank.toml"] = (
            "[scan]\npatterns = ['m.json']\n"
            "run = '^(?P<dataset>[^/]+)/(?P<run>[^/]+)(/fold_(?P<fold>\\d))?/m.json'\n"
            f"{SCORE}{more}"
        )
        return finalrank("report", tree(files), *args)

    return run


BOTH = {"D1/a": 0.5, "D2/a": 0.75, "D1/b": 0.25, "D2/b": 0.5}


def test_each_dataset_has_a_column_and_the_best_value_is_bold(made: Any) -> None:
    page = made(BOTH).out
    assert "| Run | `D1` | `D2` | Mean Rank | Datasets |" in page
    assert "| `a` | **0.5000** | **0.7500** | 1.00 | 2 of 2 |" in page
    assert "| `b` | 0.2500 | 0.5000 | 2.00 | 2 of 2 |" in page
    assert "- Choose `a` first. It has the best mean rank.\n- Keep `b` as fallback" in page


def test_a_run_that_lacks_a_dataset_is_told_and_does_not_win_by_it(made: Any) -> None:
    page = made(BOTH | {"D1/c": 0.9, "D3/a": 0.1, "D3/b": 0.2}).out
    assert "| `c` | **0.9000** | - | - | 2.33 | 1 of 3 |" in page
    assert "counts as the mean of the places below the runs that have it" in page
    assert "Choose `c`" not in page


@pytest.mark.parametrize(("rule", "first"), [("worst", "a"), ("available", "c"), ("complete", "a")])
def test_what_a_missing_dataset_counts(rule: str, first: str, made: Any) -> None:
    scores = BOTH | {"D1/c": 0.9}
    done = made(scores, f"[rank]\nmissing_datasets = '{rule}'\n", "-f", "json")
    assert done.json["runs"][0]["run"] == first
    left_out = [(row["run"], row["reason"]) for row in done.json["excluded"]]
    assert left_out == ([("c", "incomplete")] if rule == "complete" else [])


def test_of_equal_mean_ranks_a_run_with_less_does_not_come_first(made: Any) -> None:
    # `0` is first of D1, and counts as third of D2, which it lacks.
    scores = {"D1/0": 0.9, "D1/a": 0.5, "D2/a": 0.5, "D1/b": 0.25, "D2/b": 0.75}
    runs = made(scores, "", "-f", "json").json["runs"]
    assert {run["mean_rank"] for run in runs} == {2}
    assert [(run["run"], run["metrics_used"]) for run in runs] == [("a", 2), ("b", 2), ("0", 1)]


def test_where_no_two_runs_share_a_dataset_there_is_no_order(made: Any) -> None:
    scores = {"D1/a": 0.5, "D2/b": 0.75}
    page = made(scores).out
    assert "No two runs share a dataset" in page
    for word in ("Choose", "Executive", "Combined", "fallback"):
        assert word not in page
    report = made(scores, "", "-f", "json").json
    assert report["recommendation"]["primary"] is None
    assert [(run["run"], run["mean_rank"]) for run in report["runs"]] == [("a", None), ("b", None)]


def test_over_the_common_datasets(made: Any) -> None:
    page = made(BOTH | {"D2/c": 0.9}, "[rank]\nover = 'common'\n").out
    assert "- Only datasets that every run has count in mean ranks: **1** of 2 (not `D1`)" in page


def test_where_no_dataset_is_common_the_runs_with_the_fewest_are_named(made: Any) -> None:
    done = made({"D1/a": 0.5, "D1/b": 0.4, "D2/b": 0.5, "D2/c": 0.3}, "[rank]\nover = 'common'\n")
    assert (done.status, done.out) == (1, "")
    assert "no dataset is common to all runs; those with the fewest (1 of 2): a, c" in done.err


def test_of_many_datasets_each_is_a_row(made: Any) -> None:
    scores = {f"D{n}/{run}": (n + at) / 20 for n in range(9) for at, run in enumerate("ab", 1)}
    page = made(scores).out
    assert "| Dataset | `b` | `a` |\n" in page
    assert "| `D0` | **0.1000** | 0.0500 |" in page


def test_one_dataset_is_named_and_has_the_usual_page(made: Any) -> None:
    scores = {"D1/a": 0.5, "D1/b": 0.25}
    page = made(scores).out
    assert page.count("D1`") == 1
    assert "## 1) Final Ranking (score)" in page
    assert "Combined" not in page
    report = made(scores, "", "-f", "json").json
    assert report["runs"][0]["metrics"] is None
    assert report["runs"][0]["by_dataset"]["D1"]["metrics"] == {"score": 0.5}


def test_the_baseline_is_one_for_all_and_its_gaps_are_told(made: Any) -> None:
    page = made(BOTH | {"D3/a": 0.5, "D3/c": 0.25}, "[baseline]\nrun = 'b'\n").out
    assert "| `a` | `D1` | 0.5000 | +0.2500 (+100.00%) |" in page
    assert "| `a` | `D3` |" not in page.split("## 1)")[0].split("comparison reference")[1]
    assert "has no figures of `D3`: there are no deltas there" in page


def test_an_incomplete_row_is_passed_over(made: Any) -> None:
    folds = {f"D{d}/{run}/fold_{n}": 0.5 for d in (1, 2) for run in "ab" for n in range(2)}
    folds |= {f"D{d}/a/fold_{n}": 0.75 for d in (1, 2) for n in range(2)}
    del folds["D2/a/fold_1"]
    page = made(folds).out
    assert "0.7500 (n=1 of 2 folds)" in page
    assert "- Choose `b` first." in page


def test_the_evidence_stays_within_a_dataset(made: Any) -> None:
    page = made(BOTH | {"D1/c": 0.1, "D2/c": 0.9}, "", "--evidence").out
    assert "- Without `D1`: `c` would be first." in page
    assert "- Without `D2`: `a` stays first." in page
    assert "## 3) Evidence on `D1`\n" in page
    assert "## 4) Evidence on `D2`\n" in page
    assert "\n\n\n" not in page


def test_a_hydra_multirun(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {}
    runs = [(lr, seed) for lr in (0.1, 0.01) for seed in (1, 2, 3)]
    for n, (lr, seed) in enumerate(runs):
        folder = f"multirun/2026-01-01/10-00-00/{n}"
        files[f"{folder}/.hydra/config.yaml"] = f"optim: {{lr: {lr}}}\nseed: {seed}\n"
        files[f"{folder}/metrics.json"] = {"val_loss": lr * seed}
    files["finalrank.toml"] = """
[scan]
patterns = ["metrics.json"]
run = '(?P<run>multirun)/'
[[metrics]]
key = "val_loss"
primary = true
higher_is_better = false
range = [0, inf]
[[factors]]
key = "lr"
keys = ["optim.lr"]
from = ".hydra/config.yaml"
role = "variant"
[[factors]]
key = "seed"
from = ".hydra/config.yaml"
role = "seed"
"""
    page = finalrank("report", tree(files)).out
    assert "| 1 | `multirun lr=0.01` | 0.01 | 0.0200 +- 0.0100 (n=3 seeds) |" in page
    assert "| 2 | `multirun lr=0.1` | 0.1 | 0.2000 +- 0.1000 (n=3 seeds) |" in page
