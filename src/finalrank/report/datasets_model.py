"""The Report over several datasets: the JSON summary, key for key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from finalrank.model.artifact import CaseCounts, Values
from finalrank.model.over_datasets import RunOverDatasets
from finalrank.report.model import Report, evidence_read_back

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence
else:
    # As for a report of one dataset, its types wait until there is evidence.
    Evidence = Any


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """One of the datasets that a report is over."""

    name: str
    runs: Annotated[int, Field(description="How many runs are ranked in it")]
    counts: Annotated[bool, Field(description="Whether its ranks count in the combined order")]
    test_set: Annotated[
        CaseCounts | None, Field(description="The one that most runs are tested on")
    ]
    baseline: Annotated[Values | None, Field(description="Metrics of the baseline; null: none")]
    evidence: Annotated[Evidence | None, BeforeValidator(evidence_read_back)] = None


@dataclass(frozen=True, slots=True)
class WithoutDataset:
    """Who is first over all datasets but one."""

    dataset: str
    first: Annotated[list[str], Field(description="Those of the best mean rank")]
    changes: Annotated[bool, Field(description="Whether others are first with it")]


class DatasetsReport(Report):
    """Clean final results over several datasets, schema version 2."""

    runs: list[RunOverDatasets] = Field(description="In combined order")  # type: ignore[assignment]
    datasets: list[DatasetSummary] = Field(description="By name")
    leave_one_dataset_out: list[WithoutDataset] | None = Field(
        None, description="Null without evidence"
    )
