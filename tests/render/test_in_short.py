"""What "In short" says, decision by decision, on plain values."""

from __future__ import annotations

import pytest

from finalrank.evidence.cases.paired import CaseMetric
from finalrank.evidence.intervals import DifferenceRow
from finalrank.evidence.ranking.robustness import Robustness
from finalrank.evidence.ranking.variants import Outcome, Variant
from finalrank.model.ranking import RankedRun
from finalrank.render.page.evidence import in_short
from finalrank.render.page.evidence.comparability import TestSetSummary as Summary
from finalrank.render.page.evidence.intervals import difference_in_words
from finalrank.render.page.evidence.robustness import (
    TieBreak,
    outcome_of_leaders,
    shared_lead,
    tie_break,
    winner_remark,
)
from finalrank.render.page.truncate import at_most
from finalrank.report.labels import MetricLabel

AUC = MetricLabel("auc", "AUC", "AUC", "", True, 2, True, (0.0, 1.0))
LOSS = MetricLabel("loss", "Loss", "Loss", "", False, 3, True, (0.0, None))


# Who leads


def robust(leaders: list[str], outcomes: list[Outcome]) -> Robustness:
    readings = [Variant("median", None, "", leaders, outcome, 1, None) for outcome in outcomes]
    counts = outcomes.count("leads"), outcomes.count("ties")
    return Robustness(9, leaders, leaders, readings, *counts, [], [], [])


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (["leads", "leads"], "leads under 2 of 2 readings."),
        (["leads", "ties", "ties"], "leads under 1 of 3 readings, ties in 2."),
        (["leads", "loses"], "leads under 1 of 2 readings, loses in 1."),
        (["ties", "loses"], "leads under 0 of 2 readings, ties in 1, loses in 1."),
    ],
)
def test_under_how_many_readings_one_leads(outcomes: list[Outcome], told: str) -> None:
    assert outcome_of_leaders(robust(["a"], outcomes), None, "Dice") == told


def test_several_leaders_share_the_place() -> None:
    told = outcome_of_leaders(robust(["a", "b"], ["leads", "ties", "loses"]), "primary", "Dice")
    assert told == (
        "share the first place by mean rank; Dice orders them in the table above. "
        "They still share it under 1 of 3 readings."
    )


@pytest.mark.parametrize(
    ("broken_by", "told"),
    [
        (
            "alike",
            ": they are alike in every metric, and only their names order them in the table above",
        ),
        ("name", " by mean rank; only their names order them in the table above"),
        ("primary", " by mean rank; Dice orders them in the table above"),
        (None, " by mean rank over the 9 runs that have every metric"),
    ],
)
def test_what_orders_those_who_share_the_place(broken_by: TieBreak | None, told: str) -> None:
    assert shared_lead(broken_by, "Dice", 9) == f"share the first place{told}"


def ranked_run(run: str, mean_rank: float, auc: float, loss: float) -> RankedRun:
    values = {"auc": auc, "loss": loss}
    return RankedRun(1, run, f"{run}/m.json", mean_rank, 2, values, {}, None, None, None, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "broken_by"),
    [
        (ranked_run("b", 1.5, 0.5, 0.1), "alike"),
        (ranked_run("b", 1.5, 0.4, 0.1), "primary"),
        (ranked_run("b", 1.5, 0.5, 0.2), "name"),
        (ranked_run("b", 2.0, 0.5, 0.2), None),
    ],
)
def test_which_rule_breaks_a_tie(second: RankedRun, broken_by: TieBreak | None) -> None:
    runs = [ranked_run("a", 1.5, 0.5, 0.1), second, ranked_run("c", 3.0, 0.1, 0.9)]
    assert tie_break(["a", "b"], runs, [AUC, LOSS], AUC) == broken_by
    assert tie_break(["a"], runs, [AUC, LOSS], AUC) is None


def test_a_winner_that_does_not_lead_the_complete_runs() -> None:
    over = (
        ": the readings are over the 9 runs that have them all, and their ranks among themselves."
    )
    assert winner_remark(9, lacks_a_metric=False) == over
    assert winner_remark(9, lacks_a_metric=True) == f", which lacks a ranked metric{over}"


@pytest.mark.parametrize(
    ("ranked", "complete", "told"),
    [
        (3, 9, ""),
        (1, 9, "; of one ranked metric there is little to vary"),
        (3, 7, ", over the 7 of 9 runs that have every metric"),
    ],
)
def test_what_a_reading_is(ranked: int, complete: int, told: str) -> None:
    reading = "the ranking with one metric left out, or by another rule"
    assert in_short.reading(ranked, complete, 9) == reading + told


# Differences


