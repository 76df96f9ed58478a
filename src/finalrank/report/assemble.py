"""Assembles the one Report that every format prints, and what its page needs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.model.ranking import Ranking
from finalrank.model.survey import Survey
from finalrank.report.model import (
    Baseline,
    Counts,
    Excluded,
    Recommendation,
    Report,
    ReportedMetric,
)
from finalrank.report.presentation import Presentation, finite_range, presentation_of

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed: the report, and what its page is told beside it."""

    report: Report
    presentation: Presentation

    def dated(self, generated_at: datetime) -> Document:
        """Return the same document as of another time."""
        if generated_at == self.report.generated_at:
            return self
        fields = {**dict(self.report), "generated_at": generated_at}
        return Document(Report(**fields), self.presentation)


def assemble(
    survey: Survey,
    ranking: Ranking,
    evidence: Evidence | None,
    settings: Settings,
    generated_at: datetime,
) -> Document:
    """Assemble the document of a ranking of at least one run."""
    return Document(
        _report(survey, ranking, evidence, settings, generated_at),
        presentation_of(survey, ranking, settings),
    )


def _report(
    survey: Survey,
    ranking: Ranking,
    evidence: Evidence | None,
    settings: Settings,
    generated_at: datetime,
) -> Report:
    first, *others = ranking.runs
    baseline = ranking.baseline
    return Report(
        title=settings.title,
        # To the second, and as a clock on the wall shows it.
        generated_at=generated_at.replace(microsecond=0, tzinfo=None),
        root=survey.root,
        counts=_counts(survey),
        metrics=[_reported(metric) for metric in settings.metrics],
        runs=list(ranking.runs),
        baseline=baseline and Baseline(baseline.run, settings.baseline.label, baseline.metrics),
        recommendation=Recommendation(first.run, others[0].run if others else None),
        notable_exclusions=list(ranking.notable),
        excluded=[
            Excluded(artifact.source, artifact.run, verdict.reason, verdict.detail)
            for artifact, verdict in survey.left_out
        ],
        problems=list(survey.problems),
        evidence=evidence,
    )


def _counts(survey: Survey) -> Counts:
    valid = sum(survey.valid.values())
    runs = survey.valid.keys() | {row.artifact.run for row in survey.left_out}
    return Counts(valid + len(survey.left_out), valid, len(runs), len(survey.kept))


def _reported(metric: Metric) -> ReportedMetric:
    return ReportedMetric(
        metric.key, metric.label, metric.higher_is_better, metric.ranked, finite_range(metric)
    )
