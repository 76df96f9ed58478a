"""filter.require, filter.zero = false and select.metric: what is valid, and what chooses."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

METRICS = """
[[metrics]]
key = "dice"
primary = true
[[metrics]]
key = "auc"
[[metrics]]
key = "val_dice"
ranked = false
"""
ANY = '[filter]\nrequire = "any"\n' + METRICS


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    def run(files: dict[str, Any], config: str, *args: object, command: str = "report") -> Done:
        return finalrank(command, tree({**files, "finalrank.toml": config}), *args)

    return run


def order(done: Done) -> list[str]:
    assert done.status == 0, done.err
    return [run["run"] for run in done.json["runs"]]


# filter.require

PARTS = {
    "a/test_metrics.json": {"dice": 0.5, "auc": 0.5},
    "b/test_metrics.json": {"auc": 0.75},
    "c/test_metrics.json": {"dice": 0.25},
    "d/test_metrics.json": {"val_dice": 0.5},
}


def test_any_ranked_metric_will_do(report: Any) -> None:
    rows = report(PARTS, ANY, "-f", "json", command="explain").json
    assert {row["run"]: row["reason"] for row in rows} == {
        "a": None,
        "b": None,
        "c": None,
        "d": "missing-primary",
    }
    (told,) = (row["detail"] for row in rows if row["run"] == "d")
    assert "ranked metric" in told
    assert "filter.require" in told
    assert order(report(PARTS, METRICS, "-f", "json")) == ["a", "c"]


def test_a_missing_primary_metric_decides_last(report: Any) -> None:
    # Mean ranks 1.5, 1, 2: `b` has one rank; with equal means and counts a value goes first.
    assert order(report(PARTS, ANY, "-f", "json")) == ["b", "a", "c"]
    files = {
        "a/test_metrics.json": {"auc": 0.75},
        "b/test_metrics.json": {"dice": 0.5},
        "c/test_metrics.json": {"auc": 0.5},
        "d/test_metrics.json": {"dice": 0.25},
    }
    assert order(report(files, ANY, "-f", "json")) == ["b", "a", "d", "c"]


def test_an_artifact_with_the_primary_metric_stands_before_one_without(report: Any) -> None:
    files = {
        "a/test_metrics_1.json": {"auc": 0.9},
        "a/test_metrics_2.json": {"dice": 0.1},
        "b/test_metrics_1.json": {"auc": 0.8},
        "b/test_metrics_2.json": {"auc": 0.9},
    }
    runs = report(files, ANY, "-f", "json").json["runs"]
    assert {run["source"] for run in runs} == {"a/test_metrics_2.json", "b/test_metrics_2.json"}
    rows = report(files, ANY, "-f", "json", command="explain").json
    told = {row["source"]: row["detail"] for row in rows}
    assert told["a/test_metrics_1.json"] == "dice missing"
    assert told["b/test_metrics_2.json"] == "dice equal, auc 0.1000 ahead of the next"


@pytest.mark.parametrize("groups", ["expand", "collapse", "best"])
@pytest.mark.parametrize("missing", ["available", "worst", "complete"])
def test_the_evidence_copes_with_missing_primary_metrics(
    groups: str, missing: str, report: Any
) -> None:
    files = {
        **PARTS,
        "a/test_metrics_2.json": {"auc": 0.6},
        "b/test_metrics_2.json": {"auc": 0.5},
        "m/seed_1/test_metrics.json": {"auc": 0.5, "dice": 0.5},
        "m/seed_2/test_metrics.json": {"auc": 0.5},
    }
    config = f'[rank]\ngroups = "{groups}"\nmissing = "{missing}"\n{ANY}'
    page = report(files, config, "--evidence")
    assert page.status == 0, page.err
    assert "nan" not in page.out.lower()
    assert report(files, config, "--evidence", "-f", "json").json["evidence"]


def test_evidence_where_no_run_has_the_primary_metric(report: Any) -> None:
    files = {"a/test_metrics.json": {"auc": 0.5}, "b/test_metrics.json": {"auc": 0.75}}
    done = report(files, ANY, "--evidence", "-f", "json")
    assert order(done) == ["b", "a"]
    assert done.json["evidence"]["missing"]["absent"] == ["dice"]
    assert done.json["evidence"]["robustness"]["leaders"] == ["b"]


def test_nothing_has_a_ranked_metric(report: Any) -> None:
    done = report({"d/test_metrics.json": {"val_dice": 0.5}}, ANY)
    assert done.status == 1
    assert "no usable ranked metric anywhere" in done.err


# filter.zero

ZEROS = {"a/test_metrics.json": {"dice": 0.75}, "standard/test_metrics.json": {"dice": 0}}


def test_a_zero_may_be_a_result(report: Any) -> None:
    kept = "[filter]\nzero = false\n[baseline]\nrun = 'standard'\n" + METRICS
    done = report(ZEROS, kept, "-f", "json")
    assert order(done) == ["a", "standard"]
    page = report(ZEROS, kept).out
    assert "zero-" not in page
    assert "| `a` | 0.7500 | +0.7500 (-) |" in page


def test_whoever_is_left_out_for_a_zero_is_told_of_the_setting(report: Any) -> None:
    done = report(ZEROS, "[baseline]\nrun = 'standard'\n" + METRICS)
    assert done.status == 2
    assert 'baseline "standard"' in done.err
    assert "filter.zero" in done.err
    rows = report(ZEROS, METRICS, "-f", "json", command="explain").json
    assert {row["run"]: row["detail"] for row in rows}["standard"] == (
        "dice is at most 1e-06 (filter.zero)"
    )


# select.metric

SEVERAL = {
    "a/test_metrics_1.json": {"dice": 0.9, "val_dice": 0.5},
    "a/test_metrics_2.json": {"dice": 0.6, "val_dice": 0.7},
    "a/test_metrics_3.json": {"dice": 0.95},
    "b/test_metrics_1.json": {"dice": 0.5, "val_dice": 0.5, "auc": 0.5},
    "b/test_metrics_2.json": {"dice": 0.8, "val_dice": 0.5},
}
BY_VALIDATION = '[select]\nmetric = "val_dice"\n' + METRICS


def test_another_metric_may_choose(report: Any) -> None:
    done = report(SEVERAL, BY_VALIDATION, "-f", "json", "--evidence")
    sources = {run["run"]: run["source"] for run in done.json["runs"]}
    # Equal: more ranked metrics.
    assert sources == {"a": "a/test_metrics_2.json", "b": "b/test_metrics_1.json"}
    evidence = done.json["evidence"]
    assert evidence["rules"]["select_metric"] == "val_dice"
    assert not any(choice["on_test"] for choice in evidence["selection"]["choices"])
    rows = report(SEVERAL, BY_VALIDATION, "-f", "json", command="explain").json
    told = {row["source"]: row["detail"] for row in rows}
    assert told["a/test_metrics_2.json"] == "val_dice 0.2000 ahead of the next"
    assert told["a/test_metrics_3.json"] == "val_dice missing"
    page = report(SEVERAL, BY_VALIDATION, "--evidence").out
    assert "one best test artifact per run kept, chosen by its val_dice." in page
    assert "5 test artifacts, by their val_dice." in page


def test_without_it_the_primary_metric_chooses(report: Any) -> None:
    runs = report(SEVERAL, METRICS, "-f", "json").json["runs"]
    assert {run["source"] for run in runs} == {"a/test_metrics_3.json", "b/test_metrics_2.json"}


def test_it_is_the_key_of_a_metric(report: Any) -> None:
    done = report(SEVERAL, '[select]\nmetric = "val_dise"\n' + METRICS)
    assert done.status == 2
    assert done.err.endswith(
        'finalrank.toml: select.metric: "val_dise" is no metric\'s key; did you mean "val_dice"?\n'
    )
