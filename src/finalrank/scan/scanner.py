"""Walks runs folders once and reads every candidate once. The only reader of artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache

from finalrank.config.settings import Settings
from finalrank.errors import UsageError
from finalrank.model.artifact import Artifact, Problem, Values
from finalrank.scan.local import Root, listing, read, read_folder, why
from finalrank.scan.parse import reader
from finalrank.scan.readers.json import Unreadable
from finalrank.scan.readers.registry import FOLDER_READERS, READERS
from finalrank.text.escape import stem, visible

RunOf = Callable[[str, str], str]


def scan(
    roots: Sequence[Root], configuration: Settings, folder_problems: list[Problem]
) -> Iterator[Artifact]:
    """Every candidate below the folders `roots`, in the order of the walk.

    Folders that cannot be listed are added to `folder_problems`, those that are given too: see
    `check_folder`.
    """
    settings, metrics = configuration.scan, configuration.metrics
    matches = re.compile("|".join(translate(pattern) for pattern in settings.patterns)).match
    # The names of files recur from folder to folder.
    is_candidate = lru_cache(maxsize=4096)(matches)
    run_of, by_parent = _run_rule(settings.run), settings.run == "parent"
    choosy = bool(settings.include or settings.exclude)
    missing: Values = dict.fromkeys(metric.key for metric in metrics)
    read_metrics = reader(
        metrics, READERS[settings.reader], settings.missing, configuration.test_set
    )
    read_bytes = read_folder if settings.reader in FOLDER_READERS else read
    limit = settings.max_bytes
    for root in roots:
        top, prefix, skip = root.top, root.prefix, len(root.prefix)
        for folder, name, plain in _walk(top, prefix, is_candidate, folder_problems):
            place = folder + name
            source = prefix + place
            run = prefix + (folder[:-1] if folder and by_parent else run_of(folder, name))
            if choosy and settings.choice(source, skip):
                yield Artifact(source, run, name, missing, root=skip)
                continue
            try:
                data = read_bytes(top, place, plain, limit)
                values, problems, used, counts = read_metrics(data, source)
            except Unreadable as refusal:
                problem = Problem(source, refusal.place, refusal.reason)
                yield Artifact(source, run, name, missing, (problem,), False, None, skip)
                continue
            if not plain and (other := _behind(top + place, run, roots, is_candidate, run_of)):
                problems = (Problem(source, None, _twice(other)), *problems)
            yield Artifact(source, run, name, values, problems, True, used, skip, counts)


def _run_rule(rule: str) -> RunOf:
    """The run of a file, by its folder (empty, or ending in `/`) and name."""

    def parent(folder: str, name: str) -> str:
        return folder[:-1] or stem(name)

    if rule == "parent":
        return parent
    if rule == "file":
        return lambda folder, name: folder + stem(name)
    search = re.compile(rule).search

    def by_expression(folder: str, name: str) -> str:
        found = search(folder + name)
        return (found and found["run"]) or parent(folder, name)

    return by_expression


def check_folder(runs: str) -> None:
    """Raise UsageError where `runs` is not a folder that can be listed."""
    try:
        os.scandir(runs).close()
    except FileNotFoundError:
        raise UsageError(
            f"{visible(runs)}: there is no such folder; name your runs folder"
        ) from None
    except NotADirectoryError:
        raise UsageError(f"{visible(runs)}: not a folder; name the folder that holds it") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(runs)}: cannot be listed: {why(error)}") from None


def _walk(
    root: str, prefix: str, is_candidate: Callable[[str], object], problems: list[Problem]
) -> Iterator[tuple[str, str, bool]]:
    """Folder (empty, or ending in `/`), name, and whether it is a plain file, of each candidate."""
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with listing(root, folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name[0] == ".":
                        continue
                    wanted = is_candidate(name)
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(f"{folder}{name}/")
                        plain = wanted and entry.is_file(follow_symlinks=False)
                    except OSError as error:
                        plain = False
                        if not wanted:  # a candidate's own line will say it
                            reason = f"cannot be looked at: {why(error)}"
                            problems.append(Problem(prefix + folder + name, None, reason))
                    if wanted:
                        yield folder, name, bool(plain)
        except OSError as error:
            place = (prefix + folder)[:-1]
            problems.append(Problem(place, None, f"cannot be listed: {why(error)}"))


def _behind(
    link: str, own: str, roots: Sequence[Root], is_candidate: Callable[[str], object], run_of: RunOf
) -> str | None:
    """The candidate that a link leads to, where it is below one of the roots, of another run."""
    target = os.path.realpath(link)
    for path, prefix in roots:
        top = os.path.join(os.path.realpath(path), "")
        *folders, name = target.removeprefix(top).split(os.sep)
        folder = "".join(f"{part}/" for part in folders)
        hidden = any(part.startswith(".") for part in (*folders, name))
        if target.startswith(top) and not hidden and is_candidate(name):
            run = prefix + run_of(folder, name)
            return prefix + folder + name if run != own else None
    return None


def _twice(other: str) -> str:
    return f"is a link to {visible(other)}, which is an artifact too: they are one file, keep one"
