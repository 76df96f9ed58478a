"""What the values of single cases say: alignment, intervals, tests and places. Rules in `docs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import NamedTuple

import numpy as np

from finalrank.evidence import bootstrap
from finalrank.evidence.results_figures import (
    Alignment,
    CaseContest,
    CaseEvidence,
    CaseMetric,
    CasePlace,
)
from finalrank.evidence.signed_rank import holm, signed_rank
from finalrank.models import CaseValues, Metric, Values


class Plan(NamedTuple):
    """How the values by case are compared."""

    baseline: str | None  # a run
    first_two: tuple[str, ...]  # of the ranking; empty: they are not to be compared
    top: int  # the size of the podium
    resamples: int
    seed: int
    confidence: float  # of intervals, in (0, 1)


class _Compared(NamedTuple):
    """A metric, the runs that are compared on it, by name, and the cases that they all have."""

    metric: Metric
    runs: list[str]
    cases: frozenset[str]


def case_evidence(
    cases: Mapping[str, CaseValues],
    metrics: Sequence[Metric],
    reported: Mapping[str, Values],
    plan: Plan,
) -> CaseEvidence | None:
    """Paired bootstrap and signed-rank tests of the runs' case values on the ranked `metrics`.

    `reported` has the runs' own figures. None where no run has any case value. Efron & Tibshirani
    1993; Wilcoxon 1945; Holm 1979.
    """
    names = {run: _names(cases[run], metrics) for run in sorted(cases)}
    reference = _reference(names, plan.baseline)
    if reference is None:
        return None
    target = names[reference]
    compared = [_compared(metric, cases, reference, target) for metric in metrics]
    resampled = frozenset().union(*(each.cases for each in compared))
    if not any(plan.baseline in each.runs for each in compared):
        plan = plan._replace(baseline=None)
    tried = [each for each in compared if each.runs]
    # Of a single case there is nothing to resample.
    compared = [each for each in compared if len(each.cases) > 1]
    rows, contest, places = _resampled(cases, compared, sorted(resampled), reported, plan)
    return CaseEvidence(
        reference=reference,
        baseline=plan.baseline,
        cases=len(resampled),
        dropped=len(target - resampled),
        podium=plan.top,
        placed_by=[each.metric.key for each in _placing(compared)],
        alignment=[_alignment(run, cases[run], target, names[run], tried) for run in names],
        metrics=rows,
        places=places,
        second=plan.first_two[1] if contest else None,
        to_second=contest,
    )


def mean_of(members: Sequence[CaseValues], source: str) -> CaseValues:
    """The values of a group of runs: of each case that all have, the mean over its members."""
    first, *others = (member.values for member in members)
    shared = {
        key: frozenset(values).intersection(*(other.get(key, {}) for other in others))
        for key, values in first.items()
    }
    values = {
        key: {case: fmean(member.values[key][case] for member in members) for case in names}
        for key, names in shared.items()
        if names
    }
    return CaseValues(source, values)


def _names(held: CaseValues, metrics: Sequence[Metric]) -> frozenset[str]:
    """The cases that have a value of any metric."""
    return frozenset().union(*(held.values.get(metric.key, ()) for metric in metrics))


def _reference(names: Mapping[str, frozenset[str]], baseline: str | None) -> str | None:
    """The baseline if it has cases, else the first run with the most common cases."""
    if baseline is not None and names.get(baseline):
        return baseline
    counts = Counter(own for own in names.values() if own)
    ranked = ((-counts[own], -len(own), run) for run, own in names.items() if own)
    return min(ranked, default=(0, 0, None))[2]


def _compared(
    metric: Metric, cases: Mapping[str, CaseValues], reference: str, target: frozenset[str]
) -> _Compared:
    """The runs that have half of the reference's cases, and the cases that all of these have.

    They are those that the reference has of this metric: a Dice may be of the positive cases alone.
    """
    held = {run: cases[run].values.get(metric.key, {}).keys() for run in sorted(cases)}
    wanted = held[reference] or target
    runs = [run for run, own in held.items() if 2 * len(wanted & own) >= len(wanted)]
    shared = frozenset(wanted).intersection(*(held[run] for run in runs)) if runs else frozenset()
    return _Compared(metric, runs, shared)


def _alignment(
    run: str,
    held: CaseValues,
    target: frozenset[str],
    own: frozenset[str],
    tried: Sequence[_Compared],
) -> Alignment:
    unused = [each.metric.key for each in tried if run not in each.runs]
    missing, extra = len(target - own), len(own - target)
    used = len(unused) < len(tried)
    return Alignment(run, held.source, len(own), missing, extra, used, unused)


def _resampled(
    cases: Mapping[str, CaseValues],
    compared: Sequence[_Compared],
    names: Sequence[str],
    reported: Mapping[str, Values],
    plan: Plan,
) -> tuple[list[CaseMetric], list[CaseContest], list[CasePlace]]:
    """The rows by run and metric, those of the first run against the second, and the places."""
    placing = _placing(compared)
    placed = [run for run in sorted(cases) if placing and all(run in each.runs for each in placing)]
    totals = np.zeros((len(placed), plan.resamples), dtype=np.int32)
    rows: list[CaseMetric] = []
    contest: list[CaseContest] = []
    grids = [_grid(cases, each, names) for each in compared]
    drawn = bootstrap.in_turn(grids, plan.resamples, plan.seed)
    for each in compared:
        resampled = next(drawn)
        rows += _metric_rows(each, resampled, reported, plan)
        contest += _contest(each, resampled, plan)
        if placed and each in placing:
            chosen = np.flatnonzero(np.isin(each.runs, placed))
            bootstrap.add_ranks(totals, resampled, chosen, each.metric.sign)
        del resampled  # before there are others (zip would keep them): they can be 80 MB
    # A sort keeps the order of a run's metrics.
    rows.sort(key=lambda row: row.run)
    return _adjusted(rows), contest, _places(placed, totals, plan)


def _placing(compared: Sequence[_Compared]) -> list[_Compared]:
    """The metrics that decide the places: those that all runs have, or else all there are."""
    runs = set().union(*(each.runs for each in compared))
    return [each for each in compared if len(each.runs) == len(runs)] or list(compared)


def _grid(
    cases: Mapping[str, CaseValues], compared: _Compared, names: Sequence[str]
) -> bootstrap.Grid:
    key, shared = compared.metric.key, compared.cases
    held = [cases[run].values[key] for run in compared.runs]
    rows = [[own[name] if name in shared else np.nan for name in names] for own in held]
    return bootstrap.grid(np.array(rows))


def _metric_rows(
    compared: _Compared, resampled: bootstrap.Resampled, reported: Mapping[str, Values], plan: Plan
) -> list[CaseMetric]:
    """One row a run, in the units of the values; those beside the baseline have differences."""
    key, runs, grid = compared.metric.key, compared.runs, resampled.grid
    figures = np.vstack([grid.means(), resampled.intervals(plan.confidence)])
    rows = [
        CaseMetric(
            run=run,
            metric=key,
            cases=len(compared.cases),
            mean=mean,
            low=low,
            high=high,
            reported=reported.get(run, {}).get(key),
            difference=None,
            difference_low=None,
            difference_high=None,
            p=None,
            p_holm=None,
        )
        for run, (mean, low, high) in zip(runs, figures.T.tolist(), strict=True)
    ]
    if plan.baseline not in runs:
        return rows
    base = runs.index(plan.baseline)
    p = signed_rank(grid.differences(base)[0])
    for index, (difference, low, high) in enumerate(_to(base, resampled, plan)):
        if index != base:
            rows[index] = replace(
                rows[index],
                difference=difference,
                difference_low=low,
                difference_high=high,
                p=p[index],
            )
    return rows


def _to(base: int, resampled: bootstrap.Resampled, plan: Plan) -> list[list[float]]:
    """Of each run the mean difference to one, and its interval, in the units of the values."""
    by_case, scale = resampled.grid.differences(base)
    means = by_case.sum(axis=1) / by_case.shape[1] / scale[:, 0]
    found: list[list[float]] = np.vstack(
        [means, resampled.intervals(plan.confidence, base)]
    ).T.tolist()
    return found


def _contest(compared: _Compared, resampled: bootstrap.Resampled, plan: Plan) -> list[CaseContest]:
    if not plan.first_two or not {*plan.first_two} <= {*compared.runs}:
        return []
    first, second = map(compared.runs.index, plan.first_two)
    figures = _to(second, resampled, plan)[first]
    return [CaseContest(compared.metric.key, len(compared.cases), *figures)]


def _adjusted(rows: list[CaseMetric]) -> list[CaseMetric]:
    """The rows with their p-values adjusted over all comparisons."""
    adjusted = iter(holm([row.p for row in rows if row.p is not None]))
    return [row if row.p is None else replace(row, p_holm=next(adjusted)) for row in rows]


def _places(runs: list[str], totals: bootstrap.Whole, plan: Plan) -> list[CasePlace]:
    if not runs:
        return []
    columns = bootstrap.places(totals, plan.top, plan.confidence)
    rows = zip(runs, *(column.tolist() for column in columns), strict=True)
    return [CasePlace(*row) for row in rows]
