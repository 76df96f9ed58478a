"""Evidence from the values of single cases: alignment, intervals, tests and places.

The rules are explained in docs/evidence.md, part 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from finalrank.config.tables.metrics import Metric
from finalrank.evidence.cases import bootstrap, places
from finalrank.evidence.cases.alignment import (
    Alignment,
    SharedCases,
    alignment,
    deciding,
    names_of,
    placed_runs,
    reference_of,
    shared_cases,
    value_matrix,
)
from finalrank.evidence.cases.signed_rank import holm, signed_rank
from finalrank.evidence.ranking.table import Floats
from finalrank.model.artifact import CaseValues, Values


class CaseSettings(NamedTuple):
    """How the values by case are compared."""

    baseline: str | None  # a run
    first_two: tuple[str, ...]  # runs of the ranking; empty: they are not to be compared
    top: int  # the size of the podium
    resamples: int  # how many
    seed: int  # of the random numbers
    confidence: float  # of intervals, between 0 and 1


@dataclass(frozen=True, slots=True)
class CaseMetric:
    """A metric of a run over the cases."""

    run: str
    metric: str
    cases: Annotated[int, Field(description="How many: those that all runs compared on it have")]
    mean: float
    low: float
    high: float
    reported: Annotated[float | None, Field(description="What the artifact itself states")]
    difference: Annotated[float | None, Field(description="Mean minus the baseline's")]
    difference_low: float | None
    difference_high: float | None
    p: Annotated[float | None, Field(description="Wilcoxon signed-rank test against the baseline")]
    p_holm: Annotated[float | None, Field(description="The same, adjusted for all comparisons")]


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
    first: Annotated[float, Field(description="Share of resamples; a tie counts in equal shares")]
    podium: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What the values of single cases say."""

    reference: Annotated[str, Field(description="The run whose cases are the reference")]
    baseline: str | None
    cases: Annotated[int, Field(description="How many are resampled: compared on any metric")]
    dropped: Annotated[int, Field(description="Cases of the reference compared on no metric")]
    podium: int
    too_few: Annotated[list[str], Field(description="Metrics with fewer than two cases in common")]
    placed_by: Annotated[list[str], Field(description="The metrics that decide the places")]
    alignment: list[Alignment]
    metrics: list[CaseMetric]
    places: list[CasePlace]
    second: Annotated[
        str | None, Field(description="Null: not compared, or one of the two is the baseline")
    ]
    to_second: Annotated[list[CaseDifference], Field(description="Of the first run to it")]


def case_evidence(
    cases: Mapping[str, CaseValues],
    metrics: Sequence[Metric],
    reported: Mapping[str, Values],
    settings: CaseSettings,
) -> CaseEvidence | None:
    """Return the paired bootstrap and the signed-rank tests of runs; None if no case has a value.

    `cases` and `reported` have, by run, the values by case and the metrics that its artifact
    states; `metrics` are the ranked ones. The sources are in `bootstrap` and `signed_rank`.
    """
    names = {run: names_of(cases[run], metrics) for run in sorted(cases)}
    reference = reference_of(names, settings.baseline)
    if reference is None:
        return None
    target = names[reference]
    by_metric = [shared_cases(metric, cases, settings.baseline) for metric in metrics]
    resampled = frozenset().union(*(shared.cases for shared in by_metric))
    if not any(settings.baseline in shared.runs for shared in by_metric):
        settings = settings._replace(baseline=None)
    with_runs = [shared for shared in by_metric if shared.runs]
    # A single case cannot be resampled.
    compared = [shared for shared in with_runs if len(shared.cases) > 1]
    rows, to_second, totals = _resampled(cases, compared, sorted(resampled), reported, settings)
    return CaseEvidence(
        reference=reference,
        baseline=settings.baseline,
        cases=len(resampled),
        dropped=len(target - resampled),
        podium=settings.top,
        too_few=[shared.metric.key for shared in with_runs if shared not in compared],
        placed_by=[shared.metric.key for shared in deciding(compared)],
        alignment=[alignment(run, cases[run], target, names[run], with_runs) for run in names],
        metrics=rows,
        places=_places(placed_runs(compared), totals, settings),
        second=settings.first_two[1] if to_second else None,
        to_second=to_second,
    )


