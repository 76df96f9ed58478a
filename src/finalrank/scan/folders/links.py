"""Links to folders: entered once where that is asked for, else told where artifacts are behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from finalrank.config.tables.scan import Scan
from finalrank.model.artifact import Problem, Unseen
from finalrank.scan.folders.local import reason_of
from finalrank.scan.folders.local_paths import real_path
from finalrank.scan.folders.roots import Root
from finalrank.scan.folders.walk import Candidate, LinkedFolder, walk

# So many names are looked at behind all the links that are not entered: one can lead to a whole
# disk.
_LOOKED_AT = 100_000
_LINK = "is a link, which is not entered, to a folder"


class Place(NamedTuple):
    """A path below one of the runs folders."""

    root: Root
    path: str  # empty: the runs folder itself


class Walker:
    """The walk of the runs folders, by which each folder is entered once, whatever leads there."""

    def __init__(
        self,
        roots: Sequence[Root],
        scan: Scan,
        is_candidate: Callable[[str], object],
        remedy: str = "name that folder, too, or set scan.follow = true",
    ) -> None:
        """Take the runs folders, which are to be walked one after the other.

        `remedy` says what to do about a link that is not entered.
        """
        self._scan = scan
        self._is_candidate = is_candidate
        self._remedy = remedy
        self._left = _LOOKED_AT
        # By their real paths, without the last separator: all that is below and not hidden is
        # walked as well.
        self._walked: dict[str, Place] = {}
        for root in roots:
            with suppress(OSError):  # the working folder is gone
                self._walked[_real(root.path)] = Place(root, "")

    def entries(
        self,
        root: Root,
        is_wanted: Callable[[str], object] | None = None,
        hidden: Collection[str] = (),
    ) -> Iterator[Candidate | Problem]:
        """Yield what `walk` finds in a runs folder, and what becomes of the links in it.

        `is_wanted` is `is_candidate` where it is not given.
        """
        is_wanted = is_wanted or self._is_candidate
        links: list[LinkedFolder] = []
        held: list[Candidate] = []
        for entry in walk(root.top, root.prefix, is_wanted, hidden):
            if isinstance(entry, LinkedFolder):
                links.append(entry)
            elif self._scan.follow and not isinstance(entry, Problem) and _may_be_link(entry):
                held.append(entry)
            else:
                yield entry
        if self._scan.follow:
            yield from self._entered(links, root, is_wanted, hidden)
        else:
            yield from self._told(links, root)
        # Only now is it known whether what they lead to is a candidate, too.
        yield from held

    def place_of(self, path: str) -> Place | None:
        """Return where a path is walked, whatever links lead to it; None where it is not."""
        try:
            return self._place(_real(path))
        except OSError:
            return None

    def _place(self, real: str) -> Place | None:
        below: list[str] = []
        while real not in self._walked:
            real, separator, name = real.rpartition(os.sep)
            if not separator or name.startswith("."):
                return None
            below.append(name)
        root, path = self._walked[real]
        return Place(root, "/".join([*filter(None, [path]), *reversed(below)]))

    def _entered(
        self,
        links: Sequence[LinkedFolder],
        root: Root,
        is_wanted: Callable[[str], object],
        hidden: Collection[str],
    ) -> Iterator[Candidate | Problem]:
        """Yield what is in the folders that links lead to, and behind the links in those."""
        while links:
            further: list[LinkedFolder] = []
            # By their names, whatever the order of a folder's entries is.
            for link in sorted(links):
                real = self._taken(link, root)
                if isinstance(real, Problem):
                    yield real
                elif real is not None:
                    for entry in self._behind(link, real, root, is_wanted, hidden):
                        if isinstance(entry, LinkedFolder):
                            further.append(entry)
                        else:
                            yield entry
            links = further

    def _told(self, links: Sequence[LinkedFolder], root: Root) -> Iterator[Problem]:
        """Yield a problem for each link behind which there are artifacts."""
        for link in sorted(links):
            real = self._taken(link, root)
            if isinstance(real, Problem):
                yield real
            elif real is not None and (reason := self._reason(link, real, root)):
                yield _unseen(link, root, f"{_LINK} {reason}: {self._remedy}")

    def _reason(self, link: LinkedFolder, real: str, root: Root) -> str | None:
        """Return why a link should be entered; None where there is no artifact behind it."""
        try:
            for entry in self._all_behind(link, real, root):
                if isinstance(entry, Problem):
                    return "that cannot be listed"
                source = root.prefix + entry[0] + entry[1]
                # What `scan.exclude` leaves out is left out where it is told.
                if self._scan.includes(source, len(root.prefix)):
                    return "with artifacts that are not in the report"
        except _TooManyError:
            return "that is too large to look for artifacts in it"
        return None

    def _all_behind(
        self, link: LinkedFolder, real: str, root: Root
    ) -> Iterator[Candidate | Problem]:
        """Yield the candidates behind a link, and behind the links in the folder there."""
        further = [(link, real)]
        while further:
            for entry in self._behind(*further.pop(), root, self._counted):
                if isinstance(entry, LinkedFolder):
                    target = self._taken(entry, root)
                    if isinstance(target, str):
                        further.append((entry, target))
                else:
                    yield entry

    def _counted(self, name: str) -> object:
        self._left -= 1
        if self._left < 0:
            raise _TooManyError
        return self._is_candidate(name)

    def _taken(self, link: LinkedFolder, root: Root) -> str | Problem | None:
        """Return the real path of a link to a folder, which counts as walked from now on.

        None where it was walked before; a problem where it cannot be told.
        """
        try:
            real = _real(root.top + link.path)
        except OSError as error:
            return _unseen(link, root, f"cannot be followed: {reason_of(error)}")
        if self._place(real):
            return None
        self._walked[real] = Place(root, link.path)
        return real

    def _behind(
        self,
        link: LinkedFolder,
        real: str,
        root: Root,
        is_wanted: Callable[[str], object],
        hidden: Collection[str] = (),
    ) -> Iterator[Candidate | LinkedFolder | Problem]:
        """Yield what is in the folder that a link leads to, but for what is walked elsewhere."""

        def enters(path: str) -> bool:
            return real + path[len(link.path) :].replace("/", os.sep) not in self._walked

        yield from walk(root.top, root.prefix, is_wanted, hidden, f"{link.path}/", enters)


def _unseen(link: LinkedFolder, root: Root, reason: str) -> Unseen:
    return Unseen(root.prefix + link.path, None, reason, len(root.prefix), is_link=True)


class _TooManyError(Exception):
    """More names than are looked at."""


def _may_be_link(candidate: Candidate) -> bool:
    """Return whether a candidate is neither a file nor a folder, and no hidden one."""
    _, name, is_file, is_folder = candidate
    return not (is_file or is_folder or name.startswith("."))


def _real(path: str) -> str:
    """Return the real path, without a separator at its end; raises OSError where there is none."""
    return real_path(path, strict=True).rstrip(os.sep)
