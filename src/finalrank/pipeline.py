"""The stages, top to bottom: scan, decide, evidence, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar

from finalrank.config.settings import Settings
from finalrank.decide.complete import exclude_incomplete
from finalrank.decide.explain import explain
from finalrank.decide.filter import apply_rules, exclude_other_test_sets
from finalrank.decide.groups import best_of_groups
from finalrank.decide.rank import rank, reference_of
from finalrank.decide.select import Selection, select, select_with_siblings
from finalrank.decide.tally import nothing_to_rank
from finalrank.errors import NothingToRank, UsageError
from finalrank.model.artifact import Artifact, LeftOut, Problem, Reference
from finalrank.model.ranking import Ranking
from finalrank.model.survey import DetailedSurvey, EvidenceSurvey, Explained, Survey
from finalrank.report.assemble import Document, assemble
from finalrank.scan.roots import distinct_root_names, roots_of, with_empty_roots
from finalrank.scan.scanner import scan

# What has intervals: the podium and the baseline, or every run.
IntervalScope = Literal["podium", "all"]
Track = Callable[[Iterable[Artifact | Problem]], Iterable[Artifact | Problem]]
AnySurvey = TypeVar("AnySurvey", bound=Survey)


def survey(runs: Sequence[str], settings: Settings, track: Track = iter) -> Survey:
    """Find every candidate below the folders, and decide what stands for each run.

    `track` may watch the artifacts pass. Raises UsageError where a folder is given twice or cannot
    be listed.
    """
    # What lacks a metric is told where another artifact of its run has it.
    detailed = settings.rank.missing == "complete"
    return _survey(runs, settings, track, select_with_siblings if detailed else select)


def detailed_survey(runs: Sequence[str], settings: Settings, track: Track = iter) -> DetailedSurvey:
    """Make the survey with the siblings of each kept artifact."""
    return _survey(runs, settings, track, select_with_siblings)


def evidence_survey(runs: Sequence[str], settings: Settings, track: Track = iter) -> EvidenceSurvey:
    """Make the detailed survey with the values by case of the kept artifacts that have any."""
    detailed = detailed_survey(runs, settings, track)
    from finalrank.scan.sidecars import with_cases

    return with_cases(detailed, roots_of(runs, distinct_root_names(runs)), settings)


def _survey(
    runs: Sequence[str], settings: Settings, track: Track, selection: Selection[AnySurvey]
) -> AnySurvey:
    names = distinct_root_names(runs)
    roots = roots_of(runs, names)
    judged = apply_rules(track(scan(roots, settings)), settings)
    if settings.select.by == "validation":
        from finalrank.scan.sidecars import with_validation

        judged = with_validation(judged, roots, settings)
    settle = partial(_settled, settings, names, selection)
    reference = None
    if settings.filter.test_set == "exclude":
        candidates = list(judged)
        reference = _reference(settle(candidates), settings)
        judged = exclude_other_test_sets(candidates, reference[0])
    return replace(with_empty_roots(settle(judged), roots), reference=reference)


def _settled(
    settings: Settings,
    names: Sequence[str],
    selection: Selection[AnySurvey],
    candidates: Iterable[Artifact | LeftOut | Problem],
) -> AnySurvey:
    """Keep, of the judged candidates of each run or group, the one that stands for it."""
    result = selection(candidates, settings, names)
    if settings.rank.groups == "best":
        result = best_of_groups(result, settings)
    if settings.rank.missing == "complete":
        result = exclude_incomplete(result, settings)
    return result


def _reference(survey: Survey, settings: Settings) -> Reference:
    """Return the test set that others are compared with, as long as none is left out."""
    try:
        ranking = rank(survey, settings)
    except UsageError:  # whether there is such a baseline is not the question here
        return reference_of(survey, None)
    return ranking.reference, ranking.reference_run


def build(survey: Survey, settings: Settings, generated_at: datetime) -> Document:
    """Rank what was found and assemble its report.

    Raises NothingToRank where no run is kept, and UsageError for a baseline that is not ranked.
    """
    return assemble(survey, _ranking(survey, settings), None, settings, generated_at)


def build_with_evidence(
    survey: EvidenceSurvey, settings: Settings, generated_at: datetime, scope: IntervalScope
) -> Document:
    """Build the report with the evidence on it; `scope` says which runs have intervals."""
    ranking = _ranking(survey, settings)
    # It takes as long to import as to write a report.
    from finalrank.evidence.build import build_evidence

    evidence = build_evidence(survey, ranking, settings, every=scope == "all")
    return assemble(survey, ranking, evidence, settings, generated_at)


def _ranking(survey: Survey, settings: Settings) -> Ranking:
    if not survey.kept:
        raise NothingToRank(nothing_to_rank(survey, settings))
    return rank(survey, settings)


def explained(
    survey: DetailedSurvey, settings: Settings, only: str | None = None
) -> list[Explained]:
    """Tell what became of every candidate, or of those of one run."""
    # Whether there is a baseline does not matter here, least of all if it is the question.
    ranking = rank(survey, settings.replaced(baseline=""))
    return explain(survey, ranking, settings, only)
