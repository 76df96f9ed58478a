"""Ranks, mean ranks, the combined order, and how far each run is from the baseline."""

from __future__ import annotations

import json
import math
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import Done, Finalrank, Tree

DICE, ROC, AP = "dice_pos", "roc_auc_presence", "average_precision_presence"
RANKED = [DICE, ROC, AP]
Ties = Literal["ordinal", "min", "average", "dense"]
TIES: list[Ties] = ["ordinal", "min", "average", "dense"]


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    """The report on runs of one artifact each."""

    def run(runs: dict[str, Any], *args: str, config: str = "") -> Done:
        files = {f"{name}/test_metrics.json": content for name, content in runs.items()}
        return finalrank("report", tree({**files, "finalrank.toml": config}), "-f", "json", *args)

    return run


def column(done: Done, *keys: str) -> dict[str, Any]:
    """One figure of every run, by run, in combined order."""
    figures = {}
    for run in done.json["runs"]:
        figure: Any = run
        for key in keys:
            figure = figure and figure[key]
        figures[run["run"]] = figure
    return figures


# Ranks


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [
        ("ordinal", [1, 2, 3, 4, 5]),
        ("min", [1, 2, 2, 2, 5]),
        ("average", [1, 3, 3, 3, 5]),
        ("dense", [1, 2, 2, 2, 3]),
    ],
)
def test_equal_values_by_each_way_to_rank_them(ties: str, ranks: list[int], report: Any) -> None:
    values = {"z": 0.9, "a": 0.5, "b": 0.5, "c": 0.5, "A": 0.1}
    runs = {run: metrics(value) for run, value in values.items()}
    done = report(runs, config=f'[rank]\nties = "{ties}"')
    assert column(done, "ranks", DICE) == dict(zip(values, ranks, strict=True))
    # The combined order counts on.
    assert column(done, "rank") == {"z": 1, "a": 2, "b": 3, "c": 4, "A": 5}


def test_ranks_are_ordinal_unless_configured(report: Any) -> None:
    done = report({run: metrics(0.5) for run in "cab"})
    assert column(done, "ranks", DICE) == {"a": 1, "b": 2, "c": 3}


def test_averages_of_ranks_may_be_halves(report: Any) -> None:
    runs = {"a": metrics(0.5), "b": metrics(0.5), "c": metrics(0.4)}
    done = report(runs, config='[rank]\nties = "average"')
    assert column(done, "ranks", DICE) == {"a": 1.5, "b": 1.5, "c": 3}


def test_ranks_are_by_more_digits_than_are_shown(report: Any) -> None:
    runs = {"a": metrics(0.5), "b": metrics(0.500000001), "c": metrics(0.499999999)}
    for ties in TIES:
        done = report(runs, config=f'[rank]\nties = "{ties}"')
        assert column(done, "ranks", DICE) == {"b": 1, "a": 2, "c": 3}


def test_one_sum_in_two_orders_is_no_winner(report: Any) -> None:
    # 0.1 + 0.2 + 0.3 from the left and from the right.
    runs = {"b": metrics(0.6000000000000001, 0.5), "a": metrics(0.6, 0.5), "c": metrics(0.5, 0.4)}
    done = report(runs, config='[rank]\nties = "min"')
    assert column(done, "ranks", DICE) == {"a": 1, "b": 1, "c": 3}
    # Nor does it decide between equal mean ranks.
    assert list(column(done, "run")) == ["a", "b", "c"]
    assert column(report(runs), "ranks", DICE) == {"a": 1, "b": 2, "c": 3}


def test_a_group_of_equals_does_not_creep_from_its_best(report: Any) -> None:
    step = 0.6e-9
    runs = {name: metrics(0.5 * (1 - step) ** n) for n, name in enumerate("abcd")}
    done = report(runs, config='[rank]\nties = "min"')
    # `b` is that close to `a`, `c` is not, and begins a group that `d` belongs to.
    assert column(done, "ranks", DICE) == {"a": 1, "b": 1, "c": 3, "d": 3}


def test_lower_values_are_equal_by_their_own_magnitude(report: Any) -> None:
    runs = {"a": metrics(0.5, 1e-12), "b": metrics(0.5, 2e-12), "c": metrics(0.5, 0)}
    done = report(runs, config='[rank]\nties = "min"')
    assert column(done, "ranks", ROC) == {"b": 1, "a": 2, "c": 3}


