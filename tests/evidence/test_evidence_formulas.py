"""The formulas of the evidence: against published figures, brute force and simulation."""

from __future__ import annotations

import math
import runpy
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from conftest import ROOT
from finalrank.evidence import formulas

Z95 = formulas.z(0.95)
VALUES = st.floats(1e-6, 1 - 1e-6)
COUNTS = st.integers(1, 5000)
RUBBISH = st.one_of(st.floats(), st.sampled_from([0, 1, 5e-324, 1 - 2**-53, 1e308]))


def average_precision(order: tuple[bool, ...]) -> float:
    """The mean precision at the positives of a ranking, the best case first."""
    places = [place for place, positive in enumerate(order, 1) if positive]
    return sum(found / place for found, place in enumerate(places, 1)) / len(places)


def area(order: tuple[bool, ...]) -> float:
    """The share of pairs in which the positive comes before the negative."""
    pairs = [(p, n) for p, a in enumerate(order) if a for n, b in enumerate(order) if not b]
    return sum(p < n for p, n in pairs) / len(pairs)


def rankings(positives: int, negatives: int) -> list[tuple[bool, ...]]:
    """Every order in which the cases can come."""
    size = positives + negatives
    return [
        tuple(place in chosen for place in range(size))
        for chosen in combinations(range(size), positives)
    ]


# Standard errors and intervals


def test_z_is_the_quantile_of_the_normal_distribution() -> None:
    assert round(Z95, 6) == 1.959964
    for confidence in (0.5, 0.9, 0.99):
        expected = stats.norm.ppf(0.5 + confidence / 2)
        assert formulas.z(confidence) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("auc", "positives", "negatives", "error", "low", "high"),
    [
        (0.9077634866290367, 107, 505, 0.01967, 0.8613, 0.9398),
        (0.9078, 72, 336, 0.02399, 0.8488, 0.9453),
    ],
)
def test_auc_intervals_as_published(
    auc: float, positives: int, negatives: int, error: float, low: float, high: float
) -> None:
    found = formulas.auc_interval(auc, positives, negatives, Z95)
    assert found == pytest.approx((error, low, high), abs=5e-5)
    assert round(found.standard_error, 5) == error
    assert formulas.auc_standard_error(auc, positives, negatives) == found.standard_error


def test_ap_interval_as_published() -> None:
    found = formulas.ap_interval(0.7512080770231472, 107, Z95)
    assert (round(found.low, 4), round(found.high, 4)) == (0.6608, 0.8240)
    # Near the middle of the scale the logit is straight: the ends are z standard errors away.
    narrow = formulas.ap_interval(0.5, 10**8, Z95)
    assert narrow.high - narrow.low == pytest.approx(2 * Z95 * narrow.standard_error, rel=1e-6)


def test_the_error_of_one_pair_is_that_of_a_coin() -> None:
    # One positive and one negative: their order is all there is, and is right with that chance.
    assert formulas.auc_standard_error(0.75, 1, 1) == pytest.approx(math.sqrt(0.75 * 0.25))


@given(VALUES, COUNTS, COUNTS)
def test_an_interval_holds_its_value_and_is_within_0_and_1(auc: float, p: int, n: int) -> None:
    for found in (formulas.auc_interval(auc, p, n, Z95), formulas.ap_interval(auc, p, Z95)):
        assert 0 <= found.low <= auc <= found.high <= 1
        assert 0 < found.standard_error < math.inf


@given(st.floats(0.01, 0.99), st.integers(10, 5000), st.integers(10, 5000), st.integers(1, 100))
def test_fewer_cases_make_it_wider(auc: float, p: int, n: int, more: int) -> None:
    few = formulas.auc_interval(auc, p, n, Z95)
    for many in (
        formulas.auc_interval(auc, p + more, n, Z95),
        formulas.auc_interval(auc, p, n + more, Z95),
    ):
        assert few.low < many.low < many.high < few.high
    few, many = (formulas.ap_interval(auc, count, Z95) for count in (p, p + more))
    assert few.low < many.low < many.high < few.high


