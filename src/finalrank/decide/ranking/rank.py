"""From a survey to its ranking: ranks, mean ranks, and deltas to the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.checks.partial import with_remarks
from finalrank.decide.members.rows import ranked_groups, rows_of
from finalrank.decide.notable import notable_exclusions
from finalrank.decide.ranking.tested import tested_of
from finalrank.decide.ranking.ties import Rank, cost_last, ranks, worst_rank
from finalrank.decide.testsets import reference
from finalrank.errors import UsageError
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
    groups = ranked_groups(survey, settings)
    rows = rows_of(survey, settings, groups)
    standings = _standings(rows, settings)
    baseline = _baseline(standings, survey, settings)
    runs = with_remarks(_ranked(standings, baseline, settings), survey.kept)
    own = next((run for run in runs if baseline and run.run == baseline.run), None)
    tested = tested_of(rows, survey.kept)
    return Ranking(
        runs=tuple(runs),
        place_of={member: run.rank for run in runs for member in run.members},
        groups=groups,
        baseline=own,
        reference=survey.reference
        or reference(test_set for row in tested.values() for _, test_set in row),
        tested=tested,
        notable=notable_exclusions(survey, settings),
        chosen_on_test=_chosen_on_test(survey, settings),
    )


def rank_rows(rows: Sequence[Row], settings: Settings) -> list[RankedRun]:
    """Return the rows, which come by run name, in combined order, without a baseline."""
    return _ranked(_standings(rows, settings), None, settings)


def _ranked(
    standings: Sequence[_Standing], baseline: Row | None, settings: Settings
) -> list[RankedRun]:
    runs = []
    # Those that no run has take no part, and are there.
    without_rank: dict[str, Rank | None] = dict.fromkeys(settings.ranked_keys)
    # Of most metrics there is no infinite value.
    unbounded = [metric.key for metric in settings.metrics if metric.worst is not None]
    for position, (row, its_ranks, mean_rank, used) in enumerate(standings, start=1):
        note = settings.note(row.run)
        run = RankedRun(
            rank=position,
            run=row.run,
            source=row.source,
            mean_rank=mean_rank,
            metrics_used=used,
            metrics=row.metrics,
            ranks=without_rank | its_ranks,
            delta=baseline and deltas(row, baseline),
            key_feature=note.key_feature,
            protocol=note.protocol,
            valid_artifacts=row.valid_artifacts,
            incomplete=row.lacks,
            factors=row.factors,
            infinite=[key for key in unbounded if math.isinf(row.metrics[key] or 0.0)],
        )
        runs.append(_grouped(run, row.group) if row.group else run)
    return runs


def _chosen_on_test(survey: Survey, settings: Settings) -> tuple[str, ...]:
    if settings.select.by != "validation":
        return ()
    return tuple(artifact.run for artifact in survey.kept if artifact.validation is None)


def _standings(rows: Sequence[Row], settings: Settings) -> list[_Standing]:
    """Return every row with its ranks, in combined order."""
    metrics = settings.ranked
    keys = [metric.key for metric in metrics]
    last = settings.rank.incomplete == "last" and any(row.lacks for row in rows)
    columns = [_ranks(rows, metric, settings.rank.ties, last=last) for metric in metrics]
    # Values that are equal but for rounding decide nothing, and nor do names before the end.
    of_primary = _ranks(rows, settings.primary, "min", last=last)
    worst = settings.rank.missing == "worst"
    # What a missing rank counts as; None: it does not count.
    in_place_of_missing = [
        worst_rank(len(rows) - column.count(None), len(rows)) if worst else None
        for column in columns
    ]
    keyed = []
    for row, by_primary, its_ranks in zip(
        rows, of_primary, zip(*columns, strict=True), strict=True
    ):
        counted = [
            counts
            for rank, counts_as in zip(its_ranks, in_place_of_missing, strict=True)
            if (counts := counts_as if rank is None else rank) is not None
        ]
        mean, used = sum(counted) / len(counted), len(its_ranks) - its_ranks.count(None)
        standing = _Standing(row, dict(zip(keys, its_ranks, strict=True)), mean, used)
        keyed.append(((mean, -used, cost_last(by_primary, 1), row.run), standing))
    keyed.sort(key=itemgetter(0))
    return [standing for _, standing in keyed]


def _ranks(rows: Sequence[Row], metric: Metric, ties: str, *, last: bool) -> list[Rank | None]:
    """Return the ranks of rows in a metric; they come by run name, the order of equal values.

    Figures that lack members stand behind the complete ones, in their own order.
    """
    key, sign = metric.key, metric.sign
    costs = [sign * value if (value := row.metrics[key]) is not None else None for row in rows]
    if not last:
        return ranks(costs, ties)
    lacking = [key in row.lacks for row in rows]
    complete = ranks(_where(costs, lacking, wanted=False), ties)
    incomplete = ranks(_where(costs, lacking, wanted=True), ties)
    taken = [rank for rank in complete if rank is not None]
    before = max(taken, default=0) if ties == "dense" else len(taken)
    return [
        first if first is not None else second and second + before
        for first, second in zip(complete, incomplete, strict=True)
    ]


def _where(
    costs: Sequence[float | None], lacking: Sequence[bool], *, wanted: bool
) -> list[float | None]:
    return [cost if lacks == wanted else None for cost, lacks in zip(costs, lacking, strict=True)]


def _baseline(standings: list[_Standing], survey: Survey, settings: Settings) -> Row | None:
    rows = {standing.row.run: standing.row for standing in standings}
    own_names = {run: row.own_run for run, row in rows.items()}
    run = baseline_of(list(rows), own_names, survey, settings)
    return rows[run] if run else None


def baseline_of(
    runs: Sequence[str], own_names: Mapping[str, str], survey: Survey, settings: Settings
) -> str | None:
    """Return the configured baseline of the ranked runs, else the best-ranked that `match` finds.

    `own_names` are the runs as their roots name them. Raises UsageError for one that is not ranked.
    """
    wanted, part = settings.baseline.run, settings.baseline.match.lower()
    if not wanted:
        shared = _shared_folders([own_names[run] for run in runs]) if part else 0
        return next((run for run in runs if part and part in own_names[run][shared:].lower()), None)
    if wanted in runs:
        return wanted
    fault = _fault(wanted, survey)
    hint = did_you_mean(wanted, runs) or "; `finalrank explain` tells of every run"
    raise UsageError(f'baseline "{visible(wanted)}" (--baseline, baseline.run) {fault}{hint}')


def _shared_folders(names: Sequence[str]) -> int:
    """Return how many characters of the names are folders that all runs are in."""
    if len(names) < 2:
        return 0
    least, most = min(names), max(names)
    same = next((n for n, pair in enumerate(zip(least, most, strict=False)) if len({*pair}) > 1), 0)
    return least.rfind("/", 0, same) + 1


def _fault(wanted: str, survey: Survey) -> str:
    """Say why a run is not ranked."""
    if any(artifact.run == wanted for artifact in survey.kept):
        return "is part of a group (rank.groups)"
    verdicts = [row.verdict for row in survey.left_out if row.artifact.run == wanted]
    reasons = {verdict.reason for verdict in verdicts}
    if TEST_SET in reasons:
        return "is tested on other cases (filter.test_set)"
    if INCOMPLETE in reasons:
        return "lacks a ranked metric (rank.missing)"
    if wanted in survey.valid:
        return "is not the best of its group (rank.groups)"
    if not verdicts:
        return f"is no run in {visible(survey.root)}"
    return f"has no valid artifact ({visible(verdicts[0].detail)})"


def deltas(run: Row | RankedRun, baseline: Row | RankedRun) -> dict[str, Delta]:
    """Return how far each metric of a run is from the baseline's."""
    differences = map(delta, run.metrics.values(), baseline.metrics.values())
    return dict(zip(run.metrics, differences, strict=True))


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
    figures = group.figures
    mean = GroupMean(
        group.kind,
        [artifact.run for artifact in group.artifacts],
        dict(group.spreads),
        figures.stands.source if figures and figures.stands else None,
        figures.expected if figures else None,
    )
    return GroupedRun(**fields, group=mean)