def test_a_missing_metric_has_no_rank_and_takes_none(report: Any) -> None:
    done = report({"a": metrics(0.9, 0.5), "b": metrics(0.8), "c": metrics(0.7, 0.9)})
    assert column(done, "ranks", ROC) == {"a": 2, "b": None, "c": 1}
    assert column(done, "ranks", AP) == {"a": None, "b": None, "c": None}
    assert column(done, "metrics_used") == {"a": 2, "b": 1, "c": 2}
    assert column(done, "mean_rank") == {"a": 1.5, "b": 2, "c": 2}


@pytest.mark.parametrize(
    ("runs", "order"),
    [
        # Mean rank.
        ({"a": metrics(0.1, 0.1), "b": metrics(0.9, 0.9)}, "ba"),
        # Of equal ones the one that has more metrics: b is 2 of 2, a is 1 and 3.
        ({"c": metrics(0.9), "b": metrics(0.8), "a": metrics(0.7, 0.5)}, "cab"),
        # The primary metric.
        ({"a": metrics(0.5), "c": metrics(0.9, 0.1, 0.1), "b": metrics(0.1, 0.9, 0.9)}, "cba"),
        ({"a": metrics(0.5, 0.9), "b": metrics(0.9, 0.5)}, "ba"),
    ],
)
def test_the_combined_order(runs: dict[str, Any], order: str, report: Any) -> None:
    assert list(column(report(runs), "run")) == list(order)


def test_of_equal_runs_the_name_decides(report: Any) -> None:
    # By ordinal ranks the name decides earlier; by the others it is all that is left.
    runs = {run: metrics(0.5, 0.5, 0.5) for run in ["b", "a", "B", "\ue000", "\N{GRINNING FACE}"]}
    for ties in TIES:
        done = report(runs, config=f'[rank]\nties = "{ties}"')
        assert list(column(done, "run")) == ["B", "a", "b", "\ue000", "\N{GRINNING FACE}"]


def test_lower_may_be_better(report: Any) -> None:
    config = """
        [baseline]
        match = "nnunet"
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "hd95"
        higher_is_better = false
        range = [0, inf]
    """
    runs = {"nnunet": {DICE: 0.9, "hd95": 10}, "b": {DICE: 0.8, "hd95": 4}, "c": {DICE: 0.7}}
    done = report(runs, config=config)
    assert column(done, "ranks", "hd95") == {"b": 1, "nnunet": 2, "c": None}
    assert column(done, "ranks", DICE) == {"b": 2, "nnunet": 1, "c": 3}
    # Equal means and counts: the primary metric, which is higher-is-better.
    assert list(column(done, "run")) == ["nnunet", "b", "c"]
    # A delta stays value - baseline.
    assert column(done, "delta", "hd95")["b"] == {"absolute": -6, "percent": -60}


def test_where_the_primary_metric_is_better_low_it_settles_ties_low(report: Any) -> None:
    config = """
        [[metrics]]
        key = "loss"
        primary = true
        higher_is_better = false
        [[metrics]]
        key = "dice_pos"
    """
    done = report({"a": {"loss": 0.9, DICE: 0.9}, "b": {"loss": 0, DICE: 0.1}}, config=config)
    assert column(done, "mean_rank") == {"b": 1.5, "a": 1.5}
    assert list(column(done, "run")) == ["b", "a"]


# Any runs

VALUE = st.none() | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1)
PRIMARY = st.sampled_from([0.25, 0.5, 0.75, 1.0]) | st.floats(0.001, 1)
NAMES = st.text("abz019-_\ue000\N{GRINNING FACE}", min_size=1, max_size=4)
RUNS = st.dictionaries(NAMES, st.builds(metrics, PRIMARY, VALUE, VALUE), min_size=1, max_size=12)


def leveled(values: list[float | None], higher_is_better: bool) -> list[float | None]:
    """The values, with the best of those that are equal but for rounding in their place."""
    best: list[float] = []
    for value in sorted({v for v in values if v is not None}, reverse=higher_is_better):
        if not best or abs(value - best[-1]) > 1e-9 * max(abs(value), abs(best[-1])):
            best.append(value)
    return [
        None
        if value is None
        else next(b for b in best if abs(value - b) <= 1e-9 * max(abs(value), abs(b)))
        for value in values
    ]


