"""Intervals of runs and their differences to the baseline, or why there are none."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finalrank.config.tables.metrics import Metric
from finalrank.evidence.intervals import (
    DifferenceRow,
    IntervalRow,
    Intervals,
    IntervalSubject,
    Role,
    intervals,
)
from finalrank.model.artifact import CaseCounts

AUC = Metric(key="area", kind="roc-auc")
AP = Metric(key="precision", kind="average-precision")
DICE = Metric(key="overlap")
FULL = CaseCounts(612, 107, 505)


def subject(
    run: str = "a",
    auc: float | None = 0.8,
    ap: float | None = 0.6,
    test_set: CaseCounts | None = FULL,
    role: Role = "podium",
    members: int = 1,
) -> IntervalSubject:
    values = {"overlap": 0.5, "area": auc, "precision": ap}
    return IntervalSubject(run, f"{run}/test.json", role, values, test_set, members)


def found(*subjects: IntervalSubject, baseline: str | None = "base", **more: Any) -> Intervals:
    metrics = more.get("metrics", [DICE, AUC, AP])
    return intervals(
        subjects,
        metrics,
        baseline,
        more.get("fewest", 10),
        more.get("confidence", 0.95),
        more.get("first_two", ()),
    )


def row(*args: Any, **more: Any) -> IntervalRow:
    """The row of a subject's area."""
    return found(subject(*args, **more)).rows[0]


def difference(other: IntervalSubject, base: IntervalSubject, **more: Any) -> DifferenceRow:
    return found(other, base, **more).differences[0]


# Rows


def test_a_row_for_each_run_and_metric_of_a_known_kind() -> None:
    rows = found(subject("b"), subject("a", role="notable"), metrics=[AP, DICE, AUC]).rows
    assert [(row.run, row.role, row.metric) for row in rows] == [
        ("b", "podium", "precision"),
        ("b", "podium", "area"),
        ("a", "notable", "precision"),
        ("a", "notable", "area"),
    ]
    assert rows[0].source == "b/test.json"


def test_the_published_figures() -> None:
    area, precision = found(subject("a", 0.9077634866290367, 0.7512080770231472)).rows
    assert (area.value, area.positives, area.negatives) == (0.9077634866290367, 107, 505)
    assert area.standard_error == pytest.approx(0.01967, abs=5e-6)
    assert (area.low, area.high) == pytest.approx((0.8613, 0.9398), abs=5e-5)
    assert (precision.low, precision.high) == pytest.approx((0.6608, 0.8240), abs=5e-5)
    assert area.withheld is precision.withheld is None


@pytest.mark.parametrize(
    ("withheld", "changes"),
    [
        ("no value", {"auc": None}),
        ("a value of 0", {"auc": 0.0}),
        ("a value of 1", {"auc": 1.0}),
        ("a value outside 0 to 1", {"auc": 90.8}),
        ("a value outside 0 to 1", {"auc": math.nan}),
        ("no counts of positives and negatives", {"test_set": None}),
        ("no counts of positives and negatives", {"test_set": CaseCounts(40)}),
        ("no count of negatives", {"test_set": CaseCounts(40, positives=20)}),
        ("no count of positives", {"test_set": CaseCounts(40, negatives=20)}),
        ("1 positive, fewer than 10", {"test_set": CaseCounts(40, 1, 39)}),
        ("0 positives, fewer than 10", {"test_set": CaseCounts(40, 0, 40)}),
        ("9 negatives, fewer than 10", {"test_set": CaseCounts(None, 39, 9)}),
        ("2 positives and 1 negative, fewer than 10", {"test_set": CaseCounts(3, 2, 1)}),
        ("of a group of 3 runs", {"members": 3}),
        # The first thing to know of several.
        ("of a group of 3 runs", {"members": 3, "auc": None, "test_set": None}),
    ],
)
def test_no_interval_without_its_reason(withheld: str, changes: dict[str, Any]) -> None:
    found = row(**changes)
    assert found.withheld == withheld
    assert found.standard_error is found.low is found.high is None


def test_what_is_withheld_still_has_its_figures() -> None:
    found = row("a", 0.9231, test_set=CaseCounts(40, 1, 39))
    assert (found.value, found.positives, found.negatives) == (0.9231, 1, 39)


def test_few_is_what_is_configured() -> None:
    few = subject("a", test_set=CaseCounts(1101, 100, 1001))
    assert found(few, fewest=100).rows[0].withheld is None
    assert found(few, fewest=2000).rows[0].withheld == (
        "100 positives and 1,001 negatives, fewer than 2,000"
    )
    # Without any positive there is no formula, whatever is configured.
    none = subject("a", test_set=CaseCounts(10, 0, 10))
    assert found(none, fewest=0).rows[0].withheld == "0 positives, fewer than 1"


