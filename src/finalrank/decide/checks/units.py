"""Mixed units: a share among percentages would win, or lose, a ranking by its unit."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.filter import content_rules
from finalrank.decide.members.groups import groups_of
from finalrank.model.artifact import Artifact, LeftOut, Problem, Values
from finalrank.model.survey import AnySurvey, leaving_out

# A value that is so many times less than what others have is of another unit.
_TIMES_LESS = 20


def without_mixed_units(survey: AnySurvey, settings: Settings) -> AnySurvey:
    """Return the survey in which values of another unit than those of other runs are missing.

    Each is a problem. Where what is left is not valid, no sibling takes the place of the kept
    artifact: it may be of another unit, too.
    """
    faults: dict[str, list[Problem]] = {}
    for metric in settings.metrics:
        if metric.scale < 1:
            for problem, run in _of_another_unit(survey.kept, metric):
                faults.setdefault(run, []).append(problem)
    if not faults:
        return survey
    verdict_of = content_rules(settings)
    kept, gone = [], []
    for artifact in survey.kept:
        artifact = _without(artifact, faults.get(artifact.run, ()))
        if verdict := artifact.run in faults and verdict_of(artifact):
            gone.append(LeftOut(artifact, verdict))
        else:
            kept.append(artifact)
    problems = [problem for several in faults.values() for problem in several]
    result = leaving_out(survey, kept, gone)
    return replace(
        result,
        groups=groups_of(kept, result.left_out, settings),
        problems=tuple(sorted([*survey.problems, *problems], key=attrgetter("source"))),
        sources_with_problems=tuple(
            sorted({*survey.sources_with_problems, *(problem.source for problem in problems)})
        ),
    )


def _of_another_unit(kept: Sequence[Artifact], metric: Metric) -> Iterator[tuple[Problem, str]]:
    """Yield a problem and the run for each value that was not to be scaled, as those of others."""
    values = [(value, a) for a in kept if (value := a.metrics[metric.key]) is not None]
    ascending = sorted(value for value, _ in values)
    for value, artifact in values:
        # 0 is 0 in every unit.
        if value == 0 or abs(value) > metric.scale or len(ascending) < 2:
            continue
        if value * _TIMES_LESS < _median_of_others(ascending, value):
            reason = (
                f"is below a twentieth of what other runs have: is it a share among percentages? "
                f"Write all in one unit (scale = {metric.scale:g})"
            )
            yield Problem(artifact.source, metric.key, reason), artifact.run


def _median_of_others(ascending: Sequence[float], value: float) -> float:
    """Return the median of two or more ascending values but one of them."""
    place, count = bisect_left(ascending, value), len(ascending) - 1
    low, high = (ascending[k + (k >= place)] for k in ((count - 1) // 2, count // 2))
    return (low + high) / 2


def _without(artifact: Artifact, faults: Sequence[Problem]) -> Artifact:
    """Return the artifact without the values that the problems are of."""
    if not faults:
        return artifact
    missing: Values = {problem.place: None for problem in faults if problem.place}
    return artifact._replace(
        metrics=artifact.metrics | missing, problems=(*artifact.problems, *faults)
    )
