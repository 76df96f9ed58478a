"""What the values of single cases say: alignment, intervals, tests and places. Rules in `docs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from finalrank.evidence import bootstrap
from finalrank.evidence.results_figures import Alignment, CaseEvidence, CaseMetric, CasePlace
from finalrank.models import CaseValues, Metric, Values


class _Aligned(NamedTuple):
    """The cases that are compared, and of each run that is used, by name, the metrics that are."""

    reference: str
    target: frozenset[str]
    rows: list[Alignment]
    keys: dict[str, list[str]]
    cases: list[str]  # by name


class _Plan(NamedTuple):
    """What does not change from metric to metric."""

    baseline: str | None
    top: int
    resamples: int
    seed: int
    confidence: float


def case_evidence(
    cases: Mapping[str, CaseValues],
    metrics: Sequence[Metric],
    reported: Mapping[str, Values],
    baseline: str | None,
    top: int,
    resamples: int,
    seed: int,
    confidence: float,
) -> CaseEvidence | None:
    """Paired bootstrap and signed-rank tests of the runs' case values on the ranked `metrics`.

    `reported` has the runs' own figures, `top` is the size of the podium, `confidence` is in
    (0, 1). None where no run has any case value. Efron & Tibshirani 1993; Wilcoxon 1945; Holm 1979.
    """
    aligned = _aligned(cases, metrics, baseline)
    if aligned is None:
        return None
    plan = _Plan(baseline if baseline in aligned.keys else None, top, resamples, seed, confidence)
    rows: list[CaseMetric] = []
    ranked: list[CasePlace] = []
    if len(aligned.cases) >= 2:
        rows, ranked = _compared(cases, metrics, reported, aligned, plan)
    return CaseEvidence(
        reference=aligned.reference,
        baseline=plan.baseline,
        cases=len(aligned.cases),
        dropped=len(aligned.target) - len(aligned.cases),
        podium=top,
        placed_by=[metric.key for metric in metrics if metric.key in _placing(aligned.keys)],
        alignment=aligned.rows,
        metrics=rows,
        places=ranked,
    )


def _aligned(
    cases: Mapping[str, CaseValues], metrics: Sequence[Metric], baseline: str | None
) -> _Aligned | None:
    values = {run: cases[run].values for run in sorted(cases)}
    names = {
        run: frozenset().union(*(held.get(metric.key, ()) for metric in metrics))
        for run, held in values.items()
    }
    reference = _reference(names, baseline)
    if reference is None:
        return None
    target = names[reference]
    rows, keys, shared = [], {}, target
    for run, held in values.items():
        counted = [
            metric.key
            for metric in metrics
            if 2 * len(target & held.get(metric.key, {}).keys()) >= len(target)
        ]
        own = names[run]
        missing, extra = len(target - own), len(own - target)
        rows.append(Alignment(run, cases[run].source, len(own), missing, extra, used=bool(counted)))
        if counted:
            keys[run] = counted
            shared = shared.intersection(*(held[key] for key in counted))
    return _Aligned(reference, target, rows, keys, sorted(shared))


def _reference(names: Mapping[str, frozenset[str]], baseline: str | None) -> str | None:
    """The baseline if it has cases, else the first run with the most common cases."""
    if baseline is not None and names.get(baseline):
        return baseline
    counts = Counter(own for own in names.values() if own)
    ranked = ((-counts[own], -len(own), run) for run, own in names.items() if own)
    return min(ranked, default=(0, 0, None))[2]


def _compared(
    cases: Mapping[str, CaseValues],
    metrics: Sequence[Metric],
    reported: Mapping[str, Values],
    aligned: _Aligned,
    plan: _Plan,
) -> tuple[list[CaseMetric], list[CasePlace]]:
    """The rows by run and metric, and the places of the runs that have every metric."""
    keys = aligned.keys
    held, placing = set().union(*keys.values()), set(_placing(keys))
    complete = [run for run in keys if placing <= set(keys[run])]
    totals = np.zeros((len(complete), plan.resamples), dtype=np.int32)
    found: dict[str, list[CaseMetric]] = {run: [] for run in keys}
    compared = [metric for metric in metrics if metric.key in held]
    runs_of = [[run for run in keys if metric.key in keys[run]] for metric in compared]
    grids = [
        _grid([cases[run].values[metric.key] for run in runs], aligned.cases)
        for metric, runs in zip(compared, runs_of, strict=True)
    ]
    all_sums = bootstrap.sums_in_turn(grids, plan.resamples, plan.seed)
    for metric, runs, grid in zip(compared, runs_of, grids, strict=True):
        sums = next(all_sums)
        for row in _metric_rows(metric.key, runs, grid, sums, plan):
            figure = reported.get(row.run, {}).get(metric.key)
            found[row.run].append(replace(row, reported=figure))
        if complete and metric.key in placing:
            rows = np.flatnonzero(np.isin(runs, complete))
            bootstrap.add_ranks(totals, sums, rows, metric.sign, len(aligned.cases))
        del sums  # before there are others (zip would keep them): of a thousand runs they are 80 MB
    return _adjusted([row for run in found for row in found[run]]), _places(complete, totals, plan)


def _placing(keys: Mapping[str, Sequence[str]]) -> list[str]:
    """The metrics that decide the places: those that all runs have, or else all there are."""
    held = list(dict.fromkeys(key for own in keys.values() for key in own))
    return [key for key in held if all(key in own for own in keys.values())] or held


def _grid(values: list[Mapping[str, float]], cases: list[str]) -> bootstrap.Grid:
    return bootstrap.grid(np.array([[own[case] for case in cases] for own in values]))


def _metric_rows(
    key: str, runs: list[str], grid: bootstrap.Grid, sums: bootstrap.Floats, plan: _Plan
) -> list[CaseMetric]:
    """One row a run, in the units of the values; those beside the baseline have differences."""
    own = grid.whole.sum(axis=1)
    figures = np.vstack([grid.mean(own), grid.mean(bootstrap.percentiles(sums, plan.confidence))])
    rows = [
        CaseMetric(run, key, mean, low, high, None, None, None, None, None, None)
        for run, (mean, low, high) in zip(runs, figures.T.tolist(), strict=True)
    ]
    if plan.baseline not in runs:
        return rows
    base = runs.index(plan.baseline)
    moved = bootstrap.percentiles(sums, plan.confidence, sums[base])
    differences = np.vstack([grid.mean(own - own[base]), grid.mean(moved)])
    p = bootstrap.signed_rank(grid.whole - grid.whole[base])
    for index, (difference, low, high) in enumerate(differences.T.tolist()):
        if index != base:
            rows[index] = replace(
                rows[index],
                difference=difference,
                difference_low=low,
                difference_high=high,
                p=p[index],
            )
    return rows


def _adjusted(rows: list[CaseMetric]) -> list[CaseMetric]:
    """The rows with their p-values adjusted over all comparisons."""
    adjusted = iter(bootstrap.holm([row.p for row in rows if row.p is not None]))
    return [row if row.p is None else replace(row, p_holm=next(adjusted)) for row in rows]


def _places(runs: list[str], totals: bootstrap.Whole, plan: _Plan) -> list[CasePlace]:
    if not runs:
        return []
    columns = bootstrap.places(totals, plan.top, plan.confidence)
    rows = zip(runs, *(column.tolist() for column in columns), strict=True)
    return [CasePlace(*row) for row in rows]
