"""What holds for any results over runs, datasets, splits, seeds and folds."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import Finalrank
from finalrank.api import DatasetsReport
from random_results import Figures, Result, made_of, mean_ranks, recomputed, results
from random_trees import WHEN, a_few


def report_of(figures: Figures, rank: str = "") -> DatasetsReport:
    """The report on the results, as the package gives it."""
    with made_of(figures, rank) as root:
        report = package.load_report(root, generated_at=WHEN)
    assert isinstance(report, DatasetsReport)
    return report


def is_valid(figures: Figures) -> bool:
    return any(metrics["dice"] > 1e-6 for metrics in figures.values())


def places(figures: Figures) -> dict[str, int]:
    return {run.run: run.rank for run in report_of(figures).runs}


@a_few
@given(results())
def test_ranks_are_those_of_a_recomputation(figures: dict[Result, dict[str, float]]) -> None:
    assume(is_valid(figures))
    report = report_of(figures)
    within = recomputed(figures)["within"]
    assert [dataset.name for dataset in report.datasets] == sorted(within)
    for name, lines in within.items():
        rows = {run.run: run.by_dataset[name] for run in report.runs if name in run.by_dataset}
        assert sorted(rows) == sorted(lines.index)
        for run, row in rows.items():
            for key in ("dice", "loss"):
                value, rank = lines.loc[run, key], lines.loc[run, f"rank_{key}"]
                wanted: Any = None if pd.isna(value) else pytest.approx(value)
                assert row.metrics[key] == wanted
                assert row.ranks[key] == (None if pd.isna(rank) else rank)
    means = mean_ranks(within)
    told = {run.run: run.mean_rank for run in report.runs if run.mean_rank is not None}
    assert told == pytest.approx(means)
    assert [run.mean_rank for run in report.runs if run.mean_rank is not None] == sorted(
        told.values()
    )


@a_few
@given(results(), st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(
    figures: dict[Result, dict[str, float]], shuffled: random.Random
) -> None:
    assume(is_valid(figures))
    pairs = list(figures.items())
    shuffled.shuffle(pairs)
    assert report_of(figures).to_json() == report_of(dict(pairs)).to_json()


@a_few
@given(results())
def test_every_result_is_accounted_for(
    finalrank: Finalrank, figures: dict[Result, dict[str, float]]
) -> None:
    with made_of(figures) as root:
        rows = finalrank("explain", root, "-f", "json").json
    assert sorted(row["source"] for row in rows) == sorted(result.path for result in figures)


@settings(a_few, max_examples=150)
@given(results(splits=("test",)), st.sampled_from([0.0, 0.25]), st.data())
def test_a_member_that_fails_or_is_worse_raises_its_run_above_nobody_who_is_complete(
    figures: dict[Result, dict[str, float]], dice: float, data: st.DataObject
) -> None:
    left = Counter((r.run, r.dataset) for r, metrics in figures.items() if metrics["dice"] > 1e-6)
    members = [
        result
        for result in sorted(figures, key=str)
        if left[result.run, result.dataset] > 1 and figures[result]["dice"] > dice
    ]
    assume(members)
    member = data.draw(st.sampled_from(members))
    worse = {**figures, member: {**figures[member], "dice": dice}}
    before, after = (_ahead(every, member) for every in (figures, worse))
    assert after >= before


def _ahead(figures: Figures, member: Result) -> set[str]:
    """The complete runs of the member's dataset that are ahead of its run, by Dice."""
    rows = {
        run.run: run.by_dataset[member.dataset]
        for run in report_of(figures).runs
        if member.dataset in run.by_dataset
    }
    rank = rows[member.run].ranks["dice"]
    assert rank is not None
    return {
        name
        for name, row in rows.items()
        if not row.incomplete and (other := row.ranks["dice"]) is not None and other < rank
    }


@a_few
@given(results(), st.sampled_from([0.25, 0.75]))
def test_a_dataset_that_one_run_has_raises_nobody(
    figures: dict[Result, dict[str, float]], dice: float
) -> None:
    assume(is_valid(figures))
    report = report_of(figures)
    assume(len(report.runs) > 1)
    run = report.runs[-1].run
    more = {**figures, Result("Own", run, "test", None, None): {"dice": dice, "loss": 1.0}}
    assert places(more) == places(figures)
