"""What makes the figures of runs hard to compare, flag by flag."""

from __future__ import annotations

import random
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finalrank.config.tables.metrics import Metric
from finalrank.decide import testsets
from finalrank.evidence.comparability import Comparability, Rule, comparability
from finalrank.evidence.flags import Flag, FlagKind, MeasuredRun
from finalrank.model.artifact import CaseCounts

DICE = Metric(key="overlap")
AUC = Metric(key="area", kind="roc-auc")
AP = Metric(key="precision", kind="average-precision")
FULL, SMALL = CaseCounts(612, 107, 505), CaseCounts(40, 1, 39)
NUMBERS = random.Random(5)


def run(
    name: str,
    test_set: CaseCounts | None = FULL,
    auc: float | None = 0.8,
    ap: float | None = 0.6,
    dice: float | None = None,
    fell_back: bool = False,
) -> MeasuredRun:
    """A run whose Dice no other run has."""
    dice = NUMBERS.random() if dice is None else dice
    return MeasuredRun(name, {"overlap": dice, "area": auc, "precision": ap}, test_set, fell_back)


def found(*runs: MeasuredRun, rule: Rule = "flag", fewest: int = 10) -> Comparability:
    reference = testsets.reference(run.test_set for run in runs)
    return comparability(runs, [DICE, AUC, AP], reference, rule, fewest)


def flags(kind: FlagKind, *runs: MeasuredRun, **more: Any) -> list[Flag]:
    return [flag for flag in found(*runs, **more).flags if flag.kind == kind]


def figures(kind: FlagKind, *runs: MeasuredRun, **more: Any) -> dict[str, dict[str, float]]:
    """The figures of such flags by run."""
    return {flag.runs[0]: flag.figures for flag in flags(kind, *runs, **more)}


# The reference


def test_the_reference_is_the_test_set_that_most_runs_agree_on() -> None:
    done = found(run("a"), run("b"), run("c", None), run("base", SMALL))
    assert done.reference == FULL


def test_what_both_know_is_compared() -> None:
    # Three agree on 612 cases, whatever else two of them leave unsaid.
    done = found(run("a"), run("b", CaseCounts(612)), run("c", SMALL), run("d", SMALL))
    assert done.reference in (FULL, SMALL)
    more = found(
        run("a"), run("b", CaseCounts(612)), run("e", CaseCounts(positives=107)), run("c", SMALL)
    )
    assert more.reference == FULL


def test_counts_that_contradict_each_other_are_no_reference() -> None:
    wrong = CaseCounts(600, 107, 505)
    assert found(run("a", wrong), run("b", wrong), run("c")).reference == FULL


def test_where_no_run_says_there_is_none() -> None:
    done = found(run("a", None), run("b", CaseCounts(missing_predictions=2)))
    assert (done.reference, done.test_sets) == (None, [])
    assert [flag.kind for flag in done.flags] == ["missing-predictions"]


def test_test_sets_are_those_with_most_runs_first() -> None:
    lossy = CaseCounts(*SMALL.size, missing_predictions=3)
    done = found(run("e"), run("d", lossy), run("b", SMALL), run("c", None), run("a", lossy))
    assert [(each.test_set, each.runs) for each in done.test_sets] == [
        (SMALL, ["a", "b", "d"]),
        (FULL, ["e"]),
    ]


# Flags of test sets


def test_a_different_test_set_with_the_counts_that_differ() -> None:
    other = CaseCounts(None, 107, 39)
    done = figures("different-test-set", run("a"), run("b"), run("c", other), run("d", SMALL))
    assert done == {
        "c": {"negatives": 39, "reference_negatives": 505},
        "d": {
            "cases": 40,
            "reference_cases": 612,
            "positives": 1,
            "reference_positives": 107,
            "negatives": 39,
            "reference_negatives": 505,
        },
    }


def test_the_reference_and_what_agrees_with_it_are_not_different() -> None:
    done = found(run("a"), run("b"), run("c", CaseCounts(positives=107)), run("d", CaseCounts(612)))
    assert done.flags == []


def test_an_unknown_test_set() -> None:
    runs = run("a"), run("b", None), run("c", CaseCounts())
    assert figures("unknown-test-set", *runs) == {"b": {}, "c": {}}
    assert flags("unknown-test-set", run("b", None), run("c", None)) == []


