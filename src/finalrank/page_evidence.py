"""The order of the page's evidence: what its template is given. No new figures but counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from finalrank.evidence.results import Evidence
    from finalrank.evidence.results_figures import Alignment, Flag
    from finalrank.evidence.results_ranking import GroupRow, Once, Tie
    from finalrank.models import Spread
    from finalrank.summary import PageMetric, Report


@dataclass(frozen=True, slots=True)
class Few:
    """A list of which the page shows the first: how many there are, these, and how many more."""

    count: int
    named: Sequence[Any]
    more: int


def few(items: Sequence[Any], most: int = 5) -> Few:
    """The list, cut where the page stops: a line names five of a list, and counts the rest."""
    return Few(len(items), items[:most], len(items[most:]))


class Measured(NamedTuple):
    """A metric over the members of a group."""

    group: GroupRow
    metric: PageMetric
    spread: Spread


class Tested(NamedTuple):
    """What is told of the test sets."""

    flags: dict[str, list[Flag]]  # by kind, those of the best places first
    flagged: int  # runs that have any
    podium: list[str]  # those of the podium that have
    clear: list[str]  # what no run is known to be or to have


class Standing(NamedTuple):
    """How the winner of the ranking stands."""

    holds: bool  # whether it leads the runs with every metric, too
    loses: int  # readings under which others lead than by the ranking
    parted: str  # what orders leaders with the same mean rank: "primary", "name"
    places: tuple[int, int] | None  # that it keeps, whatever is missing
    ties: list[Tie]  # equal values that have a run of the podium among them


class Cased(NamedTuple):
    """Which runs have the cases that are compared."""

    compared: int
    misaligned: list[Alignment]  # they have other cases
    without: list[str]  # they have no values by case, where others have


@dataclass(frozen=True, slots=True)
class Section:
    """The evidence, and what of it the page shows together."""

    number: int
    found: Evidence
    labels: dict[str, PageMetric]  # by key
    columns: list[PageMetric]  # those that the page shows
    ranked: list[PageMetric]
    winner: str
    runs: int  # rows of the ranking
    kept: int  # runs, the members of a group each
    shown: int  # runs that have intervals
    unlike: list[PageMetric]  # ranked metrics that have no interval from the figures alone
    on_test: int  # choices by test metrics
    siblings: int  # valid artifacts that are not ranked
    tested: Tested
    standing: Standing
    cased: Cased
    measured: list[Measured]
    once: list[Once]  # the podium, and every group
    reasons: list[tuple[str, int]]


def section(report: Report, found: Evidence) -> Section:
    """What the template of the evidence is given."""
    layout = report.layout
    ranked = [metric for metric, _ in layout.tables]
    with_interval = {row.metric for row in found.intervals.rows}
    return Section(
        number=len(layout.tables) + 2,
        found=found,
        labels={metric.key: metric for metric in layout.metrics},
        columns=list(dict.fromkeys(c for _, columns in layout.tables for c in columns)),
        ranked=ranked,
        winner=report.runs[0].run,
        runs=len(report.runs),
        kept=sum(len(run.members) for run in report.runs),
        shown=len({row.run for row in found.intervals.rows if row.role != "notable"}),
        unlike=[metric for metric in ranked if metric.key not in with_interval],
        on_test=sum(choice.on_test for choice in found.selection.choices),
        siblings=report.counts.artifacts_valid - report.counts.runs_valid,
        tested=_tested(report, found),
        standing=_standing(report, found),
        cased=_cased(report, found),
        measured=[
            Measured(group, metric, spread)
            for group in found.groups.groups
            for metric in ranked
            if (spread := group.metrics[metric.key])
        ],
        once=[row for row in found.groups.once if row.place <= layout.top or row.members > 1],
        reasons=list(Counter(row.reason for row in found.ledger).items()),
    )


def _tested(report: Report, found: Evidence) -> Tested:
    place = {member: run.rank for run in report.runs for member in run.members}
    raised = found.comparability.flags
    flags: dict[str, list[Flag]] = {}
    for flag in raised:
        flags.setdefault(flag.kind, []).append(flag)
    for some in flags.values():
        some.sort(key=lambda flag: min(place[run] for run in flag.runs))
    flagged = {run for flag in raised for run in flag.runs}
    podium = [run.run for run in report.runs[: report.layout.top] if flagged & {*run.members}]
    return Tested(flags, len(flagged), podium, _clear(found, flags))


def _clear(found: Evidence, raised: Collection[str]) -> list[str]:
    """What the files say of no run, of what they say anything about."""
    sets = [shared.test_set for shared in found.comparability.test_sets]
    counted = any((s.positives, s.negatives) != (None, None) for s in sets)
    compared = sets and found.rules.test_set != "ignore"
    few = f"on fewer than {found.rules.fewest} positives or negatives"
    told = [
        ("is on another test set", compared and "different-test-set" not in raised),
        (f"is {few}", counted and "few-cases" not in raised),
        ("lacks predictions", "missing-predictions" not in raised),
        ("has the figures of another run", "identical" not in raised),
    ]
    return [words for words, holds in told if holds]


def _standing(report: Report, found: Evidence) -> Standing:
    robust, winner = found.robustness, report.runs[0].run
    places = {row.run: row.guaranteed for row in found.missing.podium}
    places |= {row.run: row.guaranteed for row in found.missing.incomplete}
    podium = {run.run for run in report.runs[: report.layout.top]}
    return Standing(
        holds=bool(robust and winner in robust.leaders),
        loses=len(robust.readings) - robust.leads - robust.ties if robust else 0,
        parted=_parted(report, robust.leaders if robust else ()),
        places=places.get(winner),
        ties=[tie for tie in (robust.equal if robust else ()) if podium.intersection(tie.runs)],
    )


def _parted(report: Report, leaders: Sequence[str]) -> str:
    """What orders the leaders in the combined order, where their mean ranks do not."""
    rows = [run for run in report.runs if run.run in leaders]
    primary = report.layout.primary.key
    if len(rows) < 2 or len({run.mean_rank for run in rows}) > 1:
        return ""
    return "primary" if len({run.metrics[primary] for run in rows}) > 1 else "name"


def _cased(report: Report, found: Evidence) -> Cased:
    alignment = found.cases.alignment if found.cases else []
    runs = {row.run for row in alignment}
    return Cased(
        compared=sum(row.used for row in alignment),
        misaligned=[row for row in alignment if row.missing or row.extra or not row.used],
        without=[run.run for run in report.runs if runs and runs.isdisjoint(run.members)],
    )
