"""The part on missing metrics: what the rule for them decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finalrank.render.number_format import fixed
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.render.page.wording import agree

if TYPE_CHECKING:
    from finalrank.evidence.ranking.missing import Incomplete, MissingMetrics
    from finalrank.report.labels import MetricLabel

_MOST_ROWS = 25
_RULES = 3  # how many rules for missing metrics are compared


@dataclass(frozen=True, slots=True)
class OtherArtifact:
    """Another artifact of a run, which has metrics that the run lacks."""

    values: str  # `ROC-AUC 0.8500, AP 0.6000`
    source: str
    reason: str | None  # why it is left out; None: a sibling


@dataclass(frozen=True, slots=True)
class IncompleteRow:
    """A run that lacks a ranked metric, and its place by each rule."""

    run: str
    lacks: str
    available: int
    worst: int
    complete: str
    guaranteed: str  # `1 to 10`
    elsewhere: list[OtherArtifact]


@dataclass(frozen=True, slots=True)
class First:
    """A run that is first, and the rules for missing metrics by which it is."""

    run: str
    rules: list[str]
    by_all: bool


@dataclass(frozen=True, slots=True)
class MissingSummary:
    """What is told of missing metrics."""

    absent: list[str]  # labels of the metrics that no run has
    nothing: str  # where no other is missing: who has every metric
    lacking: str  # `1 of 12 runs lacks`
    rows: Truncated  # of IncompleteRow
    first: list[First]
    winner_places: tuple[int, int] | None  # that the winner keeps, whatever is missing
    winner_keeps: str  # the same in words


def missing_summary(
    missing: MissingMetrics, labels: Mapping[str, MetricLabel], winner: str
) -> MissingSummary:
    """Return what is told of missing metrics."""
    places = {row.run: row.guaranteed for row in missing.podium}
    places |= {row.run: row.guaranteed for row in missing.incomplete}
    winner_places = places.get(winner)
    return MissingSummary(
        absent=[labels[key].label for key in missing.absent],
        nothing=who_has_all(missing.runs),
        lacking=how_many_lack(len(missing.incomplete), missing.runs),
        rows=_rows(missing, labels),
        first=_first(missing),
        winner_places=winner_places,
        winner_keeps=kept_places(winner_places) if winner_places else "",
    )


def who_has_all(runs: int) -> str:
    """Return `all 12 runs have`."""
    return agree(runs, "the one run has", f"all {runs} runs have")


def how_many_lack(lacking: int, runs: int) -> str:
    """Return `1 of 12 runs lacks`."""
    return f"{lacking} of {runs} runs {agree(lacking, 'lacks', 'lack')}"


def kept_places(places: tuple[int, int]) -> str:
    """Return what the winner keeps: `stays first`, `keeps place 2` or `within 1 to 2`."""
    best, worst = places
    if worst == 1:
        return "stays first"
    return f"keeps place {best}" if best == worst else f"within {best} to {worst}"


def _first(missing: MissingMetrics) -> list[First]:
    """Return who is first by any rule, in the order of the rules."""
    by_run: dict[str, list[str]] = {}
    for rule, run in missing.first.items():
        if run is not None:
            by_run.setdefault(run, []).append(rule)
    return [First(run, rules, len(rules) == _RULES) for run, rules in by_run.items()]


def _rows(missing: MissingMetrics, labels: Mapping[str, MetricLabel]) -> Truncated:
    cut = at_most(missing.incomplete, _MOST_ROWS)
    rows = [
        IncompleteRow(
            run=row.run,
            lacks=", ".join(labels[key].label for key in row.lacks),
            available=row.available,
            worst=row.worst,
            complete=str(row.complete or "not ranked"),
            guaranteed=f"{row.guaranteed[0]} to {row.guaranteed[1]}",
            elsewhere=_elsewhere(row, labels),
        )
        for row in cut.shown
    ]
    return replace(cut, shown=rows)


def _elsewhere(row: Incomplete, labels: Mapping[str, MetricLabel]) -> list[OtherArtifact]:
    """Return the other artifacts that have what a run lacks, by source, whatever its case."""
    artifacts = {other.source: other.reason for other in row.elsewhere}
    return [
        OtherArtifact(
            values=", ".join(
                f"{labels[other.metric].label} {fixed(other.value, labels[other.metric].digits)}"
                for other in row.elsewhere
                if other.source == source
            ),
            source=source,
            reason=artifacts[source],
        )
        for source in sorted(artifacts, key=lambda source: (source.lower(), source))
    ]
