"""What never raises a run, and whose order changes nothing, over random results."""

from __future__ import annotations

import json
import math
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import finalrank as package
from finalrank.api import DatasetsReport
from random_results import Figures, Result, made_of, results
from random_trees import WHEN, a_few

# Runs that meet: on few datasets, and of one split.
FEW = st.one_of(
    results(splits=("test",), datasets=("D1",)), results(splits=("test",), datasets=("D1", "D2"))
)
OFTEN = settings(a_few, max_examples=120)


def report_of(figures: Figures, rank: str) -> DatasetsReport:
    with made_of(figures, rank) as root:
        report = package.load_report(root, generated_at=WHEN)
    assert isinstance(report, DatasetsReport)
    return report


def with_loss(figures: Figures, result: Result, loss: float) -> dict[Result, dict[str, float]]:
    every = {each: dict(metrics) for each, metrics in figures.items()}
    every[result]["loss"] = loss
    return every


def counting(figures: Figures) -> list[Result]:
    """The results whose loss counts."""
    having = [
        result
        for result, metrics in figures.items()
        if metrics["dice"] > 1e-6 and "loss" in metrics
    ]
    assume(having)
    return sorted(having, key=str)


def pick(eligible: list[Result], data: st.DataObject) -> Result:
    assume(eligible)
    return data.draw(st.sampled_from(eligible))


def standing(report: DatasetsReport, run: str) -> tuple[float, int]:
    """The mean rank of a run, and its place; the less, the better."""
    row = next(row for row in report.runs if row.run == run)
    return (math.inf if row.mean_rank is None else row.mean_rank), row.rank


def is_no_better(one: tuple[float, int], other: tuple[float, int]) -> bool:
    return one[0] >= other[0] and one[1] >= other[1]


@OFTEN
@given(FEW, st.sampled_from(["worst", "available"]), st.data())
def test_an_infinite_distance_raises_no_run(
    figures: dict[Result, dict[str, float]], missing: str, data: st.DataObject
) -> None:
    rank = f'missing = "{missing}"'
    having = counting(figures)
    before = report_of(figures, rank)
    ranked = {row.run for row in before.runs}
    result = pick([result for result in having if result.run in ranked], data)
    after = report_of(with_loss(figures, result, math.inf), rank)
    assert is_no_better(standing(after, result.run), standing(before, result.run))
    # Nobody else falls behind for it.
    mean_before = {row.run: row.mean_rank for row in before.runs}
    for row in after.runs:
        if row.run != result.run and row.mean_rank is not None:
            assert row.mean_rank <= (mean_before[row.run] or math.inf)


@OFTEN
@given(FEW, st.data())
def test_nan_raises_no_run_where_what_is_missing_counts_as_the_worst(
    figures: dict[Result, dict[str, float]], data: st.DataObject
) -> None:
    rank = 'missing = "worst"'
    having = counting(figures)
    before = report_of(figures, rank)
    # Of a figure that lacks a member already, one more may be the worst of them.
    whole = {
        (row.run, dataset)
        for row in before.runs
        for dataset, own in row.by_dataset.items()
        if "loss" not in own.incomplete
    }
    result = pick([each for each in having if (each.run, each.dataset) in whole], data)
    after = report_of(with_loss(figures, result, math.nan), rank)
    assert is_no_better(standing(after, result.run), standing(before, result.run))


# The order of rows in the configuration

FACTORS = [
    '[[factors]]\nkey = "data"\nrole = "dataset"',
    '[[factors]]\nkey = "part"\nrole = "split"',
    '[[factors]]\nkey = "number"\nrole = "seed"',
    '[[factors]]\nkey = "piece"\nrole = "fold"',
    '[[factors]]\nkey = "machine"',
]
METRICS = [
    '[[metrics]]\nkey = "dice"\nprimary = true',
    '[[metrics]]\nkey = "loss"\nhigher_is_better = false\nrange = [0, inf]',
    '[[metrics]]\nkey = "auc"',
]


def told(figures: Figures, rows: list[str]) -> dict[str, Any]:
    """What a report says of the results, whose files give their factors, however it is ordered."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (result, metrics) in enumerate(figures.items()):
            parts: dict[str, Any] = {
                "data": result.dataset,
                "part": result.split,
                "machine": f"gpu{number % 2}",
            }
            parts |= {"number": result.seed, "piece": result.fold}
            file = Path(folder) / result.run / f"{number}" / "m.json"
            file.parent.mkdir(parents=True)
            content = {**metrics, **parts, "auc": 0.5 + 0.1 * (number % 3)}
            file.write_text(json.dumps(content))
        scan = "[scan]\npatterns = ['m.json']\nrun = '^(?P<run>[^/]+)/'"
        (Path(folder) / "finalrank.toml").write_text("\n".join([scan, *rows]))
        report = json.loads(package.load_report(folder, generated_at=WHEN).to_json())
    # Lists are in the order of the configuration where they are of metrics.
    report["metrics"].sort(key=lambda metric: metric["key"])
    return {key: value for key, value in report.items() if key not in ("root", "problems")}


@a_few
@given(results(), st.randoms(use_true_random=False))
def test_the_order_of_metrics_and_factors_changes_nothing(
    figures: dict[Result, dict[str, float]], shuffled: random.Random
) -> None:
    assume(any(metrics["dice"] > 1e-6 for metrics in figures.values()))
    rows = [*FACTORS, *METRICS]
    shuffled.shuffle(rows)
    assert told(figures, rows) == told(figures, [*FACTORS, *METRICS])
