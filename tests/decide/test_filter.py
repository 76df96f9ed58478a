"""Which artifacts are left out, and which of several reasons is given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Finalrank, Tree

GOOD = {"dice_pos": 0.5}
Reasons = Any


@pytest.fixture
def reasons(finalrank: Finalrank, tree: Tree) -> Reasons:
    """The reason of each candidate, by source; None where it is valid."""

    def run(files: dict[str, Any], config: str = "") -> dict[str, str | None]:
        root = tree({**files, "finalrank.toml": config})
        done = finalrank("explain", root, "-f", "json")
        assert done.status == 0
        return {row["source"]: row["reason"] for row in done.json}

    return run


# Tokens


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ("dev", "dev"),
        ("DEV", "dev"),
        ("Debug", "dev"),
        ("regression", "dev"),
        ("fast_dev_posmetric", "dev"),
        ("fast-dev", "dev"),
        ("fast.dev", "dev"),
        ("fast dev", "dev"),
        ("dev/seed_1", "dev"),
        ("a/debug/b", "dev"),
        ("a/b.debug", "dev"),
        ("devé", "dev"),
        ("dev\n", "dev"),
        ("device", None),
        ("devrun", None),
        ("dev2", None),
        ("2dev", None),
        ("devel", None),
        ("linear_regressions", None),
        ("dév", None),
        ("de/v", None),
        ("smoke", "smoke"),
        ("a/SMOKE-test/b", "smoke"),
        ("smoker", None),
        # KELVIN SIGN, which lower-cases to "k"; fullwidth letters.
        ("smo\u212ae", None),
        ("\uff44\uff45\uff56", None),
        ("dev/smoke", "dev"),
        ("smoke/dev", "dev"),
        ("scan", None),
        ("ct_scan_unet", None),
        ("scan/scan", None),
        ("scannet_v2", None),
    ],
)
def test_tokens_of_the_run(run: str, reason: str | None, reasons: Reasons) -> None:
    source = f"{run}/test_metrics.json"
    assert reasons({source: GOOD}) == {source: reason}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("test_metrics_dev.json", "dev"),
        ("test_metrics.dev.json", "dev"),
        ("debug_test_metrics.json", "dev"),
        ("Regression_test_metrics.json", "dev"),
        ("test_metrics_smoke.json", "smoke"),
        ("test_metricssmoke.json", None),
        ("test_metrics_scan.json", "scan"),
        ("SCAN_test_metrics.json", "scan"),
        ("scannet_v2_test_metrics.json", None),
        ("test_metrics_scan2.json", None),
        ("test_metrics_scan_smoke_dev.json", "dev"),
        ("test_metrics_scan_smoke.json", "smoke"),
        ("test_metrics_device.json", None),
    ],
)
@pytest.mark.parametrize("folder", ["", "a/", "a/scan/"])
def test_tokens_of_the_file_stem(
    folder: str, name: str, reason: str | None, reasons: Reasons
) -> None:
    assert reasons({folder + name: GOOD}) == {folder + name: reason}


def test_the_runs_folders_own_name_is_not_looked_at(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"dev_smoke/a/test_metrics.json": GOOD}) / "dev_smoke"
    done = finalrank("report", root, "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == ["a"]


# The order of the rules


@pytest.mark.parametrize(
    ("source", "content", "reason"),
    [
        ("dev/test_metrics_smoke.json", "{", "dev"),
        ("smoke/test_metrics_scan.json", "{", "smoke"),
        ("smoke/test_metrics_dev.json", GOOD, "dev"),
        ("a/test_metrics_scan.json", "{", "scan"),
        ("a/test_metrics_scan.json", {"dice_pos": 0}, "scan"),
        ("dev/test_metrics.json", {}, "dev"),
        ("a/test_metrics.json", "{", "unreadable"),
        ("a/test_metrics.json", "[]", "unreadable"),
        ("a/test_metrics.json", {}, "missing-primary"),
        ("a/test_metrics.json", {"dice_pos": None, "iou_pos": 0.5}, "missing-primary"),
        ("a/test_metrics.json", '{"dice_pos": NaN}', "missing-primary"),
        ("a/test_metrics.json", {"dice_pos": "0"}, "missing-primary"),
        ("a/test_metrics.json", {"dice_pos": 38.37}, "missing-primary"),
        ("a/test_metrics.json", {"dice_pos": -1}, "missing-primary"),
    ],
)
def test_the_first_rule_that_applies_gives_the_reason(
    source: str, content: Any, reason: str, reasons: Reasons
) -> None:
    assert reasons({source: content}) == {source: reason}


@pytest.mark.parametrize(
    ("dice", "reason"),
    [
        ("0", "zero-primary"),
        ("-0.0", "zero-primary"),
        ("-1e-9", "zero-primary"),
        ("1e-9", "zero-primary"),
        ("1e-6", "zero-primary"),
        ("0.0000010000000001", None),
        ("1.000000001", None),
    ],
)
def test_a_primary_metric_of_at_most_a_millionth_is_a_zero(
    dice: str, reason: str | None, reasons: Reasons
) -> None:
    assert list(reasons({"a/test_metrics.json": f'{{"dice_pos": {dice}}}'}).values()) == [reason]


@pytest.mark.parametrize(("dice", "reason"), [(0.01, "low-primary"), (0.0101, None)])
def test_what_is_a_zero_can_be_configured(
    dice: float, reason: str | None, reasons: Reasons
) -> None:
    found = reasons({"a/test_metrics.json": {"dice_pos": dice}}, "[filter]\nzero = 0.01")
    assert list(found.values()) == [reason]


def test_a_zero_of_another_metric_drops_nothing(reasons: Reasons) -> None:
    content = {"dice_pos": 0.5, "roc_auc_presence": 0, "iou_pos": 0}
    assert list(reasons({"a/test_metrics.json": content}).values()) == [None]


@pytest.mark.parametrize("loss", [0, 1e-9, -5])
def test_a_zero_is_fine_where_lower_is_better(loss: float, reasons: Reasons) -> None:
    config = """
        [[metrics]]
        key = "loss"
        primary = true
        higher_is_better = false
        range = [-10, 10]
    """
    assert list(reasons({"a/test_metrics.json": {"loss": loss}}, config).values()) == [None]


# Problems


@pytest.mark.parametrize("content", ["{", "[]", {"dice_pos": "0.5"}])
@pytest.mark.parametrize("source", ["dev/test_metrics.json", "a/test_metrics_scan.json"])
def test_what_a_name_drops_is_no_problem(
    source: str, content: Any, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({source: content, "z/test_metrics.json": GOOD})
    done = finalrank("report", root, "--strict", "-f", "json")
    assert done.status == 0
    assert done.problems == done.json["problems"] == []


@pytest.mark.parametrize(
    "content",
    ["{", {"dice_pos": "0.5"}, {"dice_pos": 0, "iou_pos": 2}, {"dice_pos": 1, "iou_pos": 2}],
)
def test_what_is_wrong_in_any_other_artifact_is(
    content: Any, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({"a/test_metrics.json": content, "z/test_metrics.json": GOOD})
    done = finalrank("report", root, "--strict", "-f", "json")
    assert done.status == 1
    assert len(done.problems) == len(done.json["problems"]) == 1


def test_a_sibling_has_problems_too(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {"a/test_metrics.json": GOOD, "a/test_metrics_2.json": {"dice_pos": 0.1, "iou_pos": True}}
    )
    done = finalrank("report", root, "-f", "json")
    assert [problem["source"] for problem in done.json["problems"]] == ["a/test_metrics_2.json"]


# Rules of one's own


def test_a_rule_of_ones_own_comes_after_the_defaults(reasons: Reasons) -> None:
    config = """
        [filter.rules.later]
        tokens = ["pilot", "beta"]
        [filter.rules.last]
        tokens = ["beta", "old"]
    """
    names = ["beta", "old", "pilot", "old-pilot", "dev-beta", "smoke_old", "betas"]
    found = reasons({f"{name}/test_metrics.json": GOOD for name in names}, config)
    assert {source.partition("/")[0]: reason for source, reason in found.items()} == {
        "beta": "later",
        "old": "last",
        "pilot": "later",
        "old-pilot": "later",
        "dev-beta": "dev",
        "smoke_old": "smoke",
        "betas": None,
    }


def test_a_rule_of_ones_own_comes_before_what_a_file_says(reasons: Reasons) -> None:
    config = '[filter.rules.own]\ntokens = ["pilot"]'
    assert list(reasons({"pilot/test_metrics.json": "{"}, config).values()) == ["own"]


@pytest.mark.parametrize(("where", "expected"), [("path", ["own", "own"]), ("file", [None, "own"])])
def test_where_a_rule_looks(where: str, expected: list[str | None], reasons: Reasons) -> None:
    config = f'[filter.rules.own]\ntokens = ["pilot"]\nwhere = "{where}"'
    files = {"pilot/test_metrics.json": GOOD, "z/test_metrics_pilot.json": GOOD}
    found = reasons(files, config)
    assert [found[source] for source in files] == expected


def test_a_rule_of_a_default_name_replaces_it_in_its_place(reasons: Reasons) -> None:
    config = """
        [filter.rules.scan]
        tokens = ["sweep"]
        where = "path"
        [filter.rules.dev]
        tokens = ["draft"]
        where = "file"
    """
    files = {
        "dev/test_metrics.json": None,
        "draft/test_metrics.json": None,
        "a/test_metrics_draft.json": "dev",
        "a/test_metrics_draft_smoke.json": "dev",
        "sweep/test_metrics.json": "scan",
        "sweep/test_metrics_smoke.json": "smoke",
        "a/test_metrics_scan.json": None,
    }
    assert reasons(dict.fromkeys(files, GOOD), config) == files


def test_a_rule_without_tokens_is_switched_off(reasons: Reasons) -> None:
    config = "[filter.rules.dev]\ntokens = []"
    files = {
        "dev/test_metrics.json": None,
        "dev/test_metrics_smoke.json": "smoke",
        "dev/test_metrics_scan.json": "scan",
    }
    assert reasons(dict.fromkeys(files, GOOD), config) == files


def test_each_candidate_has_one_verdict_and_one_detail(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {
            "dev/smoke/test_metrics_scan.json": "[]",
            "a/test_metrics.json": json.dumps({"dice_pos": True}),
            "z/test_metrics.json": GOOD,
        }
    )
    rows = finalrank("report", root, "-f", "json").json["excluded"]
    assert [(row["source"], row["reason"]) for row in rows] == [
        ("a/test_metrics.json", "missing-primary"),
        ("dev/smoke/test_metrics_scan.json", "dev"),
    ]
    assert all(row["detail"] for row in rows)


def test_a_rule_can_name_paths_and_why(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {"a/test_metrics.json": GOOD, "old/a/test_metrics.json": GOOD}
    rule = "[filter.rules.stale]\ntokens = []\npaths = ['old/*']\n"
    root = tree(files | {"finalrank.toml": rule})
    (row,) = finalrank("report", root, "-f", "json").json["excluded"]
    assert (row["source"], row["reason"]) == ("old/a/test_metrics.json", "stale")
    assert row["detail"] == 'its path matches "old/*"'
    tree({"finalrank.toml": f"{rule}because = 'it was before the fix'"})
    page = finalrank("report", root).out
    assert "`old/a` is left out: it was before the fix." in page
    assert "excluded dev/smoke/scan/stale artifacts" in page


def test_a_rule_over_paths_may_leave_out_the_name_of_one_of_several_roots(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({"x/old/test_metrics.json": GOOD, "y/new/test_metrics.json": GOOD})
    Path("finalrank.toml").write_text("[filter.rules.stale]\ntokens = []\npaths = ['old/*']")
    done = finalrank("report", root / "x", root / "y", "-f", "json")
    assert [row["source"] for row in done.json["excluded"]] == ["x/old/test_metrics.json"]
