"""Walks runs folders once and reads every candidate once. The only reader of artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import lru_cache

from finalrank.config.settings import Settings
from finalrank.model.artifact import Artifact, Problem, Values
from finalrank.scan.local import read, read_folder
from finalrank.scan.parse import reader
from finalrank.scan.readers.registry import FOLDER_READERS, READERS
from finalrank.scan.roots import Root
from finalrank.scan.unreadable import Unreadable
from finalrank.scan.walk import walk
from finalrank.text.escape import visible
from finalrank.text.filenames import stem

RunOf = Callable[[str, str], str]


def scan(roots: Sequence[Root], configuration: Settings) -> Iterator[Artifact | Problem]:
    """Yield every candidate below `roots` as it was read, in the order of the walk.

    A Problem is one of a folder that cannot be listed, or of an entry that cannot be looked at.
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
        for entry in walk(top, prefix, is_candidate):
            if isinstance(entry, Problem):
                yield entry
                continue
            folder, name, plain, _ = entry
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
