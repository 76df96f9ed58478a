"""Files that belong to an artifact by their names: its metrics on the validation set, its cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from finalrank.casefiles import read_cases, twin_names
from finalrank.config import Settings
from finalrank.decode import Unreadable
from finalrank.files import Root, exists, found_below, read
from finalrank.models import Artifact, CaseValues, LeftOut, Problem, Survey
from finalrank.parse import Read, reader
from finalrank.readers import FOLDER_READERS, READERS


def with_validation(
    found: Iterable[Artifact | LeftOut], roots: Sequence[Root], settings: Settings
) -> Iterator[Artifact | LeftOut]:
    """The judged artifacts in turn, the valid ones with the primary metric of their twin.

    It has none where there is no twin, or none that can be read, which is a problem.
    """
    scan = settings.scan
    read_metrics = reader([settings.primary], READERS[scan.reader], scan.missing)
    for candidate in found:
        if isinstance(candidate, LeftOut) or scan.reader in FOLDER_READERS:
            yield candidate
            continue
        value, problems = _on_validation(candidate, roots, settings, read_metrics)
        yield candidate._replace(validation=value, problems=(*candidate.problems, *problems))


def _on_validation(
    artifact: Artifact, roots: Sequence[Root], settings: Settings, read_metrics: Read
) -> tuple[float | None, list[Problem]]:
    top, place = found_below(artifact.source, roots)
    folder = place.removesuffix(artifact.file_name)
    twins, key = settings.twins, settings.primary.key
    for twin in twin_names(artifact.file_name, twins.test, twins.validation, None):
        if not exists(top, folder + twin):
            continue
        try:
            data = read(top, folder + twin, False, settings.scan.max_bytes)
            values, problems, *_ = read_metrics(data, artifact.source)
        except Unreadable as refusal:
            where = f"{twin}: {refusal.place}" if refusal.place else twin
            return None, [Problem(artifact.source, where, refusal.reason)]
        return values[key], [
            Problem(artifact.source, f"{twin}: {problem.place}", problem.reason)
            for problem in problems
        ]
    return None, []


def with_cases(survey: Survey, roots: Sequence[Root], settings: Settings) -> Survey:
    """The survey with the values by case of the artifacts that are ranked, where there are any."""
    scan, twins = settings.scan, settings.twins
    if scan.reader in FOLDER_READERS:
        return survey
    cases: dict[str, CaseValues] = {}
    problems: list[Problem] = []
    for artifact in survey.kept:
        top, place = found_below(artifact.source, roots)
        try:
            values = read_cases(
                top,
                place,
                settings.metrics,
                test=twins.test,
                twins=twins.cases,
                case_names=settings.evidence.case_names,
                max_bytes=scan.max_bytes,
            )
        except Unreadable as refusal:
            problems.append(Problem(artifact.source, refusal.place, refusal.reason))
        else:
            cases |= {artifact.run: values} if values else {}
    return replace(
        survey,
        cases=cases,
        problems=tuple(sorted([*survey.problems, *problems], key=lambda p: p.source)),
        troubled=tuple(sorted({*survey.troubled, *(p.source for p in problems)})),
    )
