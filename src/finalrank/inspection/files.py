"""The files of an inspection: those that are named, and all of the folders that a reader knows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finalrank.config.tables.scan import Scan
from finalrank.errors import UsageError
from finalrank.model.artifact import Problem
from finalrank.scan.folders.links import Walker
from finalrank.scan.folders.local import reason_of
from finalrank.scan.folders.local_paths import is_folder
from finalrank.scan.folders.roots import Root
from finalrank.scan.readers.auto import SUFFIXES
from finalrank.text.escape import visible

# The configuration of finalrank itself, and of Python.
OWN_FILES = frozenset({"finalrank.toml", "pyproject.toml"})


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
    roots = {path: _folder_at(path, several=len(paths) > 1) for path in paths}
    folders = [root for root in roots.values() if root]
    walker = Walker(folders, Scan(), is_readable, "name that folder, too")
    entries = [entry for path in paths for entry in _files(path, roots[path], walker)]
    problems = [entry for entry in entries if isinstance(entry, Problem)]
    # A file that two of the paths lead to is read once, for the first of them.
    files: dict[str, File] = {}
    for entry in entries:
        if isinstance(entry, File):
            files.setdefault(os.path.normpath(entry.top + entry.path), entry)
    return sorted(files.values()), problems


def is_readable(name: str) -> bool:
    """Return whether a reader knows files of that name."""
    return name.rpartition(".")[2].lower() in SUFFIXES and name not in OWN_FILES


def _folder_at(path: str, *, several: bool) -> Root | None:
    """Return the folder at a path; None where a file is there.

    `several`: it is one of several paths, so that the files of a folder are shown with its path.
    Raises UsageError.
    """
    try:
        if not is_folder(path):
            return None
    except FileNotFoundError:
        raise UsageError(
            f"{visible(path)}: there is no such file or folder; name your runs folder"
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(path)}: cannot be looked at: {reason_of(error)}") from None
    top = path.rstrip("/") + "/"
    return Root(path, top if several else "", top)


def _files(path: str, root: Root | None, walker: Walker) -> Iterator[File | Problem]:
    """Yield the file at `path`, or every one below the folder there that a reader knows."""
    if root is None:
        yield File(path, "", path, is_file=False)
        return
    for entry in walker.entries(root):
        if isinstance(entry, Problem):
            yield entry
            continue
        folder, name, is_file, is_directory = entry
        if not is_directory:
            yield File(root.prefix + folder + name, root.top, folder + name, is_file)
