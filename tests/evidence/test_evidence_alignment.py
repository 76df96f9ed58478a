"""Which cases and metrics of runs are compared."""

from __future__ import annotations

import numpy as np
import pytest

from case_evidence import BOTH, DISTANCE, Values, evidence, held, numbered, of_overlap, place, row
from finalrank.evidence.cases.alignment import Alignment, mean_of
from finalrank.evidence.cases.paired import (
    CaseSettings,
    case_evidence,
)

# What is aligned


def named(cases: str, value: float = 0.5) -> dict[str, Values]:
    return {"overlap": dict.fromkeys(cases, value)}


def test_what_does_not_align_is_counted() -> None:
    runs: dict[str, dict[str, Values]] = {
        "base": named("abcdefgh"),
        "all": named("abcdefgh"),
        "fewer": named("abcdef"),
        "half": named("efghxyz"),
        "other": named("abcxyz"),
        "none": {"overlap": {}},
    }
    found = evidence(runs, baseline="base", resamples=100)
    assert found.alignment == [
        Alignment("all", "all/test_cases.csv", 8, 0, 0, True, []),
        Alignment("base", "base/test_cases.csv", 8, 0, 0, True, []),
        Alignment("fewer", "fewer/test_cases.csv", 6, 2, 0, True, []),
        Alignment("half", "half/test_cases.csv", 7, 4, 3, True, []),
        Alignment("none", "none/test_cases.csv", 0, 8, 0, False, ["overlap"]),
        Alignment("other", "other/test_cases.csv", 6, 5, 3, False, ["overlap"]),
    ]
    assert (found.reference, found.baseline) == ("base", "base")
    assert (found.cases, found.dropped) == (2, 6)  # e and f
    assert [line.run for line in found.metrics] == ["all", "base", "fewer", "half"]


def test_cases_are_matched_by_name_not_by_place() -> None:
    base = {"overlap": {"a": 0.1, "b": 0.9, "c": 0.4}}
    run = {"overlap": {"c": 0.4, "a": 0.1, "b": 0.9}}
    found = row(evidence({"base": base, "run": run}, baseline="base"), "run")
    assert (found.difference_low, found.difference_high, found.p) == (0, 0, 1)


@pytest.mark.parametrize(
    ("runs", "baseline", "reference"),
    [
        ({"a": "xyz", "b": "uv", "c": "uv"}, None, "b"),
        ({"a": "xyz", "b": "uv", "c": "uv"}, "a", "a"),
        ({"a": "xyz", "b": "uv", "c": "uv"}, "nowhere", "b"),
        ({"a": "xyz", "b": "uv", "c": "uv", "d": ""}, "d", "b"),
        ({"b": "uv", "c": "xyz", "d": "xyw"}, None, "c"),
        ({"b": "uv", "c": "xyz", "a": "", "d": ""}, None, "c"),
    ],
)
def test_the_reference_is_the_baseline_or_most_common(
    runs: dict[str, str], baseline: str | None, reference: str
) -> None:
    found = evidence({run: named(cases) for run, cases in runs.items()}, baseline=baseline)
    assert found.reference == reference
    assert found.baseline == (baseline if baseline == "a" else None)


def test_too_few_cases_are_not_resampled() -> None:
    found = evidence({"a": named("abc"), "b": named("ab", 0.1), "c": named("bc")})
    assert (found.cases, found.dropped) == (1, 2)
    assert (found.metrics, found.places) == ([], [])
    assert all(line.used for line in found.alignment)


def test_no_values_are_no_evidence() -> None:
    for runs in ({}, {"a": held("a")}, {"a": held("a", overlap={}, other=numbered([1, 2]))}):
        assert case_evidence(runs, BOTH, {}, CaseSettings("a", (), 3, 100, 0, 0.95)) is None


def test_a_metric_counts_where_a_run_has_half_of_it() -> None:
    ten = numbered(range(10))
    runs = {
        "base": {"overlap": numbered([0.1] * 10), "distance": ten},
        "full": {"overlap": numbered([0.2] * 10), "distance": ten},
        "most": {"overlap": numbered([0.3] * 10), "distance": numbered(range(6))},
        "some": {"overlap": numbered([0.4] * 10), "distance": numbered(range(4))},
        "lone": {"distance": ten},
    }
    found = evidence(runs, baseline="base", resamples=100)
    assert (found.cases, found.dropped) == (10, 0)
    assert {(line.metric, line.cases) for line in found.metrics} == {
        ("overlap", 10),
        ("distance", 6),
    }
    lines = [(line.run, line.metric) for line in found.metrics]
    assert lines == [
        ("base", "overlap"),
        ("base", "distance"),
        ("full", "overlap"),
        ("full", "distance"),
        ("lone", "distance"),
        ("most", "overlap"),
        ("most", "distance"),
        ("some", "overlap"),
    ]
    assert [line.run for line in found.places] == ["base", "full", "most"]
    assert found.alignment[-1] == Alignment(
        "some", "some/test_cases.csv", 10, 0, 0, True, ["distance"]
    )


