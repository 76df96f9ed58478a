"""The figures of a group, the group as baseline, and the best of it that stands for it."""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package
import grouping
from conftest import EXAMPLES, PUBLISHED, Finalrank, Tree
from grouping import AP, BEST, COLLAPSE, DICE, IOU, JSON, ROC, SEEDS, metrics

command = grouping.command
published = grouping.published


# The figures of a group


def test_what_some_members_lack(command: Any) -> None:
    runs = {
        "unet/fold_0": metrics(0.4, 0.5),
        "unet/fold_1": metrics(0.6, 0.7, 0.8),
        "unet/fold_2": metrics(0.8),
        "z": metrics(0.1, 0.1, 0.1),
    }
    row = next(row for row in command(runs).json["runs"] if row["run"] == "unet")
    spreads = row["group"]["metrics"]
    assert {key: spread and spread["n"] for key, spread in spreads.items()} == {
        DICE: 3,
        ROC: 2,
        AP: 1,
        IOU: None,
    }
    assert spreads[ROC] == {
        "n": 2,
        "mean": 0.6,
        "sd": pytest.approx(statistics.stdev([0.5, 0.7])),
        "low": 0.5,
        "high": 0.7,
    }
    assert spreads[AP] == {"n": 1, "mean": 0.8, "sd": None, "low": 0.8, "high": 0.8}
    assert row["metrics"] == {DICE: pytest.approx(0.6), IOU: None, ROC: 0.6, AP: 0.8}
    assert row["metrics_used"] == 3
    line = next(
        line for line in command(runs, COLLAPSE, "report").out.splitlines() if "| `u" in line
    )
    assert "| 0.6000 +- 0.2000 (n=3 folds) | - | 0.6000 +- 0.1414 (n=2 of 3 folds) |" in line
    assert "| 0.8000 (n=1 of 3 folds) |" in line


