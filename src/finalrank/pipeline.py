"""The stages, top to bottom: scan, decide, evidence, report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from finalrank.config.settings import Settings
from finalrank.decide.checks.absent import taking_part
from finalrank.decide.checks.members import names_that_stay
from finalrank.decide.checks.one_key import with_one_key
from finalrank.decide.checks.units import without_mixed_units
from finalrank.decide.checks.unmatched import Watch
from finalrank.decide.explain import explain
from finalrank.decide.filter import apply_rules, exclude_other_test_sets
from finalrank.decide.members.complete import exclude_incomplete
from finalrank.decide.members.rows import best_of_groups
from finalrank.decide.ranking.rank import rank
from finalrank.decide.ranking.tested import reference_of
from finalrank.decide.results.datasets import by_dataset, exclude_partly_tested, files_of, joined
from finalrank.decide.results.structure import structured
from finalrank.decide.select import Selection, select, select_with_siblings
from finalrank.decide.tally import nothing_to_rank
from finalrank.errors import NothingToRank
from finalrank.model.artifact import Artifact, LeftOut, Problem
from finalrank.model.ranking import Ranking
from finalrank.model.survey import AnySurvey, DetailedSurvey, EvidenceSurvey, Explained, Survey
from finalrank.report.assemble import Document, assemble
from finalrank.scan.folders.roots import Root, distinct_root_names, roots_of, with_empty_roots
from finalrank.scan.scanner import scan

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence

# What has intervals: the podium and the baseline, or every run.
IntervalScope = Literal["podium", "all"]
Track = Callable[[Iterable[Artifact | Problem]], Iterable[Artifact | Problem]]


def survey(runs: Sequence[str], settings: Settings, track: Track = iter) -> Survey:
    """Find every candidate below the folders, and decide what stands for each run.

    `track` wraps the stream of artifacts, for a progress bar. Raises UsageError where a folder is
    given twice or cannot be listed.
    """
    # The reason of an incomplete run names the sibling that has the metric.
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
    judged: Iterable[Artifact | LeftOut | Problem] = apply_rules(
        track(_scanned(roots, settings)), settings
    )
    if settings.select.by == "validation":
        from finalrank.scan.sidecars import with_validation

        judged = with_validation(judged, roots, settings)
    decide = partial(_decided, settings, names, selection)
    if not settings.has_structure:
        return with_empty_roots(decide(judged), roots)
    candidates = structured(judged, settings)
    parts = by_dataset(candidates)
    rest = decide(parts.pop(None, []))
    if parts:
        surveys = {name: decide(candidates) for name, candidates in parts.items() if name}
        rest = joined(rest, exclude_partly_tested(surveys, settings))
    notes = (*rest.notes, *names_that_stay(candidates))
    return replace(with_empty_roots(rest, roots), files=files_of(candidates), notes=notes)


def _scanned(roots: Sequence[Root], settings: Settings) -> Iterator[Artifact | Problem]:
    """Yield what is found: a result a file, or what `scan.results` and factors make of it."""
    if not settings.has_structure:
        return scan(roots, settings)
    from finalrank.scan.results.scan import scan_results

    return scan_results(roots, settings)


def _decided(
    settings: Settings,
    names: Sequence[str],
    selection: Selection[AnySurvey],
    judged: Iterable[Artifact | LeftOut | Problem],
) -> AnySurvey:
    """Keep what stands for each run, of the artifacts of one test set where only those count."""
    settle = partial(_settled, settings, names, selection)
    if settings.filter.test_set != "exclude":
        return settle(judged)
    candidates = list(judged)
    reference = reference_of(settle(candidates), settings)
    chosen = settle(exclude_other_test_sets(candidates, reference))
    return replace(chosen, reference=reference)


def _settled(
    settings: Settings,
    names: Sequence[str],
    selection: Selection[AnySurvey],
    candidates: Iterable[Artifact | LeftOut | Problem],
) -> AnySurvey:
    """Keep, of the judged candidates of each run or group, the one that stands for it."""
    result = with_one_key(selection(candidates, settings, names), settings)
    result = without_mixed_units(result, settings)
    if settings.rank.groups == "best":
        result = best_of_groups(result, settings)
    if settings.rank.missing == "complete":
        result = exclude_incomplete(result, taking_part(settings, result.kept))
    return result


def unmatched(watch: Watch, survey: Survey, runs: Sequence[str], settings: Settings) -> list[str]:
    """Return a line for each setting of the user's own that matches nothing in the folders."""
    roots = roots_of(runs, distinct_root_names(runs))

    def names(source: str, beside: str) -> list[str]:
        # Seldom is a setting misspelt.
        from finalrank.scan.figures.names import names_beside, names_in

        if beside:
            return names_beside(source, beside, roots, settings)
        return names_in(source, roots, settings)

    return watch.lines(survey, settings, names)


