"""Does the winner hold: without a metric, by other rules, other weights, and with one run less."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import finalrank as package
from conftest import EXAMPLES
from finalrank.evidence.ranking import removals
from finalrank.evidence.ranking.removals import LeaveOneOut, leave_one_out
from finalrank.evidence.ranking.robustness import Robustness, equal_values, robustness
from finalrank.evidence.ranking.table import Table, rank_columns
from finalrank.evidence.ranking.variants import Variant, podium, tau_b, variants
from finalrank.evidence.ranking.weightings import weight_shares

TIES: list[Literal["ordinal", "min", "average", "dense"]] = ["ordinal", "min", "average", "dense"]
FUSION, BLEND = "final_presence_fusion", "blend_dual_presence_valjoint"
NAN = float("nan")
# The first example pays for what is imported late.
relaxed = settings(deadline=None)


def table(costs: Any, ties: str = "average", names: str = "") -> Table:
    array = np.array(costs, dtype=float)
    rows, columns = array.shape
    runs = [*names] if names else [chr(ord("a") + row) for row in range(rows)]
    keys = [f"metric{column}" for column in range(columns)]
    return Table(runs, keys, array, 0, ties, [1] * columns)


@st.composite
def tables(draw: st.DrawFn, runs: int = 7, metrics: int = 3, ties: Any = None) -> Table:
    """Two runs or more that have every metric, with few distinct costs, so that they tie."""
    rows, columns = draw(st.integers(2, runs)), draw(st.integers(1, metrics))
    cost = st.integers(0, 4)
    costs = [[draw(cost) for _ in range(columns)] for _ in range(rows)]
    return table(costs, draw(st.sampled_from(ties or TIES)))


def published(ties: str = "ordinal") -> Table:
    report = package.load_report(str(EXAMPLES))
    runs = sorted(report.runs, key=lambda run: run.run)
    keys = list(runs[0].ranks)
    costs = [[NAN if (v := run.metrics[key]) is None else -v for key in keys] for run in runs]
    return Table([run.run for run in runs], keys, np.array(costs), 0, ties, [-1] * len(keys))


def found(whole: Table, top: int = 3, weightings: int = 200, seed: int = 0) -> Robustness:
    result = robustness(whole, top, weightings, seed)
    assert result is not None
    return result


def reading(whole: Table, kind: str, metric: str | None = None, top: int = 3) -> Variant:
    (only,) = [r for r in variants(whole, top) if (r.kind, r.metric) == (kind, metric)]
    return only


# The published tree


def test_the_winner_of_the_published_tree() -> None:
    result = found(published(), weightings=10_000)
    assert result.runs == 19
    assert result.leaders == [FUSION]
    assert result.podium == [FUSION, BLEND, "dg_aug_seeds/seed_2025"]
    assert (len(result.readings), result.leads, result.ties) == (7, 5, 2)
    without = {r.metric: r for r in result.readings if r.kind == "without"}
    both = [BLEND, FUSION]
    assert [(r.leaders, r.outcome) for r in without.values()] == [
        ([FUSION], "leads"),
        (both, "ties"),
        (both, "ties"),
    ]
    assert [round(r.tau_b or 0, 3) for r in without.values()] == [0.896, 0.896, 0.913]
    # The two tie on Dice alone: no weights let another one win.
    assert [(row.run, row.share) for row in result.shares] == [(FUSION, 1.0)]
    assert result.removals == []
    (tie,) = result.equal
    assert (tie.metric, tie.runs, tie.ranks) == ("dice_pos", both, [1, 2])
    assert tie.value == pytest.approx(0.3837, abs=5e-5)


def test_the_winner_leads_alone_where_equal_values_share_a_rank() -> None:
    result = found(published("average"))
    assert (result.leads, result.ties) == (7, 0)
    assert all(r.leaders == [FUSION] for r in result.readings)
    assert result.equal[0].ranks == [1.5, 1.5]
    assert result.readings[-1].detail == "min, dense"


# Ranks and Kendall's tau


@relaxed
@given(tables())
def test_ranks_are_those_of_scipy(whole: Table) -> None:
    for column in whole.costs.T:
        for ties in TIES:
            found_ranks = rank_columns(column[:, None], ties)[:, 0]
            assert found_ranks.tolist() == stats.rankdata(column, method=ties).tolist()


scores = st.lists(
    st.tuples(st.integers(0, 6), st.one_of(st.integers(0, 6), st.floats(0, 1))), min_size=2
)


@relaxed
@given(scores)
def test_tau_b_is_that_of_scipy(pairs: list[tuple[int, float]]) -> None:
    x, y = np.array(pairs, dtype=float).T
    if len({*x}) == 1 or len({*y}) == 1:
        assert tau_b(x, y) is None
    else:
        assert tau_b(x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)


@relaxed
@given(st.lists(st.integers(0, 6), min_size=2))
def test_tau_b_with_oneself_is_exactly_one(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    assert tau_b(x, x) == (1 if len({*values}) > 1 else None)


# Readings


@relaxed
@given(tables(), st.integers(1, 4))
def test_there_is_one_reading_a_metric_and_four(whole: Table, top: int) -> None:
    result = found(whole, top)
    kinds = [r.kind for r in result.readings]
    metrics = len(whole.keys)
    assert kinds == ["without"] * (metrics if metrics > 1 else 0) + [
        "median",
        "wins",
        "min-max",
        "ties",
    ]
    outcomes = [r.outcome for r in result.readings]
    assert (result.leads, result.ties) == (outcomes.count("leads"), outcomes.count("ties"))
    for r in result.readings:
        assert 0 <= r.podium_overlap <= len(result.podium)
        assert r.tau_b is None or -1 <= r.tau_b <= 1
        shared = {*r.leaders} & {*result.leaders}
        assert (r.outcome == "loses") == (not shared)
        assert (r.outcome == "leads") == (r.leaders == result.leaders)


@relaxed
@given(tables(metrics=3, runs=6))
def test_without_a_metric_is_the_ranking_by_the_others(whole: Table) -> None:
    for column, key in enumerate(whole.keys):
        if len(whole.keys) > 1:
            others = table(np.delete(whole.costs, column, axis=1), whole.ties)
            assert reading(whole, "without", key).leaders == found(others).leaders


@relaxed
@given(tables())
def test_the_one_with_most_pairs_won_leads_by_wins(whole: Table) -> None:
    def won(row: int) -> float:
        others = np.delete(whole.costs, row, axis=0)
        return float((whole.costs[row] < others).sum() + (whole.costs[row] == others).sum() / 2)

    most = max(map(won, range(len(whole.runs))))
    expected = [run for row, run in enumerate(whole.runs) if won(row) == most]
    assert reading(whole, "wins").leaders == expected


def test_a_far_better_figure_wins_by_min_max() -> None:
    whole = table([[0, 10], [1, 0], [9, 11]])
    assert found(whole).leaders == ["a", "b"]
    assert (reading(whole, "min-max").leaders, reading(whole, "min-max").outcome) == (["b"], "ties")


def test_min_max_ties_where_rounding_alone_parts() -> None:
    assert 0.1 + 0.5 != 0.2 + 0.4
    whole = table([[0.1, 0.5], [0.2, 0.4], [0, 1], [1, 0]])
    assert reading(whole, "min-max").leaders == ["a", "b"]


def test_constant_and_enormous_costs() -> None:
    huge = 1.7e308
    assert reading(table([[5, -huge], [5, huge], [5, 0]]), "min-max").leaders == ["a"]
    for ties in TIES:
        shared = found(table([[5, 5], [5, 5], [5, 5]], ties))
        assert all(r.tau_b is None and r.outcome == "leads" for r in shared.readings)
        assert shared.podium == shared.leaders == ["a", "b", "c"]


def test_a_winner_may_lead_tie_and_lose() -> None:
    whole = table([[1, 1, 4], [2, 2, 1], [3, 4, 2], [4, 3, 3]], "ordinal")
    assert found(whole).leaders == ["b"]
    outcomes = {r.metric: (r.leaders, r.outcome) for r in variants(whole, 3) if r.metric}
    assert outcomes == {
        "metric0": (["b"], "leads"),
        "metric1": (["b"], "leads"),
        "metric2": (["a"], "loses"),
    }


def test_some_of_several_leaders_are_a_tie_with_it() -> None:
    whole = table([[1, 2], [2, 1], [3, 3]])
    assert found(whole).leaders == ["a", "b"]
    assert [r.outcome for r in variants(whole, 3)][:3] == ["ties", "ties", "leads"]


def test_the_other_rules_for_ties_are_one_reading_the_worst_of_them() -> None:
    # By name a leads with 1 + 2 before b with 2 + 3 and c with 3 + 1; by "min" it ties with c.
    whole = table([[1, 5], [1, 6], [1, 4]], "ordinal")
    assert found(whole).leaders == ["a"]
    one = reading(whole, "ties")
    assert one.detail == "min, average, dense"
    assert (one.leaders, one.outcome) == (["c"], "loses")


@relaxed
@given(tables(runs=8), st.integers(1, 3))
def test_of_the_other_rules_for_ties_the_worst_figures_count(whole: Table, top: int) -> None:
    alike = [[row == other for other in whole.costs.tolist()] for row in whole.costs.tolist()]
    # Of runs with the same costs each has the best mean rank of them.
    mine = np.where(alike, whole.ranks().mean(axis=1).round(9), np.inf).min(axis=1)
    overlaps, taus = [], []
    for ties in TIES[1:]:
        if ties != whole.ties:
            other = replace(whole, ties=ties)
            overlaps.append(len({*found(whole, top).podium} & {*found(other, top).podium}))
            theirs = other.ranks().mean(axis=1).round(9)
            if len({*mine}) > 1 and len({*theirs}) > 1:
                taus.append(stats.kendalltau(mine, theirs).statistic)
    one = reading(whole, "ties", top=top)
    assert one.podium_overlap == min(overlaps)
    assert one.tau_b == (pytest.approx(min(taus)) if taus else None)


def test_one_bad_metric_of_three_does_not_hurt_a_median() -> None:
    whole = table([[1, 1, 4], [2, 2, 1], [4, 3, 2], [3, 4, 3]])
    assert found(whole).leaders == ["b"]
    assert (reading(whole, "median").leaders, reading(whole, "median").outcome) == (["a"], "loses")


def test_a_podium_has_all_that_tie_at_its_edge() -> None:
    runs, places = "abcde", np.array([4.0, 1.0, 2.0, 2.0, 5.0])
    assert podium(runs, places, 1) == ["b"]
    assert podium(runs, places, 2) == podium(runs, places, 3) == ["b", "c", "d"]
    assert podium(runs, places, 9) == ["b", "c", "d", "a", "e"]


# What must change nothing


def by_metric(result: Robustness) -> Any:
    """All of it but the order of metrics."""
    return replace(
        result,
        readings=sorted(result.readings, key=lambda r: (r.kind, r.metric or "")),
        equal=sorted(result.equal, key=lambda tie: (tie.metric, tie.value)),
    )


@relaxed
@given(tables(), st.data())
def test_the_order_of_metrics_changes_nothing(whole: Table, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(whole.keys))))
    turned = replace(
        whole,
        keys=[whole.keys[column] for column in order],
        costs=whole.costs[:, order],
        primary=order.index(0),
    )
    assert by_metric(found(turned)) == by_metric(found(whole))


@relaxed
@given(tables(ties=["min", "average", "dense"]), st.data())
def test_names_decide_nothing(whole: Table, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(whole.runs))))
    called = dict(
        zip(whole.runs, (whole.runs[order.index(r)] for r in range(len(order))), strict=True)
    )
    before, after = found(whole), found(replace(whole, costs=whole.costs[order]))

    def names(runs: list[str]) -> list[str]:
        return sorted(called[run] for run in runs)

    for one, other in zip(before.readings, after.readings, strict=True):
        assert names(one.leaders) == other.leaders
        assert replace(one, leaders=[]) == replace(other, leaders=[])
    assert names(before.podium) == sorted(after.podium)
    assert {called[r.run]: r.share for r in before.shares} == {r.run: r.share for r in after.shares}
    assert names([r.removed for r in before.removals]) == [r.removed for r in after.removals]


@relaxed
@given(tables(ties=["ordinal"]), st.integers(1, 3))
def test_a_run_and_its_copy_stand_side_by_side(whole: Table, top: int) -> None:
    copies = [f"{run}+" for run in whole.runs]
    runs, costs = [*whole.runs, *copies], np.vstack([whole.costs, whole.costs])
    result = found(replace(whole, runs=runs, costs=costs), top)
    for some in (result.leaders, result.podium, *(r.leaders for r in result.readings)):
        assert {run for run in some if run in copies} == {f"{r}+" for r in some if r not in copies}


@relaxed
@given(tables(), st.sampled_from([lambda c: 2 * c + 3, lambda c: c**3, lambda c: np.exp(c)]))
def test_a_monotone_transform_changes_no_reading_by_ranks(whole: Table, transform: Any) -> None:
    before, after = found(whole), found(replace(whole, costs=transform(whole.costs)))
    ranks = [r for r in before.readings if r.kind != "min-max"]
    assert [r for r in after.readings if r.kind != "min-max"] == ranks
    assert (after.podium, after.shares, after.removals) == (
        before.podium,
        before.shares,
        before.removals,
    )
    assert [replace(t, value=0) for t in after.equal] == [replace(t, value=0) for t in before.equal]


@relaxed
@given(tables())
def test_runs_that_lack_a_metric_change_nothing_but_equal_values(whole: Table) -> None:
    lacking = np.full((2, len(whole.keys) + 1), NAN)
    lacking[:, 0] = 0
    costs = np.vstack([np.column_stack([whole.costs, whole.costs[:, 0]]), lacking])
    more = table(costs, whole.ties)
    alone = table(costs[:-2], whole.ties)
    assert replace(found(more), equal=[]) == replace(found(alone), equal=[])


@pytest.mark.parametrize("costs", [[[1.0, NAN], [NAN, 1.0]], [[1.0, 2.0], [1.0, NAN]]])
def test_fewer_than_two_complete_runs_have_no_robustness(costs: list[list[float]]) -> None:
    assert robustness(table(costs), 3, 100, 0) is None


# Weights


@relaxed
@given(tables(), st.integers(1, 50), st.integers(0, 5))
def test_shares_sum_to_one(whole: Table, weightings: int, seed: int) -> None:
    rows = weight_shares(whole, weightings, seed)
    assert math.isclose(sum(row.share for row in rows), 1)
    assert all(row.share > 0 for row in rows)
    assert rows == sorted(rows, key=lambda row: (-row.share, row.run))
    assert rows == weight_shares(whole, weightings, seed)


@relaxed
@given(tables(runs=6))
def test_no_run_wins_that_another_is_nowhere_worse_than(whole: Table) -> None:
    winners = {row.run for row in weight_shares(whole, 100, 0)}
    costs = whole.costs
    for run, mine in zip(whole.runs, costs, strict=True):
        if any((other <= mine).all() and (other < mine).any() for other in costs):
            assert run not in winners


def test_shares_where_they_are_known() -> None:
    # With weight w on the first metric: 4 - 3w, 2, 1 + 3w, so that each wins on a third of [0, 1].
    ranks = [[1, 4], [2, 2], [4, 1], [3, 3]]
    found_shares = {row.run: row.share for row in weight_shares(table(ranks), 20_000, 7)}
    assert found_shares == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, abs=0.015)
    # On the triangle of three weights each corner has a third.
    corners = [[1, 3, 3], [3, 1, 3], [3, 3, 1]]
    found_shares = {row.run: row.share for row in weight_shares(table(corners), 20_000, 7)}
    assert found_shares == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, abs=0.015)


def test_between_two_opposed_metrics_only_the_extremes_win() -> None:
    whole = table([[row, -row] for row in range(100)])
    found_shares = {row.run: row.share for row in weight_shares(whole, 20_000, 7)}
    assert found_shares == pytest.approx({whole.runs[0]: 0.5, whole.runs[-1]: 0.5}, abs=0.015)


def test_copies_share_what_one_of_them_wins() -> None:
    whole = table([[1, 2], [1, 2], [2, 1]], "ordinal")
    a, b, c = (
        {row.run: row.share for row in weight_shares(whole, 500, 0)}[run] for run in whole.runs
    )
    assert a == b
    assert a + b + c == pytest.approx(1)
    assert [row.share for row in weight_shares(table([[1, 1]] * 4, "ordinal"), 10, 0)] == [0.25] * 4


# One run less


def removals_by_hand(whole: Table, top: int) -> list[LeaveOneOut]:
    """Ranks every rest of the runs anew, and compares each pair."""
    before = dict(zip(whole.runs, whole.ranks().sum(axis=1).tolist(), strict=True))
    changed = []
    for row, removed in enumerate(whole.runs):
        rest = replace(
            whole,
            runs=[run for run in whole.runs if run != removed],
            costs=np.delete(whole.costs, row, axis=0),
        )
        after = dict(zip(rest.runs, rest.ranks().sum(axis=1).tolist(), strict=True))
        on: list[list[str]] = []
        for scored in (after, before):
            ahead = {r: sum(scored[o] < scored[r] for o in rest.runs) for r in rest.runs}
            first = [run for run in rest.runs if ahead[run] < top]
            on.append(sorted(first, key=lambda run, s=scored: s[run]))  # type: ignore[misc]
        either = {*on[0], *on[1]}
        if any(before[a] < before[b] and after[a] > after[b] for a in either for b in either):
            changed.append(LeaveOneOut(removed, podium=on[0], expected=on[1]))
    return changed


@settings(deadline=None, max_examples=300)
@given(tables(runs=9, metrics=4), st.integers(1, 4))
def test_removals_by_hand(whole: Table, top: int) -> None:
    assert leave_one_out(whole, top) == removals_by_hand(whole, top)


@pytest.mark.parametrize("ties", TIES)
def test_removals_among_more_runs_by_hand(ties: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "_BLOCK", 50)
    random, changed = np.random.default_rng(3), 0
    for _ in range(30):
        whole = table(random.integers(0, 30, (25, 3)), ties)
        by_hand = removals_by_hand(whole, 3)
        assert leave_one_out(whole, 3) == by_hand
        changed += len(by_hand)
    assert changed > 0


def test_a_removal_that_swaps_the_first_two() -> None:
    # x stands between a and b on two metrics: without it b's 3 + 3 + 1 is 5, and a keeps its 6.
    costs = [[1, 1, 4], [3, 3, 1], [2, 2, 5], [4, 4, 2], [5, 5, 3]]
    whole = table(costs, "ordinal", names="abxyz")
    assert found(whole).podium == ["a", "b", "x"]
    assert leave_one_out(whole, 2) == [
        LeaveOneOut("b", podium=["a", "y"], expected=["a", "x"]),
        LeaveOneOut("x", podium=["b", "a"], expected=["a", "b"]),
    ]
    assert leave_one_out(whole, 1) == [LeaveOneOut("x", podium=["b"], expected=["a"])]


def test_a_swap_over_the_one_that_is_removed() -> None:
    # a 11, x 12, b 13. Without x, which is between them on each metric, a has 10 and b 9.
    often = [1, 3, 2, 4, 5, 6, 7]
    once = [7, 1, 4, 2, 3, 5, 6]
    whole = table(np.array([often] * 4 + [once]).T, "ordinal", names="abxyzuv")
    assert found(whole).podium == ["a", "x", "b"]
    assert LeaveOneOut("x", podium=["b", "a"], expected=["a", "b"]) in leave_one_out(whole, 2)


def test_a_tie_made_is_no_swap() -> None:
    # Without c, b's 3 becomes a 2, and it ties with a.
    whole = table([[1, 2], [3, 1], [2, 3]], "ordinal")
    assert found(whole).leaders == ["a"]
    assert leave_one_out(whole, 2) == []


# Equal values


@relaxed
@given(tables())
def test_every_two_equal_values_are_in_one_tie(whole: Table) -> None:
    ranks = whole.ranks()
    pairs = set()
    for tie in equal_values(whole):
        column = whole.keys.index(tie.metric)
        rows = [whole.runs.index(run) for run in tie.runs]
        assert {whole.costs[row, column] for row in rows} == {tie.value}
        assert tie.ranks == [ranks[row, column] for row in rows]
        pairs |= {(column, a, b) for a in rows for b in rows if a < b}
    n, columns = range(len(whole.runs)), range(len(whole.keys))
    same = {(c, a, b) for c in columns for a in n for b in n if a < b}
    assert pairs == {(c, a, b) for c, a, b in same if whole.costs[a, c] == whole.costs[b, c]}


def test_equal_values_come_by_best_rank_then_metric_and_with_their_sign() -> None:
    whole = table([[-1, 3], [-2, 3], [-2, 3], [-1, 9], [0, NAN], [-0.0, NAN]], "min")
    ties = equal_values(replace(whole, signs=[-1, 1]))
    assert [(t.metric, t.value, t.runs, t.ranks) for t in ties] == [
        ("metric0", 2, ["b", "c"], [1, 1]),
        ("metric1", 3, ["a", "b", "c"], [1, 1, 1]),
        ("metric0", 1, ["a", "d"], [3, 3]),
        ("metric0", 0, ["e", "f"], [5, 5]),
    ]
    assert str(ties[-1].value) == "0.0"
