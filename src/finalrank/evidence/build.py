"""Gathers the evidence: from what was found and ranked to the one object that is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.decide.groups import (
    group_representatives,
    rows,
    with_all_members,
)
from finalrank.evidence.cases.alignment import mean_of
from finalrank.evidence.cases.paired import CaseSettings, case_evidence
from finalrank.evidence.comparability import Comparability, MeasuredRun, comparability
from finalrank.evidence.groups import group_evidence
from finalrank.evidence.intervals import Intervals, IntervalSubject, Role, intervals
from finalrank.evidence.model import Evidence, LedgerRow, Rules
from finalrank.evidence.ranking.missing import MissingMetrics, missing_metrics
from finalrank.evidence.ranking.robustness import robustness
from finalrank.evidence.ranking.table import Table
from finalrank.evidence.selection import Selection, selection
from finalrank.model.artifact import Artifact, CaseValues
from finalrank.model.ranking import RankedRun, Ranking
from finalrank.model.reasons import FIRST_REASONS, INCOMPLETE, LAST_REASONS
from finalrank.model.survey import Row, Survey

_CONFIDENCE = 0.95


def build_evidence(found: Survey, ranking: Ranking, settings: Settings, *, every: bool) -> Evidence:
    """The evidence on a report; `every` run has intervals, or the podium and the baseline.

    Wants a survey with siblings and values by case.
    """
    everyone, ranked = _everyone(found), rows(found, settings)
    choice, seed = settings.evidence, settings.evidence.seed
    return Evidence(
        rules=_rules(settings),
        comparability=_comparability(found, ranking, settings),
        missing=_missing(everyone, ranking, settings),
        selection=_selection(found, ranking, settings),
        intervals=_intervals(found, ranking, settings, every=every),
        cases=case_evidence(
            _cases(ranked, found),
            settings.ranked,
            {row.run: row.metrics for row in ranked},
            CaseSettings(
                ranking.baseline,
                _first_two(ranking),
                settings.top,
                choice.resamples,
                seed,
                _CONFIDENCE,
            ),
        ),
        robustness=robustness(_table(ranked, settings), settings.top, choice.weightings, seed),
        groups=group_evidence(with_all_members(found), ranking, settings),
        ledger=_ledger(found, settings),
    )


def _everyone(found: Survey) -> Survey:
    """The survey with the runs that are not ranked for what they lack."""
    incomplete = [a for a, verdict in found.left_out if verdict.reason == INCOMPLETE]
    if not incomplete:
        return found
    valid = Counter(found.valid)
    valid.update(artifact.run for artifact in incomplete)
    kept = sorted([*found.kept, *incomplete], key=attrgetter("run"))
    left_out = [row for row in found.left_out if row.verdict.reason != INCOMPLETE]
    return replace(found, kept=tuple(kept), valid=valid, left_out=tuple(left_out))


def _rules(settings: Settings) -> Rules:
    choice = settings.evidence
    return Rules(
        confidence=_CONFIDENCE,
        fewest=settings.test_set.min_class_size,
        test_set=settings.filter.test_set,
        missing=settings.rank.missing,
        ties=settings.rank.ties,
        select=settings.select.by,
        groups=settings.rank.groups,
        weightings=choice.weightings,
        resamples=choice.resamples,
        seed=choice.seed,
        generator="PCG64",
    )


def _present(ranked: Sequence[Row], settings: Settings) -> list[Metric]:
    """The ranked metrics that any run has: what none has decides nothing."""
    return [
        metric
        for metric in settings.ranked
        if any(row.metrics[metric.key] is not None for row in ranked)
    ]


def _table(ranked: Sequence[Row], settings: Settings) -> Table:
    metrics = _present(ranked, settings)
    values = [[row.metrics[metric.key] for metric in metrics] for row in ranked]
    signs = [metric.sign for metric in metrics]
    return Table(
        runs=[row.run for row in ranked],
        keys=[metric.key for metric in metrics],
        # None becomes NaN.
        costs=np.array(values, dtype=np.float64) * signs,
        primary=metrics.index(settings.primary),
        ties=settings.rank.ties,
        signs=signs,
    )


def _comparability(found: Survey, ranking: Ranking, settings: Settings) -> Comparability:
    fell_back = {*ranking.chosen_on_test}
    return comparability(
        [MeasuredRun(a.run, a.metrics, a.test_set, a.run in fell_back) for a in found.kept],
        settings.metrics,
        ranking.reference,
        ranking.reference_run,
        settings.filter.test_set,
        settings.test_set.min_class_size,
    )


def _first_two(ranking: Ranking) -> tuple[str, ...]:
    """The first run and the second, if neither is the baseline: that comparison is told anyway."""
    first_two = tuple(run.run for run in ranking.runs[:2])
    baseline = ranking.baseline
    return first_two if len(first_two) == 2 and baseline not in first_two else ()


def _cases(ranked: Sequence[Row], found: Survey) -> dict[str, CaseValues]:
    """The values by case of each row, where every run that it is the row of has some."""
    return {
        row.run: mean_of(held, row.source) if row.group else held[0]
        for row in ranked
        if len(held := [found.cases[r] for r in row.runs if r in found.cases]) == len(row.runs)
    }


def _missing(everyone: Survey, ranking: Ranking, settings: Settings) -> MissingMetrics:
    ranked = rows(everyone, settings)
    table = _table(ranked, settings)
    # What a row lacks may be in an artifact of a member, or of one that it is the best of.
    row_of = group_representatives(everyone, settings) | {
        run: row.run for row in ranked for run in row.runs
    }
    others: dict[str, list[tuple[Artifact, str | None]]] = {}
    for sibling in everyone.siblings:
        others.setdefault(row_of.get(sibling.run, sibling.run), []).append((sibling, None))
    for artifact, verdict in everyone.left_out:
        run = row_of.get(artifact.run, artifact.run)
        others.setdefault(run, []).append((artifact, verdict.reason))
    absent = [metric.key for metric in settings.ranked if metric.key not in table.keys]
    names = set(table.runs)
    podium = [run.run for run in ranking.runs[: settings.top] if run.run in names]
    return missing_metrics(table, others, podium, absent)


def _selection(found: Survey, ranking: Ranking, settings: Settings) -> Selection:
    """Of each kept artifact: its siblings, and the members of a group that it is the best of."""
    behind: dict[str, list[Artifact]] = {}
    for sibling in found.siblings:
        behind.setdefault(sibling.run, []).append(sibling)
    best = set()
    for run, chosen in group_representatives(found, settings).items():
        best.add(chosen)
        # A member that was not chosen is a sibling of its own.
        behind.setdefault(chosen, []).extend(behind.pop(run))
    by, fell_back = settings.select.by, ranking.chosen_on_test
    return selection(found.kept, behind, best, settings.ranked, by, fell_back)


def _intervals(found: Survey, ranking: Ranking, settings: Settings, *, every: bool) -> Intervals:
    tested = {artifact.run: artifact.test_set for artifact in found.kept}
    baseline = ranking.baseline

    def subject(run: RankedRun) -> IntervalSubject | None:
        role: Role = "baseline" if run.run == baseline else "other"
        if run.rank <= settings.top:
            role = "podium"
        elif role == "other" and not every:
            return None
        members = len(run.members)
        return IntervalSubject(run.run, run.source, role, run.metrics, tested.get(run.run), members)

    notable = {*ranking.notable}
    subjects = [one for run in ranking.runs if (one := subject(run))]
    subjects += [
        IntervalSubject(a.run, a.source, "notable", a.metrics, a.test_set, 1)
        for a, _ in found.left_out
        if a.run in notable
    ]
    min_class_size, rivals = settings.test_set.min_class_size, _first_two(ranking)
    return intervals(subjects, settings.ranked, baseline, min_class_size, _CONFIDENCE, rivals)


def _ledger(found: Survey, settings: Settings) -> list[LedgerRow]:
    """Everything that is left out, by the order of the rules, then by source."""
    order = [*FIRST_REASONS, *settings.filter.rules, *LAST_REASONS]
    position = {reason: number for number, reason in enumerate(order)}
    return [
        LedgerRow(a.source, a.run, verdict.reason, verdict.detail, a.metrics, a.test_set)
        for a, verdict in sorted(
            found.left_out, key=lambda row: (position[row.verdict.reason], row.artifact.source)
        )
    ]
