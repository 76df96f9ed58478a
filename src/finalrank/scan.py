"""Walks a runs folder once and reads every candidate once. The only reader of artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from functools import lru_cache

from finalrank.config import Scan
from finalrank.decode import Unreadable
from finalrank.errors import UsageError
from finalrank.files import listing, read, why
from finalrank.models import Artifact, Metric, Problem, Values
from finalrank.names import visible
from finalrank.parse import reader


def scan(
    runs: str, settings: Scan, metrics: Iterable[Metric], folder_problems: list[Problem]
) -> Iterator[Artifact]:
    """Every candidate below the folder `runs`, in the order of the walk.

    Folders that cannot be listed are added to `folder_problems`. Raises UsageError where `runs`
    is not a folder that can be listed.
    """
    check_folder(runs)
    root = runs.rstrip("/") + "/"
    limit = settings.max_bytes
    metrics = tuple(metrics)
    missing: Values = dict.fromkeys(metric.key for metric in metrics)
    read_metrics = reader(metrics)
    matches = re.compile("|".join(translate(pattern) for pattern in settings.patterns)).match
    # The names of files recur from folder to folder.
    is_candidate = lru_cache(maxsize=4096)(matches)
    for folder, name, plain in _walk(root, is_candidate, folder_problems):
        source = folder + name
        run = _run_of(folder, name)
        try:
            values, problems = read_metrics(read(root, source, plain, limit), source)
        except Unreadable as refusal:
            problem = Problem(source, refusal.place, refusal.reason)
            yield Artifact(source, run, name, missing, (problem,), False)
        else:
            if not plain and (other := _artifact_behind(root, source, run, is_candidate)):
                problems = (Problem(source, None, _twice(other)), *problems)
            yield Artifact(source, run, name, values, problems)


def _run_of(folder: str, name: str) -> str:
    return folder[:-1] or name.removesuffix(".json")


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
    root: str, is_candidate: Callable[[str], object], problems: list[Problem]
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
                            problems.append(Problem(folder + name, None, reason))
                    if wanted:
                        yield folder, name, bool(plain)
        except OSError as error:
            problems.append(Problem(folder[:-1], None, f"cannot be listed: {why(error)}"))


def _artifact_behind(
    root: str, source: str, run: str, is_candidate: Callable[[str], object]
) -> str | None:
    """The candidate that a link leads to, where that is in the tree and of another run."""
    top = os.path.join(os.path.realpath(root), "")
    target = os.path.realpath(root + source)
    if not target.startswith(top):
        return None
    *folders, name = target.removeprefix(top).split(os.sep)
    folder = "".join(f"{part}/" for part in folders)
    hidden = any(part.startswith(".") for part in (*folders, name))
    if hidden or not is_candidate(name) or _run_of(folder, name) == run:
        return None
    return folder + name


def _twice(other: str) -> str:
    return f"is a link to {visible(other)}, which is an artifact too: they are one file, keep one"
