"""The lines of "In short": each is decided by a function of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from finalrank.render.number_format import interval, p_value, percent, plural, plus
from finalrank.render.page.evidence.cases import difference_over_cases
from finalrank.render.page.evidence.intervals import difference_in_words
from finalrank.render.page.evidence.missing import how_many_lack
from finalrank.render.page.wording import agree, directed, listing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finalrank.evidence.cases.paired import CaseEvidence, CaseMetric
    from finalrank.evidence.intervals import DifferenceRow
    from finalrank.evidence.model import Evidence
    from finalrank.render.page.evidence.comparability import TestSetSummary
    from finalrank.render.page.evidence.groups import GroupSummary
    from finalrank.render.page.evidence.intervals import IntervalSummary
    from finalrank.render.page.evidence.missing import First, MissingSummary
    from finalrank.render.page.evidence.selection import SelectionSummary
    from finalrank.report.labels import MetricLabel


@dataclass(frozen=True, slots=True)
class CaseContrast:
    """A difference over single cases."""

    cases: str  # `40 single cases`
    difference: str


@dataclass(frozen=True, slots=True)
class InShort:
    """What the lines of "In short" say; an empty one is not printed."""

    reading: str  # what follows "A reading is"
    winner_is_baseline: bool
    against_baseline: str  # the winner, by the figures
    against_second: str
    cases_against_baseline: list[CaseContrast]  # the winner, over single cases
    cases_against_second: list[CaseContrast]
    first_in_draws: str  # how often the winner is first when the cases are drawn anew
    no_place: str  # why that is not known
    no_precision: str  # of which metrics the precision is not known
    test_sets: str
    missing: str
    winner_place: str  # whatever the missing metrics would be
    deciding_rules: list[First]  # who is first, where the rule for missing metrics decides that
    on_test: str  # which choices looked at test metrics
    methods_first: str  # `the first 3 are`: if each method counts once


class Parts(NamedTuple):
    """The parts of the section that the lines are about."""

    test_sets: TestSetSummary
    missing: MissingSummary
    selection: SelectionSummary
    intervals: IntervalSummary
    groups: GroupSummary


def in_short(
    results: Evidence, labels: Mapping[str, MetricLabel], winner: str, ranked: int, parts: Parts
) -> InShort:
    """Return the lines; `ranked` is how many metrics are ranked."""
    cases, rules, rivals = results.cases, results.rules, results.intervals
    robust, selection = results.robustness, parts.selection
    sets, incomplete = len(results.comparability.test_sets), len(results.missing.incomplete)
    own = [row for row in rivals.differences if row.run == winner]
    first, no_place = _place_in_draws(cases, winner, labels) if cases else ("", "")
    places = parts.missing.winner_places if incomplete and rules.missing != "complete" else None
    return InShort(
        reading=reading(ranked, robust.runs, results.missing.runs) if robust else "",
        winner_is_baseline=rivals.baseline == winner,
        against_baseline=_differences(own, labels),
        against_second=_differences(rivals.to_second, labels),
        cases_against_baseline=_against_baseline(cases, winner, labels),
        cases_against_second=_against_second(cases, labels),
        first_in_draws=first,
        no_place=no_place,
        no_precision="" if cases else no_precision(parts.intervals.without),
        test_sets=test_sets_in_short(parts.test_sets, sets, rules.test_set),
        missing=missing_in_short(
            parts.missing.absent, incomplete, results.missing.runs, rules.missing
        ),
        winner_place=place_in_short(places) if places else "",
        deciding_rules=parts.missing.first if len(parts.missing.first) > 1 else [],
        on_test=on_test_in_short(
            selection.on_test, results.selection.runs, winner_among=selection.winner_on_test
        ),
        methods_first=methods_first(len(parts.groups.podium)),
    )


def reading(ranked: int, complete_runs: int, runs: int) -> str:
    """Return what a reading is.

    `ranked` is how many metrics are ranked; `complete_runs` of the `runs` have all of them.
    """
    little = "; of one ranked metric there is little to vary" if ranked == 1 else ""
    over = f", over the {complete_runs} of {runs} runs that have every metric"
    rest = over if complete_runs < runs else ""
    return f"the ranking with one metric left out, or by another rule{little}{rest}"


def _differences(rows: Sequence[DifferenceRow], labels: Mapping[str, MetricLabel]) -> str:
    return "; ".join(difference_in_words(row, labels[row.metric]) for row in rows)


def _against_baseline(
    cases: CaseEvidence | None, winner: str, labels: Mapping[str, MetricLabel]
) -> list[CaseContrast]:
    rows = cases.metrics if cases else []
    return [
        CaseContrast(plural(row.cases, "single case"), tested_difference(row, labels[row.metric]))
        for row in rows
        if row.run == winner and row.difference is not None
    ]


def tested_difference(row: CaseMetric, metric: MetricLabel) -> str:
    """Return `Dice +0.0680 [0.0423, 0.0939], p 0.0003, adjusted 0.0006`: to the baseline."""
    digits = metric.digits
    bounds = interval((row.difference_low, row.difference_high), digits)
    tests = f"p {p_value(row.p)}, adjusted {p_value(row.p_holm)}"
    return f"{directed(metric)} {plus(row.difference, digits)} {bounds}, {tests}"


def _against_second(
    cases: CaseEvidence | None, labels: Mapping[str, MetricLabel]
) -> list[CaseContrast]:
    rows = cases.to_second if cases else []
    return [
        CaseContrast(
            plural(row.cases, "single case"), difference_over_cases(row, labels[row.metric])
        )
        for row in rows
    ]


def _place_in_draws(
    cases: CaseEvidence, winner: str, labels: Mapping[str, MetricLabel]
) -> tuple[str, str]:
    """Return how often the winner is first in the draws, or else why that is not known."""
    share = next((row.first for row in cases.places if row.run == winner), None)
    if share is not None and len(cases.places) > 1:
        placed_by = [labels[key].label for key in cases.placed_by]
        return first_in_draws(share, len(cases.places), placed_by), ""
    has_values = any(row.run == winner for row in cases.alignment)
    return "", why_no_place(is_placed=share is not None, has_values=has_values)


def first_in_draws(share: float, runs: int, placed_by: Sequence[str]) -> str:
    """Return in which share of the draws a run is first among the `runs` that have cases.

    `placed_by` are the labels of the metrics that decide the places.
    """
    return f"of the {runs} that have them in {percent(share, 1)}, by {listing(placed_by)}"


def why_no_place(*, is_placed: bool, has_values: bool) -> str:
    """Return why the place of the winner by single cases is not known."""
    if is_placed:
        return "no other run has them"
    return f"it has {'too few that could be compared' if has_values else 'no usable values'}"


def no_precision(metrics: Sequence[str]) -> str:
    """Return `Dice and IoU are`: the metrics, by label, that have no interval; empty for none."""
    return f"{listing(metrics)} {agree(len(metrics), 'is', 'are')}" if metrics else ""


def test_sets_in_short(summary: TestSetSummary, sets: int, rule: str) -> str:
    """Return how many runs stand out, or how far the test sets agree.

    `sets` is how many test sets the files state, `rule` is `filter.test_set`.
    """
    if summary.flagged:
        stand = agree(summary.flagged, "stands", "stand")
        kinds = ", ".join(f"{words} {count}" for words, count in summary.kinds)
        return f"{summary.flagged} of {plural(summary.runs, 'run')} {stand} out: {kinds}"
    if not sets:
        return "not in the files"
    if rule == "ignore":
        return "not compared"
    agreement = "no count contradicts the reference, but not all state the same"
    if summary.runs == 1:
        agreement = "one run"
    elif sets == 1:
        agreement = f"the counts of all {summary.runs} runs agree"
    return f"{agreement}; equal counts are not yet equal cases"


def missing_in_short(absent: Sequence[str], incomplete: int, runs: int, rule: str) -> str:
    """Return which metrics no run has, by label, and how many runs lack another one.

    `incomplete` of the `runs` lack one; `rule` is `rank.missing`.
    """
    nowhere = f"no run has {listing(absent)}; " if absent else ""
    if not incomplete:
        return f"{nowhere}{'no other is missing' if absent else 'none'}"
    unranked = f", and {agree(incomplete, 'is', 'are')} not ranked" if rule == "complete" else ""
    return f"{nowhere}{how_many_lack(incomplete, runs)} one{unranked}"


def place_in_short(places: tuple[int, int]) -> str:
    """Return where the winner is by the first and the last place that it can have."""
    best, worst = places
    if worst == 1:
        return "first"
    return f"at place {best}" if best == worst else f"between place {best} and {worst}"


def on_test_in_short(on_test: int, runs: int, *, winner_among: bool) -> str:
    """Return how many of the runs were chosen by test metrics, and whether the winner was."""
    if not on_test:
        return "none"
    among = "among them" if winner_among else "not among them"
    return f"the artifacts of {on_test} of {plural(runs, 'run')}, the winner's {among}"


def methods_first(methods: int) -> str:
    """Return what precedes the first methods: `the first 3 are`."""
    return agree(methods, "first is", f"the first {methods} are")
