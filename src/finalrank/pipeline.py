"""The way through the house, top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal

from finalrank.config.settings import Settings
from finalrank.decide.complete import exclude_incomplete
from finalrank.decide.explain import explain
from finalrank.decide.filter import apply_rules, exclude_other_test_sets
from finalrank.decide.groups import best_of_groups, rows
from finalrank.decide.rank import rank
from finalrank.decide.select import select
from finalrank.decide.tally import nothing_to_rank
from finalrank.decide.testsets import reference as reference_of
from finalrank.errors import NothingToRank, UsageError
from finalrank.model.artifact import Artifact, LeftOut, Problem, Reference
from finalrank.model.ranking import Ranking
from finalrank.model.survey import Explained, Survey
from finalrank.report.assemble import assemble
from finalrank.report.model import Report
from finalrank.scan.roots import distinct_root_names, roots_of, with_empty_roots
from finalrank.scan.scanner import scan

# What has intervals: the podium and the baseline, or every run.
Intervals = Literal["podium", "all"]
Track = Callable[[Iterable[Artifact | Problem]], Iterable[Artifact | Problem]]


def survey(
    runs: Sequence[str],
    settings: Settings,
    track: Track = iter,
    *,
    siblings: bool = False,
    cases: bool = False,
) -> Survey:
    """Every candidate below the folders, settled; `track` may watch them pass.

    With cases, the values by case of the kept artifacts too, where there are any.

    Raises UsageError where a folder is given twice or cannot be listed.
    """
    names = distinct_root_names(runs)
    roots = roots_of(runs, names)
    found = apply_rules(track(scan(roots, settings)), settings)
    if settings.select.by == "validation":
        from finalrank.scan.sidecars import with_validation

        found = with_validation(found, roots, settings)
    settled = partial(_settled, settings, names, siblings)
    reference = None
    if settings.filter.test_set == "exclude":
        candidates = list(found)
        reference = _reference(settled(candidates), settings)
        found = exclude_other_test_sets(candidates, reference[0])
    result = replace(with_empty_roots(settled(found), roots), reference=reference)
    if not cases:
        return result
    from finalrank.scan.sidecars import with_cases

    return with_cases(result, roots, settings)


def _settled(
    settings: Settings,
    names: Sequence[str],
    siblings: bool,
    candidates: Iterable[Artifact | LeftOut | Problem],
) -> Survey:
    """The judged candidates, of each run or group the one that stands for it."""
    complete = settings.rank.missing == "complete"
    # What lacks a metric is told where another artifact of its run has it.
    result = select(candidates, settings, names, siblings or complete)
    if settings.rank.groups == "best":
        result = best_of_groups(result, settings)
    return exclude_incomplete(result, settings) if complete else result


def _reference(found: Survey, settings: Settings) -> Reference:
    """The test set that others are compared with, as long as none is left out."""
    baseline = None
    # Whether there is such a baseline is not the question here.
    with suppress(UsageError):
        _, baseline = rank(rows(found, settings), found, settings)
    tested = {artifact.run: artifact.test_set for artifact in found.kept}
    run, members = (baseline.run, baseline.members) if baseline else (None, ())
    return reference_of(tested, run, members)


def build(
    found: Survey,
    settings: Settings,
    generated_at: datetime,
    intervals: Intervals | None = None,
) -> Report:
    """The report on what was found; with the evidence, if it is said what has intervals.

    Evidence wants a survey with siblings and cases. Raises NothingToRank, or UsageError for the
    baseline.
    """
    if not found.kept:
        raise NothingToRank(nothing_to_rank(found, settings))
    runs, baseline = rank(rows(found, settings), found, settings)
    report = assemble(found, runs, baseline, settings, generated_at)
    if intervals is None:
        return report
    # It takes as long to import as to write a report.
    from finalrank.evidence.build import build_evidence

    ranking = Ranking(
        runs,
        baseline.run if baseline else None,
        report.layout.test_sets.reference,
        report.layout.test_sets.reference_run,
        [exclusion.run for exclusion in report.notable_exclusions],
        report.layout.chosen_on_test,
    )
    evidence = build_evidence(found, ranking, settings, every=intervals == "all")
    return report.model_copy(update={"evidence": evidence})


def explained(found: Survey, settings: Settings, only: str | None = None) -> list[Explained]:
    """What became of every candidate, or of those of one run; wants a survey with siblings."""
    # Whether there is a baseline does not matter here, least of all if it is the question.
    runs, _ = rank(rows(found, settings), found, settings.replaced(baseline=""))
    return explain(found, runs, settings, only)
