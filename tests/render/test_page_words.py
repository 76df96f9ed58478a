"""The words of the page and of the evidence that depend on values."""

from __future__ import annotations

import pytest

from finalrank.evidence.cases.alignment import Alignment
from finalrank.evidence.cases.paired import CaseMetric
from finalrank.evidence.flags import Flag, FlagKind
from finalrank.evidence.model import Rules
from finalrank.evidence.ranking.missing import FoundElsewhere, Incomplete, MissingMetrics
from finalrank.model.artifact import CaseCounts
from finalrank.model.groups import Spread
from finalrank.render.number_format import mean_of_members
from finalrank.render.page import wording
from finalrank.render.page.evidence import cases, groups, intervals, ledger, missing, selection
from finalrank.render.page.evidence.comparability import flag_detail
from finalrank.render.page.evidence.robustness import equal_ranks, of_all
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.report.labels import MetricLabel

AP = MetricLabel("ap", "AP", "AP", "", True, 2, True, (0.0, 1.0))
AUC = MetricLabel("auc", "AUC", "AUC", "", True, 3, True, (0.0, 1.0))
LABELS = {"ap": AP, "auc": AUC}


def rules(**changed: str) -> Rules:
    usual = {
        "test_set": "flag",
        "missing": "available",
        "ties": "ordinal",
        "select": "primary",
        "select_metric": "dice",
        "groups": "expand",
    }
    return Rules(0.95, 10, **(usual | changed), weightings=1, resamples=1, seed=0, generator="")


# The page


