"""The files of an inspection: those that are named, and every `*.json` of the folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from finalrank.errors import UsageError
from finalrank.model.artifact import Problem
from finalrank.scan.local import is_folder, reason_of
from finalrank.scan.walk import walk
from finalrank.text.escape import visible


class File(NamedTuple):
    """A file to read."""

    source: str  # as it is shown
    top: str  # the folder that was named, ending in `/`; empty for a file that was named
    path: str  # below it
    is_file: bool  # a regular file; False where that is not known yet


def files_at(paths: Sequence[str]) -> tuple[list[File], list[Problem]]:
    """Return the files at the paths, sorted, and what could not be looked at.

    Raises UsageError for a path that is not there.
    """
    entries = [entry for path in paths for entry in _json_files(path, several=len(paths) > 1)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    # A file that two of the paths lead to is read once, for the first of them.
    files: dict[str, File] = {}
    for entry in entries:
        if isinstance(entry, File):
            files.setdefault(os.path.normpath(entry.top + entry.path), entry)
    return sorted(files.values()), problems


def _json_files(path: str, *, several: bool) -> Iterator[File | Problem]:
    """Yield the file at `path`, or every `*.json` below the folder there.

    `several`: it is one of several paths, so that the files of a folder are shown with its path.
    Raises UsageError.
    """
    try:
        is_single = not is_folder(path)
    except FileNotFoundError:
        raise UsageError(
            f"{visible(path)}: there is no such file or folder; name your runs folder"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(path)}: cannot be looked at: {reason_of(error)}") from None
    if is_single:
        yield File(path, "", path, is_file=False)
        return
    top = path.rstrip("/") + "/"
    prefix = top if several else ""
    for entry in walk(top, prefix, lambda name: name.endswith(".json")):
        if isinstance(entry, Problem):
            # One of the folder itself has no path below it.
            yield replace(entry, source=entry.source or top[:-1] or "/")
            continue
        folder, name, is_file, is_directory = entry
        if not is_directory:
            yield File(prefix + folder + name, top, folder + name, is_file)
