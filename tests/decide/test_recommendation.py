"""Which run is recommended, who is passed over, and what the page says of either."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conftest import EXAMPLES, Done, Finalrank, Tree

# Neutral defaults: metrics of one's own, so that equal values share their rank.
OWN = """
[scan]
patterns = ["m.json"]
[[metrics]]
key = "f1"
label = "F1"
primary = true
[[metrics]]
key = "auc"
label = "AUC"
"""
ONE = OWN.partition('[[metrics]]\nkey = "auc"')[0]
USUAL, TOY = {"num_samples": 600}, {"num_samples": 20}


@pytest.fixture
def recommended(finalrank: Finalrank, tree: Tree) -> Any:
    """The recommendation in the summary, and its lines on the page, of runs of a file each."""

    def report(runs: dict[str, Any], config: str = OWN) -> tuple[dict[str, Any], list[str]]:
        files: dict[str, Any] = {f"{run}/m.json": content for run, content in runs.items()}
        root = tree({**files, "finalrank.toml": config})
        page = finalrank("report", root)
        assert page.status == 0, page.err
        lines = page.out.partition("\nRecommendation:\n")[2].partition("\n\n")[0]
        summary = finalrank("report", root, "-f", "json").json
        return summary["recommendation"], lines.splitlines()

    return report


def f1(value: float, **more: Any) -> dict[str, Any]:
    return {"f1": value, **more}


# Equal runs


def test_runs_of_the_same_figures_share_the_place_whatever_they_are_called(
    recommended: Any,
) -> None:
    runs = {"b": f1(0.8, auc=0.9), "a": f1(0.8, auc=0.9), "c": f1(0.7, auc=0.8)}
    summary, lines = recommended(runs)
    assert summary == {"primary": None, "fallback": "c", "tied": ["a", "b"], "passed_over": []}
    assert lines == [
        "- `a` and `b` share the first place: none is preferred.",
        "- Keep `c` as fallback comparator.",
    ]


def places(page: str) -> list[str]:
    """The places and the runs of the executive summary, and of the combined table."""
    summary = re.findall(r"(?m)^(\d+\.) `(\w+)`$", page)
    table = page.partition(" Combined Final Ranking")[2]
    return [" ".join(row) for row in (*summary, *re.findall(r"(?m)^\| (\d+) \| `(\w+)`", table))]


def test_a_place_is_shared_on_the_page(finalrank: Finalrank, tree: Tree) -> None:
    runs = {"b": f1(0.8, auc=0.8), "a": f1(0.8, auc=0.8), "c": f1(0.7, auc=0.9), "d": f1(0.1)}
    files: dict[str, Any] = {f"{run}/m.json": content for run, content in runs.items()}
    page = finalrank("report", tree({**files, "finalrank.toml": OWN})).out
    assert "`auc=0.8000`; its place is shared by `b`.\n" in page
    assert places(page) == ["1. a", "1. b", "3. c", "1 a", "1 b", "3 c", "4 d"]
    ordinal = OWN + '[rank]\nties = "ordinal"\n'
    page = finalrank("report", tree({**files, "finalrank.toml": ordinal})).out
    # The figures are equal all the same, and the recommendation says so.
    assert places(page) == ["1. a", "2. c", "3. b", "1 a", "2 c", "3 b", "4 d"]


def test_equal_mean_ranks_are_no_reason_to_prefer_one(recommended: Any) -> None:
    summary, lines = recommended({"a": f1(0.9, auc=0.7), "b": f1(0.8, auc=0.8)})
    assert (summary["primary"], summary["tied"], summary["fallback"]) == (None, ["a", "b"], None)
    assert lines == ["- `a` and `b` share the first place: none is preferred."]


@pytest.mark.parametrize(
    ("other", "tied"),
    [(f1(0.9, auc=0.7), True), (f1(0.9), False), (f1(0.9, auc=0.6), False)],
)
def test_with_ordinal_ranks_only_equal_figures_are_equal(
    other: dict[str, Any], tied: bool, recommended: Any
) -> None:
    config = OWN + '[rank]\nties = "ordinal"\n'
    summary, _ = recommended({"a": f1(0.9, auc=0.7), "b": other}, config)
    assert summary["tied"] == (["a", "b"] if tied else [])
    # What both lack is equal, too.
    summary, _ = recommended({"a": f1(0.9), "b": f1(0.9)}, config)
    assert summary["tied"] == ["a", "b"]


def test_one_sum_in_two_orders_is_a_tie(recommended: Any) -> None:
    for ties in ("ordinal", "min"):
        config = ONE + f'[rank]\nties = "{ties}"\n'
        summary, _ = recommended({"a": f1(0.1 + 0.2 + 0.3), "b": f1(0.3 + 0.2 + 0.1)}, config)
        assert summary["tied"] == ["a", "b"]


# Who is passed over


def test_a_run_on_other_cases_than_most_is_passed_over(recommended: Any) -> None:
    runs = {"a": f1(0.9, **TOY), "b": f1(0.8, **USUAL), "c": f1(0.7, **USUAL), "d": f1(0.6)}
    summary, lines = recommended(runs, ONE)
    why = "tested on 20 cases, not the 600 cases of most runs"
    assert summary == {
        "primary": "b",
        "fallback": "c",
        "tied": [],
        "passed_over": [{"run": "a", "reason": why}],
    }
    assert lines == [
        "- Choose `b` first. It has the best F1 of those not passed over.",
        f"- Passed over: `a` ({why}).",
        "- Keep `c` as fallback comparator in the same protocol.",
    ]


def test_a_run_of_unknown_cases_may_be_recommended(recommended: Any) -> None:
    runs = {"a": f1(0.9), "b": f1(0.8, **USUAL), "c": f1(0.7, **USUAL)}
    summary, lines = recommended(runs, ONE)
    assert (summary["primary"], summary["passed_over"]) == ("a", [])
    assert lines == [
        "- Choose `a` first. It has the best F1.",
        "- Keep `b` as fallback comparator.",
    ]


def test_whatever_the_baseline_stands_on(recommended: Any) -> None:
    runs = {"a": f1(0.9, **TOY), "b": f1(0.8, **USUAL), "c": f1(0.7, **USUAL)}
    summary, _ = recommended(runs, ONE + '[baseline]\nrun = "a"\n')
    assert summary["primary"] == "b"


def test_where_test_sets_are_not_compared_nobody_is_passed_over(recommended: Any) -> None:
    runs = {"a": f1(0.9, **TOY), "b": f1(0.8, **USUAL), "c": f1(0.7, **USUAL)}
    summary, _ = recommended(runs, ONE + '[filter]\ntest_set = "ignore"\n')
    assert (summary["primary"], summary["passed_over"]) == ("a", [])


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_of_equal_runs_the_one_that_nothing_speaks_against(
    names: tuple[str, str], recommended: Any
) -> None:
    one, other = names
    runs = {one: f1(0.9, **TOY), other: f1(0.9, **USUAL), "c": f1(0.7, **USUAL)}
    summary, lines = recommended(runs, ONE)
    assert (summary["primary"], summary["tied"], summary["fallback"]) == (other, [], "c")
    # Whichever comes first by its name.
    assert [row["run"] for row in summary["passed_over"]] == [one]
    assert lines[0] == f"- Choose `{other}` first. It has the best F1 of those not passed over."


def test_equal_runs_that_meet_the_same_conditions_are_all_named(recommended: Any) -> None:
    runs = {name: f1(0.9, **USUAL) for name in "bcd"} | {"a": f1(0.9, **TOY), "e": f1(0.1)}
    summary, lines = recommended(runs, ONE)
    assert (summary["tied"], summary["fallback"]) == (["b", "c", "d"], "e")
    assert lines[:2] == [
        "- `b`, `c` and `d` share the first place: none is preferred.",
        "- Passed over: `a` (tested on 20 cases, not the 600 cases of most runs).",
    ]


LISTS = """
[scan]
patterns = ["m.json"]
[[metrics]]
key = "f1"
label = "F1"
keys = ["avg(cases)"]
primary = true
"""


def test_a_mean_over_fewer_cases_is_passed_over(recommended: Any) -> None:
    runs = {"a": {"cases": [0.9, 0.8]}, "b": {"cases": [0.9, 0.8, 0.5]}, "c": {"cases": [0.1] * 3}}
    summary, lines = recommended(runs, LISTS)
    assert summary["passed_over"] == [{"run": "a", "reason": "F1 over 2 of 3 values"}]
    assert lines == [
        "- Choose `b` first. It has the best F1 of those not passed over.",
        "- Passed over: `a` (F1 over 2 of 3 values).",
        "- Keep `c` as fallback comparator.",
    ]


def test_where_something_speaks_against_each_the_first_is_named_with_it(recommended: Any) -> None:
    nan = float("nan")
    runs = {"a": {"cases": [0.9, nan]}, "b": {"cases": [nan, 0.5]}, "c": {"cases": [0.1, None]}}
    summary, lines = recommended(runs, LISTS)
    assert summary == {"primary": "a", "fallback": "b", "tied": [], "passed_over": []}
    assert lines == [
        "- `a` is the first of the ranking, with a reservation: F1 over 1 of 2 values.",
        "- Keep `b` as fallback comparator.",
    ]
    runs["b"] = {"cases": [nan, 0.9]}
    summary, lines = recommended(runs, LISTS)
    assert (summary["primary"], summary["tied"], summary["fallback"]) == (None, ["a", "b"], "c")
    assert lines[0] == (
        "- `a` and `b` share the first place: none is preferred, and each has a reservation: "
        "F1 over 1 of 2 values."
    )


def test_the_fallback_is_of_another_method(recommended: Any) -> None:
    runs = {"unet_seed_1": f1(0.9), "unet_seed_2": f1(0.8)}
    summary, lines = recommended(runs, ONE)
    assert (summary["primary"], summary["fallback"]) == ("unet_seed_1", None)
    assert lines == ["- Choose `unet_seed_1` first. It has the best F1."]
    assert recommended({**runs, "swin": f1(0.7)}, ONE)[0]["fallback"] == "swin"


# What the page says of it


def test_only_who_has_every_metric_has_the_strongest_profile(recommended: Any) -> None:
    runs = {"a": f1(0.9), "b": f1(0.8, auc=0.9), "c": f1(0.7, auc=0.8)}
    assert recommended(runs)[1][0] == "- Choose `a` first. It has the best mean rank."
    runs["a"]["auc"] = 0.95
    assert recommended(runs)[1][0] == "- Choose `a` first. It has the strongest combined profile."
    # A metric that no run has is lacked by none.
    for content in runs.values():
        del content["auc"]
    assert recommended(runs)[1][0] == "- Choose `a` first. It has the strongest combined profile."


@pytest.mark.parametrize(
    ("first", "second", "notes", "same"),
    [
        (USUAL, USUAL, "", True),
        (USUAL, {**USUAL, "num_positive": 5}, "", True),
        (USUAL, {"num_positive": 5}, "", False),
        (USUAL, {}, "", False),
        ({}, {}, "", False),
        ({}, {}, '[runs."*"]\nprotocol = "five-fold"', True),
        ({}, {}, '[runs.a]\nprotocol = "five-fold"', False),
    ],
)
def test_a_protocol_is_the_same_only_where_that_is_known(
    first: dict[str, Any], second: dict[str, Any], notes: str, same: bool, recommended: Any
) -> None:
    _, lines = recommended({"a": f1(0.9, **first), "b": f1(0.8, **second)}, ONE + notes)
    end = " in the same protocol" if same else ""
    assert lines[-1] == f"- Keep `b` as fallback comparator{end}."


# With the evidence


def evidence_line(done: Done) -> str:
    assert done.status == 0, done.err
    return next(line for line in done.out.splitlines() if line.startswith("- Choose "))


def test_the_recommendation_carries_its_verdict(finalrank: Finalrank) -> None:
    line = evidence_line(finalrank("report", EXAMPLES, "--evidence"))
    assert line.endswith("locked val-only tuning; against the second: unclear (5.4).")
    assert "against" not in evidence_line(finalrank("report", EXAMPLES))


AREAS = """
[scan]
patterns = ["m.json"]
[[metrics]]
key = "auc"
label = "AUC"
kind = "roc-auc"
primary = true
[[metrics]]
key = "by_lesion"
label = "AUC by lesion"
kind = "roc-auc"
"""
CLASSES = {"num_positive": 500, "num_negative": 500}


@pytest.mark.parametrize(
    ("first", "second", "baseline", "verdict"),
    [
        ((0.95, 0.95), (0.6, 0.6), "", "better (4.4)"),
        ((0.95, 0.61), (0.6, 0.6), "", "AUC better, AUC by lesion unclear (4.4)"),
        ((0.95, 0.95), (0.6, 0.6), "a", "better (4.4)"),
        ((0.95, 0.95), (0.6, 0.6), "b", "better (4.4)"),
    ],
)
def test_the_verdict_is_of_each_metric_where_they_differ(
    first: tuple[float, float],
    second: tuple[float, float],
    baseline: str,
    verdict: str,
    finalrank: Finalrank,
    tree: Tree,
) -> None:
    runs = {
        f"{run}/m.json": {"auc": auc, "by_lesion": by_lesion, **CLASSES}
        for run, (auc, by_lesion) in (("a", first), ("b", second))
    }
    config = f'{AREAS}[baseline]\nrun = "{baseline}"\n'
    line = evidence_line(
        finalrank("report", tree({**runs, "finalrank.toml": config}), "--evidence")
    )
    assert line.endswith(f"; against the second: {verdict}.")


@pytest.mark.parametrize("baseline", ["", "a", "b"])
@pytest.mark.parametrize("higher", ["true", "false"])
def test_single_cases_go_before_figures_alone(
    higher: str, baseline: str, finalrank: Finalrank, tree: Tree
) -> None:
    config = f"""
        [scan]
        patterns = ["m.json"]
        [evidence]
        case_names = "cases[].id"
        [baseline]
        run = "{baseline}"
        [[metrics]]
        key = "dice"
        keys = ["avg(cases[].dice)"]
        cases = "cases[].dice"
        primary = true
        higher_is_better = {higher}
    """
    better, worse = (0.8, 0.5) if higher == "true" else (0.5, 0.8)
    runs = {
        f"{run}/m.json": {"cases": [{"id": f"c{n}", "dice": value + n / 100} for n in range(12)]}
        for run, value in (("a", better), ("b", worse))
    }
    line = evidence_line(
        finalrank("report", tree({**runs, "finalrank.toml": config}), "--evidence")
    )
    assert line.endswith("; against the second: better (2.5).")


def test_there_is_no_verdict_on_who_is_not_first(finalrank: Finalrank, tree: Tree) -> None:
    runs = {"a/m.json": f1(0.9, **TOY), "b/m.json": f1(0.8, **USUAL), "c/m.json": f1(0.7, **USUAL)}
    done = finalrank("report", tree({**runs, "finalrank.toml": ONE}), "--evidence")
    assert "against the second" not in evidence_line(done)
    alone = finalrank("report", tree({"a/m.json": json.dumps(f1(0.9, **USUAL))}), "--evidence")
    assert "of most runs" not in alone.out


def test_what_no_interval_tells_is_not_known(finalrank: Finalrank, tree: Tree) -> None:
    runs = {"a/m.json": f1(0.9), "b/m.json": f1(0.8)}
    line = evidence_line(finalrank("report", tree({**runs, "finalrank.toml": ONE}), "--evidence"))
    assert line.endswith("; against the second: not known (2.4).")
