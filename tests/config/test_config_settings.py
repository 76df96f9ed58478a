"""docs/contract.md, section 10: what each setting does."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import configured_runs
from configured_runs import BASELINE, PRIMARY, RUNS, metrics_table
from conftest import Finalrank, Tree

configured = configured_runs.configured


# What each setting does


def test_title_and_recommendation_title(configured: Any) -> None:
    done = configured('title = "Mine"\n[recommendation]\ntitle = "What *next*"')
    assert done.out.startswith("# Mine\n\n")
    assert "\n\nWhat *next*:\n- Choose `a` first." in done.out
    assert configured('title = "Mine"', "-f", "json").json["title"] == "Mine"


def test_line_breaks_become_one_space(configured: Any) -> None:
    config = r'''title = """
One
title"""
[recommendation]
title = "two\r\nlines"
[baseline]
label = "nn\nUNet"
[runs.a]
key_feature = "a\n\nb | *c*"
protocol = """
val
only
"""
'''
    page = configured(config).out
    assert page.startswith("# One title\n")
    assert "\ntwo lines:\n" in page
    assert "\nnn UNet comparison reference (`nnunet`):\n" in page
    assert "| Delta vs nn UNet |" in page
    assert "\n- Key feature: a b | *c*\n" in page
    assert " with val only.\n" in page
    run = configured(config, "-f", "json").json["runs"][0]
    assert run["key_feature"] == "a b | *c*"


def test_labels_and_tasks_are_on_one_line(configured: Any) -> None:
    config = PRIMARY + r'label = "F\none"' + "\n" + r'task = "Word\n\nerror"' + '\nshort="f\\n1"\n'
    page = configured(config, files={"a/test_metrics.json": {"f": 0.5}}).out
    assert "## 1) Final Word error Ranking (F one)\n" in page
    assert "zero-f 1 outputs" in page


def test_top(configured: Any) -> None:
    assert "Top 1 by combined" in configured("top = 1").out
    assert "Top 2 by combined" in configured("top = 1", "--top", 2).out


def test_patterns(configured: Any) -> None:
    files = RUNS | {"c/scores.json": {"dice_pos": 0.7}, "d/Scores.json": {"dice_pos": 0.7}}
    done = configured('[scan]\npatterns = ["scores*.json"]', "-f", "json", files=files)
    assert [run["run"] for run in done.json["runs"]] == ["c"]


def test_max_bytes(configured: Any) -> None:
    files = {"a/test_metrics.json": {"dice_pos": 0.5}, "b/test_metrics.json": {"dice_pos": 0.25}}
    size = len(json.dumps({"dice_pos": 0.5}))
    done = configured(f"[scan]\nmax_bytes = {size}", files=files)
    assert done.problems[0].startswith("b/test_metrics.json: ")
    assert "max_bytes" in done.problems[0]
    assert done.account.endswith("1 ranked, 0 siblings, 1 left out (unreadable 1)")


def test_zero(configured: Any) -> None:
    assert "(low-primary 1)" in configured("[filter]\nzero = 0.2").account
    assert "3 ranked" in configured("[filter]\nzero = 0.19").account


def test_what_is_no_zero_is_not_called_one(configured: Any) -> None:
    files = RUNS | {"low/test_metrics.json": {"dice_pos": 0.1, "roc_auc_presence": 0.99}}
    config = "[filter]\nzero = 0.15"
    done = configured(config, files=files)
    assert done.account.endswith("1 left out (low-primary 1)")
    assert "excluded dev/smoke/scan artifacts and outputs with Dice of at most 0.15; " in done.out
    assert "zero-" not in done.out
    assert "dice_pos is at most 0.15 (filter.zero)" in done.out
    assert "zero-Dice" in configured("[filter]\nzero = 0", files=files).out


def test_a_rule_of_ones_own_goes_after_the_defaults(configured: Any) -> None:
    files = RUNS | {
        "old_dev/test_metrics.json": {"dice_pos": 0.9},
        "OLD/test_metrics.json": {"dice_pos": 0.9},
        "c/test_metrics_old.json": {"dice_pos": 0.9},
    }
    done = configured("[filter.rules.stale]\ntokens = ['Old']", files=files)
    assert done.account.endswith("3 left out (stale 2, dev 1)")
    assert "excluded dev/smoke/scan/stale artifacts and zero-Dice outputs;" in done.out
    done = configured("[filter.rules.stale]\ntokens = ['old']\nwhere = 'file'", files=files)
    assert done.account.endswith("2 left out (dev 1, stale 1)")


def test_a_rule_of_a_defaults_name_replaces_it_in_its_place(configured: Any) -> None:
    files = RUNS | {
        "dev/test_metrics.json": {"dice_pos": 0.3},
        "toy/test_metrics.json": {"dice_pos": 0.3},
    }
    done = configured("[filter.rules.dev]\ntokens = ['toy']", files=files)
    assert done.account.endswith("1 left out (dev 1)")
    assert "excluded dev/smoke/scan artifacts" in done.out
    done = configured("[filter.rules.dev]\ntokens = []", files=files)
    assert done.account == "5 artifacts: 5 ranked, 0 siblings, 0 left out"
    assert "excluded smoke/scan artifacts" in done.out


def test_all_rules_switched_off(configured: Any) -> None:
    off = "".join(f"[filter.rules.{rule}]\ntokens = []\n" for rule in ("dev", "smoke", "scan"))
    assert "comparison: excluded zero-Dice outputs; one best test" in configured(off).out


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [
        ("ordinal", ["1", "2", "3"]),
        ("min", ["1", "1", "3"]),
        ("average", ["1.5", "1.5", "3"]),
        ("dense", ["1", "1", "2"]),
    ],
)
def test_ties(ties: str, ranks: list[str], configured: Any) -> None:
    page = configured(f"[rank]\nties = '{ties}'").out
    table = page.split("## 1) ")[1].split("\n\n")[1].splitlines()[2:]
    assert [line.split("|")[1].strip() for line in table] == ranks
    combined = page.split("## 4) ")[1].split("\n\n")[1].splitlines()[2:]
    # With dense ranks, two of them have the same mean rank, and share the place.
    wanted = ["1", "2", "2"] if ties == "dense" else ["1", "2", "3"]
    assert [line.split("|")[1].strip() for line in combined] == wanted


def test_baseline(configured: Any) -> None:
    page = configured("[baseline]\nrun = 'b'\nlabel = 'Ours'").out
    assert "\nOurs comparison reference (`b`):\n" in page
    assert "nnUNet comparison reference (`nnunet`)" in configured("").out
    assert "comparison reference (`b`)" in configured("[baseline]\nmatch = 'B'").out
    assert "comparison reference" not in configured("[baseline]\nmatch = 'x'").out


def test_the_match_is_the_best_ranked_run_in_any_case(configured: Any) -> None:
    files = {
        "x/old_NNUNET_1/test_metrics.json": {"dice_pos": 0.3},
        "nnUNet_2/test_metrics.json": {"dice_pos": 0.2},
        "a/test_metrics.json": {"dice_pos": 0.5},
    }
    assert "reference (`x/old_NNUNET_1`)" in configured("", files=files).out


def test_notes_exact_name_first_then_globs_in_order(configured: Any) -> None:
    config = """
