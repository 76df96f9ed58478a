"""`finalrank report --evidence`, from files to the page and the JSON."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import EXAMPLES, GOLDEN, PUBLISHED, Finalrank, Tree

DICE, ROC, AP = "dice_pos", "roc_auc_presence", "average_precision_presence"


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    found = {DICE: dice, ROC: roc, AP: ap}
    return {key: value for key, value in found.items() if value is not None}


def counted(cases: int, positives: int) -> dict[str, int]:
    return {"num_cases": cases, "num_positive": positives, "num_negative": cases - positives}


@pytest.fixture
def evidence(finalrank: Finalrank) -> Callable[..., Any]:
    """The evidence on a folder, from its JSON."""

    def of(root: Path, *args: object) -> Any:
        done = finalrank("report", root, "--evidence", "-f", "json", *args)
        assert done.status == 0, done.err
        return done.json["evidence"]

    return of


def test_without_the_option_there_is_none(finalrank: Finalrank) -> None:
    assert finalrank("report", EXAMPLES, "-f", "json").json["evidence"] is None
    assert "Evidence" not in finalrank("report", EXAMPLES).out


def test_the_section_follows_the_published_report(finalrank: Finalrank) -> None:
    done = finalrank("report", EXAMPLES, "--evidence", "--generated-at", PUBLISHED)
    published = (GOLDEN / "clean_final_results.md").read_text(encoding="utf-8")
    assert done.out.startswith(published + "\n## 5) Evidence\n")
    assert not re.search(r"\n\n\n| \n", done.out)
    assert done.out.endswith(".\n")


def test_intervals_want_the_evidence(finalrank: Finalrank) -> None:
    done = finalrank("report", EXAMPLES, "--intervals", "all")
    assert (done.status, done.out) == (2, "")
    assert done.err == "finalrank: --intervals: they are part of the evidence; add --evidence\n"


def test_the_intervals_of_the_example(evidence: Callable[..., Any]) -> None:
    rows = {(row["run"], row["metric"]): row for row in evidence(EXAMPLES)["intervals"]["rows"]}
    auc, ap = (rows["final_presence_fusion", key] for key in (ROC, AP))
    assert [round(auc[key], 4) for key in ("low", "high")] == [0.8613, 0.9398]
    assert round(auc["standard_error"], 5) == 0.01967
    assert (auc["positives"], auc["negatives"], auc["role"]) == (107, 505, "podium")
    assert [round(ap[key], 4) for key in ("low", "high")] == [0.6608, 0.8240]
    fast = rows["challenge_fast", ROC]
    assert (fast["low"], fast["withheld"]) == (None, "1 positive, fewer than 10")
    assert {run for run, _ in rows} == {
        "final_presence_fusion",
        "blend_dual_presence_valjoint",
        "dg_aug_seeds/seed_2025",
        "nnunet_fold0_final_test_metrics",
        "challenge_fast",
    }
    every = evidence(EXAMPLES, "--intervals", "all")["intervals"]["rows"]
    assert len({row["run"] for row in every}) == 22 + 1


def test_missing_metrics_of_the_example(evidence: Callable[..., Any]) -> None:
    found = evidence(EXAMPLES)["missing"]["incomplete"]
    assert [(row["run"], row["available"], row["worst"], row["complete"]) for row in found] == [
        ("deeplab_full", 8, 16, None),
        ("baseline_posmetric", 9, 20, None),
        ("challenge_finetune_v1", 12, 21, None),
    ]
    elsewhere = [(other["metric"], other["reason"]) for other in found[1]["elsewhere"]]
    assert elsewhere == [(ROC, "scan"), (AP, "scan")]


def some_of_groups_incomplete() -> dict[str, Any]:
    """Seeds of which one, and folds of which none, has an average precision; and a single run."""
    whole = {"a": metrics(0.6, 0.7, 0.5), "b": metrics(0.3, 0.6, 0.6)}
    whole["m/seed_3"] = metrics(0.2, 0.9, 0.2)
    names = ["m/seed_1", "m/seed_2", "k/fold_0", "k/fold_1", "c"]
    lacks = {run: metrics(0.7 - n / 9, 0.8 - n / 10) for n, run in enumerate(names)}
    return {f"{run}/test_metrics.json": file for run, file in (whole | lacks).items()}


@pytest.mark.parametrize("rule", ["available", "worst", "complete"])
@pytest.mark.parametrize(
    ("groups", "lacking"),
    [
        ("expand", {"m/seed_1", "m/seed_2", "k/fold_0", "k/fold_1", "c"}),
        ("collapse", {"k", "c"}),
        ("best", {"m/seed_1", "k/fold_0", "c"}),
    ],
)
def test_the_places_are_those_of_the_rule(
    rule: str,
    groups: str,
    lacking: set[str],
    evidence: Callable[..., Any],
    finalrank: Finalrank,
    tree: Tree,
) -> None:
    rules = f'rank.missing = "{rule}"\nrank.groups = "{groups}"\n'
    runs = tree(some_of_groups_incomplete() | {"finalrank.toml": rules})
    found = evidence(runs)["missing"]
    incomplete = {row["run"]: row for row in found["incomplete"]}
    if (rule, groups) == ("complete", "best"):
        lacking = lacking - {"m/seed_1"}  # where seed_3 stands for its method
    assert incomplete.keys() == lacking
    places = {r["run"]: r["rank"] for r in finalrank("report", runs, "-f", "json").json["runs"]}
    assert {run: places.get(run) for run in lacking} == {r: incomplete[r][rule] for r in lacking}
    ranked = found["runs"] - (len(lacking) if rule == "complete" else 0)
    assert len(places) == ranked


@pytest.mark.parametrize(("rule", "listed"), [("available", [8, 9, 12]), ("worst", [16, 20, 21])])
def test_the_places_of_the_example_are_those_of_the_page(
    rule: str, listed: list[int], finalrank: Finalrank, tmp_path: Path
) -> None:
    config = tmp_path / "rule.toml"
    config.write_text(f'rank.missing = "{rule}"')
    runs = finalrank("report", EXAMPLES, "--config", config, "-f", "json").json["runs"]
    assert [run["rank"] for run in runs if run["metrics_used"] < 3] == listed


def test_the_choice_of_the_example(evidence: Callable[..., Any]) -> None:
    selection = evidence(EXAMPLES)["selection"]
    assert (len(selection["choices"]), selection["artifacts"]) == (11, 25)
    given_up = {(row["run"], row["metric"]): row for row in selection["given_up"]}
    row = given_up["deeplabv3_resnet101_full_like_v2", AP]
    assert [round(row[key], 4) for key in ("value", "sibling_value")] == [0.2401, 0.3431]
    assert row["sibling"] == "deeplabv3_resnet101_full_like_v2/test_metrics.json"


def test_case_values_that_are_not_used_are_problems(finalrank: Finalrank, tree: Tree) -> None:
    runs = tree(
        {
            "a/test_metrics.json": metrics(0.5),
            "a/test_cases.csv": f"case,{DICE}\nx,50\ny,49\nz,0.5\n",
            "b/test_metrics.json": metrics(0.4),
            "b/test_cases.csv": f"case,{DICE}\nx,good\n",
        }
    )
    done = finalrank("report", runs, "--evidence")
    assert [line.partition(" is ")[0] for line in done.problems] == [
        f"a/test_metrics.json: test_cases.csv: {DICE}: line 2",
        f"b/test_metrics.json: test_cases.csv: {DICE}: line 2",
    ]
    assert "a percentage?" in done.problems[0]
    assert done.problems[0].endswith("; it and 1 more are left out")
    assert "Artifacts with problems: **2**" in done.out


def test_the_winner_of_the_example(evidence: Callable[..., Any], tmp_path: Path) -> None:
    robust = evidence(EXAMPLES)["robustness"]
    assert (robust["runs"], robust["leads"], robust["ties"]) == (19, 5, 2)
    without = [row for row in robust["readings"] if row["kind"] == "without"]
    both = ["blend_dual_presence_valjoint", "final_presence_fusion"]
    assert [row["leaders"] for row in without] == [["final_presence_fusion"], both, both]
    assert [round(row["tau_b"], 3) for row in without] == [0.896, 0.896, 0.913]
    config = tmp_path / "average.toml"
    config.write_text('rank.ties = "average"')
    average = evidence(EXAMPLES, "--config", config)["robustness"]
    assert {row["outcome"] for row in average["readings"]} == {"leads"}


def test_the_seeds_of_the_example(evidence: Callable[..., Any]) -> None:
    (group,) = evidence(EXAMPLES)["groups"]["groups"]
    assert (group["group"], group["places"]) == ("dg_aug_seeds", [3, 6, 7])
    dice = group["metrics"][DICE]
    assert (dice["n"], round(dice["mean"], 4), round(dice["sd"], 4)) == (3, 0.3769, 0.0011)


@pytest.mark.parametrize("rule", ["flag", "exclude", "ignore"])
@pytest.mark.parametrize("missing", ["available", "complete"])
@pytest.mark.parametrize("groups", ["expand", "collapse", "best"])
def test_every_artifact_is_in_one_place(
    rule: str, missing: str, groups: str, finalrank: Finalrank, tmp_path: Path
) -> None:
    config = tmp_path / "rules.toml"
    config.write_text(
        f'filter.test_set = "{rule}"\nrank.missing = "{missing}"\nrank.groups = "{groups}"'
    )
    done = finalrank("report", EXAMPLES, "--config", config, "--evidence", "-f", "json")
    ledger = [row["source"] for row in done.json["evidence"]["ledger"]]
    numbers = re.match(
        r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out", done.account
    )
    assert numbers is not None
    found, ranked, siblings, left_out = map(int, numbers.groups())
    assert found == ranked + siblings + left_out == 50
    assert len(ledger) == len(set(ledger)) == left_out == len(done.json["excluded"])
    explained = finalrank("explain", EXAMPLES, "--config", config, "-f", "json").json
    verdicts = [row["verdict"] for row in explained]
    assert [verdicts.count(v) for v in ("kept", "sibling", "excluded")] == [
        ranked,
        siblings,
        left_out,
    ]
    assert {row["source"] for row in explained if row["verdict"] == "excluded"} == set(ledger)


def test_the_summary_is_the_schema_s(finalrank: Finalrank) -> None:
    schema = finalrank("schema").json
    for args in (["--evidence"], ["--evidence", "--intervals", "all"]):
        summary = finalrank("report", EXAMPLES, "-f", "json", *args).json
        jsonschema.validate(summary, schema, cls=jsonschema.Draft202012Validator)


def everything() -> dict[str, Any]:
    """A tree in which every part of the evidence has something to say."""
    numbers = random.Random(1)
    names = [f"p{number:02}" for number in range(40)]
    skill = {name: numbers.uniform(0.4, 0.9) for name in names}

    def cases(gain: float, left_out: int = 0) -> str:
        rows = [
            f"{name},{min(1, max(0, skill[name] + gain + numbers.gauss(0, 0.05))):.4f}"
            for name in names[left_out:]
        ]
        return "\n".join(["case,dice_pos", *rows]) + "\n"

    full = counted(400, 80)
    return {
        "ours/seed_1/test_metrics.json": metrics(0.71, 0.91, 0.74) | full,
        "ours/seed_1/test_cases.csv": cases(0.08),
        "ours/seed_2/test_metrics.json": metrics(0.70, 0.90, 0.72) | full,
        "ours/seed_2/test_cases.csv": cases(0.07),
        "ours/seed_3/test_metrics.json": metrics(0.69, 0.93, 0.70) | full,
        "rival/test_metrics.json": metrics(0.71, 0.88, 0.73) | full,
        "rival/test_metrics_tuned.json": metrics(0.64, 0.90, 0.79) | full,
        "rival/test_cases.csv": cases(0.05, left_out=4),
        "nnunet/test_metrics.json": metrics(0.62, 0.80, 0.55) | full,
        "nnunet/test_cases.csv": cases(0.0),
        "old_nnunet/test_metrics.json": metrics(0.62, 0.80, 0.55) | full,
        "dice_only/test_metrics.json": metrics(0.70) | full,
        "dice_only/test_metrics_scan.json": metrics(0.70, 0.85) | full,
        "elsewhere/test_metrics.json": metrics(0.66, 0.95, 0.60) | counted(40, 3),
        "gaps/test_metrics.json": metrics(0.5, 0.7, 0.4) | full | {"num_missing_predictions": 7},
        "impossible/test_metrics.json": metrics(0.4, 0.6, 0.05) | full,
        "single/test_metrics.json": metrics(0.3, 1 - 3 / 39, 0.25),
        "wrong_sum/test_metrics.json": metrics(0.2, 0.6, 0.4) | full | {"num_negative": 300},
        "broken/test_metrics.json": "{",
        "tiny_smoke/test_metrics.json": metrics(0.9, 0.99, 0.98) | counted(8, 4),
    }


def test_every_part_has_something_to_say(
    tree: Tree, finalrank: Finalrank, request: pytest.FixtureRequest
) -> None:
    done = finalrank("report", tree(everything()), "--evidence", "--generated-at", PUBLISHED)
    assert done.status == 0
    path = GOLDEN / "evidence_everything.md"
    if request.config.getoption("--update-golden"):
        path.write_bytes(done.bytes)
    assert done.bytes == path.read_bytes()


def test_every_flag_is_raised_once(tree: Tree, evidence: Callable[..., Any]) -> None:
    flags = evidence(tree(everything()))["comparability"]["flags"]
    assert {(flag["kind"], *flag["runs"]) for flag in flags} == {
        ("different-test-set", "elsewhere"),
        ("different-test-set", "wrong_sum"),
        ("unknown-test-set", "single"),
        ("contradictory-counts", "wrong_sum"),
        ("few-cases", "elsewhere"),
        ("missing-predictions", "gaps"),
        ("unattainable", "impossible"),
        ("single-positive", "single"),
        ("identical", "nnunet", "old_nnunet"),
    }
    assert len(flags) == 9


def test_a_problem_in_case_values_is_told(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(everything() | {"gaps/test_cases.csv": "case,dice_pos\na,0.5\na,0.6\n"})
    done = finalrank("report", root, "--evidence", "-f", "json")
    (line,) = [line for line in done.problems if line.startswith("gaps/")]
    assert "test_cases.csv" in line
    assert "gaps/test_metrics.json" in [problem["source"] for problem in done.json["problems"]]
    # Nobody asked for them there.
    assert not [p for p in finalrank("report", root).problems if p.startswith("gaps/")]


def test_names_are_data_in_the_section_too(tree: Tree, finalrank: Finalrank) -> None:
    names = ["a|b", "`tick`", "*star*", "<b>", "line\nbreak", "[link](x)", "\u202eright"]
    files = {
        f"{name}/{file}": metrics(0.5 + number / 100, 0.7) | counted(40, 5)
        for number, name in enumerate(names)
        for file in ("test_metrics.json", "test_metrics_2.json")
    }
    done = finalrank("report", tree(files), "--evidence")
    section = done.out[done.out.index("## 5) Evidence") :]
    assert "\u202e" not in section
    assert "<b>" not in re.sub(r"`+[^`]*`+", "", section)
    tokens = MarkdownIt("commonmark").enable("table").parse(section)
    rows = [token for token in tokens if token.type == "tr_open"]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) == len(lines)
    widths = [
        len(re.findall(r"(?<!\\)\|", line)) for line in section.splitlines() if line[:1] == "|"
    ]
    heads = [len(re.findall(r"\|", line)) for line in section.splitlines() if line[:2] == "|-"]
    assert set(widths) == set(heads)


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


@pytest.mark.parametrize("epoch", ["", "x", "1.5", "9" * 30])
def test_a_time_that_is_none_does_not_matter_where_it_is_not_asked_for(
    epoch: str, tree: Tree
) -> None:
    runs = tree(
        {f"{run}/test_metrics.json": {"dice_pos": 0.5} for run in ("a", "nnunet")}
        | {"a/test_cases.csv": "case,dice_pos\nx,0.1\ny,0.2\n"}
        | {"nnunet/test_cases.csv": "case,dice_pos\nx,0.3\ny,0.2\n"}
    )
    # In a process of its own, where scipy is not imported yet.
    command = [sys.executable, "-m", "finalrank", "report", str(runs), "--evidence"]
    done = subprocess.run(
        [*command, "--generated-at", PUBLISHED],
        capture_output=True,
        text=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
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
