"""What a missing metric counts: nothing, the mean of the places below, or the run's place."""

from __future__ import annotations

import json
import shutil
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import EXAMPLES, GOLDEN, Finalrank, Tree
from finalrank.text.escape import visible

DICE, ROC, AP = "dice_pos", "roc_auc_presence", "average_precision_presence"
INCOMPLETE = ["deeplab_full", "baseline_posmetric", "challenge_finetune_v1"]


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def missing(tmp_path: Path) -> Any:
    """A configuration by its rule for missing metrics."""

    def write(rule: str, more: str = "") -> Path:
        path = tmp_path / f"{rule}.toml"
        path.write_text(f'[rank]\nmissing = "{rule}"\n{more}')
        return path

    return write


# On the published tree


@pytest.mark.parametrize(("rule", "places"), [("available", [8, 9, 12]), ("worst", [17, 20, 21])])
def test_three_runs_of_the_published_tree(
    rule: str, places: list[int], missing: Any, finalrank: Finalrank
) -> None:
    done = finalrank("report", EXAMPLES, "--config", missing(rule), "-f", "json")
    found = {run["run"]: run for run in done.json["runs"]}
    assert [found[run]["rank"] for run in INCOMPLETE] == places
    # What it counts as is no rank of its own.
    assert all(found[run]["ranks"][ROC] is None for run in INCOMPLETE)
    assert all(found[run]["metrics_used"] == 1 for run in INCOMPLETE)
    assert done.account.startswith("50 artifacts: 22 ranked, 14 siblings, 14 left out")


def test_the_default_is_what_was_published(missing: Any, finalrank: Finalrank) -> None:
    config = missing("available", (EXAMPLES / "finalrank.toml").read_text())
    done = finalrank(
        "report", EXAMPLES, "--config", config, "--generated-at", "2026-02-15T08:14:41"
    )
    assert done.bytes == (GOLDEN / "clean_final_results.md").read_bytes()


def test_the_complete_runs_of_the_published_tree(missing: Any, finalrank: Finalrank) -> None:
    done = finalrank("report", EXAMPLES, "--config", missing("complete"), "-f", "json")
    report = done.json
    assert len(report["runs"]) == 19
    assert not {run["run"] for run in report["runs"]} & set(INCOMPLETE)
    assert all(None not in run["ranks"].values() for run in report["runs"])
    lacks = f"lacks {ROC}, {AP}"
    assert [(r["run"], r["detail"]) for r in report["excluded"] if r["reason"] == "incomplete"] == [
        ("baseline_posmetric", lacks),
        ("challenge_finetune_v1", lacks),
        ("deeplab_full", f"{lacks}; test_metrics_rerun_20260214_gpu.json has {ROC}, {AP}"),
    ]
    assert report["counts"] == {
        "artifacts_found": 50,
        "artifacts_valid": 33,
        "runs_found": 29,
        "runs_valid": 19,
    }
    assert done.account == (
        "50 artifacts: 19 ranked, 14 siblings, 17 left out "
        "(scan 7, dev 4, incomplete 3, smoke 2, missing-primary 1)"
    )


def test_one_bullet_says_how_the_missing_count(missing: Any, finalrank: Finalrank) -> None:
    def bullets(rule: str) -> list[str]:
        page = finalrank("report", EXAMPLES, "--config", missing(rule)).out
        return [line for line in page.splitlines() if line.startswith("- ") and "missing" in line]

    assert bullets("available") == []
    assert bullets("worst") == [
        "- A missing metric counts as the mean of the places below the runs that have it."
    ]
    (line,) = bullets("complete")
    assert line.startswith("- Runs not ranked, as a ranked metric is missing: **3** (`baseline_")
    assert "test_metrics_rerun_20260214_gpu.json has roc_auc_presence" in line


def test_explain_of_runs_that_are_not_complete(missing: Any, finalrank: Finalrank) -> None:
    config = missing("complete")
    done = finalrank("explain", EXAMPLES, "--config", config, "-f", "json", "--run", INCOMPLETE[0])
    rows = {row["source"].partition("/")[2]: row for row in done.json}
    assert len(rows) == 7
    assert {row["rank"] for row in rows.values()} == {None}
    kept = rows["test_metrics_tta_hv_thr025.json"]
    assert (kept["verdict"], kept["reason"]) == ("excluded", "incomplete")
    assert kept["detail"].startswith(f"lacks {ROC}, {AP}; test_metrics_rerun")
    sibling = rows["test_metrics_rerun_20260214_gpu.json"]
    assert sibling["verdict"] == "sibling"
    assert "lacks a ranked metric" in sibling["detail"]
    assert rows["test_metrics_presence_scan.json"]["reason"] == "scan"