def test_more_confidence_is_a_wider_interval() -> None:
    lows = [found(subject(), confidence=c).rows[0].low for c in (0.5, 0.9, 0.95, 0.999)]
    assert all(low is not None for low in lows)
    assert lows == sorted(lows, key=lambda low: -(low or 0))


# Differences


def test_a_difference_to_itself_is_not_given_nor_one_of_what_is_not_ranked() -> None:
    done = found(
        subject("base", role="baseline"), subject("a"), subject("n", role="notable"), subject("o")
    )
    assert done.baseline == "base"
    assert [(row.run, row.metric) for row in done.differences] == [("a", "area"), ("o", "area")]


@pytest.mark.parametrize("baseline", [None, "elsewhere"])
def test_without_a_baseline_there_are_none(baseline: str | None) -> None:
    done = found(subject("a"), subject("b"), baseline=baseline)
    assert (done.baseline, done.differences) == (None, [])
    assert len(done.rows) == 4


def test_a_baseline_on_the_podium_is_the_baseline() -> None:
    done = found(subject("base", role="podium"), subject("a"))
    assert [row.run for row in done.differences] == ["a"]


def test_two_errors_add_up_as_of_independent_runs() -> None:
    one, base = subject("a", 0.85), subject("base", 0.7)
    errors = [each.standard_error or 0 for each in found(one, base).rows if each.metric == "area"]
    done = difference(one, base)
    assert done.difference == pytest.approx(0.15)
    assert done.standard_error == pytest.approx(math.sqrt(sum(error**2 for error in errors)))
    assert done.low is not None
    assert done.high is not None
    assert (done.low + done.high) / 2 == pytest.approx(0.15)
    assert done.high - done.low == pytest.approx(2 * 1.959964 * (done.standard_error or 0))


@pytest.mark.parametrize(
    ("auc", "verdict"), [(0.95, "better"), (0.5, "worse"), (0.8, "unclear"), (0.82, "unclear")]
)
def test_the_verdict(auc: float, verdict: str) -> None:
    assert difference(subject("a", auc), subject("base", 0.8)).verdict == verdict


def test_a_metric_that_is_better_lower_has_the_other_verdict() -> None:
    lower = Metric(key="area", kind="roc-auc", higher_is_better=False)
    done = difference(subject("a", 0.95), subject("base", 0.8), metrics=[lower])
    assert done.verdict == "worse"
    assert done.difference == pytest.approx(0.15)


def test_a_difference_is_withheld_where_either_interval_is() -> None:
    few = CaseCounts(40, 1, 39)
    elsewhere = difference(subject("a", 0.9), subject("base", 0.8, test_set=few))
    own = difference(subject("a", 0.9, test_set=few), subject("base", 0.8, test_set=few))
    mean = difference(subject("a", 0.9, members=3), subject("base", 0.8))
    of_base = difference(subject("a", 0.9), subject("base", 0.8, members=3))
    assert elsewhere.withheld == "another test set"
    assert own.withheld == "1 positive, fewer than 10"
    assert mean.withheld == "of a group of 3 runs"
    assert of_base.withheld == "of a group of 3 runs (the baseline)"
    for done in (elsewhere, own, mean, of_base):
        assert done.difference == pytest.approx(0.1)
        assert done.standard_error is done.low is done.high is None
        assert done.verdict is None


def test_without_both_values_there_is_no_difference() -> None:
    assert found(subject("a", None), subject("base")).differences == []
    assert found(subject("a"), subject("base", None)).differences == []


def test_the_first_run_against_the_second() -> None:
    a, b, base = subject("a", 0.95), subject("b", 0.8), subject("base", 0.94)
    done = found(a, b, base, first_two=["a", "b"])
    assert done.second == "b"
    assert [(row.run, row.verdict) for row in done.to_second] == [("a", "better")]
    assert [row.run for row in done.differences] == ["a", "b"]
    mean = subject("b", 0.8, members=3)
    assert found(a, mean, first_two=["a", "b"]).to_second[0].withheld == (
        "of a group of 3 runs (the second)"
    )


def test_without_a_second_run_there_is_no_such_difference() -> None:
    for first_two in ([], ["a"], ["a", "elsewhere"]):
        done = found(subject("a"), subject("base"), first_two=first_two)
        assert (done.second, done.to_second) == (None, [])


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.integers(10, 999), st.integers(10, 999))
def test_the_difference_turned_round(one: float, other: float, p: int, n: int) -> None:
    test_set = CaseCounts(None, p, n)
    a, b = subject("a", one, test_set=test_set), subject("b", other, test_set=test_set)
    there, back = (found(a, b, baseline=base).differences[0] for base in "ba")
    assert there.low is not None
    assert back.high is not None
    assert there.low == pytest.approx(-back.high)
    turned = {"better": "worse", "worse": "better", "unclear": "unclear"}
    assert back.verdict == turned[str(there.verdict)]
