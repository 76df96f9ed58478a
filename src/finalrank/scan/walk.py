"""The walk of a folder: the files in it that are candidates, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from finalrank.model.artifact import Problem
from finalrank.scan.local import listing, why


class Candidate(NamedTuple):
    """An entry of a folder whose name is that of a file to read, whatever it is."""

    folder: str  # below the folder that is walked: empty, or ending in `/`
    name: str
    is_file: bool  # a regular file; False for a link, even to one
    is_folder: bool = False


def walk(
    top: str, prefix: str, is_wanted: Callable[[str], object]
) -> Iterator[Candidate | Problem]:
    """Yield the candidates in the folder `top` (ends in `/`) and below it, hidden entries aside.

    `is_wanted` is asked for each name. No link to a folder is followed; a folder of a wanted name
    is a candidate, and is walked too. What cannot be listed or looked at is yielded as a Problem,
    its source being `prefix` and the path below `top`.
    """
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with listing(top, folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name[0] == ".":
                        continue
                    wanted = is_wanted(name)
                    is_folder = is_file = False
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            is_folder = True
                            folders.append(f"{folder}{name}/")
                        elif wanted:
                            is_file = entry.is_file(follow_symlinks=False)
                    except OSError as error:
                        if not wanted:  # to read it will fail, which is its own problem
                            reason = f"cannot be looked at: {why(error)}"
                            yield Problem(prefix + folder + name, None, reason)
                    if wanted:
                        yield Candidate(folder, name, is_file, is_folder)
        except OSError as error:
            source = (prefix + folder)[:-1]
            yield Problem(source, None, f"cannot be listed: {why(error)}")
