"""docs/contract.md, section 10: the configuration, where it is found, what each setting does."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

RUNS: dict[str, Any] = {
    "a/test_metrics.json": {"dice_pos": 0.5, "iou_pos": 0.4, "roc_auc_presence": 0.9},
    "b/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": 0.8},
    "nnunet/test_metrics.json": {"dice_pos": 0.2, "average_precision_presence": 0.7},
}


@pytest.fixture
def configured(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on a small tree under a configuration."""

    def report(config: str, *args: object, files: dict[str, Any] | None = None) -> Done:
        root = tree(RUNS if files is None else files)
        Path("the.toml").write_text(config, encoding="utf-8")
        return finalrank("report", root, "--config", "the.toml", *args)

    return report


# Where it is found


def test_the_search_order(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    places = [
        (Path("named.toml"), 'title = "named"'),
        (root / "finalrank.toml", 'title = "beside"'),
        (Path("x/y/finalrank.toml"), 'title = "here"'),
        (Path("x/y/pyproject.toml"), '[tool.finalrank]\ntitle = "project here"'),
        (Path("x/pyproject.toml"), '[tool.finalrank]\ntitle = "project above"'),
        (Path("finalrank.toml"), 'title = "far above"'),
    ]
    Path("x/y").mkdir(parents=True)
    for path, text in places:
        path.write_text(text)
    paths = [path.absolute() for path, _ in places]
    monkeypatch.chdir("x/y")
    named = finalrank("report", root, "--config", paths[0])
    assert named.out.startswith("# named\n")
    for path, title in zip(
        paths[1:], ("beside", "here", "project here", "project above", "far above"), strict=True
    ):
        assert finalrank("report", root).out.startswith(f"# {title}\n")
        path.unlink()
    assert finalrank("report", root).out.startswith("# Clean Final Results\n")


def test_a_project_file_without_our_table_is_passed_by(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    Path("x").mkdir()
    Path("x/pyproject.toml").write_text("[tool.other]\ntitle = 'no'\n")
    Path("finalrank.toml").write_text("title = 'above'")
    monkeypatch.chdir("x")
    assert finalrank("report", root).out.startswith("# above\n")


def test_the_search_goes_up_from_the_working_folder_not_from_runs(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(RUNS)
    Path("finalrank.toml").write_text("title = 'above runs'")
    Path("elsewhere").mkdir()
    Path("elsewhere/finalrank.toml").write_text("title = 'working folder'")
    monkeypatch.chdir("elsewhere")
    assert finalrank("report", root).out.startswith("# working folder\n")


def test_a_project_file_may_be_named(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    Path("pyproject.toml").write_text("[tool.finalrank]\ntitle = 'project'")
    done = finalrank("report", root, "--config", "pyproject.toml")
    assert done.out.startswith("# project\n")
    Path("pyproject.toml").write_text("[tool.other]\n")
    done = finalrank("report", root, "--config", "pyproject.toml")
    assert done.status == 2
    assert "[tool.finalrank]" in done.err


def test_explain_takes_the_same_configuration(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    (root / "finalrank.toml").write_text("[filter.rules.b]\ntokens = ['b']")
    rows = finalrank("explain", root, "-f", "json").json
    assert [row["reason"] for row in rows if row["run"] == "b"] == ["b"]
    Path("other.toml").write_text("[filter.rules.a]\ntokens = ['a']")
    rows = finalrank("explain", root, "-f", "json", "--config", "other.toml").json
    assert [row["run"] for row in rows if row["reason"]] == ["a"]


def test_a_byte_order_mark_is_no_error(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS | {"finalrank.toml": b"\xef\xbb\xbftitle = 'marked'"})
    assert finalrank("report", root).out.startswith("# marked\n")


# What is wrong with it


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        ("titel = 'x'", ["titel", '"title"']),
        ("[rank]\ntie = 'min'", ["rank.tie", '"ties"']),
        ("[scan]\npattern = []", ["scan.pattern", '"patterns"']),
        ("[filter]\nzeros = 0", ["filter.zeros", '"zero"']),
        ("[filter.rules.mine]\ntoken = []\ntokens = []", ["filter.rules.mine.token", '"tokens"']),
        ("[filter.rule.mine]\ntokens = []", ["filter.rule", '"rules"']),
        ("[baseline]\nruns = ''", ["baseline.runs", '"run"']),
        ("[recomendation]\ntitle = ''", ["recomendation", '"recommendation"']),
        ("[recommendation]\ntitel = ''", ["recommendation.titel", '"title"']),
        ("[runs.a]\nkeyfeature = ''", ["runs.a.keyfeature", '"key_feature"']),
        ('[runs."a/b.c"]\nprotocoll = ""', ["protocoll", '"protocol"']),
        ("[[metrics]]\nkey = 'f'\nprimary = true\nlable = 'F'", ["lable", '"label"']),
        ("[[metric]]\nkey = 'f'", ["metric", '"metrics"']),
        # What is misspelt is missing, too: the misspelling is what to tell.
        ("[[metrics]]\nkee = 'f'", ["metrics[0].kee", '"key"']),
        ("[filter.rules.dev]\ntoken = ['a']", ["filter.rules.dev.token", '"tokens"']),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unknown_key_names_file_key_and_nearest(
    config: str, parts: list[str], configured: Any
) -> None:
    assert_one_line(configured(config), *parts)


def assert_one_line(done: Done, *parts: str) -> None:
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    for part in ("finalrank: ", "the.toml", *parts):
        assert part in line
    # Never a class, a link to its documentation, or a word that TOML does not know.
    assert not re.search(r"pydantic|Error|https?:|tuple|dictionary|Traceback", line)


PRIMARY = "[[metrics]]\nkey = 'f'\nprimary = true\n"


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("title = 3", "title"),
        ("top = 'three'", "top"),
        ("top = 0", "top"),
        ("top = true", "top"),
        ("top = 2.5", "top"),
        ("scan = 3", "scan"),
        ("[scan]\npatterns = 'x'", "scan.patterns"),
        ("[scan]\npatterns = [3]", "scan.patterns"),
        ("[scan]\nmax_bytes = -1", "scan.max_bytes"),
        ("[scan]\nmax_bytes = '1'", "scan.max_bytes"),
        ("[filter]\nzero = 'tiny'", "filter.zero"),
        ("[filter]\nzero = nan", "filter.zero"),
        ("[filter]\nzero = true", "filter.zero"),
        ("[filter.rules.mine]\ntokens = 'x'", "filter.rules.mine.tokens"),
        ("[filter.rules.mine]\nwhere = 'path'", "filter.rules.mine.tokens"),
        ("[filter.rules.mine]\ntokens = ['two words']", "two words"),
        ("[filter.rules.mine]\ntokens = ['x']\nwhere = 'run'", "filter.rules.mine.where"),
        ("[filter.rules.unreadable]\ntokens = ['x']", "unreadable"),
        ("[filter]\nrules = []", "filter.rules"),
        ("[rank]\nties = 'max'", "rank.ties"),
        ("[baseline]\nrun = 3", "baseline.run"),
        ("[baseline]\nmatch = ['x']", "baseline.match"),
        ("runs = 3", "runs"),
        ("[runs]\na = 'x'", "runs.a"),
        ("[runs.a]\nkey_feature = 3", "runs.a.key_feature"),
        ("metrics = []", "metrics"),
        ("metrics = 'f'", "metrics"),
        ("[metrics]\nkey = 'f'", "metrics"),
        ("[[metrics]]\nlabel = 'F'\nprimary = true", "key"),
        ("[[metrics]]\nkey = ''\nprimary = true", "key"),
        ("[[metrics]]\nkey = 3\nprimary = true", "key"),
        ("[[metrics]]\nkey = 'f'", "primary"),
        (PRIMARY + PRIMARY.replace("'f'", "'g'"), "primary"),
        (PRIMARY + "[[metrics]]\nkey = 'f'", "twice"),
        (PRIMARY + "ranked = false", "ranked"),
        (PRIMARY + "ranked = 1", "ranked"),
        (PRIMARY + "higher_is_better = 'no'", "higher_is_better"),
        (PRIMARY + "range = [1, 0]", "range"),
        (PRIMARY + "range = [0]", "range"),
        (PRIMARY + "range = [0, 1, 2]", "range"),
        (PRIMARY + "range = [0, '1']", "range"),
        (PRIMARY + "range = [0, true]", "range"),
        (PRIMARY + "range = [0, nan]", "range"),
        (PRIMARY + "columns = ['ff']", '"f"'),
        (PRIMARY + "columns = 'f'", "columns"),
        ("title = \ntop = 3", "line 1"),
        ("title = 'a'\ntitle = 'b'\n", "line 2"),
        ("{'title': 1}", "line 1"),
    ],
)
def test_every_other_mistake_is_one_line(config: str, part: str, configured: Any) -> None:
    assert_one_line(configured(config), part)


def test_an_error_counts_the_others(configured: Any) -> None:
    assert_one_line(configured("top = 0\ntitle = 3\n[rank]\nties = ''"), "2 more")


@pytest.mark.parametrize("content", [b"\xff\xfet\x00", b"title = '\xff'"])
def test_a_configuration_that_is_not_utf8(content: bytes, finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    Path("the.toml").write_bytes(content)
    assert_one_line(finalrank("report", root, "--config", "the.toml"), "UTF-8")


def test_a_configuration_that_is_a_folder_or_a_dangling_link(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree(RUNS)
    Path("the.toml").mkdir()
    assert_one_line(finalrank("report", root, "--config", "the.toml"))
    (root / "finalrank.toml").symlink_to("nowhere.toml")
    done = finalrank("report", root)
    assert (done.status, len(done.err.splitlines())) == (2, 1)


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
    assert "(zero-primary 1)" in configured("[filter]\nzero = 0.2").account
    assert "3 ranked" in configured("[filter]\nzero = 0.19").account


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
    assert [line.split("|")[1].strip() for line in combined] == ["1", "2", "3"]


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


def metrics_table(*rows: dict[str, Any]) -> str:
    lines = []
    for row in rows:
        lines.append("[[metrics]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"


def test_one_metric_takes_its_names_from_its_key(configured: Any) -> None:
    page = configured(PRIMARY, files={"a/test_metrics.json": {"f": 0.5}}).out
    assert "zero-f outputs" in page
    assert "\nTop 1 by combined final rank (f):\n" in page
    assert "## 1) Final Ranking (f)\n\n| Rank | Run | f | Source |\n|---:|---|---:|---|\n" in page
    assert "## 2) Combined Final Ranking (Mean Rank across f)\n" in page


def test_two_metrics_lower_is_better_primary(configured: Any) -> None:
    config = metrics_table(
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
    page = configured(metrics_table(*rows), files=files).out
    assert re.findall(r"^## (\d)\)", page, re.MULTILINE) == list("12345678")
    assert "(m0 + m1 + m2 + m3 + m4 + m5 + m6)" in page
    assert "zero-m3 outputs" in page
    header, rule, *body = page.split("comparison reference")[1].split("\n\n")[1].splitlines()
    assert header == "| Model |" + "".join(f" {key} | Delta vs nnUNet |" for key in keys)
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


def test_a_rule_name_is_on_one_line(configured: Any) -> None:
    out = configured('[filter.rules."a\\nb"]\ntokens = ["q"]').out
    assert "excluded dev/smoke/scan/a b artifacts and" in out


@pytest.mark.parametrize("key", ["rank", "run", "source", "mean_rank", "metrics_used"])
def test_a_metric_cannot_have_the_name_of_a_column(key: str, configured: Any) -> None:
    assert_one_line(configured(f"[[metrics]]\nkey = '{key}'\nprimary = true"), key)


def test_a_configuration_that_is_nested_too_deep(configured: Any) -> None:
    assert_one_line(configured("x = " + "[" * 3000 + "]" * 3000), "nested")


def test_a_range_the_wrong_way_round_is_one_mistake(configured: Any) -> None:
    done = configured("[[metrics]]\nkey = 'f'\nprimary = true\nrange = [2, 1]")
    assert_one_line(done, "range")
    assert "more)" not in done.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_place_of_a_configuration_is_no_hang(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}'})
    os.mkfifo(root / "finalrank.toml")
    done = finalrank("report", root)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert "finalrank.toml: not a file" in line


def test_an_empty_device_may_be_named_for_the_defaults(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}', "finalrank.toml": "title = 'own'"})
    assert finalrank("report", root, "--config", os.devnull).out.startswith("# Clean Final Results")


@pytest.mark.parametrize("path", ["/dev/zero", "runs/finalrank.toml"])
def test_a_configuration_that_is_far_too_large(
    path: str, finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}', "finalrank.toml": ""})
    os.truncate(root / "finalrank.toml", 3_000_000_000)
    monkeypatch.chdir(root.parent)
    done = finalrank("report", root, "--config", path)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert f"{path}: too large" in line


def test_a_key_that_means_the_opposite_is_not_proposed(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"a/test_metrics.json": {"hd95": 7.5}})
    (root / "finalrank.toml").write_text('[[metrics]]\nkey = "hd95"\nlower_is_better = true\n')
    done = finalrank("report", root)
    assert done.status == 2
    assert done.err.endswith("unknown key; write higher_is_better = false\n")
    (root / "finalrank.toml").write_text(
        '[[metrics]]\nkey = "hd95"\nprimary = true\nhigher_is_better = false\n'
    )
    (problem,) = finalrank("explain", root).problems
    assert problem.endswith(": a loss or a distance? Set range = [0, inf]")


def test_a_number_of_thousands_of_digits_is_one_line(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {"a/test_metrics.json": {"dice_pos": 0.5}, "finalrank.toml": "top = 1" + "0" * 4300}
    )
    done = finalrank("report", root)
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("finalrank.toml: has a number that is too long\n")
