"""The scan where files give results with factors: the same walk, and more to say of each file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from finalrank.config.settings import Settings
from finalrank.config.tables.factors import factors_of_groups
from finalrank.model.artifact import Artifact, Problem
from finalrank.model.factors import RUN, Factors
from finalrank.scan.folders.roots import Root, root_name
from finalrank.scan.folders.walk import Candidate
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.registry import READERS
from finalrank.scan.results.beside import FilesBeside, Found, first_parts
from finalrank.scan.results.called import told_apart
from finalrank.scan.results.elements import Element
from finalrank.scan.results.naming import member_name, namer
from finalrank.scan.results.paths import Named, path_reader
from finalrank.scan.results.reading import ReadResults, Result, results_reader
from finalrank.scan.scanner import ScanRules, linked_candidate, scan_rules
from finalrank.text.escape import visible


class _ResultRules(NamedTuple):
    """The settings on results and factors, compiled once for all."""

    scan: ScanRules
    path: Callable[[str, str, str], Named]
    groups: tuple[str, ...]  # the factors that the path gives
    read: ReadResults
    name: Callable[[str, Mapping[str, str | None], tuple[str, ...]], Factors]
    called: str | None  # the factor that names the run, if there is one


class _Note(NamedTuple):
    """What is told once at the end of the scan, however many files it is true of."""

    source: str
    place: str | None
    reason: str


class _File(NamedTuple):
    """A candidate, and what its path and the files beside it say."""

    source: str
    name: str
    run: str
    at_root: bool
    skip: int  # so many characters of the source are the name of its root
    judged: tuple[str, str]
    texts: Mapping[str, str | None]  # by factor
    missing: tuple[str, ...]  # factors whose file is missing or broken
    is_link: bool


def scan_results(roots: Sequence[Root], settings: Settings) -> Iterator[Artifact | Problem]:
    """Yield the results of every candidate below `roots` in the order of the walk.

    A candidate that gives no result is yielded once, as unreadable.
    """
    factors = settings.all_factors
    reader = READERS[settings.scan.reader]
    rules = _ResultRules(
        scan_rules(roots, settings),
        path_reader(settings.scan.run),
        tuple(factor.key for factor in factors_of_groups(settings.scan.run)),
        results_reader(settings, reader),
        namer(factors, settings.rank.members),
        next((factor.key for factor in factors if factor.role == RUN), None),
    )
    items = _of_roots(roots, rules, settings)
    return told_apart(items) if rules.called else items


def _of_roots(
    roots: Sequence[Root], rules: _ResultRules, settings: Settings
) -> Iterator[Artifact | Problem]:
    notes: list[_Note] = []
    for root in roots:
        for item in _of_root(root, rules, settings):
            if isinstance(item, _Note):
                notes.append(item)
            else:
                yield item
    yield from _told(notes)


def _of_root(
    root: Root, rules: _ResultRules, settings: Settings
) -> Iterator[Artifact | Problem | _Note]:
    """Yield the results below one root, and what is to be told at the end."""
    beside, wanted = first_parts(settings.factors), rules.scan.is_candidate
    files = FilesBeside(root.top, settings.factors, settings.scan.max_bytes)

    def is_wanted(name: str) -> object:
        return name in beside or wanted(name)

    entries = rules.scan.walker.entries(root, is_wanted if beside else wanted, beside)
    # All of a folder's entries come one after the other: what lies beside is known in time.
    for folder, listed in groupby(entries, key=_folder_of):
        candidates: list[Candidate] = []
        for entry in listed:
            if isinstance(entry, Problem):
                yield entry
                continue
            candidates.append(entry)
            if entry[1] in beside:
                files.saw(entry[0], entry[1])
        for candidate in candidates:
            if candidate[1][0] != "." and wanted(candidate[1]):
                found = files.of(folder or "")
                yield from _read(candidate, root, found, rules)


def _folder_of(entry: Candidate | Problem) -> str | None:
    return None if isinstance(entry, Problem) else entry[0]


def _read(
    candidate: Candidate, root: Root, beside: Found, rules: _ResultRules
) -> Iterator[Artifact | _Note]:
    """Yield the results of one candidate, and what is to be told of it at the end."""
    folder, name, is_file, _ = candidate
    path, scan = folder + name, rules.scan
    named = rules.path(root.prefix, folder, name)
    file = _File(
        root.prefix + path,
        name,
        named.run or root.prefix.rstrip("/") or root_name(root.path),
        not folder,
        len(root.prefix),
        named.judged,
        dict(zip(rules.groups, named.texts, strict=True)) | dict(beside.texts),
        beside.missing,
        not is_file,
    )
    if scan.choice and scan.choice(file.source, file.skip):
        yield _artifact(file, Element(None), {}, rules)
        return
    try:
        data = scan.read_bytes(root.top, path, is_file, scan.max_bytes)
        results = rules.read(data, file.source)
    except Unreadable as refusal:
        yield _refused(_artifact(file, Element(None), {}, rules), refusal)
        return
    if not named.matched:
        yield _Note(file.source, "scan.run", "does not match: it is of the run of its folder")
    # Without a name of its own, a run is called by its folder.
    for key in {*beside.missing} - {rules.called}:
        yield _Note(file.source, key, "has no file beside it or above it that gives this factor")
    for broken, reason in beside.faults:
        yield _Note(root.prefix + broken, None, reason)
    linked = None if is_file else linked_candidate(root.top + path, file.run, scan)
    for result in results:
        yield _linked(_with_result(file, result, rules), linked)


def _artifact(
    file: _File, element: Element, texts: Mapping[str, str | None], rules: _ResultRules
) -> Artifact:
    """Return a result with its names and without its figures."""
    called = file.texts.get(rules.called) if rules.called else None
    run = file.source[: file.skip] + called if called else file.run
    if element.name:
        run = element.name if file.at_root else f"{run}/{element.name}"
    factors = rules.name(run, {**file.texts, **texts}, file.missing)
    if called:
        factors = factors._replace(folder=file.run)
    label = f"#{element.label}" if element.label else ""
    return Artifact(
        file.source + label,
        member_name(factors),
        file.name,
        rules.scan.no_values,
        root=file.skip,
        factors=factors,
        judged=file.judged,
        element=label,
        is_link=file.is_link,
    )


def _with_result(file: _File, result: Result, rules: _ResultRules) -> Artifact:
    """Return a result of a file with its figures, or with the reason why it has none."""
    artifact = _artifact(file, result.element, result.texts, rules)
    if isinstance(result.parsed, Unreadable):
        return _refused(artifact, result.parsed)
    values, problems, used, counts, remarks = result.parsed
    own = [Problem(artifact.source, problem.place, problem.reason) for problem in problems]
    own += [Problem(artifact.source, key, reason) for key, reason in result.faults]
    return artifact._replace(
        metrics=values,
        problems=tuple(own),
        used=used,
        test_set=counts,
        remarks=remarks,
        conditions=result.conditions,
    )


def _refused(artifact: Artifact, refusal: Unreadable) -> Artifact:
    problem = Problem(artifact.source, refusal.place, refusal.reason)
    return artifact._replace(problems=(problem,), readable=False)


def _linked(artifact: Artifact, other: str | None) -> Artifact:
    """Return a result with the problem that its file is a link to another candidate."""
    if other is None:
        return artifact
    reason = f"is a link to {visible(other)}, which is an artifact too: they are one file, keep one"
    problem = Problem(artifact.source, None, reason)
    return artifact._replace(problems=(problem, *artifact.problems))


def _told(notes: Sequence[_Note]) -> Iterator[Problem]:
    """Yield a problem for each kind of note: the first file, and how many there are."""
    by_kind: dict[tuple[str | None, str], list[str]] = {}
    for source, place, reason in notes:
        sources = by_kind.setdefault((place, reason), [])
        if source not in sources[-1:]:
            sources.append(source)
    for (place, reason), sources in by_kind.items():
        first, *_ = told = sorted(set(sources))
        yield Problem(first, place, reason + _and_more(told))


def _and_more(sources: Sequence[str]) -> str:
    return f" ({len(sources)} in all)" if len(sources) > 1 else ""