[runs."s/*"]
key_feature = "glob"
protocol = "glob protocol"
[runs."s/seed_*"]
key_feature = "second glob"
protocol = "second"
[runs."s/seed_1"]
key_feature = "exact"
[runs."*_3"]
protocol = "last"
"""
    files = {
        f"{run}/test_metrics.json": {"dice_pos": 0.5} for run in ("s/seed_1", "s/seed_2", "t_3")
    }
    notes = {
        run["run"]: (run["key_feature"], run["protocol"])
        for run in configured(config, "-f", "json", files=files).json["runs"]
    }
    assert notes == {
        "s/seed_1": ("exact", "glob protocol"),
        "s/seed_2": ("glob", "glob protocol"),
        "t_3": (None, "last"),
    }


def test_a_name_that_looks_like_a_glob_is_found_as_it_is(configured: Any) -> None:
    files = {"a[1]/test_metrics.json": {"dice_pos": 0.5}}
    config = '[runs."a[1]"]\nkey_feature = "exact"'
    assert "- Key feature: exact\n" in configured(config, files=files).out


# Metrics of one's own


def test_one_metric_takes_its_names_from_its_key(configured: Any) -> None:
    page = configured(PRIMARY, files={"a/test_metrics.json": {"f": 0.5}}).out
    assert "zero-f outputs" in page
    assert "\nTop 1 by combined final rank (f):\n" in page
    assert "## 1) Final Ranking (f)\n\n| Rank | Run | f | Source |\n|---:|---|---:|---|\n" in page
    assert "Combined" not in page


def test_two_metrics_lower_is_better_primary(configured: Any) -> None:
    config = BASELINE + metrics_table(
        {"key": "loss", "label": "Loss", "primary": True, "higher_is_better": False},
        {"key": "acc", "label": "Acc", "short": "A", "task": "Word", "columns": ["loss"]},
    )
    files = {
        "a/test_metrics_1.json": {"loss": 0.5, "acc": 0.9},
        "a/test_metrics_2.json": {"loss": 0.3, "acc": 0.8},
        "b/test_metrics.json": {"loss": 0.0, "acc": 0.7},
        "nnunet/test_metrics.json": {"loss": 0.4},
    }
    summary = configured(config, "-f", "json", files=files).json
    assert [run["run"] for run in summary["runs"]] == ["b", "a", "nnunet"]
    assert summary["runs"][1]["source"] == "a/test_metrics_2.json"
    assert summary["runs"][1]["delta"]["loss"]["absolute"] == pytest.approx(-0.1)
    assert summary["counts"]["artifacts_valid"] == 4  # zero-primary does not apply
    page = configured(config, files=files).out
    assert "zero-" not in page
    assert "excluded dev/smoke/scan artifacts; one best test artifact" in page
    assert "-0.4000 (-100.00%)" in page
    assert "## 2) Final Word Ranking (Acc)\n\n| Rank | Run | Acc | Loss | Source |" in page
    assert "across Loss + A)" in page


def test_seven_ranked_metrics(configured: Any) -> None:
    keys = [f"m{n}" for n in range(7)]
    rows = [{"key": key, "primary": key == "m3"} for key in keys]
    files = {
        "a/test_metrics.json": dict.fromkeys(keys, 0.5),
        "nnunet/test_metrics.json": {"m3": 0.6},
    }
    page = configured(BASELINE + metrics_table(*rows), files=files).out
    assert re.findall(r"^## (\d)\)", page, re.MULTILINE) == list("12345678")
    assert "(m0 + m1 + m2 + m3 + m4 + m5 + m6)" in page
    assert "zero-m3 outputs" in page
    header, rule, *body = page.split("comparison reference")[1].split("\n\n")[1].splitlines()
    assert header == "| Model |" + "".join(f" {key} | Delta vs Baseline |" for key in keys)
    assert rule == "|---|" + "---:|---:|" * 7
    assert [line.count("|") for line in body] == [16, 16]


def test_a_range_of_ones_own(configured: Any) -> None:
    config = metrics_table({"key": "psnr", "primary": True, "range": [0, 100]})
    files = {"a/test_metrics.json": {"psnr": 38.0}, "b/test_metrics.json": {"psnr": 101}}
    done = configured(config, "-f", "json", files=files)
    assert [run["run"] for run in done.json["runs"]] == ["a"]
    assert done.problems[0].startswith("b/test_metrics.json: psnr: ")
    assert done.json["metrics"][0]["range"] == [0, 100]


def test_an_infinite_range(configured: Any) -> None:
    config = PRIMARY + "range = [-inf, inf]"
    done = configured(config, "-f", "json", files={"a/test_metrics.json": {"f": 1e300}})
    assert done.json["runs"][0]["metrics"] == {"f": 1e300}
    assert b"Infinity" not in done.bytes


def test_the_metrics_stand_in_the_list_s_order(configured: Any) -> None:
    config = metrics_table(
        {"key": "z", "ranked": False}, {"key": "a", "primary": True}, {"key": "m"}
    )
    files = {"r/test_metrics.json": {"a": 0.1, "m": 0.2, "z": 0.3}}
    run = configured(config, "-f", "json", files=files).json["runs"][0]
    assert list(run["metrics"]) == ["z", "a", "m"]
    assert list(run["ranks"]) == ["a", "m"]
    header = configured(config, "-f", "csv", files=files).out.splitlines()[0]
    assert header == (
        "rank,run,source,mean_rank,metrics_used,z,a,m,rank_a,rank_m,"
        "delta_z,delta_a,delta_m,delta_pct_z,delta_pct_a,delta_pct_m"
    )


def test_the_defaults_written_out_change_nothing(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    at = ("--generated-at", "2001-01-01")
    plain = finalrank("report", root, *at).bytes
    contract = """
