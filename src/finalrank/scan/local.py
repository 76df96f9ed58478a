"""The system calls of the scan, on whatever lies there, however long its path."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from finalrank.scan.unreadable import Unreadable

T_co = TypeVar("T_co", covariant=True)

# A pipe or a device of a candidate's name must not hang the scan, should one take the place
# of a file between the listing and the opening.
_OPEN_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OPEN_FILE |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
# Metrics files are smaller than this, so that one read takes them whole.
_BLOCK = 16 * 1024
# A path too long for one system call is walked in steps of at most so many characters.
_STEPS = re.compile(r".{1,900}(?:/|\Z)", re.DOTALL)

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def read(root: str, source: str, plain: bool, limit: int) -> bytes:
    """The bytes of a regular file, or of a link to one; raises Unreadable."""
    try:
        if not plain:
            _refuse_all_but_files(root, source)
        try:
            descriptor = os.open(root + source, _OPEN_FILE)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            descriptor = _at(root, source, _open_file)
        try:
            return _content(descriptor, limit)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(None, f"cannot be read: {why(error)}") from None


def exists(root: str, source: str) -> bool:
    """Whether there is something of that name, be it a link to nothing."""
    try:
        _at(root, source, os.lstat)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
    return True


def read_folder(root: str, source: str, plain: bool, limit: int) -> bytes:
    """The files of a folder and of those below it, by name: name, NUL, content, NUL of each.

    Raises Unreadable.
    """
    try:
        mode = _at(root, source, os.lstat).st_mode
        if not stat.S_ISDIR(mode):
            kind = "is a link, which is not followed" if stat.S_ISLNK(mode) else "is no folder"
            raise Unreadable(None, f"{kind}: check scan.patterns and scan.reader")
        found = sorted(_files_below(root, source))
    except OSError as error:
        raise Unreadable(None, f"cannot be listed: {why(error)}") from None
    parts: list[bytes] = []
    size = 0
    for name, is_plain in found:
        try:
            data = read(root, f"{source}/{name}", is_plain, limit - size)
        except Unreadable as refusal:
            raise Unreadable(name, refusal.reason) from None
        if b"\0" in data:
            raise Unreadable(None, "holds a file with NUL bytes: write it again")
        size += len(data)
        parts += (os.fsencode(name), b"\0", data, b"\0")
    return b"".join(parts)


def _files_below(root: str, source: str) -> Iterator[tuple[str, bool]]:
    """Name and whether it is a plain file of each, hidden ones aside; raises OSError."""
    folders = [""]
    while folders:
        folder = folders.pop()
        with listing(root, f"{source}/{folder}") as entries:
            for entry in entries:
                name = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{name}/")
                elif not entry.name.startswith("."):
                    yield name, entry.is_file(follow_symlinks=False)


def _content(descriptor: int, limit: int) -> bytes:
    """All bytes of an open file, in one read where it is as small as metrics files are."""
    try:
        # The size, at a third of what fstat costs: what is over the limit is not read at all.
        size = os.lseek(descriptor, 0, os.SEEK_END)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:  # a pipe, or a file that the kernel makes up: fstat will tell
        size = 0
    data = os.read(descriptor, _BLOCK) if size <= limit else b""
    # A short read is the whole file; one that does not end as an object does may be no more than
    # what a network file system had at hand.
    if len(data) < _BLOCK and len(data) <= limit and data.rstrip().endswith(b"}"):
        return data
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise Unreadable(None, f"is {_kind(mode)}, not a file")
    while size <= limit and len(data) <= limit:
        # It may have grown since, but is never read much further than the limit.
        more = os.read(descriptor, min(max(size, _BLOCK), limit) + 1)
        if not more:
            return data
        data += more
    raise Unreadable(None, f"is over {limit} bytes: raise scan.max_bytes if that is no mistake")


def _refuse_all_but_files(root: str, source: str) -> None:
    """Raise Unreadable unless it is a regular file, or a link to one; opens nothing."""
    linked = stat.S_ISLNK(_at(root, source, os.lstat).st_mode)
    link = "a link to " if linked else ""
    try:
        mode = _at(root, source, os.stat).st_mode
    except OSError as error:
        if not linked or error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
        where = "itself" if error.errno == errno.ELOOP else "nothing"
        raise Unreadable(None, f"is a link to {where}, not a file") from None
    if not stat.S_ISREG(mode):
        raise Unreadable(None, f"is {link}{_kind(mode)}, not a file")


def _kind(mode: int) -> str:
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")


def why(error: OSError | ValueError) -> str:
    """The operating system's reason in plain words, without the path."""
    if isinstance(error, FileNotFoundError):
        return "it vanished during the scan"
    if isinstance(error, PermissionError):
        return "permission denied; make it readable, or ask its owner to"
    return (getattr(error, "strerror", None) or "not a path").lower()


class _Call(Protocol[T_co]):
    """A system call on a path, which may start at an open folder."""

    def __call__(self, path: str, *, dir_fd: int | None = None) -> T_co: ...


def _open_file(path: str, *, dir_fd: int | None = None) -> int:
    return os.open(path, _OPEN_FILE, dir_fd=dir_fd)


def _at(root: str, source: str, call: _Call[T_co]) -> T_co:
    """`call` on `source` below `root`, from its own folder where the path is too long."""
    try:
        return call(root + source)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    folder, _, name = source.rpartition("/")
    descriptor = _folder(root, folder)
    try:
        return call(name, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _folder(root: str, folder: str) -> int:
    """A descriptor of a folder whose path may be too long for one system call."""
    descriptor = os.open(root, _OPEN_FOLDER)
    for step in _STEPS.findall(folder):
        try:
            below = os.open(step, _OPEN_FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def listing(root: str, folder: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
    """The entries of a folder, however long its path."""
    try:
        return os.scandir(root + folder)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    return _far_listing(root, folder)


@contextmanager
def _far_listing(root: str, folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    descriptor = _folder(root, folder)
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)
