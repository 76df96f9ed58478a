"""The evidence of single cases from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from finalrank.config.tables.metrics import Metric
from finalrank.evidence.cases.paired import (
    CaseEvidence,
    CaseMetric,
    CasePlace,
    CaseSettings,
    case_evidence,
)
from finalrank.model.artifact import CaseValues

OVERLAP = Metric(key="overlap", primary=True)
DISTANCE = Metric(key="distance", higher_is_better=False, range=(-1e308, 1e308))
BOTH = [OVERLAP, DISTANCE]

Values = Mapping[str, float]


def held(run: str, **values: Values) -> CaseValues:
    return CaseValues(f"{run}/test_cases.csv", values)


def numbered(values: Sequence[float]) -> Values:
    return {f"c{number:03}": value for number, value in enumerate(values)}


def evidence(
    runs: Mapping[str, Mapping[str, Values]],
    metrics: Sequence[Metric] = BOTH,
    baseline: str | None = None,
    top: int = 3,
    resamples: int = 10_000,
    **more: Any,
) -> CaseEvidence:
    found = case_evidence(
        {run: held(run, **values) for run, values in runs.items()},
        metrics,
        more.get("reported", {}),
        CaseSettings(
            baseline,
            more.get("first_two", ()),
            top,
            resamples,
            more.get("seed", 0),
            more.get("confidence", 0.95),
        ),
    )
    assert found is not None
    return found


def of_overlap(**runs: Sequence[float]) -> dict[str, dict[str, Values]]:
    return {run: {"overlap": numbered(values)} for run, values in runs.items()}


def row(found: CaseEvidence, run: str, metric: str = "overlap") -> CaseMetric:
    return next(r for r in found.metrics if (r.run, r.metric) == (run, metric))


def place(found: CaseEvidence, run: str) -> CasePlace:
    return next(r for r in found.places if r.run == run)
