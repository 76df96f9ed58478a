"""The walk of a runs folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from finalrank.model.artifact import Problem
from finalrank.scan.local import listing, why


def walk(
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
