"""Seeds and folds: which runs are one method, and what is ranked of it.

The end of this file is about every rule of ranking at once: whatever is asked for, nothing is lost.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import statistics
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import EXAMPLES, PUBLISHED, Done, Finalrank, Tree

DICE, IOU = "dice_pos", "iou_pos"
ROC, AP = "roc_auc_presence", "average_precision_presence"
COLLAPSE = '[rank]\ngroups = "collapse"\n'
BEST = '[rank]\ngroups = "best"\n'
JSON = ("report", "-f", "json", "--generated-at", PUBLISHED)
SEEDS = [f"dg_aug_seeds/seed_{n}" for n in (1337, 2025, 42)]


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def command(finalrank: Finalrank, tree: Tree) -> Any:
    """A command on runs of one artifact each, with a configuration."""

    def run(runs: dict[str, Any], config: str = COLLAPSE, *args: str) -> Done:
        files = {f"{name}/test_metrics.json": content for name, content in runs.items()}
        first, *rest = args or JSON
        return finalrank(first, tree({**files, "finalrank.toml": config}), *rest)

    return run


@pytest.fixture
def published(finalrank: Finalrank, tmp_path: Path) -> Any:
    """A command on the published tree, with a configuration."""

    def run(config: str, *args: str) -> Done:
        path = tmp_path / "groups.toml"
        path.write_text(config)
        first, *rest = args or JSON
        return finalrank(first, EXAMPLES, "--config", path, *rest)

    return run


def groups(done: Done) -> dict[str, list[str]]:
    """The members of each row that is a group."""
    assert done.status == 0, done.err
    return {row["run"]: row["group"]["members"] for row in done.json["runs"] if "group" in row}


# On the published tree


def test_three_seeds_of_the_published_tree_are_one_row(published: Any) -> None:
    done = published(COLLAPSE)
    assert groups(done) == {"dg_aug_seeds": SEEDS}
    rows = done.json["runs"]
    assert [row["rank"] for row in rows] == list(range(1, 21))
    (row,) = (row for row in rows if "group" in row)
    spread = row["group"]["metrics"][DICE]
    assert (spread["n"], round(spread["mean"], 4), round(spread["sd"], 4)) == (3, 0.3769, 0.0011)
    assert row["metrics"][DICE] == spread["mean"]
    assert row["group"]["kind"] == "seed"
    assert row["source"] == "dg_aug_seeds/seed_*/test_metrics_tta_hv_thr025.json"
    # It takes places from nobody.
    assert row["ranks"][DICE] == 3
    # Artifacts are counted as ever.
    assert done.account.startswith("50 artifacts: 22 ranked, 14 siblings, 14 left out")
    assert sum(row["valid_artifacts"] for row in rows) == 36


def test_a_mean_never_stands_without_what_it_is_over(published: Any) -> None:
    page = published(COLLAPSE, "report").out
    lines = [line for line in page.splitlines() if "dg_aug_seeds" in line]
    assert (
        "- Seeds and folds count once, as the mean of their members: "
        "**1** (`dg_aug_seeds`: 3 seeds)"
    ) in lines
    tables = [line for line in lines if line.startswith("| ")]
    assert len(tables) == 4
    for line in tables:
        assert "0.3769 +- 0.0011 (n=3 seeds)" in line
    assert all(re.match(r" \d\.\d{4} \(n=\d+ \w+\)", rest) for rest in page.split(" +-")[1:])


def test_the_best_seed_of_the_published_tree(published: Any) -> None:
    done = published(BEST)
    report = done.json
    assert done.account.startswith("50 artifacts: 20 ranked, 16 siblings, 14 left out")
    assert [row["run"] for row in report["runs"] if "dg_aug" in row["run"]] == [SEEDS[1]]
    assert groups(done) == {}
    assert report["counts"]["runs_valid"] == 20
    assert report["counts"]["artifacts_valid"] == 36
    rows = {row["run"]: row for row in published(BEST, "explain", "-f", "json").json}
    assert [rows[seed]["verdict"] for seed in SEEDS] == ["sibling", "kept", "sibling"]
    assert [rows[seed]["rank"] for seed in SEEDS] == [None, 4, None]
    assert "dg_aug_seeds/seed_2025 stands for its group" in rows[SEEDS[0]]["detail"]
    page = published(BEST, "report").out
    assert "- Of seeds and folds of one method the best is ranked, by its test Dice." in page


def test_each_seed_is_a_run_by_default(published: Any) -> None:
    plain, expanded = published(""), published('[rank]\ngroups = "expand"')
    assert plain.bytes == expanded.bytes
    assert "members" not in published("", "report", "-f", "csv").out
    assert "Seeds and folds" not in published("", "report").out


# What is a group


@pytest.mark.parametrize(
    ("one", "other", "group"),
    [
        ("unet/seed_1", "unet/seed_2", "unet"),
        ("unet/seed-1", "unet/seed-20", "unet"),
        ("unet/seed1", "unet/seed2", "unet"),
        ("unet/fold_0", "unet/fold_1", "unet"),
        ("unet/fold0", "unet/fold3", "unet"),
        ("unet_seed_1", "unet_seed_2", "unet"),
        ("unet-fold-1", "unet-fold-2", "unet"),
        ("unet.seed1", "unet.seed2", "unet"),
        ("unet seed1", "unet seed2", "unet"),
        ("a/unet_Seed_1", "a/unet_Seed_2", "a/unet"),
        ("unet2_FOLD0", "unet2_FOLD1", "unet2"),
        ("unet_seed_007", "unet_seed_42", "unet"),
        # The folder above.
        ("unet/seed_1/final", "unet/seed_2/final", "unet/final"),
        ("unet_fold0/final", "unet_fold1/final", "unet/final"),
        # Where nothing else is in the name.
        ("seed_1", "seed_2", "seeds"),
        ("fold0/unet", "fold1/unet", "unet"),
    ],
)
def test_what_differs_in_a_last_number_is_one_method(
    one: str, other: str, group: str, command: Any
) -> None:
    done = command({one: metrics(0.4), other: metrics(0.6), "z": metrics(0.1)})
    assert groups(done) == {group: sorted([one, other])}
    row = done.json["runs"][0]
    assert (row["run"], row["metrics"][DICE]) == (group, 0.5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("linseed_1", "linseed_2"),
        ("manifold1", "manifold2"),
        ("seed", "seed_1"),
        ("seed_a", "seed_b"),
        ("unet_1", "unet_2"),
        ("seed_1_final", "seed_2_final"),
        ("seed__1", "seed__2"),
        ("seed_1/a/b", "seed_2/a/b"),
        # Different methods, kinds, or places.
        ("unet_seed_1", "vnet_seed_1"),
        ("unet_seed_1", "vnet_seed_2"),
        ("unet/seed_1", "unet/fold_2"),
        ("unet/seed_1/a", "unet/seed_2/b"),
        ("unet/seed_1", "unet/seed_2/a"),
        ("a/unet_seed1", "b/unet_seed2"),
    ],
)
def test_what_differs_otherwise_is_not(one: str, other: str, command: Any) -> None:
    runs = {one: metrics(0.4), other: metrics(0.6)}
    assert groups(command(runs)) == {}
    assert command(runs, BEST).account.startswith("2 artifacts: 2 ranked")


def test_runs_that_are_files_have_their_number_at_the_end(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        **{f"deep/unet_test_metrics_seed{n}.json": metrics(0.5) for n in (1, 2)},
        **{f"fold_{n}/vnet_test_metrics.json": metrics(0.4) for n in (0, 1, 2)},
        "finalrank.toml": f'{COLLAPSE}[scan]\nrun = "file"\npatterns = ["*_test_metrics*.json"]',
    }
    done = finalrank("report", tree(files), "-f", "json")
    assert {group: len(members) for group, members in groups(done).items()} == {
        "deep/unet_test_metrics": 2,
        "vnet_test_metrics": 3,
    }


def test_names_of_members_are_configurable(command: Any) -> None:
    runs = {f"unet/run{n}_s{n}": metrics(n / 10) for n in (1, 2)}
    runs |= {f"unet/rep={n}": metrics(n / 10) for n in (3, 4, 5)}
    runs |= {f"unet/seed_{n}": metrics(0.9) for n in (1, 2)}
    done = command(runs, f"{COLLAPSE}members = '(?P<kind>rep)=\\d+$'")
    assert groups(done) == {"unet/rep=": [f"unet/rep={n}" for n in (3, 4, 5)]}
    assert (
        "0.4000 +- 0.1000 (n=3 reps)"
        in command(runs, f"{COLLAPSE}members = '(?P<kind>rep)=\\d+$'", "report").out
    )


@pytest.mark.parametrize(
    "members",
    [r"(?P<kind>seed)?_?\d+$", r"(?P<kind>)\d+$", r"(?P<kind>.*?)\d+$", r"(?P<kind>x|\|)"],
)
def test_a_kind_may_be_nothing_or_anything(members: str, command: Any) -> None:
    runs = {f"a|`*x*<b>_{n}": metrics(0.5) for n in (1, 2)}
    done = command(runs, f"{COLLAPSE}members = '{members}'", "report")
    assert (done.status, done.problems) == (0, [])
    # Nothing of a name is markup.
    for line in done.out.splitlines():
        assert "*x*" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (r"seed_\d+$", "has no group (?P<kind>...)"),
        (r"(?P<kind>seed", "is no regular expression"),
        ("a{99999999999}", "is no regular expression"),
        # Python will read it otherwise one day, and warns.
        (r"(?P<kind>seed)[[_]\d$", "is no regular expression"),
    ],
)
def test_a_wrong_pattern_is_one_line(members: str, told: str, command: Any) -> None:
    done = command({"a": metrics(0.5)}, f"[rank]\nmembers = '{members}'")
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "rank.members: " in done.err
    assert told in done.err


# What it is called


@pytest.mark.parametrize(
    ("others", "name"),
    [
        # A run of that name, other groups of that name, and what stands for them.
        (["unet"], "unet/seed_*"),
        (["unet/fold_0", "unet/fold_1"], "unet/seed_*"),
        (["unet_seed_1", "unet_seed_2"], "unet/seed_*"),
        (["unet", "unet/seed_*"], "unet/seed_**"),
        (["unet", "unet/seed_*", "unet/seed_**"], "unet/seed_***"),
    ],
)
def test_no_two_rows_have_one_name(others: list[str], name: str, command: Any) -> None:
    runs = {run: metrics(0.1) for run in others}
    runs |= {f"unet/seed_{n}": metrics(0.5) for n in (1, 2)}
    done = command(runs)
    assert groups(done)[name] == ["unet/seed_1", "unet/seed_2"]
    names = [row["run"] for row in done.json["runs"]]
    assert len(set(names)) == len(names)
    rows = {
        row["run"]: row["rank"] for row in command(runs, COLLAPSE, "explain", "-f", "json").json
    }
    ranks = {row["run"]: row["rank"] for row in done.json["runs"]}
    assert rows["unet/seed_1"] == ranks[name]
    assert all(rows[run] == ranks[run] for run in others if run in ranks)


def test_a_run_that_is_left_out_may_be_called_like_a_group(command: Any) -> None:
    runs = {"unet": metrics(0), "unet/seed_1": metrics(0.4), "unet/seed_2": metrics(0.6)}
    rows = command(runs, COLLAPSE, "explain", "-f", "json", "--run", "unet").json
    assert [(row["run"], row["rank"]) for row in rows] == [
        ("unet/seed_1", 1),
        ("unet/seed_2", 1),
        ("unet", None),
    ]


def test_notes_are_by_the_name_of_the_group(command: Any) -> None:
    config = f'{COLLAPSE}[runs.unet]\nkey_feature = "Two seeds."'
    done = command({f"unet/seed_{n}": metrics(0.5) for n in (1, 2)}, config)
    assert done.json["runs"][0]["key_feature"] == "Two seeds."


def test_explain_takes_the_name_of_a_group(published: Any) -> None:
    rows = published(COLLAPSE, "explain", "-f", "json", "--run", "dg_aug_seeds").json
    assert [row["run"] for row in rows] == SEEDS
    ranks = {row["run"]: row["rank"] for row in published(COLLAPSE).json["runs"]}
    assert {row["rank"] for row in rows} == {ranks["dg_aug_seeds"]}
    assert {row["verdict"] for row in rows} == {"kept"}
    one = published(COLLAPSE, "explain", "-f", "json", "--run", SEEDS[0]).json
    assert [row["run"] for row in one] == SEEDS[:1]
    wrong = published(COLLAPSE, "explain", "--run", "dg_aug_seed")
    assert (wrong.status, wrong.out) == (2, "")
    assert 'did you mean "dg_aug_seeds"' in wrong.err


# The figures of a group


def test_what_some_members_lack(command: Any) -> None:
    runs = {
        "unet/fold_0": metrics(0.4, 0.5),
        "unet/fold_1": metrics(0.6, 0.7, 0.8),
        "unet/fold_2": metrics(0.8),
        "z": metrics(0.1, 0.1, 0.1),
    }
    row = command(runs).json["runs"][0]
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
    assert "| 0.6000 +- 0.2000 (n=3 folds) | - | 0.6000 +- 0.1414 (n=2 folds) |" in line
    assert "| 0.8000 (n=1 fold) |" in line


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
    assert not re.search(r"\b(nan|inf|NaN|Infinity)\b", done.out)


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


# Several roots


def test_groups_of_several_roots_are_apart(finalrank: Finalrank, tmp_path: Path) -> None:
    for root in ("one", "two"):
        for n in (1, 2):
            folder = tmp_path / root / "nnunet" / f"seed_{n}"
            folder.mkdir(parents=True)
            (folder / "test_metrics.json").write_text(json.dumps(metrics(0.5)))
    (tmp_path / "finalrank.toml").write_text(COLLAPSE)
    done = finalrank("report", tmp_path / "one", tmp_path / "two", "-f", "json")
    assert groups(done) == {
        f"{root}/nnunet": [f"{root}/nnunet/seed_{n}" for n in (1, 2)] for root in ("one", "two")
    }


def test_roots_may_be_the_seeds(finalrank: Finalrank, tmp_path: Path) -> None:
    roots = [tmp_path / f"seed_{n}" for n in (1, 2, 10)]
    for root in roots:
        for run in ("unet", "nnunet"):
            (root / run).mkdir(parents=True)
            (root / run / "test_metrics.json").write_text(json.dumps(metrics(0.5)))
    (tmp_path / "finalrank.toml").write_text(COLLAPSE)
    done = finalrank("report", *roots, "-f", "json")
    assert {name: len(members) for name, members in groups(done).items()} == {
        "nnunet": 3,
        "unet": 3,
    }
    assert done.json["baseline"]["run"] == "nnunet"


# Whatever is asked for

NUMBERS = st.sampled_from([0.25, 0.5, 0.75])
SIZES = st.sampled_from(
    [
        {},
        {"num_samples": 612.0, "num_positive": 107.0, "num_negative": 505.0},
        {"num_cases": 40, "num_positive": 1},
        {"num_samples": -1, "num_positive": "many"},
    ]
)
ARTIFACT = st.builds(
    lambda values, size: dict(zip((DICE, ROC, AP), values, strict=True)) | size,
    st.tuples(NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS),
    SIZES,
)
CONTENT = st.one_of(
    ARTIFACT, ARTIFACT, ARTIFACT, st.sampled_from([{}, "{", {DICE: 38.37}, {DICE: 0}])
)
# Folders that are seeds, folds, and others; the name of a group, and what might stand for one.
FOLDERS = st.sampled_from(
    [
        *(
            "nnunet",
            "nnunet/fold_0",
            "nnunet/fold_1",
            "unet/seed_1",
            "unet/seed_2",
            "unet",
            "seed_1",
        ),
        *(
            "unet/seed_*",
            "fold0/x",
            "fold1/x",
            "linseed_1",
            "linseed_2",
            "vnet-Seed-3",
            "vnet-Seed-4",
        ),
    ]
)
FILES = st.sampled_from(
    [
        *("test_metrics.json", "test_metrics_b.json", "test_metrics_smoke.json"),
        *("val_metrics.json", "val_metrics_b.json"),
    ]
)
TREES = st.dictionaries(
    st.builds("/".join, st.tuples(FOLDERS, FILES)), CONTENT, min_size=1, max_size=14
)
TIES = st.sampled_from(["ordinal", "min", "average", "dense"])
CONFIGS = st.builds(
    lambda missing, groups, ties, by, test_set: (
        f'[rank]\nmissing = "{missing}"\ngroups = "{groups}"\nties = "{ties}"\n'
        f'[select]\nby = "{by}"\n[filter]\ntest_set = "{test_set}"\n'
    ),
    st.sampled_from(["available", "worst", "complete"]),
    st.sampled_from(["expand", "collapse", "best"]),
    TIES,
    st.sampled_from(["primary", "complete-first", "validation", "newest"]),
    st.sampled_from(["flag", "exclude", "ignore"]),
)
METRICS = [
    f'[[metrics]]\nkey = "{DICE}"\nprimary = true\n',
    f'[[metrics]]\nkey = "{ROC}"\n',
    f'[[metrics]]\nkey = "{AP}"\nhigher_is_better = false\n',
]


def make(folder: str, files: dict[str, Any], config: str, order: list[str]) -> None:
    for name in order:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = files[name]
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    Path(folder, "finalrank.toml").write_text(config)


def check_nothing_is_lost(files: dict[str, Any], report: Done, explained: Done) -> None:
    """Every artifact is in exactly one place, by the account, the summary, and the explanation."""
    artifacts = sorted(name for name in files if "/test_metrics" in name)
    account = re.match(
        r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out(?: \((.*)\))?$",
        report.account,
    )
    assert account, report.err
    total, ranked, siblings, left_out = map(int, account.groups()[:4])
    assert total == len(artifacts) == ranked + siblings + left_out
    assert explained.account == report.account
    if not artifacts:
        return
    rows = explained.json
    assert sorted(row["source"] for row in rows) == artifacts
    assert Counter(row["verdict"] for row in rows) == Counter(
        kept=ranked, sibling=siblings, excluded=left_out
    )
    reasons = Counter(row["reason"] for row in rows if row["verdict"] == "excluded")
    told = (reason.rsplit(" ", 1) for reason in (account[5] or "").split(", ") if reason)
    assert reasons == {reason: int(count) for reason, count in told}
    if not ranked:
        assert (report.status, report.out) == (1, "")
        return
    summary = report.json
    members = {
        member: row["rank"]
        for row in summary["runs"]
        for member in (row["group"]["members"] if "group" in row else [row["run"]])
    }
    kept = {row["run"]: row["rank"] for row in rows if row["verdict"] == "kept"}
    assert members == kept
    assert len(kept) == ranked == summary["counts"]["runs_valid"]
    assert summary["counts"]["artifacts_found"] == total
    assert summary["counts"]["artifacts_valid"] == ranked + siblings
    assert summary["counts"]["runs_found"] == len({row["run"] for row in rows})
    assert sorted(row["source"] for row in summary["excluded"]) == sorted(
        row["source"] for row in rows if row["verdict"] == "excluded"
    )
    assert [row["rank"] for row in summary["runs"]] == list(range(1, len(summary["runs"]) + 1))


@pytest.mark.slow
@given(TREES, CONFIGS, st.randoms(use_true_random=False))
@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_is_lost_and_no_order_matters(
    finalrank: Finalrank, files: dict[str, Any], config: str, chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as above:
        reports = []
        names = sorted(files)
        for number in range(2):
            folder = os.path.join(above, str(number), "runs")
            os.makedirs(folder)
            make(folder, files, config + "".join(METRICS), names)
            forms = ("json", "md", "csv")
            reports += [finalrank("report", folder, "-f", form, *JSON[3:]) for form in forms]
            explained = finalrank("explain", folder, "-f", "json")
            assert "Traceback" not in explained.err
            check_nothing_is_lost(files, reports[-3], explained)
            chance.shuffle(names)
    for done, again in zip(reports[:3], reports[3:], strict=True):
        assert done.status in (0, 1)
        assert "Traceback" not in done.err
        assert (done.status, done.out, done.err) == (again.status, again.out, again.err)


@given(st.dictionaries(FOLDERS, ARTIFACT, min_size=1), CONFIGS, st.permutations(METRICS))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_order_of_metrics_changes_no_place(
    finalrank: Finalrank, runs: dict[str, Any], config: str, order: list[str]
) -> None:
    files = {f"{run}/test_metrics.json": content for run, content in runs.items()}
    with tempfile.TemporaryDirectory() as folder:
        places = []
        for metrics in (METRICS, order):
            make(folder, files, config + "".join(metrics), sorted(files))
            done = finalrank("report", folder, "-f", "json")
            rows = done.json["runs"] if done.out else []
            places.append([(row["run"], row["mean_rank"], row["ranks"]) for row in rows])
    assert places[0] == places[1]


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("nnunet/fold_0", "unet_seed_1", "seed_3", "x/seed-1/y", "a/fold9"),
                *("a", "seed", "linseed_1", "linseed_2"),
            ]
        ),
        ARTIFACT,
        min_size=1,
    )
)
@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_groups_of_one_change_nothing(finalrank: Finalrank, runs: dict[str, Any]) -> None:
    files = {f"{run}/test_metrics.json": content for run, content in runs.items()}
    with tempfile.TemporaryDirectory() as folder:
        for form in ("json", "csv", "md"):
            outputs = []
            for rule in ("expand", "collapse", "best"):
                make(folder, files, f'[rank]\ngroups = "{rule}"', sorted(files))
                done = finalrank("report", folder, "-f", form, *JSON[3:])
                told = "- Of seeds and folds of one method the best is ranked, by its test Dice.\n"
                outputs.append((done.status, done.out.replace(told, ""), done.err))
            assert outputs[0] == outputs[1] == outputs[2]