@pytest.mark.parametrize(
    ("items", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_a_listing(items: list[str], told: str) -> None:
    assert wording.listing(items, " or ") == told


def test_a_list_is_cut_where_the_page_stops() -> None:
    assert at_most([1, 2]) == Truncated(2, [1, 2], 0)
    assert at_most([1, 2, 3], 2) == Truncated(3, [1, 2], 1)


@pytest.mark.parametrize(
    ("names", "lowest", "told"),
    [
        ([], None, ""),
        (["dev", "smoke"], None, "dev/smoke artifacts"),
        ([], 1e-6, "zero-Dice outputs"),
        (["dev"], 1e-6, "dev artifacts and zero-Dice outputs"),
        (["dev"], 0.8, "dev artifacts and outputs with Dice of at most 0.8"),
    ],
)
def test_what_the_filter_leaves_out(names: list[str], lowest: float | None, told: str) -> None:
    zeros = lowest is not None and lowest < 0.1
    assert wording.exclusions(names, lowest, zeros, "Dice") == told


@pytest.mark.parametrize(
    ("chosen_by", "fell_back", "told"),
    [
        ("primary", False, "one best artifact per run kept"),
        ("newest", False, "the newest artifact per run kept"),
        ("complete-first", False, "the most complete artifact per run kept"),
        ("validation", False, "one artifact per run kept, chosen by its validation Dice"),
        (
            "validation",
            True,
            "one artifact per run kept, chosen by its validation Dice where there is one",
        ),
    ],
)
def test_how_the_artifact_of_a_run_was_chosen(chosen_by: str, fell_back: bool, told: str) -> None:
    assert wording.kept_artifacts(chosen_by, "artifact", "Dice", fell_back) == told


# Test sets


@pytest.mark.parametrize(
    ("kind", "figures", "told"),
    [
        ("different-test-set", {}, " (40 cases)"),
        ("unknown-test-set", {}, ""),
        ("identical", {"runs": 2}, ""),
        ("missing-predictions", {"missing_predictions": 7}, " (7)"),
        ("missing-predictions", {"missing_predictions": 7, "cases": 40}, " (7 of 40)"),
        ("unattainable", {"value": 0.05, "least": 0.1}, " (AP 0.05, at least 0.10 with 40 cases)"),
        (
            "single-positive",
            {"rank": 4, "negatives": 39},
            " (AP = 1/4, as if it came in place 4 before or among 39 negatives)",
        ),
    ],
)
def test_the_figures_that_a_flag_rests_on(
    kind: FlagKind, figures: dict[str, int | float], told: str
) -> None:
    assert flag_detail(Flag(kind, ["a"], "ap", CaseCounts(40), figures), LABELS) == told


# Missing metrics


@pytest.mark.parametrize(
    ("places", "told"),
    [((1, 1), "stays first"), ((2, 2), "keeps place 2"), ((1, 3), "within 1 to 3")],
)
def test_what_the_winner_keeps(places: tuple[int, int], told: str) -> None:
    assert missing.kept_places(places) == told


def test_who_has_every_metric() -> None:
    assert missing.who_has_all(1) == "the one run has"
    assert missing.who_has_all(3) == "all 3 runs have"


def test_where_else_a_missing_metric_is() -> None:
    elsewhere = [
        FoundElsewhere("ap", "r/b.json", 0.5, "scan"),
        FoundElsewhere("auc", "r/A.json", 0.25, None),
        FoundElsewhere("auc", "r/b.json", 0.75, "scan"),
        FoundElsewhere("auc", "r/a.json", 0.5, None),
    ]
    row = Incomplete("r", ["ap", "auc"], elsewhere, 2, 9, None, (1, 9))
    first: dict[str, str | None] = {"available": "a", "worst": "b", "complete": "b"}
    told = missing.missing_summary(MissingMetrics(9, first, [row], [], []), LABELS, "r")
    (shown,) = told.rows.shown
    assert (shown.lacks, shown.complete, shown.guaranteed) == ("AP, AUC", "not ranked", "1 to 9")
    # By source, whatever its case; two that differ in their case alone are two.
    assert shown.elsewhere == [
        missing.OtherArtifact("AUC 0.250", "r/A.json", None),
        missing.OtherArtifact("AUC 0.500", "r/a.json", None),
        missing.OtherArtifact("AP 0.50, AUC 0.750", "r/b.json", "scan"),
    ]
    assert told.first == [
        missing.First("a", ["available"], False),
        missing.First("b", ["worst", "complete"], False),
    ]


# Selection


@pytest.mark.parametrize(
    ("rule", "on_test", "told"),
    [
        ("primary", 1, "by their test Dice"),
        ("newest", 0, "by the name of the file"),
        ("complete-first", 1, "by how many metrics they have, then by their test Dice"),
        (
            "validation",
            0,
            "by the validation Dice where there is one; none of them by test metrics",
        ),
        ("validation", 2, "by the validation Dice where there is one; 2 of them by test metrics"),
    ],
)
def test_by_what_the_artifacts_were_chosen(rule: str, on_test: int, told: str) -> None:
    assert selection.how_chosen(rule, "Dice", on_test) == told


def test_by_what_the_best_of_a_group_was_chosen() -> None:
    assert selection.how_best_chosen(rules(), "Dice") == ""
    assert selection.how_best_chosen(rules(groups="best"), "Dice") == "its test Dice"
    assert selection.how_best_chosen(rules(groups="best", missing="complete"), "Dice") == (
        "how many metrics it has, then by its test Dice"
    )


# Intervals


def test_which_runs_have_intervals() -> None:
    subjects = intervals.interval_subjects
    assert subjects(every_run=True, baseline=True, excluded=False) == "every ranked run"
    assert subjects(every_run=False, baseline=False, excluded=False) == (
        "the podium; for all runs by `--intervals all`"
    )
    assert subjects(every_run=False, baseline=True, excluded=True) == (
        "the podium and the baseline, and for what is named as excluded; "
        "for all runs by `--intervals all`"
    )


# Single cases


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            Alignment("a", "", 36, 4, 0, True, []),
            ": 36 cases, 4 of the reference's without a value here",
        ),
        (
            Alignment("a", "", 1, 0, 1, True, []),
            ": 1 case, none of them by a name that the reference has",
        ),
        (Alignment("a", "", 9, 0, 2, True, []), ": 9 cases, 2 without a value in the reference"),
        (Alignment("a", "", 9, 0, 0, False, ["ap"]), ": 9 cases: not compared"),
        (
            Alignment("a", "", 9, 0, 0, True, ["ap", "auc"]),
            ": 9 cases: not compared on AP and AUC, of which it has too few",
        ),
    ],
)
def test_how_the_cases_of_a_run_differ(row: Alignment, told: str) -> None:
    assert cases.is_misaligned(row)
    assert cases.misalignment(row, LABELS) == told


