"""Assembles the one Report that every format prints, and what its page needs beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from finalrank.config.presets.tables import PUBLISHED, preset_table
from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.ranking.recommendation import recommended
from finalrank.model.ranking import Ranking, Recommended
from finalrank.model.survey import Survey
from finalrank.report.labels import finite_range
from finalrank.report.model import (
    Baseline,
    Counts,
    Excluded,
    Recommendation,
    Report,
    ReportedMetric,
)
from finalrank.report.presentation import Presentation, presentation_of

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed: the report, and what its page needs that the JSON does not hold."""

    report: Report
    presentation: Presentation
    # Of a report over several datasets: the document of each, by name.
    datasets: Mapping[str, Document] = field(default_factory=dict)

    def dated(self, generated_at: datetime) -> Document:
        """Return the same document as of another time."""
        # One instant can be told with several offsets.
        if generated_at.isoformat() == self.report.generated_at.isoformat():
            return self
        fields = {**dict(self.report), "generated_at": generated_at}
        dated = {name: document.dated(generated_at) for name, document in self.datasets.items()}
        return Document(type(self.report)(**fields), self.presentation, dated)


def assemble(
    survey: Survey,
    ranking: Ranking,
    evidence: Evidence | None,
    settings: Settings,
    generated_at: datetime,
) -> Document:
    """Assemble the document of a ranking of at least one run."""
    choice = recommended(survey, ranking, settings)
    return Document(
        _report(survey, ranking, choice, evidence, settings, generated_at),
        presentation_of(survey, ranking, choice, settings),
    )


def _report(
    survey: Survey,
    ranking: Ranking,
    choice: Recommended,
    evidence: Evidence | None,
    settings: Settings,
    generated_at: datetime,
) -> Report:
    baseline = ranking.baseline
    return Report(
        title=settings.title,
        # To the second, and as a clock on the wall shows it.
        generated_at=generated_at.replace(microsecond=0),
        root=survey.root,
        counts=counts_of(survey),
        metrics=[reported(metric) for metric in settings.metrics],
        runs=list(ranking.runs),
        baseline=baseline
        and Baseline(baseline.run, baseline_label(baseline.run, settings), baseline.metrics),
        recommendation=recommendation_of(choice),
        notable_exclusions=list(ranking.notable),
        excluded=excluded_of(survey),
        problems=list(survey.problems),
        evidence=evidence,
    )


def recommendation_of(choice: Recommended) -> Recommendation:
    """Return what the summary says of the recommendation."""
    return Recommendation(
        choice.primary, choice.fallback, list(choice.tied), list(choice.passed_over)
    )


def baseline_label(run: str, settings: Settings) -> str:
    """Return what the baseline is called: by its label if that was found or set for it."""
    baseline = settings.baseline
    match, of_preset = baseline.match.lower(), preset_table(PUBLISHED)["baseline"]["label"]
    found = not baseline.run or (match and match in run.lower())
    is_set = "label" in baseline.model_fields_set and baseline.label != of_preset
    return baseline.label if baseline.label and (found or is_set) else run


def excluded_of(survey: Survey) -> list[Excluded]:
    """Return every candidate that is not valid, by source."""
    return [
        Excluded(artifact.source, artifact.method, verdict.reason, verdict.detail)
        for artifact, verdict in survey.left_out
    ]


def counts_of(survey: Survey) -> Counts:
    """Count the results and the runs, in which folds and seeds that factors name are one."""
    valid, kept = sum(survey.valid.values()), {artifact.method for artifact in survey.kept}
    runs = kept | survey.valid.keys() | {row.artifact.method for row in survey.left_out}
    runs -= {artifact.run for artifact in survey.kept} - kept
    return Counts(valid + len(survey.left_out), valid, len(runs), len(kept))


def reported(metric: Metric) -> ReportedMetric:
    """Return what the summary says of a metric."""
    return ReportedMetric(
        metric.key, metric.label, metric.higher_is_better, metric.ranked, finite_range(metric)
    )
