"""Results of several datasets: a survey each, and the one that they make together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from finalrank.config.settings import Settings
from finalrank.decide.results.structure import Candidate, factors_of
from finalrank.model.artifact import Artifact, LeftOut, Verdict
from finalrank.model.reasons import INCOMPLETE
from finalrank.model.survey import AnySurvey, DetailedSurvey, leaving_out


def by_dataset(candidates: Iterable[Candidate]) -> dict[str | None, list[Candidate]]:
    """Part the judged candidates by their dataset, by name; None is of those without one."""
    parts: dict[str | None, list[Candidate]] = {}
    for candidate in candidates:
        factors = factors_of(candidate)
        parts.setdefault(factors.dataset if factors else None, []).append(candidate)
    return {name: parts[name] for name in sorted(parts, key=lambda name: (name is None, name))}


def files_of(candidates: Iterable[Candidate]) -> int:
    """Return how many files the candidates are results of."""
    artifacts = (c.artifact if isinstance(c, LeftOut) else c for c in candidates)
    return len({artifact.path for artifact in artifacts if isinstance(artifact, Artifact)})


def joined(rest: AnySurvey, surveys: Mapping[str, AnySurvey]) -> AnySurvey:
    """Return the survey of all datasets; `rest` is what is of none: problems, and what is left out.

    What is kept comes by run, then by dataset.
    """
    every = [*surveys.values(), rest]
    valid: Counter[str] = Counter()
    for survey in every:
        valid.update(survey.valid)
    whole = replace(
        rest,
        kept=tuple(sorted((a for s in every for a in s.kept), key=attrgetter("run"))),
        valid=valid,
        left_out=tuple(sorted((row for s in every for row in s.left_out), key=_source)),
        problems=tuple(sorted((p for s in every for p in s.problems), key=attrgetter("source"))),
        sources_with_problems=tuple(sorted({p for s in every for p in s.sources_with_problems})),
        datasets=surveys,
    )
    if isinstance(whole, DetailedSurvey):
        siblings = (a for s in every if isinstance(s, DetailedSurvey) for a in s.siblings)
        whole = replace(whole, siblings=tuple(sorted(siblings, key=attrgetter("run"))))
    return whole


def exclude_partly_tested(
    surveys: Mapping[str, AnySurvey], settings: Settings
) -> dict[str, AnySurvey]:
    """Return the surveys without the runs that lack a dataset, where only complete ones are ranked.

    A dataset that only one run has is lacked by nobody.
    """
    if settings.rank.missing_datasets != "complete":
        return dict(surveys)
    runs_in = {name: _methods(survey.kept) for name, survey in surveys.items()}
    every: set[str] = set().union(*runs_in.values())
    shared = [name for name, runs in runs_in.items() if len(runs) > 1 or len(every) == 1]
    lacking = {run: [name for name in shared if run not in runs_in[name]] for run in sorted(every)}
    details = {
        run: f"lacks the dataset{'s' * (len(names) > 1)} {', '.join(names)}"
        for run, names in lacking.items()
        if names
    }
    return {name: _without_runs(survey, details) for name, survey in surveys.items()}


def _without_runs(survey: AnySurvey, details: Mapping[str, str]) -> AnySurvey:
    """Return the survey without some runs, which are left out for what they lack."""
    kept = [artifact for artifact in survey.kept if artifact.method not in details]
    gone = [
        LeftOut(artifact, Verdict(INCOMPLETE, details[artifact.method]))
        for artifact in survey.kept
        if artifact.method in details
    ]
    return leaving_out(survey, kept, gone) if gone else survey


def _methods(kept: Sequence[Artifact]) -> set[str]:
    return {artifact.method for artifact in kept}


def _source(row: LeftOut) -> str:
    return row.artifact.source
