"""`finalrank report --evidence`, from files to the page and the JSON."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

import with_evidence
from conftest import EXAMPLES, GOLDEN, PUBLISHED, Finalrank, Tree
from with_evidence import AP, DICE, ROC, counted, metrics

evidence = with_evidence.evidence


def test_without_the_option_there_is_none(finalrank: Finalrank) -> None:
    assert finalrank("report", EXAMPLES, "-f", "json").json["evidence"] is None
    assert "Evidence" not in finalrank("report", EXAMPLES).out


def test_the_section_follows_the_published_report(finalrank: Finalrank) -> None:
    done = finalrank("report", EXAMPLES, "--evidence", "--generated-at", PUBLISHED)
    published = (GOLDEN / "clean_final_results.md").read_text(encoding="utf-8")
    verdict = "; against the second: unclear (5.4)"
    assert done.out.replace(verdict, "", 1).startswith(published + "\n## 5) Evidence\n")
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
        ("deeplab_full", 8, 17, None),
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


@pytest.mark.parametrize(("rule", "listed"), [("available", [8, 9, 12]), ("worst", [17, 20, 21])])
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