def test_of_two_groups_each_says_what_it_is(command: Any) -> None:
    runs = {f"a/seed_{n}": metrics(0.5) for n in range(2)}
    runs |= {f"b/fold{n}": metrics(0.4) for n in range(6)}
    page = command(runs, COLLAPSE, "report").out
    assert "**2** (`a`: 2 seeds; `b`: 6 folds)" in page
    assert "0.5000 +- 0.0000 (n=2 seeds)" in page
    assert "0.4000 +- 0.0000 (n=6 folds)" in page


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=6), st.floats(0.001, 1))
@settings(deadline=None, max_examples=40)
def test_a_mean_is_within_its_values_and_ties_with_them(values: list[float], same: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = {f"a/seed_{n}": value for n, value in enumerate(values)}
        runs |= {f"b/fold_{n}": same for n in range(3)} | {"c": same}
        for run, value in runs.items():
            Path(folder, run).mkdir(parents=True)
            Path(folder, run, "test_metrics.json").write_text(json.dumps({DICE: value}))
        Path(folder, "finalrank.toml").write_text(f'{COLLAPSE}ties = "min"')
        rows = {row.run: row for row in package.load_report(folder).runs}
    mean = rows["a"].metrics[DICE]
    assert mean is not None
    assert min(values) <= mean <= max(values)
    assert mean == pytest.approx(statistics.fmean(values))
    assert rows["b"].metrics == rows["c"].metrics
    assert rows["b"].ranks == rows["c"].ranks


@pytest.mark.parametrize("values", [("1.7e308", "1.7e308"), ("-1.7e308", "1.7e308")])
@pytest.mark.parametrize("form", ["md", "json", "csv"])
def test_no_number_is_too_large(values: tuple[str, str], form: str, command: Any) -> None:
    config = f"""
        {COLLAPSE}
        [[metrics]]
        key = "loss"
        primary = true
        higher_is_better = false
        range = [-inf, inf]
    """
    runs = {f"a/seed_{n}": f'{{"loss": {value}}}' for n, value in enumerate(values)}
    runs["nnunet"] = '{"loss": -1.7e308}'
    done = command(runs, config, "report", "-f", form)
    assert (done.status, done.problems) == (0, [])
    assert not re.search(r"\b(nan|inf|NaN|Infinity)\b(?!\")", done.out)


def test_a_csv_says_what_its_means_are_over(published: Any) -> None:
    plain = list(csv.DictReader(io.StringIO(published("", "report", "-f", "csv").out)))
    rows = list(csv.DictReader(io.StringIO(published(COLLAPSE, "report", "-f", "csv").out)))
    keys = [DICE, IOU, ROC, AP]
    more = ["members", *(f"n_{key}" for key in keys), *(f"sd_{key}" for key in keys)]
    assert list(rows[0]) == [*plain[0], *more]
    for row in rows:
        group = row["run"] == "dg_aug_seeds"
        assert row["members"] == ("3" if group else "1")
        assert [row[name] for name in more[1:5]] == (["3"] * 4 if group else [""] * 4)
        assert all(bool(row[name]) == group for name in more[5:])
    # Where there is no group, there is nothing to say.
    nothing = published(f"{COLLAPSE}members = '(?P<kind>rep)\\d+$'", "report", "-f", "csv")
    assert nothing.out == published("", "report", "-f", "csv").out


def test_a_frame_has_the_columns_of_the_csv(published: Any, tmp_path: Path) -> None:
    published(COLLAPSE)
    frame = package.load_report(EXAMPLES, tmp_path / "groups.toml").to_frame().set_index("run")
    assert frame.loc["dg_aug_seeds", "members"] == 3
    assert frame.loc["dg_aug_seeds", f"sd_{DICE}"] == pytest.approx(0.0011, abs=5e-5)
    assert frame[f"n_{DICE}"].notna().sum() == 1


@pytest.mark.parametrize(
    "config", [COLLAPSE, BEST, '[rank]\nmissing = "worst"', '[rank]\nmissing = "complete"']
)
@pytest.mark.parametrize("evidence", [[], ["--evidence"]])
def test_the_json_is_what_the_schema_says(
    config: str, evidence: list[str], published: Any, finalrank: Finalrank
) -> None:
    schema = finalrank("schema").json
    report = published(config, "report", "-f", "json", *evidence).json
    jsonschema.Draft202012Validator(schema).validate(report)
    # It says what the row of a group is, which other rows are not.
    of_a_group = jsonschema.Draft202012Validator(
        {"$defs": schema["$defs"], "$ref": "#/$defs/GroupedRun"}
    )
    for row in report["runs"]:
        assert of_a_group.is_valid(row) == ("group" in row)


# The baseline


def test_a_group_may_be_the_baseline(command: Any) -> None:
    runs = {f"nnunet/fold_{n}": metrics(0.2 + n / 10) for n in range(3)} | {"a": metrics(0.9)}
    for args in ([], ["--baseline", "nnunet"]):
        report = command(runs, COLLAPSE, *JSON, *args).json
        assert report["baseline"]["run"] == "nnunet"
        assert report["runs"][0]["delta"][DICE]["absolute"] == pytest.approx(0.6)
    page = command(runs, COLLAPSE, "report").out
    assert "- Baseline: `dice_pos=0.3000 +- 0.1000 (n=3 folds)`" in page


@pytest.mark.parametrize(
    ("config", "run", "told"),
    [
        (COLLAPSE, SEEDS[0], "is part of a group (rank.groups)"),
        (BEST, SEEDS[0], "is not the best of its group (rank.groups)"),
        ("", "dg_aug_seeds", "is no run in runs"),
        (BEST, "dg_aug_seeds", "is no run in runs"),
    ],
)
def test_what_is_no_row_is_no_baseline(config: str, run: str, told: str, published: Any) -> None:
    done = published(config, "report", "--baseline", run)
    assert (done.status, done.out) == (2, "")
    (line,) = (line for line in done.err.splitlines() if line.startswith("finalrank: "))
    assert f'"{run}" (--baseline, baseline.run) {told}' in line


# The best of a group


def test_the_best_stands_for_its_group(command: Any) -> None:
    runs = {
        "unet/seed_1": metrics(0.5, 0.9),
        "unet/seed_2": metrics(0.6),
        "unet/seed_3": metrics(0.6, 0.5),
        "unet/seed_4": metrics(0.6, 0.9),
        "a": metrics(0.9),
    }
    done = command(runs, BEST)
    # The primary metric, then more of the others, then each of these, then the name.
    assert sorted(row["run"] for row in done.json["runs"]) == ["a", "unet/seed_4"]
    assert done.json["runs"][1]["valid_artifacts"] == 1
    config = """
        [rank]
        groups = "best"
        [[metrics]]
        key = "dice_pos"
        primary = true
        higher_is_better = false
    """
    assert [row["run"] for row in command(runs, config).json["runs"]] == ["unet/seed_1", "a"]


EVIDENCE = ("report", "-f", "json", "--evidence", "--generated-at", PUBLISHED)
COMPLETE_BEST = '[rank]\ngroups = "best"\nmissing = "complete"\n'


@pytest.mark.parametrize("seeds", [2, 3])
def test_a_group_that_is_not_ranked_is_no_method(seeds: int, command: Any) -> None:
    runs = {f"f/seed_{n}": metrics(0.9 - n / 10) for n in range(seeds)}
    runs |= {"m/seed_1": metrics(0.7, 0.8, 0.5), "m/seed_2": metrics(0.6, 0.7, 0.4)}
    runs |= {"z": metrics(0.3, 0.6, 0.3)}
    groups = command(runs, COMPLETE_BEST, *EVIDENCE).json["evidence"]["groups"]
    assert [(group["group"], group["places"]) for group in groups["groups"]] == [("m", [1])]
    assert [(row["run"], row["members"]) for row in groups["once"]] == [("m", 2), ("z", 1)]
    assert command(runs, COMPLETE_BEST, "report", "--evidence").status == 0


def test_a_group_has_one_name_whoever_is_ranked(command: Any) -> None:
    runs = {"k": metrics(0.9), "z": metrics(0.3, 0.6, 0.3)}
    runs |= {f"k/seed_{n}": metrics(0.7, 0.8, 0.5) for n in (1, 2)}
    config = '[rank]\ngroups = "collapse"\nmissing = "complete"\n'
    report = command(runs, config, *EVIDENCE).json
    assert [run["run"] for run in report["runs"]] == ["k/seed_*", "z"]
    missing = report["evidence"]["missing"]
    assert missing["first"] == {"available": "k", "worst": "k/seed_*", "complete": "k/seed_*"}
    assert [row["run"] for row in missing["incomplete"]] == ["k"]


def test_what_the_best_lacks_may_be_in_another_member(command: Any) -> None:
    runs = {
        "m/seed_1": metrics(0.9),
        "m/seed_2": metrics(0.8, 0.7, 0.6),
        "a": metrics(0.5, 0.6, 0.7),
    }
    (row,) = command(runs, BEST, *EVIDENCE).json["evidence"]["missing"]["incomplete"]
    assert [found["source"] for found in row["elsewhere"]] == ["m/seed_2/test_metrics.json"] * 2


def test_the_best_was_chosen_among_all_artifacts_of_its_group(
    finalrank: Finalrank, tree: Tree
) -> None:
    files = {f"m/seed_1/test_metrics_{n}.json": metrics(n / 10) for n in range(1, 4)}
    files |= {"m/seed_2/test_metrics.json": metrics(0.9), "a/test_metrics.json": metrics(0.1)}
    done = finalrank(*EVIDENCE[:1], tree({**files, "finalrank.toml": BEST}), *EVIDENCE[1:])
    (choice,) = done.json["evidence"]["selection"]["choices"]
    assert (choice["run"], choice["artifacts"]) == ("m/seed_2", 4)
    assert choice["siblings_median"] == 0.2


def test_seeds_that_are_spelt_in_several_ways_are_one_group(command: Any) -> None:
    names = ["u/fold_0", "u/fold1", "u/Fold-2"]
    report = command({name: metrics(0.5) for name in names}, COLLAPSE)
    (row,) = report.json["runs"]
    assert (row["run"], row["group"]["kind"], row["group"]["members"]) == (
        "u",
        "fold",
        sorted(names),
    )


def test_what_a_group_lacks_may_be_in_an_artifact_of_a_member(
    finalrank: Finalrank, tree: Tree
) -> None:
    files = {f"x/seed_{n}/test_metrics.json": metrics(0.9) for n in (1, 2)}
    files |= {"x/seed_2/test_metrics_b.json": metrics(0.8, 0.7, 0.6)}
    files |= {"a/test_metrics.json": metrics(0.5, 0.6, 0.7)}
    done = finalrank(*EVIDENCE[:1], tree({**files, "finalrank.toml": COLLAPSE}), *EVIDENCE[1:])
    (row,) = done.json["evidence"]["missing"]["incomplete"]
    assert [found["source"] for found in row["elsewhere"]] == ["x/seed_2/test_metrics_b.json"] * 2


def test_explain_tells_the_artifacts_of_a_run_in_order(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"u/seed_1/test_metrics_{n}.json": metrics(n / 10) for n in range(1, 4)}
    files |= {"u/seed_2/test_metrics.json": metrics(0.9), "a/test_metrics.json": metrics(0.1)}
    root = tree({**files, "finalrank.toml": BEST})
    done = finalrank("explain", root, "-f", "json")
    assert [(row["source"], row["rank"]) for row in done.json] == [
        ("u/seed_2/test_metrics.json", 1),
        ("a/test_metrics.json", 2),
        ("u/seed_1/test_metrics_3.json", None),
        ("u/seed_1/test_metrics_2.json", None),
        ("u/seed_1/test_metrics_1.json", None),
    ]
