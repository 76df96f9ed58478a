"""The walk of a folder: the files in it that are candidates, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from finalrank.model.artifact import Unseen
from finalrank.scan.folders.local import listing, reason_of
from finalrank.scan.folders.local_paths import leads_to_folder
from finalrank.scan.folders.roots import root_name

# An entry whose name is that of a file to read, whatever it is: the folder that it is in (below the
# one that is walked: empty, or ending in `/`), its name, whether it is a regular file (no link to
# one either), whether it is a folder. A plain tuple: there is one for each of 100,000 files, and a
# named one takes five times as long to make.
Candidate = tuple[str, str, bool, bool]


class LinkedFolder(NamedTuple):
    """A link to a folder, which the walk does not enter."""

    path: str  # below the folder that is walked


def _every_folder(path: str) -> bool:
    return True


def walk(
    top: str,
    prefix: str,
    is_wanted: Callable[[str], object],
    hidden: Collection[str] = (),
    start: str = "",
    enters: Callable[[str], bool] = _every_folder,
) -> Iterator[Candidate | LinkedFolder | Unseen]:
    """Yield the candidates at `start` below `top` (both end in `/`), hidden entries aside.

    A folder of a wanted name is a candidate, and walked too. A source is `prefix` and the path.
    """
    folders = [start]
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
                        if is_folder := entry.is_dir(follow_symlinks=False):
                            if enters(folder + name):
                                folders.append(f"{folder}{name}/")
                        elif wanted and entry.is_file(follow_symlinks=False):
                            is_file = True
                        elif entry.is_symlink() and leads_to_folder(entry):
                            yield LinkedFolder(folder + name)
                    except OSError as error:
                        if not wanted:  # to read it fails later, and is told there
                            yield _unseen(top, prefix, folder + name, "looked at", error)
                    if wanted:
                        yield folder, name, is_file, is_folder
        except OSError as error:
            yield _unseen(top, prefix, folder[:-1], "listed", error)


def _unseen(top: str, prefix: str, path: str, what: str, error: OSError) -> Unseen:
    """Return the problem of a folder; the one that is walked is called by its own name."""
    source = prefix + path if path else prefix[:-1] or root_name(top)
    return Unseen(source, None, f"cannot be {what}: {reason_of(error)}", len(prefix))
