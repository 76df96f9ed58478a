"""The paired bootstrap over cases: its intervals, and the places of runs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats

from case_evidence import (
    BOTH,
    DISTANCE,
    OVERLAP,
    Values,
    evidence,
    numbered,
    of_overlap,
    place,
    row,
)
from finalrank.config.tables.metrics import Metric
from finalrank.evidence.cases.paired import (
    CasePlace,
)

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