def _resampled(
    cases: Mapping[str, CaseValues],
    compared: Sequence[SharedCases],
    names: Sequence[str],
    reported: Mapping[str, Values],
    settings: CaseSettings,
) -> tuple[list[CaseMetric], list[CaseDifference], places.Whole]:
    """Return the rows by run and metric, those of the first run to the second, and total ranks.

    `names` are the cases that are resampled. The totals (runs, resamples) are of the runs that have
    places.
    """
    decisive, placed = deciding(compared), placed_runs(compared)
    totals = np.zeros((len(placed), settings.resamples), dtype=np.int32)
    rows: list[CaseMetric] = []
    to_second: list[CaseDifference] = []
    matrices = [value_matrix(cases, shared, names) for shared in compared]
    grids = [bootstrap.grid(values) for values in matrices]
    draws = bootstrap.resample_each(grids, settings.resamples, settings.seed)
    for shared, values in zip(compared, matrices, strict=True):
        resampled = next(draws)
        rows += _metric_rows(shared, values, resampled, reported, settings)
        to_second += _first_against_second(shared, resampled, settings)
        if placed and shared in decisive:
            chosen = np.flatnonzero(np.isin(shared.runs, placed))
            for columns, ranks in places.ranks(resampled, chosen, shared.metric.sign):
                totals[:, columns] += ranks
        # The sums of a metric can take 80 MB: free them before the next ones are computed. Looping
        # over `draws` itself would keep them until then.
        del resampled
    # The sort is stable, so that the metrics of a run stay in their order.
    rows.sort(key=lambda row: row.run)
    return _adjusted(rows), to_second, totals


def _metric_rows(
    compared: SharedCases,
    values: Floats,
    resampled: bootstrap.Resampled,
    reported: Mapping[str, Values],
    settings: CaseSettings,
) -> list[CaseMetric]:
    """Return one row for each run; `values` (runs, cases) are NaN where a case is not compared."""
    key, runs, grid = compared.metric.key, compared.runs, resampled.grid
    columns = np.vstack([grid.means(), resampled.intervals(settings.confidence)])
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
        for run, (mean, low, high) in zip(runs, columns.T.tolist(), strict=True)
    ]
    if settings.baseline not in runs:
        return rows
    base = runs.index(settings.baseline)
    p_values = signed_rank(values[:, grid.has > 0], base)
    differences = resampled.differences(settings.confidence, base).tolist()
    return [
        row
        if row.run == settings.baseline
        else replace(row, difference=difference, difference_low=low, difference_high=high, p=p)
        for row, p, (difference, low, high) in zip(rows, p_values, differences, strict=True)
    ]


def _first_against_second(
    compared: SharedCases, resampled: bootstrap.Resampled, settings: CaseSettings
) -> list[CaseDifference]:
    """Return the difference of the first two runs on a metric; none if one is not compared."""
    if not settings.first_two or not {*settings.first_two} <= {*compared.runs}:
        return []
    first_two = resampled.only([*map(compared.runs.index, settings.first_two)])
    difference, low, high = first_two.differences(settings.confidence, 1)[0].tolist()
    return [CaseDifference(compared.metric.key, len(compared.cases), difference, low, high)]


def _adjusted(rows: list[CaseMetric]) -> list[CaseMetric]:
    """Return the rows with their p-values adjusted over all comparisons, by Holm's method."""
    adjusted = iter(holm([row.p for row in rows if row.p is not None]))
    return [row if row.p is None else replace(row, p_holm=next(adjusted)) for row in rows]


def _places(runs: list[str], totals: places.Whole, settings: CaseSettings) -> list[CasePlace]:
    """Return the places of the runs by their total ranks in each resample (runs, resamples)."""
    if not runs:
        return []
    columns = places.places(totals, settings.top, settings.confidence)
    rows = zip(runs, *(column.tolist() for column in columns), strict=True)
    return [CasePlace(*row) for row in rows]