def test_who_ignores_test_sets_hears_of_few_cases_all_the_same() -> None:
    runs = run("a"), run("b", SMALL), run("c", None)
    assert [flag.kind for flag in found(*runs, rule="ignore").flags] == ["few-cases"]
    assert found(*runs, rule="ignore").reference is not None


@pytest.mark.parametrize(
    ("test_set", "expected"),
    [
        (SMALL, {"positives": 1, "fewest": 10}),
        (CaseCounts(None, 9, 2), {"positives": 9, "negatives": 2, "fewest": 10}),
        (CaseCounts(None, None, 0), {"negatives": 0, "fewest": 10}),
        (CaseCounts(None, 10, 10), None),
        (CaseCounts(3), None),
    ],
)
def test_few_cases(test_set: CaseCounts, expected: dict[str, float] | None) -> None:
    flags = figures("few-cases", run("a", test_set))
    assert flags == ({} if expected is None else {"a": expected})


def test_missing_predictions() -> None:
    some, none = CaseCounts(612, 107, 505, 12), CaseCounts(612, 107, 505, 0)
    alone = CaseCounts(missing_predictions=1)
    assert figures("missing-predictions", run("a", some), run("b", none), run("c", alone)) == {
        "a": {"missing_predictions": 12, "cases": 612},
        "c": {"missing_predictions": 1},
    }


# Flags of figures


def test_an_average_precision_that_no_ranking_has() -> None:
    # The only positive behind all 39 negatives has 1/40.
    runs = [run(name, SMALL, ap=ap) for name, ap in [("a", 0.02), ("b", 0.025), ("c", 0.9)]]
    done = flags("unattainable", *runs)
    assert [(flag.runs, flag.metric, flag.test_set) for flag in done] == [(["a"], AP.key, SMALL)]
    assert done[0].figures == {"value": 0.02, "least": pytest.approx(0.025)}


@pytest.mark.parametrize("ap", [None, -0.5, 0.025 - 1e-12])
def test_what_is_missing_or_another_scale_or_rounded_is_attainable(ap: float | None) -> None:
    assert flags("unattainable", run("a", SMALL, ap=ap)) == []


def test_without_both_counts_all_is_attainable() -> None:
    assert flags("unattainable", run("a", CaseCounts(40, 1), ap=0.001), run("b", None)) == []


@pytest.mark.parametrize("test_set", [None, CaseCounts(40), CaseCounts(negatives=39)])
def test_the_signature_of_a_single_positive(test_set: CaseCounts | None) -> None:
    done = flags("single-positive", run("a", test_set, auc=1 - 3 / 39, ap=0.25), run("b"))
    assert [(flag.runs, flag.metric) for flag in done] == [(["a"], AP.key)]
    assert done[0].figures == {"rank": 4, "negatives": 39}


@pytest.mark.parametrize(
    "unsigned",
    [
        run("a", SMALL, auc=1 - 3 / 39, ap=0.25),  # its positives are counted
        run("a", None, auc=1 - 3 / 39, ap=None),
        run("a", None, auc=None, ap=0.25),
        run("a", None, auc=1 - 3 / 39, ap=0.26),
        run("a", None, auc=92.3, ap=25.0),
        run("a", None, auc=1.0, ap=1.0),
    ],
)
def test_no_signature(unsigned: MeasuredRun) -> None:
    assert flags("single-positive", unsigned) == []


def test_a_signature_takes_a_metric_of_each_kind() -> None:
    tested = run("a", None, auc=1 - 3 / 39, ap=0.25)
    for metrics in ([DICE, AUC], [DICE, AP], []):
        assert comparability([tested], metrics, None, "flag", 10).flags == []


def test_identical_figures_are_one_flag_of_all_that_have_them() -> None:
    same = [run(name, dice=0.5) for name in "dbc"]
    done = flags("identical", *same, run("a"), run("e", dice=0.5, auc=None))
    assert [(flag.runs, flag.test_set) for flag in done] == [(["b", "c", "d"], FULL)]
    assert done[0].figures == {"runs": 3, "metrics": 3}