def build(survey: Survey, settings: Settings, generated_at: datetime) -> Document:
    """Rank what was found and assemble its report.

    Raises NothingToRank where no run is kept, and UsageError for a baseline that is not ranked.
    """
    settings = taking_part(settings, survey.kept)
    if survey.datasets:
        return _over_datasets(survey, settings, generated_at)
    return assemble(survey, _ranking(survey, settings), None, settings, generated_at)


def build_with_evidence(
    survey: EvidenceSurvey, settings: Settings, generated_at: datetime, scope: IntervalScope
) -> Document:
    """Build the report with the evidence on it; `scope` says which runs have intervals."""
    # It takes as long to import as to write a report.
    from finalrank.evidence.build import build_evidence

    every, settings = scope == "all", taking_part(settings, survey.kept)
    if survey.datasets:

        def evidence_of(name: str, ranking: Ranking) -> Evidence:
            return build_evidence(survey.datasets[name], ranking, settings, every=every)

        return _over_datasets(survey, settings, generated_at, evidence_of)
    ranking = _ranking(survey, settings)
    evidence = build_evidence(survey, ranking, settings, every=every)
    return assemble(survey, ranking, evidence, settings, generated_at)


def _over_datasets(
    survey: Survey,
    settings: Settings,
    generated_at: datetime,
    evidence_of: Callable[[str, Ranking], Evidence] | None = None,
) -> Document:
    """Rank within each dataset and over all of them, and assemble one report."""
    if not survey.kept:
        raise NothingToRank(nothing_to_rank(survey, settings))
    from finalrank.decide.ranking.over_datasets import rank_over_datasets, rankings_without
    from finalrank.report.over_datasets import assemble_datasets

    ranking = rank_over_datasets(survey, settings)
    documents = {
        row.name: assemble(
            survey.datasets[row.name],
            row.ranking,
            evidence_of(row.name, row.ranking) if evidence_of else None,
            settings,
            generated_at,
        )
        for row in ranking.datasets
    }
    without = rankings_without(survey, ranking, settings) if evidence_of else {}
    return assemble_datasets(survey, ranking, documents, without, settings, generated_at)


def _ranking(survey: Survey, settings: Settings) -> Ranking:
    if not survey.kept:
        raise NothingToRank(nothing_to_rank(survey, settings))
    return rank(survey, settings)


def explained(
    survey: DetailedSurvey, settings: Settings, only: str | None = None
) -> list[Explained]:
    """Tell what became of every candidate, or of those of one run."""
    # Whether there is a baseline does not matter here, least of all if it is the question.
    settings = taking_part(settings, survey.kept).replaced(baseline="")
    if not survey.datasets:
        return explain(survey, rank(survey, settings).place_of, settings, only)
    from finalrank.decide.ranking.over_datasets import rank_over_datasets

    places = rank_over_datasets(survey, settings).place_of if survey.kept else {}
    return explain(survey, places, settings, only)
