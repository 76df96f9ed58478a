"""The walk of a folder: the files in it that are candidates, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from finalrank.model.artifact import Problem
from finalrank.scan.local import listing, reason_of

# An entry whose name is that of a file to read, whatever it is: the folder that it is in (below the
# one that is walked: empty, or ending in `/`), its name, whether it is a regular file (no link to
# one either), whether it is a folder. A plain tuple: there is one for each of 100,000 files, and a
# named one takes five times as long to make.
Candidate = tuple[str, str, bool, bool]


def walk(
    top: str,
    prefix: str,
    is_wanted: Callable[[str], object],
    hidden: Collection[str] = (),
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
                        if name in hidden:
                            yield folder, name, False, False
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
                        if not wanted:  # to read it fails later, and is told there
                            reason = f"cannot be looked at: {reason_of(error)}"
                            yield Problem(prefix + folder + name, None, reason)
                    if wanted:
                        yield folder, name, is_file, is_folder
        except OSError as error:
            source = (prefix + folder)[:-1]
            yield Problem(source, None, f"cannot be listed: {reason_of(error)}")