def test_identical_is_by_full_precision_and_with_the_same_missing() -> None:
    runs = [
        run("a", dice=0.5, auc=0.8),
        run("b", dice=0.5, auc=0.8000000000000002),
        run("c", dice=0.5, auc=None),
    ]
    assert flags("identical", *runs) == []
    assert [flag.runs for flag in flags("identical", *runs, run("d", dice=0.5, auc=None))] == [
        ["c", "d"]
    ]


def test_runs_without_figures_are_not_identical() -> None:
    empty = [MeasuredRun(name, {}, FULL) for name in "ab"]
    assert found(*empty).flags == []


def test_identical_figures_on_other_cases_are_a_coincidence() -> None:
    assert flags("identical", run("a", dice=0.5), run("b", SMALL, dice=0.5)) == []
    # Of an unknown one it may be none.
    (flag,) = flags("identical", run("a", dice=0.5), run("b", None, dice=0.5))
    assert (flag.runs, flag.test_set) == (["a", "b"], None)
    unknown = run("c", None, dice=0.5)
    found = flags("identical", run("a", dice=0.5), run("b", SMALL, dice=0.5), unknown)
    assert [flag.runs for flag in found] == [["a", "c"], ["b", "c"]]
    lacking = CaseCounts(*FULL.size, missing_predictions=3)
    (flag,) = flags("identical", run("a", dice=0.5), run("b", lacking, dice=0.5))
    assert (flag.runs, flag.test_set) == (["a", "b"], None)


def test_counts_that_contradict_each_other() -> None:
    wrong = CaseCounts(612, 107, 500)
    assert figures("contradictory-counts", run("a"), run("b", wrong)) == {
        "b": {"cases": 612, "positives": 107, "negatives": 500}
    }


def test_a_choice_without_a_validation_sidecar() -> None:
    runs = run("a"), run("b", fell_back=True)
    assert figures("no-validation", *runs) == {"b": {}}


# All together


def test_flags_come_by_kind_then_by_run() -> None:
    lossy = CaseCounts(40, 1, 39, 3)
    runs = [
        run("z", lossy, ap=0.001, dice=0.5, fell_back=True),
        run("y", lossy, ap=0.001, dice=0.5),
        run("x", None, auc=1 - 3 / 39, ap=0.25),
        run("m"),
        run("base"),
    ]
    done = found(*runs)
    assert [(flag.kind, *flag.runs) for flag in done.flags] == [
        ("different-test-set", "y"),
        ("different-test-set", "z"),
        ("unknown-test-set", "x"),
        ("few-cases", "y"),
        ("few-cases", "z"),
        ("missing-predictions", "y"),
        ("missing-predictions", "z"),
        ("unattainable", "y"),
        ("unattainable", "z"),
        ("single-positive", "x"),
        ("identical", "y", "z"),
        ("no-validation", "z"),
    ]
    assert found(*reversed(runs)) == done


def test_the_kinds_are_those_of_the_result() -> None:
    assert get_args(FlagKind) == get_args(get_type_hints(Flag)["kind"])


COUNT = st.none() | st.integers(0, 3)
VALUE = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0])
RUNS = st.lists(
    st.builds(
        MeasuredRun,
        run=st.text("abcd", min_size=1, max_size=3),
        values=st.fixed_dictionaries({"overlap": VALUE, "area": VALUE, "precision": VALUE}),
        test_set=st.none() | st.builds(CaseCounts, COUNT, COUNT, COUNT, COUNT),
        fell_back=st.booleans(),
    ),
    unique_by=lambda tested: tested.run,
    max_size=8,
)


@given(RUNS, st.randoms(use_true_random=False))
def test_the_order_of_runs_changes_nothing(runs: list[MeasuredRun], random: random.Random) -> None:
    shuffled = random.sample(runs, len(runs))
    assert found(*shuffled) == found(*runs)


@given(RUNS, st.data())
def test_adding_a_copy_of_a_run_flags_it(runs: list[MeasuredRun], data: st.DataObject) -> None:
    known = [tested for tested in runs if set(tested.values.values()) != {None}]
    if known:
        original = data.draw(st.sampled_from(known))
        copy = original._replace(run="a copy")
        done = flags("identical", *runs, copy)
        assert any({original.run, copy.run} <= set(flag.runs) for flag in done)