@given(st.floats(0.01, 0.99), COUNTS, COUNTS)
def test_it_is_the_same_seen_from_the_other_side(auc: float, p: int, n: int) -> None:
    # Positives for negatives, and the order reversed.
    one = formulas.auc_interval(auc, p, n, Z95)
    other = formulas.auc_interval(1 - auc, n, p, Z95)
    assert other.standard_error == pytest.approx(one.standard_error, rel=1e-9)
    assert (1 - other.high, 1 - other.low) == pytest.approx((one.low, one.high), abs=1e-9)


@pytest.mark.parametrize("value", [5e-324, 1e-17, 0.5, 1 - 2**-53])
@pytest.mark.parametrize("count", [1, 10**12, 10**200, 10**400])
def test_no_value_and_no_count_is_too_much(value: float, count: int) -> None:
    for p, n in [(count, 1), (1, count), (count, count)]:
        for found in (formulas.auc_interval(value, p, n, Z95), formulas.ap_interval(value, p, Z95)):
            assert 0 <= found.standard_error < math.inf
            assert 0 <= found.low <= value <= found.high <= 1


# How often they hold the truth. The script prints it for more settings, as docs/evidence.md has it.
SIMULATION = runpy.run_path(str(ROOT / "checks" / "interval_coverage.py"))
SETTING, AUC, AP = (SIMULATION[name] for name in ("Setting", "auc_coverage", "ap_coverage"))


@pytest.mark.slow
@pytest.mark.parametrize("figure", [AUC, AP], ids=["auc", "ap"])
@pytest.mark.parametrize(
    ("area", "positives", "negatives"),
    [(0.75, 10, 39), (0.8, 30, 60), (0.9, 100, 100), (0.9078, 72, 336), (0.9078, 107, 505)],
)
def test_at_least_95_percent_of_binormal_samples_are_covered(
    area: float, positives: int, negatives: int, figure: Any
) -> None:
    # Two normal distributions of equal spread, and no more positives than negatives. That the
    # coverage is below 95 % must be improbable (1 in 1000), not only unseen.
    found = figure(SETTING(area, positives, negatives), 20_000, 20260215)
    assert stats.binomtest(found.held, found.given, 0.95, alternative="greater").pvalue < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "low", "high"),
    [
        (SETTING(0.9, 300, 100), 0.88, 0.94),
        (SETTING(0.9, 505, 107, 0.67), 0.78, 0.84),
        (SETTING(0.97, 2000, 50, 0.5), 0.38, 0.48),
    ],
)
def test_with_many_more_positives_than_negatives_less_is_covered(
    setting: Any, low: float, high: float
) -> None:
    # A limit of the 1982 formula, which takes the scores for exponential.
    assert low < AUC(setting, 2000, 20260215).share < high


# The least average precision


@pytest.mark.parametrize(("positives", "negatives"), [(1, 6), (2, 5), (3, 3), (4, 4), (6, 1)])
def test_no_ranking_has_less_than_the_least_average_precision(
    positives: int, negatives: int
) -> None:
    least = min(map(average_precision, rankings(positives, negatives)))
    found = formulas.least_average_precision(positives, negatives)
    assert found == pytest.approx(least, abs=1e-12)


@pytest.mark.parametrize("positives", [1, 63, 64, 65, 66, 107, 5000, 10**6])
@pytest.mark.parametrize("negatives", [0, 1, 9, 19, 20, 21, 505, 10**6, 10**12])
def test_it_is_the_mean_precision_with_all_negatives_first(positives: int, negatives: int) -> None:
    found = np.arange(1, positives + 1, dtype=np.longdouble)
    expected = float((found / (found + negatives)).mean())
    assert formulas.least_average_precision(positives, negatives) == pytest.approx(
        expected, abs=1e-10
    )


