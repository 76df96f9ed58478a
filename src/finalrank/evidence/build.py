"""Build the evidence: from the survey and the ranking to the one object that is printed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from finalrank.config.settings import Settings
from finalrank.decide.members.rows import group_representatives, rows_of
from finalrank.decide.ranking.ties import levels
from finalrank.evidence.cases.alignment import cases_of
from finalrank.evidence.cases.paired import CaseEvidence, CaseSettings, case_evidence
from finalrank.evidence.comparability import Comparability, comparability
from finalrank.evidence.flags import MeasuredRun
from finalrank.evidence.groups import group_evidence
from finalrank.evidence.intervals import Intervals, IntervalSubject, Role, intervals
from finalrank.evidence.model import Evidence, LedgerRow, Rules
from finalrank.evidence.ranking.missing import MissingMetrics, OtherArtifact, missing_metrics
from finalrank.evidence.ranking.robustness import robustness
from finalrank.evidence.ranking.table import Table
from finalrank.evidence.selection import Selection, selection
from finalrank.model.artifact import Artifact
from finalrank.model.ranking import RankedRun, Ranking
from finalrank.model.reasons import INCOMPLETE, reasons_in_order
from finalrank.model.survey import EvidenceSurvey, Row

_CONFIDENCE = 0.95


def build_evidence(
    survey: EvidenceSurvey, ranking: Ranking, settings: Settings, *, every: bool
) -> Evidence:
    """Return the evidence on a ranking, from the survey that was ranked by the settings.

    With `every`, each ranked run has intervals, otherwise the podium and the baseline alone.
    """
    rows = sorted(ranking.runs, key=attrgetter("run"))
    table = _table(rows, settings)
    options = settings.evidence
    return Evidence(
        rules=_rules(settings),
        comparability=_comparability(survey, ranking, settings),
        missing=_missing(survey, ranking, table, settings),
        selection=_selection(survey, ranking, settings),
        intervals=_intervals(survey, ranking, settings, every=every),
        cases=_cases(survey, ranking, rows, settings),
        robustness=robustness(table, settings.top, options.weightings, options.seed),
        groups=group_evidence(survey, ranking, settings),
        ledger=_ledger(survey, settings),
    )


def _rules(settings: Settings) -> Rules:
    options = settings.evidence
    return Rules(
        confidence=_CONFIDENCE,
        fewest=settings.test_set.min_class_size,
        test_set=settings.filter.test_set,
        missing=settings.rank.missing,
        ties=settings.rank.ties,
        select=settings.select.by,
        select_metric=settings.selecting.key,
        groups=settings.rank.groups,
        weightings=options.weightings,
        resamples=options.resamples,
        seed=options.seed,
        generator="PCG64",
    )


def _table(rows: Sequence[Row | RankedRun], settings: Settings) -> Table:
    """Return the rows, which are sorted by run, as arrays.

    A ranked metric that no row has cannot decide anything and gets no column.
    """
    metrics = [m for m in settings.ranked if any(row.metrics[m.key] is not None for row in rows)]
    signs = [metric.sign for metric in metrics]
    columns = [_costs([row.metrics[metric.key] for row in rows], metric.sign) for metric in metrics]
    return Table(
        runs=[row.run for row in rows],
        keys=[metric.key for metric in metrics],
        costs=np.array(columns, dtype=np.float64).reshape(len(metrics), len(rows)).T,
        primary=metrics.index(settings.primary) if settings.primary in metrics else None,
        ties=settings.rank.ties,
        signs=signs,
    )


def _costs(values: Sequence[float | None], sign: int) -> list[float]:
    """Return the values of a metric as costs, NaN where missing, equal where ranks say so."""
    costs = iter(levels([sign * value for value in values if value is not None]))
    return [math.nan if value is None else next(costs) for value in values]


def _comparability(survey: EvidenceSurvey, ranking: Ranking, settings: Settings) -> Comparability:
    fell_back = {*ranking.chosen_on_test}
    metrics_of = {a.run: a.metrics for a in survey.kept} | {
        row.run: row.metrics for row in ranking.runs
    }
    return comparability(
        [
            MeasuredRun(name, metrics_of[name], test_set, name in fell_back)
            for tested in ranking.tested.values()
            for name, test_set in tested
        ],
        settings.metrics,
        ranking.reference,
        settings.filter.test_set,
        settings.test_set.min_class_size,
    )


def _first_two(ranking: Ranking) -> tuple[str, ...]:
    """Return the first two runs; none if there is one run alone, or if one is the baseline.

    All runs are compared with the baseline as it is, so that the two would be compared twice.
    """
    first_two = tuple(run.run for run in ranking.runs[:2])
    return first_two if len(first_two) == 2 and _baseline(ranking) not in first_two else ()


def _baseline(ranking: Ranking) -> str | None:
    return ranking.baseline.run if ranking.baseline else None


def _cases(
    survey: EvidenceSurvey, ranking: Ranking, rows: Sequence[RankedRun], settings: Settings
) -> CaseEvidence | None:
    options = settings.evidence
    return case_evidence(
        cases_of(survey.cases, rows),
        settings.ranked,
        {row.run: row.metrics for row in rows},
        CaseSettings(
            _baseline(ranking),
            _first_two(ranking),
            settings.top,
            options.resamples,
            options.seed,
            _CONFIDENCE,
        ),
    )


def _with_incomplete(survey: EvidenceSurvey) -> EvidenceSurvey:
    """Return the survey in which runs that are left out as they lack a ranked metric are kept."""
    incomplete = [a for a, verdict in survey.left_out if verdict.reason == INCOMPLETE]
    valid = Counter(survey.valid)
    valid.update(artifact.run for artifact in incomplete)
    kept = sorted([*survey.kept, *incomplete], key=attrgetter("run"))
    left_out = [row for row in survey.left_out if row.verdict.reason != INCOMPLETE]
    return replace(survey, kept=tuple(kept), valid=valid, left_out=tuple(left_out))


def _missing(
    survey: EvidenceSurvey, ranking: Ranking, table: Table, settings: Settings
) -> MissingMetrics:
    members_of = {run.run: run.members for run in ranking.runs}
    if settings.rank.missing == "complete":
        survey = _with_incomplete(survey)
        rows = rows_of(survey, settings, survey.groups)
        table = _table(rows, settings)
        members_of = {row.run: row.runs for row in rows}
    # A metric that a row lacks may be in another artifact of one of its members, or of a run of the
    # group whose best member the row is.
    row_of = group_representatives(survey)
    row_of |= {member: row for row, members in members_of.items() for member in members}
    other_artifacts: dict[str, list[OtherArtifact]] = {}
    for sibling in survey.siblings:
        other_artifacts.setdefault(row_of.get(sibling.run, sibling.run), []).append((sibling, None))
    for artifact, verdict in survey.left_out:
        run = row_of.get(artifact.run, artifact.run)
        other_artifacts.setdefault(run, []).append((artifact, verdict.reason))
    absent = [metric.key for metric in settings.ranked if metric.key not in table.keys]
    names = set(table.runs)
    podium = [run.run for run in ranking.runs[: settings.top] if run.run in names]
    return missing_metrics(table, other_artifacts, podium, absent)


def _selection(survey: EvidenceSurvey, ranking: Ranking, settings: Settings) -> Selection:
    """Compare each kept artifact with its siblings, and with the group members that it outranks."""
    siblings: dict[str, list[Artifact]] = {}
    for sibling in survey.siblings:
        siblings.setdefault(sibling.run, []).append(sibling)
    best = set()
    for run, chosen in group_representatives(survey).items():
        best.add(chosen)
        # The survey has the artifact of an outranked member as a sibling of the member's own run.
        siblings.setdefault(chosen, []).extend(siblings.pop(run))
    # Another metric than the primary one may be of the validation set: who knows?
    on_test = settings.select.by in ("primary", "complete-first") and settings.selecting.primary
    by, fell_back = settings.select.by, ranking.chosen_on_test
    return selection(survey.kept, siblings, best, settings.ranked, by, fell_back, on_test=on_test)


def _intervals(
    survey: EvidenceSurvey, ranking: Ranking, settings: Settings, *, every: bool
) -> Intervals:
    test_set_of = {artifact.run: artifact.test_set for artifact in survey.kept}
    baseline = _baseline(ranking)
    podium = {run.run for run in ranking.runs[: settings.top]}

    def subject(run: RankedRun) -> IntervalSubject | None:
        role: Role = "baseline" if run.run == baseline else "other"
        if run.run in podium:
            role = "podium"
        elif role == "other" and not every:
            return None
        test_set, members = test_set_of.get(run.run), len(run.members)
        return IntervalSubject(run.run, run.source, role, run.metrics, test_set, members)

    notable = {exclusion.run for exclusion in ranking.notable}
    subjects = [ranked for run in ranking.runs if (ranked := subject(run))]
    subjects += [
        IntervalSubject(a.run, a.source, "notable", a.metrics, a.test_set, 1)
        for a, _ in survey.left_out
        if a.run in notable
    ]
    min_class_size, first_two = settings.test_set.min_class_size, _first_two(ranking)
    return intervals(subjects, settings.ranked, baseline, min_class_size, _CONFIDENCE, first_two)


def _ledger(survey: EvidenceSurvey, settings: Settings) -> list[LedgerRow]:
    """Return all artifacts that are left out, in the order of the rules, then by source."""
    order = reasons_in_order(settings.filter.rules)
    position = {reason: number for number, reason in enumerate(order)}
    return [
        LedgerRow(a.source, a.run, verdict.reason, verdict.detail, a.metrics, a.test_set)
        for a, verdict in sorted(
            survey.left_out, key=lambda row: (position[row.verdict.reason], row.artifact.source)
        )
    ]