def test_a_metric_may_be_of_some_cases_alone() -> None:
    # A Dice of the 20 positive cases, and another figure of all 100.
    generator = np.random.default_rng(4)
    figures = {run: generator.random(100).tolist() for run in ("base", "a", "b")}
    runs: dict[str, dict[str, Values]] = {
        run: {"overlap": dict(list(numbered(values).items())[:20]), "distance": numbered(values)}
        for run, values in figures.items()
    }
    found = evidence(runs, baseline="base", resamples=20_000)
    assert (found.cases, found.dropped, found.placed_by) == (100, 0, ["overlap", "distance"])
    assert {(line.metric, line.cases) for line in found.metrics} == {
        ("overlap", 20),
        ("distance", 100),
    }
    # As if there were no other cases, but for how many of them are drawn.
    few = evidence(of_overlap(**{run: v[:20] for run, v in figures.items()}), baseline="base")
    for run in ("a", "b"):
        ours, alone = row(found, run), row(few, run)
        assert ours.p == alone.p
        means = alone.mean, alone.difference
        assert (ours.mean, ours.difference) == pytest.approx(means, abs=1e-11)
        assert (ours.low, ours.high) == pytest.approx((alone.low, alone.high), abs=0.02)
        moved = alone.difference_low, alone.difference_high
        assert (ours.difference_low, ours.difference_high) == pytest.approx(moved, abs=0.03)


def test_a_resample_without_any_such_case_says_nothing_of_it() -> None:
    runs: dict[str, dict[str, Values]] = {
        run: {"overlap": {"c000": value, "c001": value}, "distance": numbered([value] * 40)}
        for run, value in (("a", 0.2), ("b", 0.4))
    }
    found = evidence(runs, resamples=1000)
    ours = row(found, "a")
    assert (ours.cases, ours.mean, ours.low, ours.high) == (2, 0.2, 0.2, 0.2)


@pytest.mark.parametrize("wrong", [1e3, 1e5, 1e9, 1e16, 1e200])
@pytest.mark.parametrize("cases", [4, 200])
def test_one_value_that_went_wrong_leaves_the_other_runs_as_they_are(
    wrong: float, cases: int
) -> None:
    base = np.random.default_rng(0).normal(20, 5, cases).round(2)
    figures = {"a": (base - 0.05).round(2), "base": base, "bad": base - 0.1}
    figures["bad"][1] = wrong
    runs = {run: {"distance": numbered(values.tolist())} for run, values in figures.items()}
    found = evidence(runs, [DISTANCE], "base")
    alone = evidence({run: runs[run] for run in ("a", "base")}, [DISTANCE], "base")
    ours, expected = (row(each, "a", "distance") for each in (found, alone))
    assert (ours.mean, ours.difference) == pytest.approx((expected.mean, -0.05), abs=1e-9)
    assert (ours.low, ours.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert (ours.difference_low, ours.difference_high) == pytest.approx((-0.05, -0.05), abs=1e-9)
    assert ours.p == expected.p
    # It is ahead of the baseline in every resample, and of the third where the value is drawn.
    assert place(found, "a").high == 2
    assert place(found, "base").first == 0
    # The third is better on all cases but one.
    p = row(found, "bad", "distance").p
    assert p is not None
    assert p < 0.05 or cases == 4


def test_a_metric_that_the_reference_lacks_has_one_of_its_own() -> None:
    some, all_ = numbered([0.5] * 20), numbered([1.0] * 60)
    runs: dict[str, dict[str, Values]] = {
        "base": {"distance": all_},
        "a": {"distance": all_, "overlap": some},
        "b": {"distance": all_, "overlap": some},
    }
    found = evidence(runs, baseline="base", resamples=100)
    assert [(line.run, line.cases) for line in found.metrics if line.metric == "overlap"] == [
        ("a", 20),
        ("b", 20),
    ]
    assert [line.unused for line in found.alignment] == [[], [], ["overlap"]]


def test_a_metric_without_two_cases_in_common_is_told() -> None:
    runs: dict[str, dict[str, Values]] = {
        "a": {"distance": numbered([1, 2, 3]), "overlap": {"c000": 0.5, "c001": 0.5}},
        "b": {"distance": numbered([1, 2, 3]), "overlap": {"c001": 0.5, "c002": 0.5}},
    }
    assert evidence(runs, resamples=100).too_few == ["overlap"]


def test_folds_have_their_cases_together() -> None:
    folds = [held("f", overlap={"a": 0.1, "b": 0.2}), held("f", overlap={"c": 0.3})]
    assert mean_of(folds, "x").values == {"overlap": {"a": 0.1, "b": 0.2, "c": 0.3}}
    seeds = [held("f", overlap={"a": 0.1, "b": 0.2}), held("f", overlap={"b": 0.4})]
    assert mean_of(seeds, "x").values == {"overlap": {"b": pytest.approx(0.3)}}


def test_a_baseline_without_a_metric_has_no_difference_there() -> None:
    runs = {
        "base": {"overlap": numbered([0.1, 0.2])},
        "a": {"overlap": numbered([0.2, 0.3]), "distance": numbered([1, 2])},
    }
    found = evidence(runs, baseline="base", resamples=100)
    assert row(found, "a").difference == pytest.approx(0.1)
    assert row(found, "a", "distance").difference is None
    assert [line.run for line in found.places] == ["a", "base"]
    assert found.placed_by == ["overlap"]


def test_no_run_may_have_every_metric() -> None:
    runs = {
        "a": {"overlap": numbered([0.2, 0.3])},
        "b": {"distance": numbered([1, 2])},
    }
    found = evidence(runs, resamples=100)
    assert len(found.metrics) == 2
    assert found.places == []