def test_a_rounded_mean_is_the_artifacts_own() -> None:
    def row(reported: float | None) -> CaseMetric:
        return CaseMetric("a", "ap", 9, 0.5, 0.4, 0.6, reported, None, None, None, None, None)

    assert not cases.is_pooled(row(None), 2)
    assert not cases.is_pooled(row(0.505), 2)
    assert cases.is_pooled(row(0.52), 2)


def test_what_limits_the_table_of_cases() -> None:
    def notes(pooled: int = 0, number: int = 9, too_few: str = "", few: str = "") -> list[str]:
        return cases.case_notes(
            pooled=pooled, rows=3, cases=number, too_few=[*too_few], few=[*few], min_cases=10
        )

    assert notes() == []
    (told,) = notes(pooled=2)
    assert told.startswith("In 2 of 3 rows the mean over these cases is not the figure in the")
    assert notes(number=1, too_few="AB", few="C") == [
        "There is nothing to resample in fewer than two cases",
        "Fewer than two cases are shared of A and B: not compared",
        "Of fewer than 10 cases the intervals are too narrow: C",
    ]


def test_what_becomes_of_dropped_cases() -> None:
    assert cases.dropped_cases(0) == ""
    assert cases.dropped_cases(1) == "is not in all of them, and not used"
    assert cases.dropped_cases(2) == "are not in all of them, and not used"


@pytest.mark.parametrize(
    ("metrics", "ranked", "told"),
    [
        (["AP"], 1, "AP"),
        (["AP"], 2, "AP alone"),
        (["AP", "AUC"], 2, "the mean of the ranks in AP and AUC"),
        (["AP", "AUC"], 3, "the mean of the ranks in AP and AUC alone"),
    ],
)
def test_what_decides_the_places(metrics: list[str], ranked: int, told: str) -> None:
    assert cases.decides_places(metrics, ranked) == told


# Robustness, groups and the ledger


@pytest.mark.parametrize(
    ("ranks", "ties", "told"),
    [
        ([1, 2], "ordinal", "their ranks 1 and 2 there come from their names"),
        ([1, 2, 3], "ordinal", "their ranks 1 to 3 there come from their names"),
        ([1.5, 1.5], "average", "their rank there is 1.5"),
    ],
)
def test_the_ranks_of_equal_values(ranks: list[float], ties: str, told: str) -> None:
    assert equal_ranks(ranks, ties) == told


def test_some_of_all() -> None:
    assert of_all(11, 12) == "11 of 12"
    assert of_all(12, 12) == "12"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("expand", "the places 1, 4, 5"),
        ("collapse", "one place, as one row: 1"),
        ("best", "one place, that of the best of them: 1"),
    ],
)
def test_the_places_of_a_group(rule: str, told: str) -> None:
    assert groups.places_in_words([1, 4, 5], rule) == told


def test_the_mean_of_members() -> None:
    assert mean_of_members(0.5, Spread(3, 0.5, 0.1, 0.4, 0.6), "seed", 2) == (
        "0.50 +- 0.10 (n=3 seeds)"
    )
    assert mean_of_members(0.5, Spread(1, 0.5, None, 0.5, 0.5), "fold", 1) == "0.5 (n=1 fold)"


def test_how_many_were_left_out() -> None:
    assert ledger.how_many_left_out(1, 1) == "1 of 1 artifact was left out"
    assert ledger.how_many_left_out(3, 16) == "3 of 16 artifacts were left out"
    assert ledger.how_many_siblings(0) == ""
    assert ledger.how_many_siblings(1) == "1 more is a sibling"
    assert ledger.how_many_siblings(2) == "2 more are siblings"
