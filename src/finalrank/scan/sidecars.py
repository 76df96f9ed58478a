"""Files that belong to an artifact by their names: its metrics on the validation set, its cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.model.artifact import Artifact, CaseValues, LeftOut, Problem
from finalrank.model.survey import Survey
from finalrank.scan.case_values import from_artifact, from_table
from finalrank.scan.local import exists, listing, read, reason_of
from finalrank.scan.parse import Read, reader
from finalrank.scan.readers.registry import FOLDER_READERS, JSON_READERS, READERS
from finalrank.scan.roots import Root, locate
from finalrank.scan.unreadable import Unreadable
from finalrank.text.filenames import TABLES, sidecar_names, stem


def with_validation(
    found: Iterable[Artifact | LeftOut | Problem], roots: Sequence[Root], settings: Settings
) -> Iterator[Artifact | LeftOut | Problem]:
    """The judged artifacts in turn, the valid ones with the primary metric of their sidecar.

    It has none where there is no sidecar, or none that can be read, which is a problem.
    """
    scan = settings.scan
    read_metrics = reader([settings.primary], READERS[scan.reader], scan.missing)
    for candidate in found:
        if not isinstance(candidate, Artifact) or scan.reader in FOLDER_READERS:
            yield candidate
            continue
        value, problems = _on_validation(candidate, roots, settings, read_metrics)
        yield candidate._replace(validation=value, problems=(*candidate.problems, *problems))


def _on_validation(
    artifact: Artifact, roots: Sequence[Root], settings: Settings, read_metrics: Read
) -> tuple[float | None, list[Problem]]:
    top, place = locate(artifact.source, roots)
    folder = place.removesuffix(artifact.file_name)
    sidecars, key = settings.sidecars, settings.primary.key
    for sidecar in sidecar_names(artifact.file_name, sidecars.replace, sidecars.validation, None):
        if not exists(top, folder + sidecar):
            continue
        try:
            data = read(top, folder + sidecar, False, settings.scan.max_bytes)
            values, problems, *_ = read_metrics(data, artifact.source)
        except Unreadable as refusal:
            where = f"{sidecar}: {refusal.place}" if refusal.place else sidecar
            return None, [Problem(artifact.source, where, refusal.reason)]
        return values[key], [
            Problem(artifact.source, f"{sidecar}: {problem.place}", problem.reason)
            for problem in problems
        ]
    return None, []


def with_cases(survey: Survey, roots: Sequence[Root], settings: Settings) -> Survey:
    """The survey with the values by case of the artifacts that are ranked, where there are any."""
    if settings.scan.reader in FOLDER_READERS:
        return survey
    cases: dict[str, CaseValues] = {}
    problems: list[Problem] = []
    for artifact in survey.kept:
        top, place = locate(artifact.source, roots)
        try:
            values = _cases_of(top, place, settings)
            root = artifact.source.removesuffix(place)
        except Unreadable as refusal:
            problems.append(Problem(artifact.source, refusal.place, refusal.reason))
        else:
            if values is None:
                continue
            if values.values:
                cases[artifact.run] = values._replace(source=root + values.source)
            sidecar = f"{values.source.rpartition('/')[2]}: " if values.source != place else ""
            problems += [
                Problem(artifact.source, f"{sidecar}{key}", fault)
                for key, fault in values.faults.items()
            ]
    sources_with_problems = {
        *survey.sources_with_problems,
        *(problem.source for problem in problems),
    }
    problems += _found_nowhere(survey, cases, settings)
    return replace(
        survey,
        cases=cases,
        problems=tuple(sorted([*survey.problems, *problems], key=lambda p: p.source)),
        sources_with_problems=tuple(sorted(sources_with_problems)),
    )


def _cases_of(top: str, place: str, settings: Settings) -> CaseValues | None:
    metrics = settings.metrics
    if settings.scan.reader not in JSON_READERS:  # there is nothing to look into
        metrics = tuple(metric.model_copy(update={"cases": ""}) for metric in metrics)
    return read_cases(
        top,
        place,
        metrics,
        test=settings.sidecars.replace,
        sidecars=settings.sidecars.cases,
        case_names=settings.evidence.case_names,
        max_bytes=settings.scan.max_bytes,
    )


def _found_nowhere(
    survey: Survey, cases: Mapping[str, CaseValues], settings: Settings
) -> list[Problem]:
    """What the author wanted to be found in the artifacts, and is in none: no artifact's fault."""
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
    source: str,
    metrics: Sequence[Metric],
    *,
    test: str = "test_metrics",
    sidecars: Sequence[str] = ("test_cases",),
    case_names: str = "",
    max_bytes: int,
) -> CaseValues | None:
    """The case values of the artifact `source` below the folder `top` (ends in "/"), if it has any.

    Raises Unreadable for what is there and cannot be read; of a sidecar, the place begins with its
    file name.
    """
    faults: dict[str, str] = {}
    if any(metric.cases for metric in metrics):
        values = from_artifact(read(top, source, False, max_bytes), metrics, case_names, faults)
        if values or faults:
            return CaseValues(source, values, faults)
    if not (sidecar := sidecar_of(top, source, test, sidecars)):
        return None
    name = sidecar.rpartition("/")[2]
    try:
        values = from_table(read(top, sidecar, False, max_bytes), name, metrics, faults)
        if not values and not faults:
            raise Unreadable(None, "has no value of any metric")
    except Unreadable as refusal:
        place = name if refusal.place is None else f"{name}: {refusal.place}"
        raise Unreadable(place, refusal.reason) from None
    return CaseValues(sidecar, values, faults)


def sidecar_of(top: str, source: str, test: str, sidecars: Sequence[str]) -> str | None:
    """The source of the sidecar: by the artifact's name, or alone beside it; raises Unreadable."""
    folder, slash, name = source.rpartition("/")
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
    """The table like a sidecar, where it is the only one in the folder, and so is the artifact."""
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
