"""The paired bootstrap over cases, the tests against the baseline, and what is aligned for them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finalrank.config.metrics import Metric
from finalrank.evidence.cases import bootstrap
from finalrank.evidence.cases.alignment import Alignment, mean_of
from finalrank.evidence.cases.paired import (
    CaseEvidence,
    CaseMetric,
    CasePlace,
    CaseSettings,
    case_evidence,
)
from finalrank.evidence.cases.signed_rank import holm
from finalrank.model.artifact import CaseValues

OVERLAP = Metric(key="overlap", primary=True)
DISTANCE = Metric(key="distance", higher_is_better=False, range=(-1e308, 1e308))
BOTH = [OVERLAP, DISTANCE]

Values = Mapping[str, float]


def held(run: str, **values: Values) -> CaseValues:
    return CaseValues(f"{run}/test_cases.csv", values)


def numbered(values: Sequence[float]) -> Values:
    return {f"c{number:03}": value for number, value in enumerate(values)}


def evidence(
    runs: Mapping[str, Mapping[str, Values]],
    metrics: Sequence[Metric] = BOTH,
    baseline: str | None = None,
    top: int = 3,
    resamples: int = 10_000,
    **more: Any,
) -> CaseEvidence:
    found = case_evidence(
        {run: held(run, **values) for run, values in runs.items()},
        metrics,
        more.get("reported", {}),
        CaseSettings(
            baseline,
            more.get("first_two", ()),
            top,
            resamples,
            more.get("seed", 0),
            more.get("confidence", 0.95),
        ),
    )
    assert found is not None
    return found


def of_overlap(**runs: Sequence[float]) -> dict[str, dict[str, Values]]:
    return {run: {"overlap": numbered(values)} for run, values in runs.items()}


def row(found: CaseEvidence, run: str, metric: str = "overlap") -> CaseMetric:
    return next(r for r in found.metrics if (r.run, r.metric) == (run, metric))


def place(found: CaseEvidence, run: str) -> CasePlace:
    return next(r for r in found.places if r.run == run)


# Intervals


def test_two_cases_have_three_means() -> None:
    found = evidence(of_overlap(a=[0, 1], base=[0.5, 0.5]), baseline="base")
    # Of the four resamples one has twice the first case, one twice the second.
    assert (row(found, "a").mean, row(found, "a").low, row(found, "a").high) == (0.5, 0, 1)
    assert (row(found, "base").low, row(found, "base").high) == (0.5, 0.5)
    quarter = evidence(of_overlap(a=[0, 1]), confidence=0.4)
    assert (row(quarter, "a").low, row(quarter, "a").high) == (0.5, 0.5)


def test_the_intervals_are_those_of_scipy() -> None:
    generator = np.random.default_rng(3)
    base = generator.beta(2, 3, 60)
    run = np.clip(base + generator.normal(0.03, 0.1, 60), 0, 1)
    found = evidence(of_overlap(run=run.tolist(), base=base.tolist()), baseline="base")
    options: dict[str, Any] = {"n_resamples": 20_000, "method": "percentile", "rng": generator}
    mean = scipy.stats.bootstrap((run,), np.mean, **options).confidence_interval
    moved = scipy.stats.bootstrap((run - base,), np.mean, **options).confidence_interval
    ours = row(found, "run")
    assert ours.mean == pytest.approx(run.mean(), abs=1e-11)
    assert ours.difference == pytest.approx((run - base).mean(), abs=1e-11)
    assert (ours.low, ours.high) == pytest.approx(tuple(mean), abs=0.003)
    assert (ours.difference_low, ours.difference_high) == pytest.approx(tuple(moved), abs=0.002)


def test_pairing_makes_the_difference_certain() -> None:
    found = evidence(of_overlap(a=[0.1, 0.9, 0.5], base=[0.0, 0.8, 0.4]), baseline="base")
    ours = row(found, "a")
    assert ours.low < 0.3 < 0.7 < ours.high
    assert (ours.difference, ours.difference_low, ours.difference_high) == (0.1, 0.1, 0.1)


def test_what_the_artifact_says_stands_beside_the_mean() -> None:
    reported = {"a": {"overlap": 0.7, "distance": None}}
    found = evidence(of_overlap(a=[0, 1], b=[0, 1]), reported=reported)
    assert (row(found, "a").reported, row(found, "b").reported) == (0.7, None)


def test_the_baseline_is_not_compared_with_itself() -> None:
    found = evidence(of_overlap(a=[0, 1], base=[0, 1]), baseline="base")
    nothing = (None, None, None, None, None)
    base, other = row(found, "base"), row(evidence(of_overlap(a=[0, 1])), "a")
    for line in (base, other):
        differs = line.difference, line.difference_low, line.difference_high, line.p, line.p_holm
        assert differs == nothing


@pytest.mark.parametrize("size", [1e-320, 1e-300, 1e-9, 1.0, 1e9, 1e300, 8e307])
def test_values_may_be_of_any_size(size: float) -> None:
    run, base = ({"distance": numbered([0, share * size])} for share in (1, 0.5))
    found = evidence({"run": run, "base": base}, [DISTANCE], "base", resamples=500)
    ours = row(found, "run", "distance")
    assert ours.mean == pytest.approx(size / 2, rel=1e-9, abs=1e-299)
    assert ours.high == pytest.approx(size, rel=1e-9, abs=1e-299)
    assert ours.difference == pytest.approx(size / 4, rel=1e-9, abs=1e-299)


def test_all_zeros_have_a_mean() -> None:
    found = evidence(of_overlap(a=[0, 0], b=[-0.0, 0]), baseline="a")
    assert str(row(found, "b").mean) == "0.0"
    assert [place.first for place in found.places] == [0.5, 0.5]


def test_the_first_run_against_the_second() -> None:
    runs = of_overlap(a=[0.3, 0.9, 0.5], b=[0.1, 0.8, 0.4], base=[0.0, 0.8, 0.4])
    found = evidence(runs, baseline="base", first_two=("a", "b"))
    (contest,) = found.to_second
    # As if the second were the baseline.
    ours = row(evidence(runs, baseline="b"), "a")
    assert found.second == "b"
    assert (contest.metric, contest.cases, contest.difference) == ("overlap", 3, ours.difference)
    assert (contest.low, contest.high) == (ours.difference_low, ours.difference_high)
    alone = evidence(runs, first_two=("a", "without"))
    assert (alone.second, alone.to_second) == (None, [])


# Places


def expected(
    runs: Mapping[str, Mapping[str, Values]], metrics: Sequence[Metric], top: int
) -> dict[str, tuple[float, float, list[int]]]:
    """First, podium and places over every resample that there can be, all equally likely."""
    names = sorted(runs)
    cases = sorted(runs[names[0]][metrics[0].key])
    found: dict[str, list[tuple[Fraction, int]]] = {run: [] for run in names}
    for drawn in itertools.product(cases, repeat=len(cases)):
        total = {run: Fraction(0) for run in names}
        for metric in metrics:
            cost = [
                metric.sign * sum(Fraction(str(runs[run][metric.key][case])) for case in drawn)
                for run in names
            ]
            for run, own in zip(names, cost, strict=True):
                ahead, equal = sum(c < own for c in cost), cost.count(own)
                total[run] += ahead + Fraction(equal + 1, 2)
        best = [run for run in names if total[run] == min(total.values())]
        for run in names:
            won = Fraction(1, len(best)) if run in best else Fraction(0)
            found[run].append((won, 1 + sum(other < total[run] for other in total.values())))
    return {
        run: (
            float(sum(won for won, _ in rows) / len(rows)),
            sum(p <= top for _, p in rows) / len(rows),
            sorted(p for _, p in rows),
        )
        for run, rows in found.items()
    }


@pytest.mark.parametrize("top", [1, 2])
def test_the_places_are_those_of_all_resamples(top: int) -> None:
    figures = {
        "a": ([0.1, 0.6, 0.3, 0.2], [3, 1, 4, 1]),
        "b": ([0.3, 0.4, 0.0, 0.5], [5, 9, 2, 6]),
        "c": ([0.9, 0.1, 0.1, 0.1], [5, 3, 5, 8]),
        "d": ([0.2, 0.5, 0.4, 0.1], [2, 7, 1, 8]),
        "e": ([0.1, 0.6, 0.3, 0.2], [3, 1, 4, 1]),
    }
    runs = {
        run: {"overlap": numbered(one), "distance": numbered(other)}
        for run, (one, other) in figures.items()
    }
    found = evidence(runs, top=top, resamples=40_000)
    for run, (first, podium, places) in expected(runs, BOTH, top).items():
        ours = place(found, run)
        assert ours.first == pytest.approx(first, abs=0.01)
        assert ours.podium == pytest.approx(podium, abs=0.01)
        assert ours.low == places[round(0.025 * len(places)) - 1]
        assert ours.high == places[round(0.975 * len(places)) - 1]


def test_sums_that_are_equal_on_paper_are_a_tie() -> None:
    # 0.1 + 0.2 is not 0.3 in floats.
    runs = of_overlap(a=[0.1, 0.2], b=[0.3, 0.0])
    found = evidence(runs, top=1, resamples=40_000)
    assert found.places[0].first == pytest.approx(expected(runs, [OVERLAP], 1)["a"][0], abs=0.01)
    assert found.places[0].podium == pytest.approx(0.75, abs=0.01)


def test_three_thirds_are_one() -> None:
    runs = of_overlap(a=[1 / 3] * 3, b=[1, 0, 0], c=[2 / 3, 0, 1 / 3])
    found = evidence(runs, top=1)
    # Of 27 resamples a and b are in front in 7 each, c in 3, all three in 6, a and b in 3, a and c
    # in 1.
    shares = {run: place(found, run).first for run in runs}
    assert shares == pytest.approx({"a": 11 / 27, "b": 10.5 / 27, "c": 5.5 / 27}, abs=0.015)


def test_a_run_alone_is_first() -> None:
    assert evidence(of_overlap(a=[0, 1])).places == [CasePlace("a", 1.0, 1.0, 1, 1)]


def test_less_can_be_better() -> None:
    runs = {"a": {"distance": numbered([1, 2])}, "b": {"distance": numbered([3, 4])}}
    assert place(evidence(runs), "a").first == 1


# Tests against the baseline

# Heights of cross- and self-fertilised plants, their differences in eighths of an inch (Darwin
# 1876); the exact p is in the manual of scipy, and in Fisher 1935.
DARWIN = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]


def p_of(differences: Sequence[float]) -> float:
    base = {"distance": numbered([7.0] * len(differences))}
    run = {"distance": numbered([7.0 + d for d in differences])}
    found = evidence({"base": base, "run": run}, [DISTANCE], "base", resamples=100)
    p = row(found, "run", "distance").p
    assert p is not None
    return p


def test_the_signed_rank_test_is_the_published_one() -> None:
    assert p_of(DARWIN) == pytest.approx(0.041259765625)
    assert p_of([*DARWIN, 0, 0, 0]) == p_of(DARWIN)
    assert p_of([d / 8 for d in DARWIN]) == p_of(DARWIN)
    assert p_of(DARWIN[::-1]) == p_of(DARWIN)


@pytest.mark.parametrize(
    ("differences", "p"),
    [([0, 0], 1.0), ([1, 0], 1.0), ([1, -2], 1.0), ([1, 2], 0.5), ([1, 2, 3], 0.25)],
)
def test_few_cases_say_little(differences: list[float], p: float) -> None:
    assert p_of(differences) == pytest.approx(p)


def test_differences_that_are_equal_on_paper_are_tied() -> None:
    runs = of_overlap(run=[0.3, 0.8, 0.1, 0.5], base=[0.1, 0.6, 0.3, 0.3])
    found = evidence(runs, baseline="base", resamples=100)
    # Of 16 combinations of signs 10 have three of one sign, or four.
    assert row(found, "run").p == 10 / 16


@pytest.mark.parametrize("zeros", [0, 7, 500])
def test_ties_of_few_cases_are_counted(zeros: int) -> None:
    # Five differences, all of one sign: no p is less. The normal distribution says 0.025.
    assert p_of([1] * 5 + [0] * zeros) == 2 / 2**5
    assert p_of([1] * 13 + [0] * zeros) == 2 / 2**13
    assert p_of([1] * 50 + [0] * zeros) == 2 / 2**50


@pytest.mark.parametrize("cases", [7, 40, 120, 300])
def test_the_signed_rank_test_is_that_of_scipy(cases: int) -> None:
    generator = np.random.default_rng(cases)
    base = generator.integers(0, 30, cases) / 30
    # Differences of thirtieths are tied, and some are zero.
    runs = {f"r{n}": np.clip(base + generator.integers(-2, 4, cases) / 30, 0, 1) for n in range(3)}
    runs["distinct"] = generator.random(cases)
    figures = {run: values.tolist() for run, values in {**runs, "base": base}.items()}
    found = evidence(of_overlap(**figures), baseline="base", resamples=100)
    for run, values in runs.items():
        differences = np.round(values - base, 7)
        # As scipy chooses, but for the correction for continuity and up to how many it counts.
        method: Any = "approx" if cases > 50 else "auto"
        p, off = scipy.stats.wilcoxon(differences[differences != 0], method=method).pvalue, 1e-9
        if cases == 40 and run != "distinct":
            some = scipy.stats.PermutationMethod(n_resamples=20_000, rng=generator)
            p, off = scipy.stats.wilcoxon(differences[differences != 0], method=some).pvalue, 0.015
        assert row(found, run).p == pytest.approx(p, rel=1e-6, abs=off)


def test_holm_is_the_textbooks() -> None:
    # As R has it: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9, 0.5]) == [1, 1, 1]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_an_adjusted_p_is_in_order(p: list[float]) -> None:
    pairs = sorted(zip(p, holm(p), strict=True))
    assert all(before[1] <= after[1] for before, after in itertools.pairwise(pairs))
    assert all(raw <= adjusted <= min(1, len(p) * raw) for raw, adjusted in pairs)


def test_all_comparisons_are_adjusted_together() -> None:
    runs = {
        "base": {"overlap": numbered([0.0] * 15), "distance": numbered([0.0] * 15)},
        "a": {"overlap": numbered([d / 100 for d in DARWIN]), "distance": numbered(DARWIN)},
        "b": {"overlap": numbered([0.5] * 15), "distance": numbered([0.0] * 15)},
    }
    found = evidence(runs, baseline="base", resamples=100)
    raw = [line.p for line in found.metrics if line.p is not None]
    assert len(raw) == 4
    assert row(found, "a").p_holm == row(found, "a", "distance").p_holm
    # The second and the third of four: three times the p, as they are equal.
    assert row(found, "a").p_holm == pytest.approx(3 * 0.041259765625)
    assert row(found, "b").p_holm == pytest.approx(4 * min(raw))
    assert row(found, "b", "distance").p_holm == 1


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


# Whatever the values

CASES = 5
HUNDREDTHS = st.integers(0, 100).map(lambda number: number / 100)
COLUMN = st.lists(HUNDREDTHS, min_size=CASES, max_size=CASES)
RUNS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(COLUMN, COLUMN), min_size=1, max_size=5
)


def two(runs: Mapping[str, tuple[list[float], list[float]]]) -> dict[str, dict[str, Values]]:
    return {
        run: {"overlap": numbered(one), "distance": numbered(other)}
        for run, (one, other) in runs.items()
    }


@settings(max_examples=30, deadline=None)
@given(RUNS, st.randoms(use_true_random=False))
def test_no_order_changes_anything(runs: Any, random: Any) -> None:
    baseline = random.choice(sorted(runs))
    found = evidence(two(runs), BOTH, baseline, resamples=200)

    def shuffled(mapping: Mapping[str, Any]) -> dict[str, Any]:
        return dict(random.sample(sorted(mapping.items()), len(mapping)))

    again = {
        run: {key: shuffled(values) for key, values in shuffled(metrics).items()}
        for run, metrics in shuffled(two(runs)).items()
    }
    assert evidence(again, BOTH, baseline, resamples=200) == found
    turned = evidence(again, BOTH[::-1], baseline, resamples=200)
    assert (turned.places, turned.alignment) == (found.places, found.alignment)
    assert sorted(map(repr, turned.metrics)) == sorted(map(repr, found.metrics))


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_probabilities_add_up(runs: Any) -> None:
    found = evidence(two(runs), top=2, resamples=200)
    assert sum(line.first for line in found.places) == pytest.approx(1)
    assert all(line.first <= line.podium <= 1 for line in found.places)
    assert all(1 <= line.low <= line.high <= len(runs) for line in found.places)
    assert all(line.low <= line.high for line in found.metrics)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_a_copy_of_the_baseline_is_no_different(runs: Any) -> None:
    baseline = min(runs)
    found = evidence(two({**runs, "zz": runs[baseline]}), BOTH, baseline, resamples=200)
    for key in ("overlap", "distance"):
        line = row(found, "zz", key)
        assert [line.difference, line.difference_low, line.difference_high] == [0, 0, 0]
        assert (line.p, line.p_holm) == (1, 1)
        assert line.mean == row(found, baseline, key).mean
    one, other = place(found, baseline), place(found, "zz")
    assert (one.first, one.podium, one.low) == (other.first, other.podium, other.low)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_who_is_better_on_every_case_is_first(runs: Any) -> None:
    best = [0.01 + max(column) for column in zip(*(one for one, _ in runs.values()), strict=True)]
    least = [min(column) - 0.01 for column in zip(*(two for _, two in runs.values()), strict=True)]
    assume(max(best) <= 1)
    found = evidence(two({**runs, "zz": (best, least)}), resamples=200)
    ours = place(found, "zz")
    assert (ours.first, ours.podium, ours.low, ours.high) == (1, 1, 1, 1)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_another_run_leaves_the_figures_of_the_others(runs: Any) -> None:
    more = evidence(two({**runs, "zz": ([0.5] * CASES, [0.5] * CASES)}), resamples=200)
    for line in evidence(two(runs), resamples=200).metrics:
        assert row(more, line.run, line.metric).mean == pytest.approx(line.mean, abs=1e-12)
        assert row(more, line.run, line.metric).low == pytest.approx(line.low, abs=1e-12)


def test_the_seed_decides_alone() -> None:
    runs = of_overlap(a=[0.1, 0.5, 0.2, 0.9], b=[0.3, 0.4, 0.6, 0.2])
    assert evidence(runs, seed=7) == evidence(runs, seed=7)
    assert evidence(runs, seed=7) != evidence(runs, seed=8)


@pytest.mark.parametrize("cases", [2, 511, 512, 513, 9000])
@pytest.mark.parametrize("runs", [1, 31, 33])
def test_the_sums_are_exact_in_tiles_of_any_size(runs: int, cases: int) -> None:
    whole = np.random.default_rng(0).integers(0, 1000, (runs, cases)).astype(float)
    with_ones = np.vstack([whole, np.ones(cases)])
    sums = bootstrap.resampled_sums(with_ones, 300, 5)
    assert (sums[-1] == cases).all()
    assert (sums == np.rint(sums)).all()
    together = bootstrap.resampled_sums(with_ones.sum(axis=0, keepdims=True), 300, 5)
    assert (together == sums.sum(axis=0)).all()
    # Few resamples are the first of many.
    assert (bootstrap.resampled_sums(with_ones, 7, 5) == sums[:, :7]).all()
    # The mean of a resample is as far from the mean as the standard error says.
    error = (sums[0] - whole[0].sum()) / (whole[0].std() * cases**0.5)
    assert abs(error.mean()) < 0.25
    assert error.std() == pytest.approx(1, abs=0.2)


def test_it_matters_not_how_many_metrics_are_resampled_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(1)
    grids = [bootstrap.grid(generator.random((runs, 20))) for runs in (3, 1, 2)]
    together = list(bootstrap.resample_each(grids, 100, 0))
    assert [one.sums.shape for one in together] == [(3, 100), (1, 100), (2, 100)]
    for at_once in (1, 650):
        monkeypatch.setattr(bootstrap, "_AT_ONCE", at_once)
        alone = bootstrap.resample_each(grids, 100, 0)
        for one, other in zip(together, alone, strict=True):
            assert (one.sums == other.sums).all()
            assert (one.counts == 20).all()
    assert list(bootstrap.resample_each([], 100, 0)) == []
