"""The evidence as one frozen object: the page and the JSON print these numbers.

Names of runs, sources and metrics are not escaped; a value that is missing is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from finalrank.evidence.cases.paired import CaseEvidence
from finalrank.evidence.comparability import Comparability
from finalrank.evidence.groups import Groups
from finalrank.evidence.intervals import Intervals
from finalrank.evidence.ranking.missing import MissingMetrics
from finalrank.evidence.ranking.robustness import Robustness
from finalrank.evidence.selection import Selection
from finalrank.model.artifact import CaseCounts, Values


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that the evidence was computed with."""

    confidence: Annotated[float, Field(description="Level of every interval")]
    fewest: Annotated[int, Field(description="Fewer positives or negatives than this are few")]
    test_set: str
    missing: str
    ties: str
    select: str
    select_metric: Annotated[str, Field(description="Key of the metric that chooses")]
    groups: str
    weightings: int
    resamples: int
    seed: int
    generator: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An artifact that is left out, with its figures."""

    source: str
    run: str
    reason: str
    detail: str
    metrics: Values
    test_set: CaseCounts | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """How far the ranking can be trusted."""

    rules: Rules
    comparability: Comparability
    missing: MissingMetrics
    selection: Selection
    intervals: Intervals
    cases: Annotated[CaseEvidence | None, Field(description="Null: no case has values")]
    robustness: Annotated[
        Robustness | None, Field(description="Null: fewer than two runs have every metric")
    ]
    groups: Groups
    ledger: Annotated[list[LedgerRow], Field(description="By reason, then source")]