@pytest.mark.parametrize("how", ["option", "configuration"])
def test_an_incomplete_baseline_is_an_error(how: str, missing: Any, finalrank: Finalrank) -> None:
    own = how == "configuration"
    config = missing("complete", f'[baseline]\nrun = "{INCOMPLETE[0]}"' if own else "")
    args = [] if own else ["--baseline", INCOMPLETE[0]]
    done = finalrank("report", EXAMPLES, "--config", config, *args)
    assert (done.status, done.out) == (2, "")
    errors = [line for line in done.err.splitlines() if line.startswith("finalrank: ")]
    assert len(errors) == 1
    assert '"deeplab_full"' in errors[0]
    assert "lacks a ranked metric" in errors[0]
    # To look into it is allowed.
    assert finalrank("explain", EXAMPLES, "--config", config).status == 0


def test_the_most_complete_artifacts_leave_nobody_out(missing: Any, finalrank: Finalrank) -> None:
    # One of the three has an artifact with every metric.
    config = missing("complete", '[select]\nby = "complete-first"')
    done = finalrank("report", EXAMPLES, "--config", config, "-f", "json")
    assert done.account.startswith("50 artifacts: 20 ranked, 14 siblings, 16 left out")
    (run,) = (run for run in done.json["runs"] if run["run"] == "deeplab_full")
    assert run["source"] == "deeplab_full/test_metrics_rerun_20260214_gpu.json"


# In small


@pytest.mark.parametrize("ties", ["ordinal", "min", "average", "dense"])
def test_the_missing_share_the_places_below(ties: str, tree: Tree, finalrank: Finalrank) -> None:
    runs = {
        "a": metrics(0.9, 0.5),
        "b": metrics(0.8, 0.5),
        "c": metrics(0.7, 0.4),
        "d": metrics(0.6),
        "e": metrics(0.5),
        "f": metrics(0.4),
    }
    files = {f"{run}/test_metrics.json": row for run, row in runs.items()}
    config = f'[rank]\nmissing = "worst"\nties = "{ties}"'
    done = finalrank("report", tree({**files, "finalrank.toml": config}), "-f", "json")
    means = {run["run"]: run["mean_rank"] for run in done.json["runs"]}
    # Places 4, 5 and 6 of ROC-AUC; 1 to 6 of AP, which no run has.
    assert [means[run] for run in "def"] == [(dice + 5 + 3.5) / 3 for dice in (4, 5, 6)]
    assert means["a"] == ({"average": 1.5}.get(ties, 1) + 1 + 3.5) / 3


def test_a_run_with_less_may_win_but_not_for_lacking_it(tree: Tree, finalrank: Finalrank) -> None:
    files = {
        "lucky/test_metrics.json": metrics(0.9),
        "a/test_metrics.json": metrics(0.8, 0.9, 0.9),
        "b/test_metrics.json": metrics(0.7, 0.8, 0.8),
    }
    order = {}
    for rule in ("available", "worst", "complete"):
        root = tree({**files, "finalrank.toml": f'[rank]\nmissing = "{rule}"'})
        report = finalrank("report", root, "-f", "json").json
        order[rule] = [run["run"] for run in report["runs"]]
    assert order == {
        "available": ["lucky", "a", "b"],
        "worst": ["a", "b", "lucky"],
        "complete": ["a", "b"],
    }


@pytest.mark.parametrize("ties", ["ordinal", "min", "average", "dense"])
def test_of_equal_mean_ranks_the_run_that_really_has_more_metrics_comes_first(
    ties: str, tree: Tree, finalrank: Finalrank
) -> None:
    files = {
        "a/test_metrics.json": metrics(0.6),
        "b/test_metrics.json": metrics(0.2, 0.9),
        "finalrank.toml": f'[rank]\nmissing = "worst"\nties = "{ties}"',
    }
    runs = finalrank("report", tree(files), "-f", "json").json["runs"]
    assert runs[0]["mean_rank"] == runs[1]["mean_rank"]
    # By the primary metric it would be the other way round.
    assert [(run["run"], run["metrics_used"]) for run in runs] == [("b", 2), ("a", 1)]


def test_a_metric_that_is_only_shown_may_be_missing(tree: Tree, finalrank: Finalrank) -> None:
    files = {f"{run}/test_metrics.json": metrics(0.5, 0.5, 0.5) for run in "ab"}
    root = tree({**files, "finalrank.toml": '[rank]\nmissing = "complete"'})
    assert finalrank("report", root).account.startswith("2 artifacts: 2 ranked")


def test_what_is_lacking_may_be_in_several_siblings(tree: Tree, finalrank: Finalrank) -> None:
    files = {
        "a/test_metrics.json": metrics(0.9),
        "a/test_metrics_ap.json": metrics(0.7, None, 0.5),
        "a/test_metrics_roc.json": metrics(0.8, 0.5),
        "b/test_metrics.json": metrics(0.9, 0.5, 0.5),
        "finalrank.toml": '[rank]\nmissing = "complete"',
    }
    (row,) = finalrank("report", tree(files), "-f", "json").json["excluded"]
    assert (row["source"], row["reason"]) == ("a/test_metrics.json", "incomplete")
    assert row["detail"] == (
        f"lacks {ROC}, {AP}; test_metrics_roc.json has {ROC}; test_metrics_ap.json has {AP}"
    )


