"""The order of the page's evidence: what its template is given. No new figures but counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class Section:
    """The evidence, and what of it the page shows together."""

    number: int
    found: Evidence
    labels: dict[str, PageMetric]  # by key
    columns: list[PageMetric]  # those that the page shows
    winner: str
    runs: int  # rows of the ranking
    kept: int  # runs, the members of a group each
    shown: int  # runs that have intervals
    flags: dict[str, list[Flag]]  # by kind
    holds: bool  # whether the winner of the ranking is that of the runs with every metric
    loses: int  # readings under which another run leads
    misaligned: list[Alignment]  # runs that have other cases
    compared: int  # runs whose single cases are compared
    top_ties: list[Tie]  # those that have a run of the podium in them
    measured: list[Measured]
    once: list[Once]  # the podium, and every group
    reasons: list[tuple[str, int]]


def section(report: Report, found: Evidence) -> Section:
    """What the template of the evidence is given."""
    layout = report.layout
    robust = found.robustness
    podium = {run.run for run in report.runs[: layout.top]}
    return Section(
        number=len(layout.tables) + 2,
        found=found,
        labels={metric.key: metric for metric in layout.metrics},
        columns=list(dict.fromkeys(c for _, columns in layout.tables for c in columns)),
        winner=report.runs[0].run,
        runs=len(report.runs),
        kept=sum(len(run.members) for run in report.runs),
        shown=len({row.run for row in found.intervals.rows if row.role != "notable"}),
        flags=_by_kind(found.comparability.flags),
        holds=bool(robust and report.runs[0].run in robust.leaders),
        loses=len(robust.readings) - robust.leads - robust.ties if robust else 0,
        misaligned=[
            row
            for row in (found.cases.alignment if found.cases else [])
            if row.missing or row.extra or not row.used
        ],
        compared=sum(row.used for row in found.cases.alignment) if found.cases else 0,
        top_ties=[tie for tie in (robust.equal if robust else []) if podium.intersection(tie.runs)],
        measured=[
            Measured(group, metric, spread)
            for group in found.groups.groups
            for metric, _ in layout.tables
            if (spread := group.metrics[metric.key])
        ],
        once=[row for row in found.groups.once if row.place <= layout.top or row.members > 1],
        reasons=list(Counter(row.reason for row in found.ledger).items()),
    )


def _by_kind(flags: Sequence[Flag]) -> dict[str, list[Flag]]:
    found: dict[str, list[Flag]] = {}
    for flag in flags:
        found.setdefault(flag.kind, []).append(flag)
    return found