def test_a_difference_has_an_interval_or_the_reason_why_not() -> None:
    known = DifferenceRow("a", "auc", 0.125, 0.05, 0.03, 0.22, "better", None)
    assert difference_in_words(known, AUC) == "AUC +0.12 [0.03, 0.22], better"
    withheld = DifferenceRow("a", "auc", -0.125, None, None, None, None, "another test set")
    assert difference_in_words(withheld, AUC) == "AUC -0.12 (withheld: another test set)"


def test_a_difference_over_cases_has_its_tests() -> None:
    row = CaseMetric("a", "loss", 40, 0.3, 0.2, 0.4, 0.3, -0.1, -0.15, -0.05, 0.00001, 0.03)
    told = "Loss (lower is better) -0.100 [-0.150, -0.050], p < 0.0001, adjusted 0.0300"
    assert in_short.tested_difference(row, LOSS) == told


# Single cases


def test_how_often_the_winner_is_first_in_the_draws() -> None:
    told = "of the 4 that have them in 71.7 %, by AUC and Loss"
    assert in_short.first_in_draws(0.7171, 4, ["AUC", "Loss"]) == told


@pytest.mark.parametrize(
    ("is_placed", "has_values", "told"),
    [
        (True, True, "no other run has them"),
        (False, True, "it has too few that could be compared"),
        (False, False, "it has no usable values"),
    ],
)
def test_why_the_place_is_not_known(is_placed: bool, has_values: bool, told: str) -> None:
    assert in_short.why_no_place(is_placed=is_placed, has_values=has_values) == told


def test_which_metrics_have_no_precision() -> None:
    assert in_short.no_precision([]) == ""
    assert in_short.no_precision(["Dice"]) == "Dice is"
    assert in_short.no_precision(["Dice", "IoU", "NSD"]) == "Dice, IoU and NSD are"


# Test sets


def summary(runs: int, flagged: int = 0, **kinds: int) -> Summary:
    none = at_most([])
    return Summary(none, [], none, "", runs, flagged, list(kinds.items()), [])


@pytest.mark.parametrize(
    ("given", "sets", "rule", "told"),
    [
        (summary(9, 1, few=1), 2, "flag", "1 of 9 runs stands out: few 1"),
        (summary(9, 3, few=1, other=2), 2, "flag", "3 of 9 runs stand out: few 1, other 2"),
        (summary(9), 0, "flag", "not in the files"),
        (summary(9), 2, "ignore", "not compared"),
        (summary(1), 1, "flag", "one run; equal counts are not yet equal cases"),
        (
            summary(9),
            1,
            "flag",
            "the counts of all 9 runs agree; equal counts are not yet equal cases",
        ),
        (
            summary(9),
            2,
            "exclude",
            "no count contradicts the reference, but not all state the same; equal counts are not "
            "yet equal cases",
        ),
    ],
)
def test_how_far_the_test_sets_agree(given: Summary, sets: int, rule: str, told: str) -> None:
    assert in_short.test_sets_in_short(given, sets, rule) == told


# Missing metrics


@pytest.mark.parametrize(
    ("absent", "incomplete", "rule", "told"),
    [
        ([], 0, "available", "none"),
        (["AP"], 0, "available", "no run has AP; no other is missing"),
        ([], 1, "worst", "1 of 9 runs lacks one"),
        ([], 2, "available", "2 of 9 runs lack one"),
        ([], 1, "complete", "1 of 9 runs lacks one, and is not ranked"),
        (
            ["AP", "AUC"],
            2,
            "complete",
            "no run has AP and AUC; 2 of 9 runs lack one, and are not ranked",
        ),
    ],
)
def test_how_many_runs_lack_a_metric(
    absent: list[str], incomplete: int, rule: str, told: str
) -> None:
    assert in_short.missing_in_short(absent, incomplete, 9, rule) == told


@pytest.mark.parametrize(
    ("places", "told"),
    [((1, 1), "first"), ((2, 2), "at place 2"), ((1, 3), "between place 1 and 3")],
)
def test_where_the_winner_is_whatever_is_missing(places: tuple[int, int], told: str) -> None:
    assert in_short.place_in_short(places) == told


# Selection and groups


@pytest.mark.parametrize(
    ("on_test", "winner_among", "told"),
    [
        (0, False, "none"),
        (1, True, "the artifacts of 1 of 9 runs, the winner's among them"),
        (3, False, "the artifacts of 3 of 9 runs, the winner's not among them"),
    ],
)
def test_which_choices_looked_at_test_metrics(on_test: int, winner_among: bool, told: str) -> None:
    assert in_short.on_test_in_short(on_test, 9, winner_among=winner_among) == told


def test_who_is_first_if_each_method_counts_once() -> None:
    assert in_short.methods_first(1) == "first is"
    assert in_short.methods_first(3) == "the first 3 are"
