"""docs/contract.md, section 7: the sections of the page come and go."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Finalrank, Tree
from page_parts import DICE


def test_without_a_baseline_its_section_is_left_out(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"{run}/test_metrics.json": {"dice_pos": n / 10} for n, run in enumerate("cba", 1)}
    page = finalrank("report", tree(files)).out
    assert "Delta vs" not in page
    assert "comparison reference" not in page
    assert "- Keep `b` as fallback comparator.\n\n## 1) Final" in page
    assert "\n\n\n" not in page


def test_a_single_run_has_no_fallback(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree({"a/test_metrics.json": DICE})).out
    assert "Executive Summary (Top 1 + Clinical Candidate)" in page
    assert "- Choose `a` first. It has the strongest combined profile.\n\n## 1)" in page
    assert "fallback" not in page
    assert "- Valid challenger runs: **1**\n- Valid test artifacts after filtering: **1**\n" in page


def test_two_runs(finalrank: Finalrank, tree: Tree) -> None:
    files = {"nnunet/test_metrics.json": {"dice_pos": 0.25}, "a/test_metrics.json": DICE}
    page = finalrank("report", tree(files)).out
    assert "(Top 2 + Clinical Candidate)\n\nTop 2 by combined final rank" in page
    assert "- Keep `nnunet` as fallback comparator.\n\nnnUNet comp" in page
    assert "| `nnunet` | 0.2500 | +0.0000 (+0.00%) | - | - (-) | - | - (-) |\n\n## 1)" in page
    assert page.endswith("|\n")
    assert "\n\n\n" not in page


def test_a_metric_that_no_run_has_keeps_its_header(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree({"a/test_metrics.json": DICE})).out
    assert (
        "## 2) Final Classification Ranking (ROC-AUC)\n\n"
        "| Rank | Run | ROC-AUC | AP | Dice_pos | Source |\n"
        "|---:|---|---:|---:|---:|---|\n"
        "\n## 3) Final Classification Ranking (AP)\n"
    ) in page


def test_key_feature_and_protocol_where_they_are_given(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"{run}/test_metrics.json": {"dice_pos": n / 10} for n, run in enumerate("ba", 5)}
    plain = finalrank("report", tree(files)).out
    assert "Key feature" not in plain
    assert "strongest combined profile.\n" in plain
    note = '[runs.a]\nprotocol = "*p* | `q`"\n[runs.b]\nkey_feature = "<b>k</b>"\nprotocol = "no"'
    page = finalrank("report", tree(files | {"finalrank.toml": note})).out
    assert "strongest combined profile with *p* | `q`.\n" in page
    assert page.count("Key feature") == 1
    assert "2. `b`\n- Metrics: `dice_pos=0.5000`" in page
    assert "- Key feature: <b>k</b>\n\nClinical" in page
    assert "with no" not in page


def test_notable_exclusions_have_is_and_are(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        "ok/test_metrics.json": DICE,
        "one/test_metrics_scan.json": {"roc_auc_presence": 0.9},
        "three/test_metrics_b.json": {"dice_pos": 0.0, "roc_auc_presence": 0.9},
        "two/test_metrics_smoke.json": {"roc_auc_presence": 0.9},
        "two/test_metrics_scan`.json": {"dice_pos": 0.0},
    }
    page = finalrank("report", tree(files)).out
    assert (
        "filtering: **1**\n"
        "- `one` remains excluded because only `test_metrics_scan.json` is available for that run."
        "\n- `three` is left out: dice_pos is at most 1e-06 (filter.zero)."
        "\n- `two` remains excluded because only ``test_metrics_scan`.json``, "
        "`test_metrics_smoke.json` are available for that run.\n\n## Executive"
    ) in page


@pytest.mark.parametrize(
    ("count", "bullet"),
    [
        (1, "- Artifacts with problems: **1** (`p00/test_metrics.json`)\n"),
        (
            2,
            "- Artifacts with problems: **2** (`p00/test_metrics.json`, `p01/test_metrics.json`)\n",
        ),
        (5, "`p03/test_metrics.json`, `p04/test_metrics.json`)\n"),
        (6, "`p03/test_metrics.json`, `p04/test_metrics.json` and 1 more)\n"),
        (12, "`p03/test_metrics.json`, `p04/test_metrics.json` and 7 more)\n"),
    ],
)
def test_problems_are_one_more_bullet(
    count: int, bullet: str, finalrank: Finalrank, tree: Tree
) -> None:
    files: dict[str, Any] = {
        f"p{n:02}/test_metrics.json": {"dice_pos": "x", "iou_pos": "y"} for n in range(count)
    }
    files |= {"ok/test_metrics.json": DICE, "one/test_metrics_scan.json": {"roc_auc_presence": 1}}
    page = finalrank("report", tree(files)).out
    lines = page.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("- Artifacts with problems"))
    assert lines[at].startswith(f"- Artifacts with problems: **{count}** (`p00/test_metrics.json`")
    assert lines[at].endswith(bullet)
    assert any(line.startswith("- `one` remains excluded") for line in lines[:at])
    assert lines[at + 1] == "\n"


def test_without_problems_there_is_no_bullet(finalrank: Finalrank, tree: Tree) -> None:
    files = {"ok/test_metrics.json": DICE, "dev/test_metrics.json": "no JSON, and nobody's problem"}
    done = finalrank("report", tree(files))
    assert "problems" not in done.out
    assert done.problems == []


def test_problems_read_well_on_stderr(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {
        "ok/test_metrics.json": DICE,
        "a\x1b[31m/test_metrics.json": {"dice_pos": "secret"},
        "b/test_metrics.json": '{"dice_pos": secret}',
        "c/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": True, "iou_pos": 38},
    }
    root = tree(files)
    problems = finalrank("report", root).problems
    assert [line.split(":")[0] for line in problems] == [
        r"a\x1b[31m/test_metrics.json",
        "b/test_metrics.json",
        "c/test_metrics.json",
        "c/test_metrics.json",
    ]
    assert [line.split(": ")[1] for line in problems[2:]] == ["iou_pos", "roc_auc_presence"]
    assert "line 1 column 14" in problems[1]
    for line in problems:
        assert "secret" not in line
        assert str(root) not in line
        assert "Error" not in line
