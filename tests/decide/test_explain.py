"""docs/contract.md, section 8: explain lists every candidate, and why the kept one won."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, Finalrank, Tree

D, R, A = "dice_pos", "roc_auc_presence", "average_precision_presence"
MIXED: dict[str, Any] = {
    "a/test_metrics_1.json": {D: 0.5},
    "a/test_metrics_2.json": {D: 0.25},
    "a/test_metrics_scan.json": {D: 0.9},
    "b/test_metrics.json": {D: 0.75},
    "gone/test_metrics.json": {D: 0},
    "gone/test_metrics_b.json": {},
    "broken/test_metrics.json": "{",
    "dev/test_metrics.json": {D: 0.9},
}


def details(rows: list[dict[str, Any]]) -> dict[str, tuple[str, str | None, str]]:
    """Verdict, reason and detail by source."""
    return {row["source"]: (row["verdict"], row["reason"], row["detail"]) for row in rows}


def test_every_candidate_is_listed_once(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("explain", tree(MIXED), "-f", "json")
    assert done.status == 0
    rows = done.json
    assert sorted(row["source"] for row in rows) == sorted(MIXED)
    assert [row["run"] for row in rows] == ["b", *"aaa", "broken", "dev", "gone", "gone"]
    verdicts = {source: verdict[:2] for source, verdict in details(rows).items()}
    assert verdicts == {
        "b/test_metrics.json": ("kept", None),
        "a/test_metrics_1.json": ("kept", None),
        "a/test_metrics_2.json": ("sibling", None),
        "a/test_metrics_scan.json": ("excluded", "scan"),
        "broken/test_metrics.json": ("excluded", "unreadable"),
        "dev/test_metrics.json": ("excluded", "dev"),
        "gone/test_metrics.json": ("excluded", "zero-primary"),
        "gone/test_metrics_b.json": ("excluded", "missing-primary"),
    }
    assert {row["run"]: row["rank"] for row in rows} == {
        "b": 1,
        "a": 2,
        "broken": None,
        "dev": None,
        "gone": None,
    }


def test_the_formats_tell_the_same(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(MIXED)
    rows = finalrank("explain", root, "-f", "json").json
    table = list(csv.DictReader(io.StringIO(finalrank("explain", root, "-f", "csv").out)))
    assert [row["source"] for row in table] == [row["source"] for row in rows]
    for flat, row in zip(table, rows, strict=True):
        assert flat["reason"] == (row["reason"] or "")
        assert flat["detail"] == row["detail"]
        assert flat[D] == ("" if row["metrics"][D] is None else str(row["metrics"][D]))
    text = finalrank("explain", root).out
    for row in rows:
        name = row["source"].rpartition("/")[2]
        lines = [line for line in text.splitlines() if line.startswith(f"{name} ")]
        assert any(
            (row["reason"] or row["verdict"]) in line and line.endswith(row["detail"])
            for line in lines
        )


def test_the_text_has_a_block_a_run(finalrank: Finalrank, tree: Tree) -> None:
    blocks = [
        line
        for line in finalrank("explain", tree(MIXED)).out.splitlines()
        if " valid" in line and ": " in line
    ]
    assert blocks == [
        "b: rank 1; 1 artifact, 1 valid",
        "a: rank 2; 3 artifacts, 2 valid",
        "broken: not ranked; 1 artifact, 0 valid",
        "dev: not ranked; 1 artifact, 0 valid",
        "gone: not ranked; 2 artifacts, 0 valid",
    ]


def test_one_run(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(MIXED)
    done = finalrank("explain", root, "--run", "a", "-f", "json")
    assert [row["run"] for row in done.json] == ["a", "a", "a"]
    assert {row["rank"] for row in done.json} == {2}
    assert "broken" not in done.err  # its problem is not asked for
    done = finalrank("explain", root, "--run", "broken")
    assert done.problems[0].startswith("broken/test_metrics.json: ")
    assert done.out.startswith("broken: not ranked; 1 artifact, 0 valid\n")


def test_an_unknown_run_names_near_misses(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("explain", tree(MIXED), "--run", "brocken", "-q")
    assert done.status == 2
    assert done.bytes == b""
    assert done.err.splitlines()[-1].startswith("finalrank: ")
    assert '"broken"' in done.err.splitlines()[-1]
    done = finalrank("explain", "runs", "--run", "zzzzzz", "-q")
    assert done.status == 2
    assert "--run" in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("winner", "loser", "ahead", "behind"),
    [
        ({D: 0.5}, {D: 0.4888}, "Dice_pos 0.0112 ahead of the next", "Dice_pos 0.0112 behind"),
        ({D: 0.5}, {D: 0.49999}, "Dice_pos 1.0e-05 ahead", "Dice_pos 1.0e-05 behind"),
        ({D: 0.5}, {D: 0.4, R: 1.0, A: 1.0}, "Dice_pos 0.1000 ahead", "Dice_pos 0.1000 behind"),
        ({D: 0.5, R: 0.1}, {D: 0.5}, "1 more ranked metric", "1 more ranked metric"),
        ({D: 0.5, R: 0, A: 0}, {D: 0.5}, "2 more ranked metrics", "2 more ranked metrics"),
        ({D: 0.5, R: 0.2}, {D: 0.5, R: 0.1, "iou_pos": 1}, "ROC-AUC 0.1000", "ROC-AUC 0.1000"),
        ({D: 0.5, R: 0.2}, {D: 0.5, A: 0.9}, "ROC-AUC", "ROC-AUC missing"),
        ({D: 0.5, R: 0.1, A: 0.3}, {D: 0.5, R: 0.1, A: 0.1}, "AP 0.2000", "AP 0.2000"),
        ({D: 0.5, R: 0.1}, {D: 0.5, R: 0.1}, "by name", "by name"),
    ],
)
def test_what_decided_between_two(
    winner: dict[str, float],
    loser: dict[str, float],
    ahead: str,
    behind: str,
    finalrank: Finalrank,
    tree: Tree,
) -> None:
    # By name alone the winner would lose, but where all else is equal.
    names = ("a", "b") if winner == loser else ("b", "a")
    files = {f"r/test_metrics_{n}.json": m for n, m in zip(names, (winner, loser), strict=True)}
    first, second = finalrank("explain", tree(files), "-f", "json").json
    assert first["source"] == f"r/test_metrics_{names[0]}.json"
    assert (first["verdict"], second["verdict"]) == ("kept", "sibling")
    assert ahead in first["detail"]
    assert behind in second["detail"]


def test_one_more_metric_is_singular(finalrank: Finalrank, tree: Tree) -> None:
    files = {"r/test_metrics_a.json": {D: 0.5}, "r/test_metrics_b.json": {D: 0.5, R: 0.1}}
    first, second = finalrank("explain", tree(files), "-f", "json").json
    for row in (first, second):
        assert "1 more ranked metrics" not in row["detail"]


def test_a_missing_metric_is_not_ahead(finalrank: Finalrank, tree: Tree) -> None:
    # "ROC-AUC missing ahead of the next" would say that the winner lacks it.
    files = {"r/test_metrics_b.json": {D: 0.5, R: 0.1}, "r/test_metrics_a.json": {D: 0.5, A: 0.9}}
    first, _ = finalrank("explain", tree(files), "-f", "json").json
    assert first["source"] == "r/test_metrics_b.json"
    assert "missing ahead" not in first["detail"]


def test_siblings_go_best_first_and_each_tells_its_margin(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"r/test_metrics_{n}.json": {D: n / 10} for n in (3, 1, 4, 2)}
    rows = finalrank("explain", tree(files), "-f", "json").json
    assert [row["metrics"][D] for row in rows] == [0.4, 0.3, 0.2, 0.1]
    assert [row["detail"] for row in rows] == [
        "Dice_pos 0.1000 ahead of the next",
        "Dice_pos 0.1000 behind",
        "Dice_pos 0.2000 behind",
        "Dice_pos 0.3000 behind",
    ]


def test_lower_is_better(finalrank: Finalrank, tree: Tree) -> None:
    config = "[[metrics]]\nkey = 'loss'\nprimary = true\nhigher_is_better = false\n"
    files = {
        "finalrank.toml": config,
        "r/test_metrics_a.json": {"loss": 0.5},
        "r/test_metrics_b.json": {"loss": 0.2},
    }
    rows = finalrank("explain", tree(files), "-f", "json").json
    assert [row["detail"] for row in rows] == [
        "loss 0.3000 ahead of the next",
        "loss 0.3000 behind",
    ]
    assert rows[0]["source"] == "r/test_metrics_b.json"


def test_problems_of_artifacts_are_told(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {
        "a/test_metrics.json": {D: 0.5, R: 90, A: "0.4"},
        "b/test_metrics.json": {D: "0.5"},
        "c/test_metrics.json": "{",
    }
    done = finalrank("explain", tree(files), "-f", "json")
    told = details(done.json)
    assert R in told["a/test_metrics.json"][2]
    assert A in told["a/test_metrics.json"][2]
    assert D in told["b/test_metrics.json"][2]
    assert told["c/test_metrics.json"][2]
    assert len(done.problems) == 4


def test_it_explains_where_nothing_is_valid(finalrank: Finalrank, tree: Tree) -> None:
    files = {"a/test_metrics.json": {D: 0}, "dev/test_metrics.json": {D: 0.5}}
    done = finalrank("explain", tree(files), "-f", "json")
    assert done.status == 0
    assert [row["reason"] for row in done.json] == ["zero-primary", "dev"]
    assert done.account == "2 artifacts: 0 ranked, 0 siblings, 2 left out (dev 1, zero-primary 1)"


def test_it_explains_where_there_is_no_candidate(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("explain", tree({"a/other.json": {}}))
    assert (done.status, done.bytes) == (1, b"")
    # The account is "printed too when there is nothing to rank".
    error, account = done.err.splitlines()
    assert error.startswith("finalrank: runs: ")
    assert account == "0 artifacts: 0 ranked, 0 siblings, 0 left out"


def test_a_wrong_baseline_does_not_stop_it(finalrank: Finalrank, tree: Tree) -> None:
    files = MIXED | {"finalrank.toml": "[baseline]\nrun = 'gone'"}
    root = tree(files)
    assert finalrank("report", root).status == 2
    assert finalrank("explain", root, "--run", "gone").status == 0
    (root / "finalrank.toml").write_text("[baseline]\nrun = 'nonsense'")
    assert finalrank("explain", root).status == 0


def test_names_are_visible_in_text_and_as_they_are_in_data(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({"a\x1b[31m/test_metrics_\u202e.json": {D: 0.5}})
    text = finalrank("explain", root).out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.startswith(r"a\x1b[31m: rank 1; 1 artifact, 1 valid")
    assert r"test_metrics_\u202e.json" in text
    assert finalrank("explain", root, "-f", "json").json[0]["run"] == "a\x1b[31m"
    assert '"a\x1b[31m' in finalrank("explain", root, "-f", "json").out.replace(r"\u001b", "\x1b")


def test_names_that_look_like_numbers_stay(finalrank: Finalrank, tree: Tree) -> None:
    files = {"007/test_metrics.json": {D: 0.5}, "1e5/test_metrics.json": {D: 0.4}}
    text = finalrank("explain", tree(files)).out
    assert "\n1e5: rank 2" in text
    assert text.startswith("007: rank 1")


def test_it_ranks_as_the_report_does(finalrank: Finalrank) -> None:
    report = finalrank("report", EXAMPLES, "-f", "json").json
    rows = finalrank("explain", EXAMPLES, "-f", "json").json
    kept = [(row["rank"], row["run"], row["source"]) for row in rows if row["verdict"] == "kept"]
    assert kept == [(run["rank"], run["run"], run["source"]) for run in report["runs"]]
    left_out = {row["source"]: row["reason"] for row in rows if row["verdict"] == "excluded"}
    assert left_out == {row["source"]: row["reason"] for row in report["excluded"]}
    assert len(rows) == report["counts"]["artifacts_found"]


def test_it_writes_no_file(finalrank: Finalrank, tree: Tree) -> None:
    tree(MIXED)
    finalrank("explain")
    assert [path.name for path in Path().iterdir()] == ["runs"]
