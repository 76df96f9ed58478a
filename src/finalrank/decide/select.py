"""Keeps, of each run, the valid artifact that stands for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any, Protocol, TypeVar

from finalrank.config.sections import Select
from finalrank.config.settings import Settings
from finalrank.decide.checks.tasks import looks_for_tasks, task_files
from finalrank.decide.members.groups import groups_of
from finalrank.decide.ranking.ties import quality_key
from finalrank.model.artifact import Artifact, LeftOut, Problem
from finalrank.model.survey import DetailedSurvey, Survey, fields_of
from finalrank.text.natural import NaturalKey, natural_key

SurveyT_co = TypeVar("SurveyT_co", bound=Survey, covariant=True)


class Selection(Protocol[SurveyT_co]):
    """From judged candidates to a survey, with the siblings of the kept artifacts or without."""

    def __call__(
        self,
        candidates: Iterable[Artifact | LeftOut | Problem],
        settings: Settings,
        names: Sequence[str],
    ) -> SurveyT_co:
        """Sort the candidates; `names` are those of the runs folders."""


def select(
    candidates: Iterable[Artifact | LeftOut | Problem], settings: Settings, names: Sequence[str]
) -> Survey:
    """Part the judged candidates into kept and left out; siblings are counted, and let go.

    `names` are those of the runs folders; a Problem among the candidates is a folder's.
    """
    return _selected(candidates, settings, names, keep_siblings=False)[0]


def select_with_siblings(
    candidates: Iterable[Artifact | LeftOut | Problem], settings: Settings, names: Sequence[str]
) -> DetailedSurvey:
    """Sort the candidates as `select` does, and keep the siblings of the kept artifacts."""
    survey, siblings = _selected(candidates, settings, names, keep_siblings=True)
    sort_key = _sort_key(settings)
    siblings.sort(key=lambda artifact: (artifact.run, sort_key(artifact)))
    return DetailedSurvey(**fields_of(survey), siblings=tuple(siblings))


def _selected(
    candidates: Iterable[Artifact | LeftOut | Problem],
    settings: Settings,
    names: Sequence[str],
    *,
    keep_siblings: bool,
) -> tuple[Survey, list[Artifact]]:
    """Return the survey, and, if they are kept, the siblings in the order of the scan."""
    in_order = _preference(settings)
    best: dict[str, Artifact] = {}
    valid: Counter[str] = Counter()
    siblings: list[Artifact] = []
    wants_names = looks_for_tasks(settings)
    names_of: dict[str, set[str]] = {}  # of the files of each run that has several
    left_out: list[LeftOut] = []
    folder_problems: list[Problem] = []
    problems: list[Problem] = []
    for candidate in candidates:
        if isinstance(candidate, LeftOut):
            problems += candidate.artifact.problems
            left_out.append(candidate)
            continue
        if isinstance(candidate, Problem):
            folder_problems.append(candidate)
            continue
        problems += candidate.problems
        valid[candidate.run] += 1
        rival = best.setdefault(candidate.run, candidate)
        if rival is not candidate:
            if wants_names:
                names_of.setdefault(candidate.run, {rival.file_name}).add(candidate.file_name)
            best[candidate.run], sibling = in_order(candidate, rival)
            if keep_siblings:
                siblings.append(sibling)
    kept = tuple(best[run] for run in sorted(best))
    survey = _survey(kept, valid, left_out, folder_problems, problems, names, settings)
    notes = task_files(names_of, len(kept), settings) if names_of else ()
    return replace(survey, notes=notes) if notes else survey, siblings


def _survey(
    kept: tuple[Artifact, ...],
    valid: Mapping[str, int],
    left_out: Sequence[LeftOut],
    folder_problems: Sequence[Problem],
    problems: Sequence[Problem],
    names: Sequence[str],
    settings: Settings,
) -> Survey:
    """Return the survey of the kept artifacts, which come by run, and of those left out."""
    return Survey(
        root=", ".join(names),
        prefix=f"{names[0]}/" if len(names) == 1 else "",
        kept=kept,
        valid=valid,
        left_out=tuple(sorted(left_out, key=lambda row: row.artifact.source)),
        problems=tuple(sorted([*folder_problems, *problems], key=lambda p: p.source)),
        sources_with_problems=tuple(sorted({p.source for p in problems})),
        groups=groups_of(kept, left_out, settings),
    )


def _preference(settings: Settings) -> Callable[[Artifact, Artifact], tuple[Artifact, Artifact]]:
    """Return a function that puts two valid artifacts of a run in order, the better one first."""
    chooses, sign = settings.selecting.key, settings.selecting.sign
    sort_key = _sort_key(settings)
    by_value = settings.select.model_copy(update={"metric": ""}) == Select()

    def in_order(one: Artifact, other: Artifact) -> tuple[Artifact, Artifact]:
        if one.factors and other.factors and one.factors.place != other.factors.place:
            return (one, other) if one.factors.place < other.factors.place else (other, one)
        first, second = one.metrics[chooses], other.metrics[chooses]
        # The whole key is costly, and seldom needed, unless more was asked for.
        if first is None or second is None or first == second or not by_value:
            return (one, other) if sort_key(one) < sort_key(other) else (other, one)
        return (one, other) if sign * first < sign * second else (other, one)

    return in_order


def _sort_key(settings: Settings) -> Callable[[Artifact], tuple[Any, ...]]:
    """Return a sort key over the valid artifacts of a run, best first.

    Fallbacks (`select.fallback`) are last. Then what `select.by` asks for: the newest, the best on
    the validation set, the most complete. Then the quality of the values, and the source.
    """
    quality = quality_key(settings.selecting, settings.ranked)
    fallback_order, by = settings.select.fallback_order, settings.select.by
    sign, last_first = settings.selecting.sign, cmp_to_key(_descending)

    def sort_key(artifact: Artifact) -> tuple[Any, ...]:
        fallback = fallback_order(artifact.file_name)
        # What was chosen on the validation set is chosen by nothing else but a name.
        if by == "validation" and artifact.validation is not None:
            return fallback, 0, (0, sign * artifact.validation), artifact.source
        cost, missing, *costs = quality(artifact.metrics)
        first: Any = missing if by == "complete-first" else 1
        if by == "newest":
            first = last_first(natural_key(artifact.file_name))
        return fallback, first, cost, missing, *costs, artifact.source

    return sort_key


def _descending(one: NaturalKey, other: NaturalKey) -> int:
    """Compare two names so that the last comes first."""
    return (one < other) - (other < one)
