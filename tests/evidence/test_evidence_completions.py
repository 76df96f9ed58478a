"""Places where metrics are missing: by each rule, and within which every completion stays."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import EXAMPLES
from finalrank.evidence.ranking import bounds as completions
from finalrank.evidence.ranking.bounds import guaranteed, places
from finalrank.evidence.ranking.table import Table

RULES = ["available", "worst", "complete"]
TIES = ["ordinal", "min", "average", "dense"]
NAN = float("nan")
Costs = list[list[float]]  # a list a run


def table(costs: Costs, ties: str = "ordinal", primary: int = 0) -> Table:
    rows, columns = len(costs), len(costs[0])
    names, keys = [f"run{row:05}" for row in range(rows)], [f"metric{c}" for c in range(columns)]
    return Table(names, keys, np.array(costs, dtype=float), primary, ties, [1] * columns)


@pytest.fixture(scope="module")
def published() -> tuple[Table, dict[str, int]]:
    """The ranking of the example tree, and the place of each of its runs."""
    report = package.load_report(str(EXAMPLES))
    runs = sorted(report.runs, key=lambda run: run.run)
    keys = list(runs[0].ranks)
    costs = [[NAN if (v := run.metrics[key]) is None else -v for key in keys] for run in runs]
    names = [run.run for run in runs]
    ranked = Table(names, keys, np.array(costs), keys.index("dice_pos"), "ordinal", [-1] * 3)
    return ranked, {run.run: run.rank for run in runs}


# A reference: by the definitions, with exact means, a run at a time.


def rank_in(column: list[float], row: int, ties: str) -> Fraction:
    less = [cost for cost in column if cost < column[row]]
    if ties == "dense":
        return Fraction(1 + len(set(less)))
    equal = [other for other, cost in enumerate(column) if cost == column[row]]
    extra = {"ordinal": Fraction(equal.index(row)), "average": Fraction(len(equal) - 1, 2)}
    return 1 + len(less) + extra.get(ties, Fraction(0))


def places_by_hand(costs: Costs, ties: str, primary: int | None, worst: bool = False) -> list[int]:
    runs = range(len(costs))
    ranks: list[list[Fraction]] = [[] for _ in runs]
    for column in zip(*costs, strict=True):
        there = [row for row in runs if column[row] == column[row]]
        for row in runs:
            if row in there:
                present = [column[other] for other in there]
                ranks[row].append(rank_in(present, there.index(row), ties))
            elif worst:
                below = range(len(there) + 1, len(costs) + 1)
                ranks[row].append(Fraction(sum(below), len(below)))
    order = sorted(
        runs,
        key=lambda row: (
            sum(ranks[row]) / len(ranks[row]),
            -sum(cost == cost for cost in costs[row]),
            math.inf if primary is None or math.isnan(costs[row][primary]) else costs[row][primary],
            row,
        ),
    )
    return [order.index(row) + 1 for row in runs]


@st.composite
def tables(
    draw: st.DrawFn, runs: int, most_missing: int | None = None, whole_primary: bool = False
) -> Table:
    """Few distinct costs, so that they tie, and some missing: no run lacks all of them."""
    rows, columns = draw(st.integers(1, runs)), draw(st.integers(1, 3))
    primary = draw(st.integers(0, columns - 1))
    costs = [[float(draw(st.integers(0, 3))) for _ in range(columns)] for _ in range(rows)]
    cells = [
        (row, column)
        for row in range(rows)
        for column in range(columns)
        if column != primary or not whole_primary
    ]
    for row, column in draw(
        st.lists(st.sampled_from(cells), max_size=most_missing) if cells else st.just([])
    ):
        if sum(cost == cost for cost in costs[row]) > 1:
            costs[row][column] = NAN
    return table(costs, draw(st.sampled_from(TIES)), primary)


def completed(column: list[float]) -> Iterator[tuple[float, ...]]:
    """Every way to insert what is missing: at, between, before and behind, in every order."""
    present = sorted({cost for cost in column if cost == cost})
    missing = [row for row, cost in enumerate(column) if cost != cost]
    steps = [(number + 1) / (len(missing) + 1) for number in range(len(missing))]
    values = [*present, *(low + step for low in [-1.0, *present] for step in steps)]
    for chosen in itertools.product(values, repeat=len(missing)):
        filled = dict(zip(missing, chosen, strict=True))
        yield tuple(filled.get(row, cost) for row, cost in enumerate(column))


def completions_of(incomplete: Table) -> Iterator[Costs]:
    for columns in itertools.product(*map(completed, incomplete.costs.T.tolist())):
        yield [list(row) for row in zip(*columns, strict=True)]


# The three rules


def test_by_available_ranks_the_places_are_those_of_the_report(
    published: tuple[Table, dict[str, int]],
) -> None:
    ranked, expected = published
    assert dict(zip(ranked.runs, places(ranked, "available"), strict=True)) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("available", (8, 9, 12)), ("worst", (17, 20, 21)), ("complete", (None, None, None))],
)
def test_runs_with_one_metric_of_three(
    rule: str, expected: tuple[int | None, ...], published: tuple[Table, dict[str, int]]
) -> None:
    ranked, _ = published
    by_run = dict(zip(ranked.runs, places(ranked, rule), strict=True))
    affected = ["deeplab_full", "baseline_posmetric", "challenge_finetune_v1"]
    assert tuple(by_run[run] for run in affected) == expected
    others = sorted(place for place in by_run.values() if place is not None)
    assert others == list(range(1, len(others) + 1))


@settings(deadline=None)
@given(tables(runs=7))
def test_places_by_hand(incomplete: Table) -> None:
    costs, ties, primary = incomplete.costs.tolist(), incomplete.ties, incomplete.primary
    assert places(incomplete, "available") == places_by_hand(costs, ties, primary)
    assert places(incomplete, "worst") == places_by_hand(costs, ties, primary, worst=True)
    whole = [row for row in costs if all(cost == cost for cost in row)]
    expected = places_by_hand(whole, ties, primary) if whole else []
    assert [place for place in places(incomplete, "complete") if place is not None] == expected
    missing = [place is None for place in places(incomplete, "complete")]
    assert missing == [any(cost != cost for cost in row) for row in costs]


def test_a_rank_that_stands_in_is_no_metric_that_the_run_has() -> None:
    # Both have mean 1.5. By the primary metric the second would be ahead.
    assert places(table([[2.0, 1.0], [1.0, NAN]]), "worst") == [1, 2]


# The guaranteed range


@settings(deadline=None, max_examples=150)
@given(tables(runs=4, most_missing=3))
def test_the_guaranteed_range_contains_every_completion(incomplete: Table) -> None:
    ranges = guaranteed(incomplete)
    for costs in completions_of(incomplete):
        found = places_by_hand(costs, incomplete.ties, incomplete.primary)
        for place, (best, worst) in zip(found, ranges, strict=True):
            assert best <= place <= worst


@settings(deadline=None, max_examples=150)
@given(tables(runs=12), st.data())
def test_the_guaranteed_range_contains_some_completion_of_more_runs(
    incomplete: Table, data: st.DataObject
) -> None:
    value = st.integers(-2, 8).map(lambda halves: halves / 2)
    costs = incomplete.costs.copy()
    for row, column in zip(*np.nonzero(np.isnan(costs)), strict=True):
        costs[row, column] = data.draw(value)
    found = places_by_hand(costs.tolist(), incomplete.ties, incomplete.primary)
    for place, (best, worst) in zip(found, guaranteed(incomplete), strict=True):
        assert best <= place <= worst


@settings(deadline=None, max_examples=150)
# A missing primary metric decides twice, by its rank and between equal mean ranks, which the range
# takes for two decisions.
@given(tables(runs=5, most_missing=1, whole_primary=True))
def test_the_range_of_the_only_incomplete_run_is_no_wider_than_its_completions(
    incomplete: Table,
) -> None:
    lacking = np.flatnonzero(~incomplete.complete())
    assume(len(lacking) == 1)
    (row,) = lacking.tolist()
    found = [
        places_by_hand(costs, incomplete.ties, incomplete.primary)[row]
        for costs in completions_of(incomplete)
    ]
    assert guaranteed(incomplete, [row]) == [(min(found), max(found))]


@settings(deadline=None)
@given(tables(runs=8, most_missing=0))
def test_without_missing_metrics_a_range_is_a_place(complete: Table) -> None:
    assert guaranteed(complete) == [(place, place) for place in places(complete, "available")]


@settings(deadline=None)
@given(tables(runs=8))
def test_the_order_of_metrics_changes_nothing(incomplete: Table) -> None:
    columns = list(range(len(incomplete.keys)))[::-1]
    assert incomplete.primary is not None
    primary = columns.index(incomplete.primary)
    turned = table(incomplete.costs[:, columns].tolist(), incomplete.ties, primary)
    assert guaranteed(turned) == guaranteed(incomplete)
    for rule in RULES:
        assert places(turned, rule) == places(incomplete, rule)


@settings(deadline=None)
@given(tables(runs=8), st.data())
def test_the_ranges_of_some_runs_are_theirs_among_all(
    incomplete: Table, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(incomplete.runs) - 1), unique=True))
    every = guaranteed(incomplete)
    assert guaranteed(incomplete, rows) == [every[row] for row in rows]


def test_work_in_blocks_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = np.random.default_rng(1).random((50, 3)).round(1)
    costs[::2, 1] = costs[1::3, 2] = np.nan
    incomplete = table(costs.tolist())
    whole = guaranteed(incomplete), guaranteed(incomplete, range(9))
    monkeypatch.setattr(completions, "_BLOCK", 128)
    assert (guaranteed(incomplete), guaranteed(incomplete, range(9))) == whole


def test_ranges_of_the_published_tree(published: tuple[Table, dict[str, int]]) -> None:
    ranked, _ = published
    by_run = dict(zip(ranked.runs, guaranteed(ranked), strict=True))
    # The three that lack two metrics of three could be almost anywhere: their 8, 9, 12 say little.
    assert by_run["deeplab_full"] == (1, 21)
    assert by_run["baseline_posmetric"] == (3, 21)
    assert by_run["challenge_finetune_v1"] == (3, 21)
    assert by_run["final_presence_fusion"] == (1, 2)
    assert by_run["swin3d_adapter_fast_v1"] == (22, 22)


def test_no_runs_have_no_places() -> None:
    nothing = Table([], ["a", "b"], np.zeros((0, 2)), 0, "dense", [1, 1])
    assert [places(nothing, rule) for rule in RULES] == [[], [], []]
    assert guaranteed(nothing) == guaranteed(nothing, []) == []