@pytest.mark.parametrize(
    ("positives", "negatives", "least"),
    [
        (0, 5, 0),
        (5, 0, 1),
        (500, 0, 1),
        # Of equal numbers without end: 1 - log 2.
        (10**12, 10**12, 1 - math.log(2)),
        (10**400, 10**400, 1 - math.log(2)),
        (10**400, 1, 1),
        (1, 10**400, 0),
        (10**6, 10**400, 0),
    ],
)
def test_it_takes_any_counts(positives: int, negatives: int, least: float) -> None:
    assert formulas.least_average_precision(positives, negatives) == pytest.approx(least, abs=1e-9)


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_it_is_between_none_and_the_share_of_positives(positives: int, negatives: int) -> None:
    least = formulas.least_average_precision(positives, negatives)
    # The precision grows with each positive, and is the share of positives at the last.
    assert 0 <= least <= positives / (positives + negatives) + 1e-12


# A single positive


@pytest.mark.parametrize("single", [False, True], ids=["double", "single"])
@pytest.mark.parametrize("negatives", [1, 7, 39])
def test_every_place_of_a_single_positive_is_found(negatives: int, single: bool) -> None:
    for order in rankings(1, negatives):
        figures = average_precision(order), area(order)
        ap, auc = (float(np.float32(figure)) if single else figure for figure in figures)
        place = order.index(True) + 1
        expected = None if place == 1 else (place, negatives)
        assert formulas.single_positive(ap, auc) == expected


@pytest.mark.parametrize(("positives", "share"), [(2, 0.05), (3, 0.005)])
def test_more_positives_seldom_look_like_one(positives: int, share: float) -> None:
    # Some rankings of two have the figures of one: nobody could tell.
    orders = rankings(positives, 20)
    found = [formulas.single_positive(average_precision(order), area(order)) for order in orders]
    assert len(orders) - found.count(None) <= share * len(orders)


@pytest.mark.parametrize("digits", [4, 5, 6])
def test_rounded_figures_have_the_signature_too(digits: int) -> None:
    # That of the published tree, as a page or a CSV would have it.
    ap, auc = round(1 / 4, digits), round(1 - 3 / 39, digits)
    assert formulas.single_positive(ap, auc) == (4, 39)
    assert formulas.single_positive(ap + 10.0**-digits, auc) is None
    for place in range(2, 10):
        ap, auc = round(1 / place, digits), round(1 - (place - 1) / 39, digits)
        assert formulas.single_positive(ap, auc) == (place, 39)
    # Of more cases any figures would do.
    assert formulas.single_positive(round(1 / 8, 4), round(1 - 7 / 2903, 4)) is None


def test_a_model_that_tells_nothing_apart_has_none() -> None:
    # The same score for all: an area of one half, and an AP that is the share of positives.
    for share in (1 / 2, 1 / 3, 1 / 4, 1 / 8):
        assert formulas.single_positive(share, 0.5) is None


@given(st.integers(1, 30), st.integers(1, 30), st.floats(1e-5, 1e-3))
def test_a_near_miss_is_none(rank: int, more: int, off: float) -> None:
    ap, auc = 1 / (rank + 1), 1 - rank / (rank + more)
    near = ap * (1 + off)
    assume(near != round(near, 6))  # it may be the figure, rounded
    assert formulas.single_positive(near, auc) is None


@given(RUBBISH, RUBBISH)
def test_of_rubbish_there_is_no_reading_out_of_bounds(ap: float, auc: float) -> None:
    found = formulas.single_positive(ap, auc)
    if found is None:
        return
    assert 2 <= found.rank <= found.negatives + 1
    assert (1 / found.rank, 1 - (found.rank - 1) / found.negatives) == pytest.approx(
        (ap, auc), abs=1e-4
    )


@pytest.mark.parametrize(
    ("ap", "auc"),
    [(1, 1), (0, 0), (0, 0.5), (0.5, 1), (math.nan, 0.5), (0.5, math.nan), (math.inf, -math.inf)],
)
def test_these_are_no_signature(ap: float, auc: float) -> None:
    assert formulas.single_positive(ap, auc) is None