@given(RUNS, st.sampled_from(TIES), st.tuples(*[st.booleans()] * 3))
@settings(deadline=None, max_examples=60)
def test_any_runs_are_ranked_as_pandas_ranks_them(
    runs: dict[str, Any], ties: Ties, higher_is_better: tuple[bool, ...]
) -> None:
    higher = dict(zip(RANKED, higher_is_better, strict=True))
    tables = "".join(
        f'[[metrics]]\nkey = "{key}"\nprimary = {str(key == DICE).lower()}\n'
        f"higher_is_better = {str(higher[key]).lower()}\n"
        for key in RANKED
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "finalrank.toml").write_text(f'[rank]\nties = "{ties}"\n{tables}')
        for name, content in runs.items():
            Path(folder, name).mkdir()
            Path(folder, name, "test_metrics.json").write_text(json.dumps(content))
        ranked = package.load_report(folder).runs

    for key in RANKED:
        runs = {
            name: {**content, key: level}
            for (name, content), level in zip(
                runs.items(), leveled([c[key] for c in runs.values()], higher[key]), strict=True
            )
        }
    # Series.rank(method="first") ranks equal values in the order of the series: by run name.
    frame = pd.DataFrame.from_dict(runs, orient="index", dtype=float).sort_index()
    method: Any = "first" if ties == "ordinal" else ties
    ranks = pd.DataFrame(
        {key: frame[key].rank(method=method, ascending=not higher[key]) for key in RANKED}
    )
    for run in ranked:
        of_run = (float(ranks[key][run.run]) for key in RANKED)
        expected = [None if math.isnan(rank) else rank for rank in of_run]
        assert [run.ranks[key] for key in RANKED] == expected
        present = [Fraction(rank) for rank in expected if rank is not None]
        assert run.mean_rank == float(sum(present) / len(present))
        assert run.metrics_used == len(present)

    def place(run: Any) -> Any:
        primary = runs[run.run][DICE]
        return run.mean_rank, -run.metrics_used, -primary if higher[DICE] else primary, run.run

    assert [run.run for run in ranked] == [run.run for run in sorted(ranked, key=place)]
    assert {run.run for run in ranked} == set(runs)
    assert [run.rank for run in ranked] == list(range(1, len(runs) + 1))


# The baseline


@pytest.mark.parametrize(
    ("names", "baseline"),
    [
        (["a", "nnunet"], "nnunet"),
        (["a", "my_nnUNet_v2/fold0"], "my_nnUNet_v2/fold0"),
        (["NNUNET_2", "nnunet_1"], "NNUNET_2"),
        (["a", "nn_unet"], None),
        (["a", "b"], None),
    ],
)
def test_the_baseline_is_the_best_ranked_run_of_that_name(
    names: list[str], baseline: str | None, report: Any
) -> None:
    done = report({name: metrics(0.9 - i / 10) for i, name in enumerate(names)})
    assert (done.json["baseline"] and done.json["baseline"]["run"]) == baseline
    assert all((run["delta"] is None) == (baseline is None) for run in done.json["runs"])


def test_a_run_that_is_left_out_is_no_baseline(report: Any) -> None:
    done = report({"a": metrics(0.5), "nnunet_dev": metrics(0.9), "nnunet": metrics(0)})
    assert done.json["baseline"] is None


def test_what_the_name_must_contain_can_be_configured(report: Any) -> None:
    runs = {"a_UNETR": metrics(0.5), "nnunet": metrics(0.9)}
    done = report(runs, config='[baseline]\nmatch = "uneTR"\nlabel = "UNETR"')
    assert done.json["baseline"] == {
        "run": "a_UNETR",
        "label": "UNETR",
        "metrics": {DICE: 0.5, "iou_pos": None, ROC: None, AP: None},
    }


@pytest.mark.parametrize("how", ["option", "configuration"])
def test_the_baseline_can_be_named(how: str, report: Any) -> None:
    runs = {"a": metrics(0.5), "nnunet": metrics(0.9)}
    if how == "option":
        done = report(runs, "--baseline", "a")
    else:
        done = report(runs, config='[baseline]\nrun = "a"')
    assert done.json["baseline"]["run"] == "a"
    # It is not what `baseline.match` looks for, so that it is no nnUNet.
    assert done.json["baseline"]["label"] == "a"


@pytest.mark.parametrize(
    ("config", "label"),
    [
        ('run = "a"\nlabel = "Ours of 2025"', "Ours of 2025"),
        ('run = "a"', "a"),
        ('run = "nnunet"', "nnUNet"),
        ('run = "a"\nmatch = "A"', "nnUNet"),
    ],
)
def test_the_baseline_is_called_by_a_label_that_was_meant_for_it(
    config: str, label: str, report: Any
) -> None:
    runs = {"a": metrics(0.5), "nnunet": metrics(0.9)}
    assert report(runs, config=f"[baseline]\n{config}").json["baseline"]["label"] == label


def test_without_the_published_layout_a_named_baseline_has_its_own_name(report: Any) -> None:
    own = "[[metrics]]\nkey = 'dice_pos'\nprimary = true\n[baseline]\n"
    runs = {"a": metrics(0.5), "b": metrics(0.9)}
    for config, label in (('run = "a"', "a"), ('match = "a"', "Baseline"), ("", None)):
        baseline = report(runs, config=own + config).json["baseline"]
        assert (baseline and baseline["label"]) == label


