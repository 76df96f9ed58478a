"""Files beside an artifact that belong to it: its metrics on the validation set, its case values.

They are told by their names: the artifact's own, in which a part of it (`sidecars.replace`, such as
"test_metrics") is replaced by another text ("validate_metrics").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Artifact, CaseValues, LeftOut, Problem
from finalrank.model.survey import DetailedSurvey, EvidenceSurvey, Survey, fields_of
from finalrank.scan.case_values import from_artifact, from_table
from finalrank.scan.folders.local import exists, listing, read, reason_of
from finalrank.scan.folders.roots import Root, locate
from finalrank.scan.parse import Parse, metrics_parser
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.registry import READERS
from finalrank.scan.rows.documents import document_reader
from finalrank.text.filenames import TABLES, sidecar_names, stem


def with_validation(
    candidates: Iterable[Artifact | LeftOut | Problem], roots: Sequence[Root], settings: Settings
) -> Iterator[Artifact | LeftOut | Problem]:
    """Yield the candidates in turn, valid ones with the metric that chooses on the validation set.

    It is None where there is no sidecar, or none that can be read, which is a problem.
    """
    reader = READERS[settings.scan.reader]
    decode = document_reader(settings)
    parse = metrics_parser([settings.selecting], decode, settings.scan.missing)
    for candidate in candidates:
        if not isinstance(candidate, Artifact) or reader.artifact == "folder":
            yield candidate
            continue
        value, problems = _on_validation(candidate, roots, settings, parse)
        yield candidate._replace(validation=value, problems=(*candidate.problems, *problems))


def _on_validation(
    artifact: Artifact, roots: Sequence[Root], settings: Settings, parse: Parse
) -> tuple[float | None, list[Problem]]:
    """Return what chooses, of the first sidecar that is there, and what is wrong with it."""
    top, path = locate(artifact.path, roots)
    folder = path.removesuffix(artifact.file_name)
    sidecars, key = settings.sidecars, settings.selecting.key
    for sidecar in sidecar_names(artifact.file_name, sidecars.replace, sidecars.validation, None):
        if not exists(top, folder + sidecar):
            continue
        try:
            data = read(top, folder + sidecar, False, settings.scan.max_bytes)
            values, problems, *_ = parse(data, artifact.source)
        except Unreadable as refusal:
            where = f"{sidecar}: {refusal.place}" if refusal.place else sidecar
            return None, [Problem(artifact.source, where, refusal.reason)]
        return values[key], [
            Problem(artifact.source, f"{sidecar}: {problem.place}", problem.reason)
            for problem in problems
        ]
    return None, []


def with_cases(survey: DetailedSurvey, roots: Sequence[Root], settings: Settings) -> EvidenceSurvey:
    """Add the case values of the kept artifacts that have any, and what is wrong with others."""
    if survey.datasets:
        each = {name: with_cases(own, roots, settings) for name, own in survey.datasets.items()}
        both: list[Survey] = [survey, *each.values()]
        every = {problem for one in both for problem in one.problems}
        sources = {source for one in both for source in one.sources_with_problems}
        whole: dict[str, Any] = {
            "problems": tuple(sorted(every, key=lambda p: (p.source, p.place or "", p.reason))),
            "sources_with_problems": tuple(sorted(sources)),
            "datasets": each,
            "cases": {},
        }
        return EvidenceSurvey(**fields_of(survey) | whole)
    if READERS[settings.scan.reader].artifact == "folder":
        return EvidenceSurvey(**fields_of(survey), cases={})
    cases: dict[str, CaseValues] = {}
    problems: list[Problem] = []
    for artifact in survey.kept:
        if artifact.element:  # a file of several results says of none which its cases are
            continue
        values, own_problems = _cases_of(artifact, roots, settings)
        problems += own_problems
        if values:
            cases[artifact.run] = values
    with_problems = {*survey.sources_with_problems, *(problem.source for problem in problems)}
    problems += _found_nowhere(survey, cases, settings)
    told = replace(
        survey,
        problems=tuple(sorted([*survey.problems, *problems], key=lambda p: p.source)),
        sources_with_problems=tuple(sorted(with_problems)),
    )
    return EvidenceSurvey(**fields_of(told), cases=cases)


def _cases_of(
    artifact: Artifact, roots: Sequence[Root], settings: Settings
) -> tuple[CaseValues | None, list[Problem]]:
    """Return the case values of an artifact, None where there are none, and their problems."""
    top, path = locate(artifact.path, roots)
    metrics = settings.metrics
    if not READERS[settings.scan.reader].is_json(path):  # there is nothing to look into
        metrics = tuple(metric.model_copy(update={"cases": ""}) for metric in metrics)
    try:
        cases = read_cases(
            top,
            path,
            metrics,
            test=settings.sidecars.replace,
            sidecars=settings.sidecars.cases,
            case_names=settings.evidence.case_names,
            max_bytes=settings.scan.max_bytes,
        )
    except Unreadable as refusal:
        return None, [Problem(artifact.source, refusal.place, refusal.reason)]
    if cases is None:
        return None, []
    sidecar = f"{cases.source.rpartition('/')[2]}: " if cases.source != path else ""
    problems = [
        Problem(artifact.source, f"{sidecar}{key}", fault) for key, fault in cases.faults.items()
    ]
    prefix = artifact.source.removesuffix(path)
    return cases._replace(source=prefix + cases.source) if cases.values else None, problems


def _found_nowhere(
    survey: Survey, cases: Mapping[str, CaseValues], settings: Settings
) -> list[Problem]:
    """Return a problem for each metric whose `cases` finds nothing in any artifact.

    It is the configuration's rather than an artifact's, and is told of the first artifact.
    """
    if settings.preset:  # its expressions are for files that may be there
        return []
    return [
        Problem(
            survey.kept[0].source,
            metric.key,
            "metrics[].cases finds no values by case, here or in any other artifact: check it",
        )
        for metric in settings.ranked
        if metric.cases and survey.kept and not any(metric.key in c.values for c in cases.values())
    ]


def read_cases(
    top: str,
    path: str,
    metrics: Sequence[Metric],
    *,
    test: str = "test_metrics",
    sidecars: Sequence[str] = ("test_cases",),
    case_names: str = "",
    max_bytes: int,
) -> CaseValues | None:
    """Return the case values of the artifact at `path` below the folder `top` (ends in `/`).

    Those in the artifact itself come before those of a sidecar: see `from_artifact` for
    `case_names`, and `sidecar_of` for `test` and `sidecars`. None where there is neither. The
    source of the values is relative to `top`.

    Raises Unreadable for what is there and cannot be read; of a sidecar, its place begins with the
    sidecar's file name.
    """
    if any(metric.cases for metric in metrics):
        own = from_artifact(read(top, path, False, max_bytes), metrics, case_names)
        if own.values or own.faults:
            return CaseValues(path, *own)
    if not (sidecar := sidecar_of(top, path, test, sidecars)):
        return None
    name = sidecar.rpartition("/")[2]
    try:
        cases = from_table(read(top, sidecar, False, max_bytes), name, metrics)
        if not cases.values and not cases.faults:
            raise Unreadable(None, "has no value of any metric")
    except Unreadable as refusal:
        place = name if refusal.place is None else f"{name}: {refusal.place}"
        raise Unreadable(place, refusal.reason) from None
    return CaseValues(sidecar, *cases)


def sidecar_of(top: str, path: str, test: str, sidecars: Sequence[str]) -> str | None:
    """Return the path of an artifact's table of cases, None where it has none.

    Its name is the artifact's with one of `sidecars` in place of `test`; else it is the only table
    beside the only artifact of a folder. Raises Unreadable.
    """
    folder, slash, name = path.rpartition("/")
    folder += slash
    names = sidecar_names(name, test, sidecars)
    try:
        for sidecar in names:
            if exists(top, folder + sidecar):
                return folder + sidecar
        suffix = name.removeprefix(stem(name))
        return _only_sidecar(top, folder, test, sidecars, suffix) if names else None
    except OSError as error:
        raise Unreadable(None, f"cannot be listed: {reason_of(error)}") from None


def _only_sidecar(
    top: str, folder: str, test: str, sidecars: Sequence[str], suffix: str
) -> str | None:
    """Return the path of the only table in the folder, where there is one artifact (`suffix`)."""
    tables: list[str] = []
    artifacts = 0
    with listing(top, folder) as entries:
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if name.endswith(TABLES) and any(sidecar in name for sidecar in sidecars):
                tables.append(name)
            elif test in name and name.endswith(suffix):
                artifacts += 1
            # A folder of ten thousand artifacts is not listed to its end for each of them.
            if artifacts > 1 or len(tables) > 1:
                return None
    return folder + tables[0] if artifacts == 1 and tables else None
