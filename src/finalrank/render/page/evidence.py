"""The order of the page's evidence: what its template is given. No new figures but counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from finalrank.render.page.cases import CaseSummary, case_summary

if TYPE_CHECKING:
    from finalrank.evidence.flags import Flag
    from finalrank.evidence.groups import GroupRow, Groups, MethodRank
    from finalrank.evidence.intervals import IntervalRow
    from finalrank.evidence.model import Evidence
    from finalrank.evidence.ranking.robustness import EqualValues
    from finalrank.model.groups import Spread
    from finalrank.report.model import Report
    from finalrank.report.presentation import MetricLabel, Presentation


class GroupMetric(NamedTuple):
    """A metric over the members of a group."""

    group: GroupRow
    metric: MetricLabel
    spread: Spread


class TestSetSummary(NamedTuple):
    """What is told of the test sets."""

    flags: dict[str, list[Flag]]  # by kind, those of the best places first
    flagged: int  # runs that have any
    kinds: list[tuple[str, int]]  # how many have one of a kind
    podium: list[str]  # those of the podium that have
    clear: list[str]  # what no run is known to be or to have


class WinnerSummary(NamedTuple):
    """How the winner of the ranking stands."""

    holds: bool  # whether it leads the runs with every metric, too
    lacks: bool  # whether it lacks one
    loses: int  # readings under which others lead than by the ranking
    parted: str  # what orders several leaders: "alike" (names alone), "primary", "name", ""
    firsts: list[tuple[str, list[str]]]  # who is first, and by which rules for what is missing
    places: tuple[int, int] | None  # that it keeps, whatever is missing
    ties: list[EqualValues]  # equal values that have a run of the podium among them


class GroupSummary(NamedTuple):
    """What is told of seeds and folds."""

    measured: list[GroupMetric]
    folds: list[GroupRow]
    once: list[MethodRank]  # the podium, and every group
    podium: list[str]  # if each method counts once
    members: list[tuple[str, GroupRow]]  # runs of the podium that are one of a group


@dataclass(frozen=True, slots=True)
class EvidenceContext:
    """The evidence, and what of it the page shows together."""

    number: int
    found: Evidence
    labels: dict[str, MetricLabel]  # by key
    columns: list[MetricLabel]  # those that the page shows
    ranked: list[MetricLabel]
    winner: str
    top: int
    runs: int  # rows of the ranking
    kept: int  # runs, the members of a group each
    shown: int  # runs that have intervals
    more_positives: bool  # whether an interval of an area is of more positives than negatives
    unlike: list[MetricLabel]  # ranked metrics that have no interval from the figures alone
    on_test: int  # choices by test metrics
    winner_on_test: bool  # whether the winner's is one
    siblings: int  # valid artifacts that are not ranked
    tested: TestSetSummary
    standing: WinnerSummary
    cased: CaseSummary
    seeds: GroupSummary
    case_table: str  # what a table of the first run's cases could be called
    words: bool  # whether anybody says what is special about a run, or how it was tested
    reasons: list[tuple[str, int]]


def evidence_context(report: Report, layout: Presentation, found: Evidence) -> EvidenceContext:
    """What the template of the evidence is given."""
    ranked = [metric for metric, _ in layout.tables]
    with_interval = {row.metric for row in found.intervals.rows}
    return EvidenceContext(
        number=len(layout.tables) + 2,
        found=found,
        labels={metric.key: metric for metric in layout.metrics},
        columns=list(dict.fromkeys(c for _, columns in layout.tables for c in columns)),
        ranked=ranked,
        winner=report.runs[0].run,
        top=layout.top,
        runs=len(report.runs),
        kept=sum(len(run.members) for run in report.runs),
        shown=len({row.run for row in found.intervals.rows if row.role != "notable"}),
        more_positives=any(map(_more_positives, found.intervals.rows)),
        unlike=[metric for metric in ranked if metric.key not in with_interval],
        on_test=sum(choice.on_test for choice in found.selection.choices),
        winner_on_test=any(
            choice.on_test and choice.run in report.runs[0].members
            for choice in found.selection.choices
        ),
        siblings=report.counts.artifacts_valid - report.counts.runs_valid,
        tested=_tested(report, layout, found),
        standing=_standing(report, layout, found),
        cased=case_summary(report, layout, found),
        seeds=_seeds(report, layout, found.groups, ranked),
        case_table=layout.case_table,
        words=any(run.key_feature or run.protocol for run in report.runs),
        reasons=list(Counter(row.reason for row in found.ledger).items()),
    )


def _more_positives(row: IntervalRow) -> bool:
    """Whether it is the interval of an area under the ROC curve that can be far too narrow."""
    has_one = row.kind == "roc-auc" and row.low is not None
    return has_one and (row.positives or 0) > (row.negatives or 0)


def _seeds(
    report: Report, layout: Presentation, found: Groups, ranked: Sequence[MetricLabel]
) -> GroupSummary:
    top = layout.top
    return GroupSummary(
        measured=[
            GroupMetric(group, metric, spread)
            for group in found.groups
            for metric in ranked
            if (spread := group.metrics[metric.key])
        ],
        folds=[group for group in found.groups if group.kind == "fold"],
        once=[row for row in found.once if row.place <= top or row.members > 1],
        podium=[row.run for row in found.once[:top]],
        members=[
            (run.run, group)
            for run in report.runs[:top]
            for group in found.groups
            if run.run in group.members
        ],
    )


def _place_of(report: Report) -> dict[str, int]:
    """The place of each run, and of each member of a group."""
    return {member: run.rank for run in report.runs for member in run.members}


def _tested(report: Report, layout: Presentation, found: Evidence) -> TestSetSummary:
    place = _place_of(report)
    # How a run was chosen says nothing of its cases, and is told with what was chosen.
    raised = [flag for flag in found.comparability.flags if flag.kind != "no-validation"]
    flags: dict[str, list[Flag]] = {}
    for flag in raised:
        flags.setdefault(flag.kind, []).append(flag)
    for some in flags.values():
        some.sort(key=lambda flag: min(place[run] for run in flag.runs))
    flagged = {run for flag in raised for run in flag.runs}
    podium = [run.run for run in report.runs[: layout.top] if flagged & {*run.members}]
    kinds = [(kind, len({run for f in some for run in f.runs})) for kind, some in flags.items()]
    return TestSetSummary(flags, len(flagged), kinds, podium, _clear(report, found, flags))


def _clear(report: Report, found: Evidence, raised: Collection[str]) -> list[str]:
    """What the files say of no run, of what they say anything about."""
    sets = [shared.test_set for shared in found.comparability.test_sets]
    counted = any((s.positives, s.negatives) != (None, None) for s in sets)
    predicted = found.comparability.counting_predictions
    compared = found.comparability.reference and found.rules.test_set != "ignore"
    kept = sum(len(run.members) for run in report.runs)
    told_of = "lacks predictions" + (
        f" (which {predicted} of {kept} state)" if predicted < kept else ""
    )
    few = f"on fewer than {found.rules.fewest} positives or negatives"
    told = [
        (
            "is on another test set than the reference",
            compared and "different-test-set" not in raised,
        ),
        (f"is {few}", counted and "few-cases" not in raised),
        (told_of, predicted and "missing-predictions" not in raised),
        ("has the figures of another run on cases that may be the same", "identical" not in raised),
    ]
    return [words for words, holds in told if holds]


def _standing(report: Report, layout: Presentation, found: Evidence) -> WinnerSummary:
    robust, winner = found.robustness, report.runs[0].run
    places = {row.run: row.guaranteed for row in found.missing.podium}
    places |= {row.run: row.guaranteed for row in found.missing.incomplete}
    podium = {run.run for run in report.runs[: layout.top]}
    firsts: dict[str, list[str]] = {}
    for rule, run in found.missing.first.items():
        if run is not None:
            firsts.setdefault(run, []).append(rule)
    return WinnerSummary(
        holds=bool(robust and winner in robust.leaders),
        lacks=any(row.run == winner for row in found.missing.incomplete),
        loses=len(robust.readings) - robust.leads - robust.ties if robust else 0,
        parted=_tie_break(report, layout, robust.leaders if robust else ()),
        firsts=list(firsts.items()),
        places=places.get(winner),
        ties=[tie for tie in (robust.equal if robust else ()) if podium.intersection(tie.runs)],
    )


def _tie_break(report: Report, layout: Presentation, leaders: Sequence[str]) -> str:
    """What orders the leaders in the combined order, where no rank of theirs does."""
    rows = [run for run in report.runs if run.run in leaders]
    primary = layout.primary.key
    if len(rows) < 2:
        return ""
    if len({tuple(run.metrics[metric.key] for metric, _ in layout.tables) for run in rows}) == 1:
        return "alike"
    if len({run.mean_rank for run in rows}) > 1:
        return ""
    return "primary" if len({run.metrics[primary] for run in rows}) > 1 else "name"
