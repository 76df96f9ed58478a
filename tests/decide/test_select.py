"""Which of a run's valid artifacts stands for it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import Finalrank, Tree

DICE, IOU = "dice_pos", "iou_pos"
ROC, AP = "roc_auc_presence", "average_precision_presence"


def metrics(
    dice: float, roc: float | None = None, ap: float | None = None, iou: float | None = None
) -> dict[str, float | None]:
    return {DICE: dice, ROC: roc, AP: ap, IOU: iou}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        # The primary metric, whatever else there is.
        (metrics(0.6), metrics(0.5, 1, 1, 1)),
        (metrics(0.5000000000000001), metrics(0.5, 1, 1)),
        # More ranked metrics.
        (metrics(0.5, 0.1, 0.1), metrics(0.5, 0.9)),
        (metrics(0.5, 0.1, 0.1), metrics(0.5, None, 0.9)),
        (metrics(0.5, None, 0), metrics(0.5, None, None, 1)),
        # The other ranked metrics, in the list's order, missing last.
        (metrics(0.5, 0.9, 0.1), metrics(0.5, 0.8, 0.9)),
        (metrics(0.5, 0.9, 0.2), metrics(0.5, 0.9, 0.1)),
        (metrics(0.5, 0, None), metrics(0.5, None, 1)),
        (metrics(0.5, 0.9), metrics(0.5, 0.8, None, 1)),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_better_artifact_is_kept(
    better: Any, worse: Any, first: bool, tree: Tree, finalrank: Finalrank
) -> None:
    names = ["test_metrics_1.json", "test_metrics_2.json"]
    good, bad = names if first else reversed(names)
    root = tree({f"a/{good}": better, f"a/{bad}": worse})
    report = finalrank("report", root, "-f", "json").json
    assert [run["source"] for run in report["runs"]] == [f"a/{good}"]
    assert report["runs"][0]["metrics"] == better
    assert report["runs"][0]["valid_artifacts"] == 2


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("test_metrics.json", "test_metrics_1.json"),
        ("test_metrics_10.json", "test_metrics_9.json"),
        ("Z_test_metrics.json", "a_test_metrics.json"),
        ("z_test_metrics.json", "é_test_metrics.json"),
        ("\ue000_test_metrics.json", "\N{GRINNING FACE}_test_metrics.json"),
    ],
)
def test_of_equal_artifacts_the_smaller_source_is_kept(
    smaller: str, larger: str, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({f"a/{larger}": metrics(0.5), f"a/{smaller}": metrics(0.5)})
    report = finalrank("report", root, "-f", "json").json
    assert report["runs"][0]["source"] == f"a/{smaller}"


@pytest.mark.parametrize("roc", [None, 0.9])
def test_a_metric_that_is_only_shown_settles_nothing(
    roc: float | None, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree(
        {
            "a/test_metrics_1.json": metrics(0.5, roc),
            "a/test_metrics_2.json": metrics(0.5, roc, None, 1),
        }
    )
    report = finalrank("report", root, "-f", "json").json
    assert report["runs"][0]["source"] == "a/test_metrics_1.json"


def test_only_valid_artifacts_stand_for_a_run(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {
            "a/test_metrics_dev.json": metrics(1),
            "a/test_metrics_2.json": {DICE: 38.37},
            "a/test_metrics_3.json": "{",
            "a/test_metrics_4.json": metrics(0.1),
        }
    )
    (run,) = finalrank("report", root, "-f", "json").json["runs"]
    assert (run["source"], run["valid_artifacts"]) == ("a/test_metrics_4.json", 1)


def test_minus_zero_is_no_worse_than_zero(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {
            "a/test_metrics_1.json": '{"dice_pos": 0.5, "roc_auc_presence": -0.0}',
            "a/test_metrics_2.json": '{"dice_pos": 0.5, "roc_auc_presence": 0.0}',
        }
    )
    report = finalrank("report", root, "-f", "json").json
    assert report["runs"][0]["source"] == "a/test_metrics_1.json"


LOWER = """
    [[metrics]]
    key = "roc_auc_presence"
    higher_is_better = false
    [[metrics]]
    key = "dice_pos"
    primary = true
    higher_is_better = false
    [[metrics]]
    key = "average_precision_presence"
    [[metrics]]
    key = "iou_pos"
    ranked = false
"""


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (metrics(0), metrics(0.1, 0, 1)),
        (metrics(0.5, 0.9, 0), metrics(0.5, 0.1)),
        (metrics(0.5, 0.1, 0.1), metrics(0.5, 0.2, 0.9)),
        (metrics(0.5, 0.1, 0.9), metrics(0.5, 0.1, 0.8)),
        (metrics(0.5, 1, None), metrics(0.5, None, 1)),
    ],
)
def test_lower_may_be_better(better: Any, worse: Any, tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {"finalrank.toml": LOWER, "a/test_metrics_2.json": better, "a/test_metrics_1.json": worse}
    )
    report = finalrank("report", root, "-f", "json").json
    assert report["runs"][0]["source"] == "a/test_metrics_2.json"


# Few values, so that ties are common.
VALUES = st.sampled_from([None, 0.0, 0.25, 0.5])
ARTIFACTS = st.lists(
    st.builds(metrics, st.sampled_from([0.5, 0.75]), VALUES, VALUES, VALUES), min_size=1, max_size=8
)


def best(artifacts: dict[str, Any]) -> str:
    """The source to keep, by narrowing the field in the steps of docs/contract.md, section 3."""

    def narrow(sources: list[str], score: Any) -> list[str]:
        top = max(score(artifacts[source]) for source in sources)
        return [source for source in sources if score(artifacts[source]) == top]

    left = narrow(sorted(artifacts), lambda a: a[DICE])
    left = narrow(left, lambda a: sum(a[key] is not None for key in (DICE, ROC, AP)))
    left = narrow(left, lambda a: -1 if a[ROC] is None else a[ROC])
    left = narrow(left, lambda a: -1 if a[AP] is None else a[AP])
    return left[0]


@given(st.lists(ARTIFACTS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_artifacts_of_any_runs(runs: list[list[Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected = {}
        for number, artifacts in enumerate(runs):
            run = f"run{number}"
            Path(folder, run).mkdir()
            named = {f"{run}/test_metrics_{n}.json": row for n, row in enumerate(artifacts)}
            for source, row in named.items():
                Path(folder, source).write_text(json.dumps(row))
            expected[run] = (best(named), len(named))
        report = package.load_report(folder)
    assert {run.run: (run.source, run.valid_artifacts) for run in report.runs} == expected