def test_nothing_complete_is_nothing_to_rank(tree: Tree, finalrank: Finalrank) -> None:
    files = {
        "a/test_metrics.json": metrics(0.9),
        "a/test_metrics_2.json": metrics(0.5),
        "finalrank.toml": '[rank]\nmissing = "complete"',
    }
    root = tree(files)
    for command in ("report", "explain"):
        done = finalrank(command, root)
        assert done.account == "2 artifacts: 0 ranked, 1 siblings, 1 left out (incomplete 1)"
    done = finalrank("report", root)
    assert (done.status, done.out) == (1, "")
    assert "incomplete 1" in done.problems[0]


@pytest.mark.parametrize(
    "name",
    ["a|b*_c_`.json", "x\x1b[31m.json", "[x](y)<b>&lt;.json", "~~a~~.json", "__a__ _b__"],
)
def test_names_in_what_is_lacking_are_data(name: str, tree: Tree, finalrank: Finalrank) -> None:
    files = {
        "a/test_metrics.json": metrics(0.9),
        f"a/{name}_test_metrics.json": metrics(0.5, 0.5, 0.5),
        "b/test_metrics.json": metrics(0.9, 0.5, 0.5),
        "finalrank.toml": '[rank]\nmissing = "complete"',
    }
    page = finalrank("report", tree(files)).out
    (line,) = (line for line in page.splitlines() if line.startswith("- Runs not ranked"))
    inline = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(line)
    told = next(token for token in inline if token.type == "inline").children or []
    shown = f"{visible(name)}_test_metrics.json has {ROC}, {AP}))"
    assert "".join(t.content for t in told).endswith(shown)
    assert {t.type for t in told} == {"text", "strong_open", "strong_close", "code_inline"}


# By its definition

VALUES = st.sampled_from([None, 0.0, 0.25, 0.5, 0.75])
RUNS = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(metrics, st.sampled_from([0.25, 0.5, 0.75]), VALUES, VALUES),
    min_size=1,
)


def mean_of_places(runs: dict[str, Any], run: str, worst: bool) -> Fraction:
    """By counting for each metric who is before a run, with equal ones by name."""
    ranks = []
    for key in (DICE, ROC, AP):
        there = [other for other in runs if runs[other][key] is not None]
        if run in there:
            value = runs[run][key]
            before = [r for r in there if (-runs[r][key], r) < (-value, run)]
            ranks.append(Fraction(len(before) + 1))
        elif worst:
            places = range(len(there) + 1, len(runs) + 1)
            ranks.append(Fraction(sum(places), len(places)))
    return sum(ranks, Fraction()) / len(ranks)


@given(RUNS)
@settings(deadline=None, max_examples=40)
def test_mean_ranks_of_any_runs_are_by_definition(runs: dict[str, Any]) -> None:
    complete = {run: row for run, row in runs.items() if None not in row.values()}
    with tempfile.TemporaryDirectory() as folder:
        for run, row in runs.items():
            Path(folder, run).mkdir()
            Path(folder, run, "test_metrics.json").write_text(json.dumps(row))
        for rule, ranked in (("available", runs), ("worst", runs), ("complete", complete)):
            Path(folder, "finalrank.toml").write_text(f'[rank]\nmissing = "{rule}"')
            if not ranked:
                with pytest.raises(package.FinalrankError, match="nothing to rank"):
                    package.load_report(folder)
                continue
            report = package.load_report(folder)
            means = {run.run: run.mean_rank for run in report.runs}
            assert means == {
                run: pytest.approx(float(mean_of_places(ranked, run, rule == "worst")))
                for run in ranked
            }
            order = [(run.mean_rank, -run.metrics_used) for run in report.runs]
            assert order == sorted(order)
            assert all(
                run.metrics_used == sum(runs[run.run][key] is not None for key in (DICE, ROC, AP))
                for run in report.runs
            )
            left_out = [row.run for row in report.excluded]
            assert sorted([*means, *left_out]) == sorted(runs)


@pytest.mark.parametrize("ties", ["ordinal", "min", "average", "dense"])
def test_where_nothing_is_missing_the_rules_are_one(
    ties: str, tmp_path: Path, finalrank: Finalrank
) -> None:
    root = tmp_path / "published"
    shutil.copytree(EXAMPLES, root)
    for run in INCOMPLETE:
        shutil.rmtree(root / run)
    outputs = set()
    for rule in ("available", "worst", "complete"):
        config = root / "finalrank.toml"
        config.write_text(f'[rank]\nmissing = "{rule}"\nties = "{ties}"')
        outputs.add(finalrank("report", root, "-f", "csv").bytes)
    assert len(outputs) == 1
