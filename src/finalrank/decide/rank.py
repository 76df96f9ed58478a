"""From a survey to its ranking: ranks, mean ranks, and deltas to the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.decide.groups import in_ranking, rows_of
from finalrank.decide.notable import notable_exclusions
from finalrank.decide.testsets import reference
from finalrank.decide.ties import Rank, ranks, worst_rank
from finalrank.errors import UsageError
from finalrank.model.artifact import Reference, Values
from finalrank.model.groups import Group
from finalrank.model.ranking import Delta, GroupedRun, GroupMean, RankedRun, Ranking
from finalrank.model.reasons import INCOMPLETE, TEST_SET
from finalrank.model.survey import Row, Survey
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

_NO_DELTA = Delta(None, None)


class _Standing(NamedTuple):
    row: Row
    ranks: dict[str, Rank | None]
    mean_rank: float
    metrics_used: int


def rank(survey: Survey, settings: Settings) -> Ranking:
    """Rank what is kept. Raises UsageError for a configured baseline that is not ranked."""
    standings = _standings(rows_of(survey, settings), settings)
    baseline = _baseline(standings, survey, settings)
    runs = _ranked(standings, baseline, settings)
    own = next((run for run in runs if baseline and run.run == baseline.run), None)
    test_set, test_set_of = survey.reference or reference_of(survey, own)
    return Ranking(
        runs=tuple(runs),
        place_of={member: run.rank for run in runs for member in run.members},
        groups=in_ranking(survey),
        baseline=own,
        reference=test_set,
        reference_run=test_set_of,
        notable=notable_exclusions(survey, settings),
        chosen_on_test=_chosen_on_test(survey, settings),
    )


def reference_of(survey: Survey, baseline: RankedRun | None) -> Reference:
    """Return the test set that the kept runs are compared with, and the baseline if it is its."""
    tested = {artifact.run: artifact.test_set for artifact in survey.kept}
    run, members = (baseline.run, baseline.members) if baseline else (None, ())
    return reference(tested, run, members)


def rank_rows(rows: Sequence[Row], settings: Settings) -> list[RankedRun]:
    """Return the rows, which come by run name, in combined order, without a baseline."""
    return _ranked(_standings(rows, settings), None, settings)


def _ranked(
    standings: Sequence[_Standing], baseline: Row | None, settings: Settings
) -> list[RankedRun]:
    runs = []
    for position, (row, its_ranks, mean_rank, used) in enumerate(standings, start=1):
        note = settings.note(row.run)
        run = RankedRun(
            rank=position,
            run=row.run,
            source=row.source,
            mean_rank=mean_rank,
            metrics_used=used,
            metrics=row.metrics,
            ranks=its_ranks,
            delta=baseline and _deltas(row.metrics, baseline.metrics),
            key_feature=note.key_feature,
            protocol=note.protocol,
            valid_artifacts=row.valid_artifacts,
        )
        runs.append(_grouped(run, row.group) if row.group else run)
    return runs


def _chosen_on_test(survey: Survey, settings: Settings) -> tuple[str, ...]:
    if settings.select.by != "validation":
        return ()
    return tuple(artifact.run for artifact in survey.kept if artifact.validation is None)


def _standings(rows: Sequence[Row], settings: Settings) -> list[_Standing]:
    """Return every row with its ranks, in combined order."""
    metrics, primary = settings.ranked, settings.primary
    keys = [metric.key for metric in metrics]
    columns = [_ranks(rows, metric, settings.rank.ties) for metric in metrics]
    worst = settings.rank.missing == "worst"
    # What a missing rank counts as; None: it does not count.
    in_place_of_missing = [
        worst_rank(len(rows) - column.count(None), len(rows)) if worst else None
        for column in columns
    ]
    keyed = []
    for row, its_ranks in zip(rows, zip(*columns, strict=True), strict=True):
        counted = [
            counts
            for rank, counts_as in zip(its_ranks, in_place_of_missing, strict=True)
            if (counts := counts_as if rank is None else rank) is not None
        ]
        mean, used = sum(counted) / len(counted), len(its_ranks) - its_ranks.count(None)
        # No run is kept without its primary metric.
        cost = primary.sign * (row.metrics[primary.key] or 0.0)
        standing = _Standing(row, dict(zip(keys, its_ranks, strict=True)), mean, used)
        keyed.append(((mean, -len(counted), cost, row.run), standing))
    keyed.sort(key=itemgetter(0))
    return [standing for _, standing in keyed]


def _ranks(rows: Sequence[Row], metric: Metric, ties: str) -> list[Rank | None]:
    """Return the ranks of rows in a metric; they come by run name, the order of equal values."""
    key, sign = metric.key, metric.sign
    return ranks(
        [sign * value if (value := row.metrics[key]) is not None else None for row in rows], ties
    )


def _baseline(standings: list[_Standing], survey: Survey, settings: Settings) -> Row | None:
    """Return the row of the configured baseline, else the best-ranked that `match` finds."""
    wanted, part = settings.baseline.run, settings.baseline.match.lower()
    if not wanted:
        matching = (s.row for s in standings if part and part in s.row.own_run.lower())
        return next(matching, None)
    rows = {standing.row.run: standing.row for standing in standings}
    if wanted in rows:
        return rows[wanted]
    fault = _fault(wanted, standings, survey)
    hint = did_you_mean(wanted, rows) or "; `finalrank explain` tells of every run"
    raise UsageError(f'baseline "{visible(wanted)}" (--baseline, baseline.run) {fault}{hint}')


def _fault(wanted: str, standings: list[_Standing], survey: Survey) -> str:
    """Say why a run is not ranked."""
    if any(wanted in s.row.runs for s in standings):
        return "is part of a group (rank.groups)"
    reasons = {row.verdict.reason for row in survey.left_out if row.artifact.run == wanted}
    if TEST_SET in reasons:
        return "is tested on other cases (filter.test_set)"
    if INCOMPLETE in reasons:
        return "lacks a ranked metric (rank.missing)"
    if wanted in survey.valid:
        return "is not the best of its group (rank.groups)"
    return "has no valid artifact" if reasons else f"is no run in {visible(survey.root)}"


def _deltas(metrics: Values, baseline: Values) -> dict[str, Delta]:
    return dict(zip(metrics, map(delta, metrics.values(), baseline.values()), strict=True))


def delta(value: float | None, baseline: float | None) -> Delta:
    """Return value - baseline, and that in percent of |baseline|.

    Each is None where a side is missing, or where it is not finite, as of a baseline of 0.
    """
    if value is None or baseline is None:
        return _NO_DELTA
    absolute = value - baseline
    percent = absolute / abs(baseline) * 100 if baseline else math.inf
    if math.isfinite(percent) and math.isfinite(absolute):
        return Delta(absolute, percent)
    return Delta(absolute if math.isfinite(absolute) else None, None)


def _grouped(run: RankedRun, group: Group) -> GroupedRun:
    """Return the ranked row of a group, which says what its means are over."""
    fields = {field: getattr(run, field) for field in RankedRun.__dataclass_fields__}
    return GroupedRun(**fields, group=GroupMean(group.kind, group.runs, group.spreads))
