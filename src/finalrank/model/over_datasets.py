"""What is derived over several datasets: nothing of it is needed where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from finalrank.model.ranking import GroupedRun, RankedRun, Ranking


@dataclass(frozen=True, slots=True)
class RunOverDatasets:
    """A run that is ranked over several datasets; its figures are those of each."""

    rank: Annotated[
        int, Field(description="Place in the combined order, from 1; of equals see rank.ties")
    ]
    run: str
    mean_rank: Annotated[
        float | None,
        Field(description="Mean of its ranks over metrics and datasets; null: none counts"),
    ]
    metrics_used: Annotated[int, Field(description="How many ranks it has")]
    key_feature: str | None
    protocol: str | None
    valid_artifacts: Annotated[int, Field(description="How many artifacts of it are valid")]
    datasets: Annotated[int, Field(description="How many of the datasets it has")]
    mean_ranks: Annotated[
        dict[str, float | None], Field(description="By metric, its mean rank over datasets")
    ]
    by_dataset: Annotated[
        dict[str, GroupedRun | RankedRun], Field(description="Its row in the ranking of each")
    ]
    # What a run has in one dataset alone.
    source: None = None
    metrics: None = None
    ranks: None = None
    delta: None = None


@dataclass(frozen=True, slots=True)
class DatasetRanking:
    """The ranking within one of several datasets."""

    name: str
    ranking: Ranking
    counts: bool  # whether its ranks count in the order over all datasets


@dataclass(frozen=True, slots=True)
class RankingOverDatasets:
    """The runs in the order over several datasets, and the ranking within each."""

    runs: tuple[RunOverDatasets, ...]
    datasets: tuple[DatasetRanking, ...]  # by name
    baseline: str | None  # one run for all datasets
    place_of: Mapping[str, int]
