"""What the values of single cases say: alignment, intervals, tests and places. Rules in `docs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from finalrank.config.metrics import Metric
from finalrank.evidence.cases import bootstrap
from finalrank.evidence.cases.alignment import (
    Alignment,
    SharedCases,
    alignment,
    names_of,
    reference_of,
    shared_cases,
)
from finalrank.evidence.cases.signed_rank import holm, signed_rank
from finalrank.evidence.ranking.table import Floats
from finalrank.model.artifact import CaseValues, Values


class CaseSettings(NamedTuple):
    """How the values by case are compared."""

    baseline: str | None  # a run
    first_two: tuple[str, ...]  # of the ranking; empty: they are not to be compared
    top: int  # the size of the podium
    resamples: int
    seed: int
    confidence: float  # of intervals, in (0, 1)


@dataclass(frozen=True, slots=True)
class CaseMetric:
    """A metric of a run over the cases."""

    run: str
    metric: str
    cases: Annotated[int, Field(description="How many: those that every run compared here has")]
    mean: float
    low: float
    high: float
    reported: Annotated[float | None, Field(description="What the artifact itself says")]
    difference: Annotated[float | None, Field(description="Mean minus the baseline's")]
    difference_low: float | None
    difference_high: float | None
    p: Annotated[float | None, Field(description="Wilcoxon signed-rank test against the baseline")]
    p_holm: Annotated[float | None, Field(description="The same, adjusted over all of them")]


@dataclass(frozen=True, slots=True)
class CaseDifference:
    """The first run's mean over the cases less that of the second."""

    metric: str
    cases: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where a run comes in resampled test sets."""

    run: str
    first: Annotated[
        float, Field(description="Share of the resamples; a tie counts in equal shares")
    ]
    podium: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What the values of single cases say."""

    reference: Annotated[str, Field(description="The run whose cases are the reference")]
    baseline: str | None
    cases: Annotated[int, Field(description="How many are resampled: compared on any metric")]
    dropped: Annotated[int, Field(description="Cases of the reference that are compared on none")]
    podium: int
    too_few: Annotated[list[str], Field(description="Metrics with fewer than two cases in common")]
    placed_by: Annotated[list[str], Field(description="The metrics that decide the places")]
    alignment: list[Alignment]
    metrics: list[CaseMetric]
    places: list[CasePlace]
    second: Annotated[str | None, Field(description="Null: not compared, or the baseline is one")]
    to_second: Annotated[list[CaseDifference], Field(description="Of the first run, by metric")]


def case_evidence(
    cases: Mapping[str, CaseValues],
    metrics: Sequence[Metric],
    reported: Mapping[str, Values],
    plan: CaseSettings,
) -> CaseEvidence | None:
    """Paired bootstrap and signed-rank tests of the runs' case values on the ranked `metrics`.

    `reported` has the runs' own figures. None where no run has any case value. Efron & Tibshirani
    1993; Wilcoxon 1945; Holm 1979.
    """
    names = {run: names_of(cases[run], metrics) for run in sorted(cases)}
    reference = reference_of(names, plan.baseline)
    if reference is None:
        return None
    target = names[reference]
    compared = [shared_cases(metric, cases, plan.baseline) for metric in metrics]
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
        too_few=[each.metric.key for each in tried if each not in compared],
        placed_by=[each.metric.key for each in _placing(compared)],
        alignment=[alignment(run, cases[run], target, names[run], tried) for run in names],
        metrics=rows,
        places=places,
        second=plan.first_two[1] if contest else None,
        to_second=contest,
    )


def _resampled(
    cases: Mapping[str, CaseValues],
    compared: Sequence[SharedCases],
    names: Sequence[str],
    reported: Mapping[str, Values],
    plan: CaseSettings,
) -> tuple[list[CaseMetric], list[CaseDifference], list[CasePlace]]:
    """The rows by run and metric, those of the first run against the second, and the places."""
    placing = _placing(compared)
    placed = [run for run in sorted(cases) if placing and all(run in each.runs for each in placing)]
    totals = np.zeros((len(placed), plan.resamples), dtype=np.int32)
    rows: list[CaseMetric] = []
    contest: list[CaseDifference] = []
    tables = [_values(cases, each, names) for each in compared]
    drawn = bootstrap.resample_each(list(map(bootstrap.grid, tables)), plan.resamples, plan.seed)
    for each, values in zip(compared, tables, strict=True):
        resampled = next(drawn)
        rows += _metric_rows(each, values, resampled, reported, plan)
        contest += _first_against_second(each, resampled, plan)
        if placed and each in placing:
            chosen = np.flatnonzero(np.isin(each.runs, placed))
            bootstrap.add_ranks(totals, resampled, chosen, each.metric.sign)
        del resampled  # before there are others (zip would keep them): they can be 80 MB
    # A sort keeps the order of a run's metrics.
    rows.sort(key=lambda row: row.run)
    return _adjusted(rows), contest, _places(placed, totals, plan)


def _placing(compared: Sequence[SharedCases]) -> list[SharedCases]:
    """The metrics that decide the places: those that all runs have, or else all there are."""
    runs = set().union(*(each.runs for each in compared))
    return [each for each in compared if len(each.runs) == len(runs)] or list(compared)


def _values(cases: Mapping[str, CaseValues], compared: SharedCases, names: Sequence[str]) -> Floats:
    """A row a run, a column a case; NaN in a case that is not compared on this metric."""
    key, shared = compared.metric.key, compared.cases
    held = [cases[run].values[key] for run in compared.runs]
    return np.array([[own[name] if name in shared else np.nan for name in names] for own in held])


def _metric_rows(
    compared: SharedCases,
    values: Floats,
    resampled: bootstrap.Resampled,
    reported: Mapping[str, Values],
    plan: CaseSettings,
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
    tested = signed_rank(values[:, grid.has > 0], base)
    return [
        row
        if row.run == plan.baseline
        else replace(row, difference=moved, difference_low=low, difference_high=high, p=p)
        for row, p, (moved, low, high) in zip(rows, tested, _to(base, resampled, plan), strict=True)
    ]


def _to(base: int, resampled: bootstrap.Resampled, plan: CaseSettings) -> list[list[float]]:
    """Of each run the mean difference to one, and its interval, in the units of the values."""
    means = resampled.grid.differences(base)
    found: list[list[float]] = np.vstack(
        [means, resampled.intervals(plan.confidence, base)]
    ).T.tolist()
    return found


def _first_against_second(
    compared: SharedCases, resampled: bootstrap.Resampled, plan: CaseSettings
) -> list[CaseDifference]:
    if not plan.first_two or not {*plan.first_two} <= {*compared.runs}:
        return []
    rivals = resampled.only([*map(compared.runs.index, plan.first_two)])
    figures = _to(1, rivals, plan)[0]
    return [CaseDifference(compared.metric.key, len(compared.cases), *figures)]


def _adjusted(rows: list[CaseMetric]) -> list[CaseMetric]:
    """The rows with their p-values adjusted over all comparisons."""
    adjusted = iter(holm([row.p for row in rows if row.p is not None]))
    return [row if row.p is None else replace(row, p_holm=next(adjusted)) for row in rows]


def _places(runs: list[str], totals: bootstrap.Whole, plan: CaseSettings) -> list[CasePlace]:
    if not runs:
        return []
    columns = bootstrap.places(totals, plan.top, plan.confidence)
    rows = zip(runs, *(column.tolist() for column in columns), strict=True)
    return [CasePlace(*row) for row in rows]
