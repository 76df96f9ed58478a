"""Which artifact stands for a run where some stand back, or the newest counts."""

from __future__ import annotations

import pytest

from conftest import Done, Finalrank
from rooted import made

# Which artifact of a run stands for it

FOLDS = {
    "runs/a/test_metrics_1.json": 0.75,
    "runs/a/test_metrics_2.json": 0.25,
    "runs/a/test_metrics_all.json": 0.9,
    "runs/b/test_metrics_all.json": 0.5,
}


def details(done: Done) -> dict[str, str]:
    assert done.status == 0, done.err
    return {row["source"]: row["detail"] for row in done.json}


def test_the_last_stand_for_a_run_only_if_no_other_does(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nfallback = ["*_all.json"]'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/test_metrics_1.json": "Dice_pos 0.5000 ahead of the next",
        "a/test_metrics_2.json": "Dice_pos 0.5000 behind",
        "a/test_metrics_all.json": "stands back (select.fallback)",
        "b/test_metrics_all.json": "the only valid artifact",
    }
    page = finalrank("report", "runs").out
    assert "one-liner: `a` (`runs/a/test_metrics_1.json`)" in page


def test_the_last_stand_back_in_their_order(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nfallback = ["*_2.json", "*_1.json", "*.json"]'})
    rows = [row for row in finalrank("explain", "runs", "-f", "json").json if row["run"] == "a"]
    assert [row["source"].rpartition("_")[2] for row in rows] == ["2.json", "1.json", "all.json"]
    assert rows[0]["detail"] == "the next stands back (select.fallback)"


def test_the_newest_may_stand_for_a_run_whatever_it_says(finalrank: Finalrank) -> None:
    made(FOLDS)
    made({"runs/finalrank.toml": '[select]\nby = "newest"\nfallback = ["*_all.json"]'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/test_metrics_2.json": "the newest by its name",
        "a/test_metrics_1.json": "older by its name",
        "a/test_metrics_all.json": "stands back (select.fallback)",
        "b/test_metrics_all.json": "the only valid artifact",
    }
    summary = finalrank("report", "runs", "-f", "json").json
    assert {run["source"] for run in summary["runs"]} == {
        "a/test_metrics_2.json",
        "b/test_metrics_all.json",
    }
    assert "; the newest test artifact per run kept." in finalrank("report", "runs").out


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("test_metrics_2026-02-15T08-14-41.json", "test_metrics_2026-02-15T08-14-40.json"),
        ("test_metrics_2026-02-15T08-14-41.5.json", "test_metrics_2026-02-15T08-14-41.4.json"),
        ("test_metrics_ab.json", "test_metrics_a.json"),
        # Numbers order as numbers, however long they are.
        ("test_metrics_epoch100.json", "test_metrics_epoch9.json"),
        ("test_metrics_epoch10.json", "test_metrics_epoch09.json"),
        ("test_metrics_1.10.json", "test_metrics_1.9.json"),
        (f"test_metrics_1{'0' * 200}.json", f"test_metrics_{'9' * 200}.json"),
        ("test_metrics_v2.json", "test_metrics_2.json"),
        ("test_metrics_\N{GRINNING FACE}.json", "test_metrics_\ue000.json"),
    ],
)
def test_the_newest_is_the_last_by_its_name(newer: str, older: str, finalrank: Finalrank) -> None:
    made({f"runs/a/{newer}": 0.25, f"runs/a/{older}": 0.75})
    made({"runs/finalrank.toml": '[select]\nby = "newest"'})
    (run,) = finalrank("report", "runs", "-f", "json").json["runs"]
    assert run["source"] == f"a/{newer}"


def test_of_one_name_in_two_folders_the_better_is_kept(finalrank: Finalrank) -> None:
    made({"runs/a/1/test_metrics.json": 0.25, "runs/a/2/test_metrics.json": 0.75})
    made({"runs/finalrank.toml": '[scan]\nrun = "(?P<run>[^/]+)/"\n[select]\nby = "newest"'})
    assert details(finalrank("explain", "runs", "-f", "json")) == {
        "a/2/test_metrics.json": "Dice_pos 0.5000 ahead of the next",
        "a/1/test_metrics.json": "Dice_pos 0.5000 behind",
    }


def test_only_a_valid_artifact_is_the_newest(finalrank: Finalrank) -> None:
    made({"runs/a/test_metrics_1.json": 0.5, "runs/a/test_metrics_2.json": 0.0})
    made({"runs/finalrank.toml": '[select]\nby = "newest"'})
    assert details(finalrank("explain", "runs", "-f", "json"))["a/test_metrics_1.json"] == (
        "the only valid artifact"
    )