@pytest.mark.parametrize("part", ["unet", "UNET_SEED_4", "unet_seed_42/"])
def test_a_named_baseline_is_a_whole_name(part: str, report: Any) -> None:
    done = report({"unet_seed_42": metrics(0.5)}, "--baseline", part)
    assert (done.status, done.out) == (2, "")


def test_a_baseline_that_is_no_run_is_an_error_with_near_misses(report: Any) -> None:
    done = report(
        {"unet_seed_42": metrics(0.5), "other": metrics(0.4)}, "--baseline", "unet_seed_4"
    )
    assert (done.status, done.out) == (2, "")
    assert "unet_seed_4" in done.err
    assert '"unet_seed_42"' in done.err
    assert "other" not in done.err


@pytest.mark.parametrize("content", ["{", "{}", metrics(0)])
def test_a_baseline_without_a_valid_artifact_is_an_error_with_near_misses(
    content: Any, report: Any
) -> None:
    runs = {"unet_seed_42": metrics(0.5), "unet_seed_4": content}
    done = report(runs, "--baseline", "unet_seed_4")
    assert (done.status, done.out) == (2, "")
    assert '"unet_seed_4"' in done.err
    assert '"unet_seed_42"' in done.err


# Deltas


def test_deltas_and_percentages(report: Any) -> None:
    done = report(
        {"nnunet": metrics(0.25, 0.5, 0), "a": metrics(0.75, 0.25, 0.5), "b": metrics(0.5, None, 0)}
    )
    none = {"absolute": None, "percent": None}
    assert column(done, "delta") == {
        "a": {
            DICE: {"absolute": 0.5, "percent": 200},
            "iou_pos": none,
            ROC: {"absolute": -0.25, "percent": -50},
            AP: {"absolute": 0.5, "percent": None},
        },
        "nnunet": {
            DICE: {"absolute": 0, "percent": 0},
            "iou_pos": none,
            ROC: {"absolute": 0, "percent": 0},
            AP: {"absolute": 0, "percent": None},
        },
        "b": {
            DICE: {"absolute": 0.25, "percent": 100},
            "iou_pos": none,
            ROC: none,
            AP: {"absolute": 0, "percent": None},
        },
    }


def test_a_metric_that_the_baseline_lacks_has_no_delta(report: Any) -> None:
    done = report({"nnunet": metrics(0.25), "a": metrics(0.75, 0.25)})
    assert column(done, "delta", ROC)["a"] == {"absolute": None, "percent": None}


def test_percentages_are_of_the_baselines_size_not_its_sign(report: Any) -> None:
    config = """
        [baseline]
        match = "nnunet"
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "ll"
        range = [-inf, 0]
    """
    runs = {"nnunet": {DICE: 0.5, "ll": -4}, "a": {DICE: 0.5, "ll": -3}}
    done = report(runs, config=config)
    assert column(done, "delta", "ll")["a"] == {"absolute": 1, "percent": 25}


@pytest.mark.parametrize(
    ("value", "baseline", "absolute"),
    [(1.0, 5e-324, 1.0), (1e308, -1e308, None), (1e300, 1e-300, 1e300)],
)
def test_what_is_not_finite_is_null(
    value: float, baseline: float, absolute: float | None, report: Any
) -> None:
    config = """
        [baseline]
        match = "nnunet"
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "x"
        range = [-inf, inf]
    """
    runs = {"nnunet": {DICE: 0.5, "x": baseline}, "a": {DICE: 0.6, "x": value}}
    done = report(runs, config=config)
    assert column(done, "delta", "x")["a"] == {"absolute": absolute, "percent": None}


@given(RUNS)
@settings(deadline=None, max_examples=40)
def test_any_deltas(runs: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in runs.items():
            Path(folder, name).mkdir()
            Path(folder, name, "test_metrics.json").write_text(json.dumps(content))
        Path(folder, "finalrank.toml").write_text(
            f'[baseline]\nrun = "{min(runs)}"', encoding="utf-8"
        )
        ranked = package.load_report(folder).runs
    for run in ranked:
        assert run.delta is not None
        for key in RANKED:
            value, baseline = runs[run.run][key], runs[min(runs)][key]
            got = run.delta[key]
            if value is None or baseline is None:
                assert (got.absolute, got.percent) == (None, None)
                continue
            assert got.absolute == value - baseline
            if baseline == 0:
                assert got.percent is None
            elif got.percent is None:
                assert abs(baseline) < 1e-290
            else:
                assert math.isclose(got.percent, (value - baseline) / abs(baseline) * 100)
