"""Seeds and folds: which runs are one method, and what it is called."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import grouping
from conftest import Finalrank, Tree
from grouping import BEST, COLLAPSE, DICE, SEEDS, groups, metrics

command = grouping.command
published = grouping.published


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
        ("unet_seed_1_final", "unet_seed_2_final"),
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
    assert groups(done) == {"unet": [f"unet/rep={n}" for n in (3, 4, 5)]}
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
    # The last of the patterns finds nothing, and that is told.
    told = [line for line in done.problems if "no two runs differ in a seed" not in line]
    assert (done.status, told) == (0, [])
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


def test_a_group_that_is_not_ranked_takes_no_name_from_another(command: Any) -> None:
    runs = {f"unet/seed_{n}": metrics(0.5, 0.5, 0.5) for n in (1, 2)}
    runs |= {f"unet_seed_{n}": metrics(0.6) for n in (1, 2)}
    assert groups(command(runs)).keys() == {"unet/seed_*", "unet_seed_*"}
    assert groups(command(runs, COLLAPSE + 'missing = "complete"\n')).keys() == {"unet"}


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