title = "Clean Final Results"
top = 3
[scan]
patterns = ["test_metrics*.json", "*_test_metrics*.json"]
max_bytes = 33554432
[filter]
zero = 1e-6
[filter.rules.dev]
tokens = ["dev", "debug", "regression"]
where = "path"
[filter.rules.smoke]
tokens = ["smoke"]
where = "path"
[filter.rules.scan]
tokens = ["scan"]
where = "file"
[rank]
ties = "ordinal"
[baseline]
run = ""
match = "nnunet"
label = "nnUNet"
[recommendation]
title = "Clinical testing recommendation (research pilot)"
[[metrics]]
key = "dice_pos"
label = "Dice_pos"
short = "Dice"
task = "Segmentation"
primary = true
ranked = true
higher_is_better = true
range = [0, 1]
columns = ["iou_pos", "roc_auc_presence", "average_precision_presence"]
[[metrics]]
key = "iou_pos"
label = "IoU_pos"
short = "IoU"
ranked = false
[[metrics]]
key = "roc_auc_presence"
label = "ROC-AUC"
short = "ROC-AUC"
task = "Classification"
columns = ["average_precision_presence", "dice_pos"]
[[metrics]]
key = "average_precision_presence"
label = "AP"
short = "AP"
task = "Classification"
columns = ["roc_auc_presence", "dice_pos"]
"""
    Path("contract.toml").write_text(contract)
    assert finalrank("report", root, "--config", "contract.toml", *at).bytes == plain
    assert os.listdir(root).count("finalrank.toml") == 0
