"""Whatever the tree and the rules of ranking: nothing is lost, and no order matters."""

from __future__ import annotations

import json
import os
import random
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Done, Finalrank
from grouping import AP, DICE, JSON, ROC

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
@settings(deadline=None, max_examples=100)
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
        # A line on the configuration has its path, with the number of its folder.
        told, told_again = (re.sub(r"/[01]/runs/", "/runs/", one.err) for one in (done, again))
        assert (done.status, done.out, told) == (again.status, again.out, told_again)


@given(st.dictionaries(FOLDERS, ARTIFACT, min_size=1), CONFIGS, st.permutations(METRICS))
@settings(deadline=None, max_examples=40)
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
@settings(deadline=None, max_examples=15)
def test_groups_of_one_change_nothing(finalrank: Finalrank, runs: dict[str, Any]) -> None:
    files = {f"{run}/test_metrics.json": content for run, content in runs.items()}
    with tempfile.TemporaryDirectory() as folder:
        for form in ("json", "csv", "md"):
            outputs = []
            for rule in ("expand", "collapse", "best"):
                make(folder, files, f'[rank]\ngroups = "{rule}"', sorted(files))
                done = finalrank("report", folder, "-f", form, *JSON[3:])
                told = "- Of seeds and folds of one method the best is ranked, by its test Dice.\n"
                # That there is no group is told whoever asks for one.
                lines = [line for line in done.err.splitlines() if ": rank.groups: no " not in line]
                outputs.append((done.status, done.out.replace(told, ""), lines))
            assert outputs[0] == outputs[1] == outputs[2]
