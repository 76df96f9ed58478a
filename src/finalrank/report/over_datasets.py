"""Assembles the report over several datasets, of the documents of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from finalrank.config.settings import Settings
from finalrank.decide.ranking.recommendation import recommended_over
from finalrank.model.over_datasets import RankingOverDatasets
from finalrank.model.ranking import Recommended
from finalrank.model.survey import Survey
from finalrank.report.assemble import (
    Document,
    baseline_label,
    counts_of,
    excluded_of,
    recommendation_of,
    reported,
)
from finalrank.report.datasets_model import DatasetsReport, DatasetSummary, WithoutDataset
from finalrank.report.model import Baseline
from finalrank.report.presentation import Presentation, relabelled, unseen


def assemble_datasets(
    survey: Survey,
    ranking: RankingOverDatasets,
    documents: Mapping[str, Document],
    without: Mapping[str, RankingOverDatasets],
    settings: Settings,
    generated_at: datetime,
) -> Document:
    """Assemble the document of a ranking over datasets; `documents` are those of each, by name.

    `without` are the rankings without each dataset that counts, where there is evidence.
    """
    choice = recommended_over(survey, ranking, settings)
    report = DatasetsReport(
        title=settings.title,
        generated_at=generated_at.replace(microsecond=0),
        root=survey.root,
        counts=counts_of(survey),
        metrics=[reported(metric) for metric in settings.metrics],
        runs=list(ranking.runs),
        baseline=_baseline(ranking, settings),
        recommendation=recommendation_of(choice),
        notable_exclusions=[
            exclusion
            for document in documents.values()
            for exclusion in document.report.notable_exclusions
        ],
        excluded=excluded_of(survey),
        problems=list(survey.problems),
        leave_one_dataset_out=_without(ranking, without) if without else None,
        datasets=[_summary(row.name, row.counts, documents[row.name]) for row in ranking.datasets],
    )
    whole = _presentation(survey, documents, choice)
    return Document(
        report, whole, {name: _as_unseen(own, whole) for name, own in documents.items()}
    )


def _presentation(
    survey: Survey, documents: Mapping[str, Document], choice: Recommended
) -> Presentation:
    return replace(
        _labelled_for_all([document.presentation for document in documents.values()]),
        dataset="",
        recommended=choice,
        behind=_behind_in_any(documents),
        sources_with_problems=list(survey.sources_with_problems),
        unlisted=unseen(survey, are_links=False),
        not_entered=unseen(survey, are_links=True),
    )


def _as_unseen(document: Document, whole: Presentation) -> Document:
    """Return the document of a dataset: its runs, too, may be in folders that nobody saw."""
    own = replace(document.presentation, unlisted=whole.unlisted, not_entered=whole.not_entered)
    return replace(document, presentation=own)


def _baseline(ranking: RankingOverDatasets, settings: Settings) -> Baseline | None:
    """Return the baseline, whose figures are those of each dataset."""
    run = ranking.baseline
    return Baseline(run, baseline_label(run, settings), {}) if run else None


def _without(
    ranking: RankingOverDatasets, without: Mapping[str, RankingOverDatasets]
) -> list[WithoutDataset]:
    first = _first(ranking)
    return [
        WithoutDataset(name, _first(others), _first(others) != first)
        for name, others in without.items()
    ]


def _first(ranking: RankingOverDatasets) -> list[str]:
    """Return the runs of the best mean rank, by name."""
    best = ranking.runs[0].mean_rank
    return sorted(run.run for run in ranking.runs if run.mean_rank == best)


def _behind_in_any(documents: Mapping[str, Document]) -> list[tuple[str, str]]:
    """Return the rows that stand behind others in a dataset, with what they lack there."""
    return [
        (run, f"{lacks} on {name}")
        for name, document in documents.items()
        for run, lacks in document.presentation.behind
    ]


def _labelled_for_all(presentations: Sequence[Presentation]) -> Presentation:
    """Return the first presentation, in which figures of any dataset have digits that part them."""
    most = {
        key: max(labels)
        for key, *labels in zip(
            (metric.key for metric in presentations[0].metrics),
            *([metric.significant for metric in own.metrics] for own in presentations),
            strict=True,
        )
    }
    return relabelled(
        presentations[0], lambda metric: replace(metric, significant=most[metric.key])
    )


def _summary(name: str, counts: bool, document: Document) -> DatasetSummary:
    report = document.report
    return DatasetSummary(
        name=name,
        runs=len(report.runs),
        counts=counts,
        test_set=document.presentation.test_sets.reference,
        baseline=report.baseline.metrics if report.baseline else None,
        evidence=report.evidence,
    )
