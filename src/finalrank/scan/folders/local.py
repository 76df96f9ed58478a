"""The system calls that read: no other module of the scan and the inspection has any.

Most take a folder `top`, which ends in `/` or is empty, and a `path` below it, so that a path that
is too long for one system call can be opened a folder at a time. Whatever lies there, a pipe or a
device too, none of them waits for it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeVar

from finalrank.scan.readers.interface import Unreadable

T_co = TypeVar("T_co", covariant=True)

# Without waiting: a pipe may have taken the place of a file since the folder was listed.
_OPEN_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_OPEN_FILE |= getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
# Metrics files are smaller than this, so that one read takes them whole.
_BLOCK = 16 * 1024
# A path too long for one system call is opened in steps of at most so many characters.
_STEPS = re.compile(r".{1,900}(?:/|\Z)", re.DOTALL)

_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def read(top: str, path: str, is_file: bool, limit: int) -> bytes:
    """Return the bytes of a regular file, or of a link to one.

    `is_file` says that a listing showed a regular file there, so that it need not be looked at
    before it is opened. Raises Unreadable, also where there are more bytes than `limit`.
    """
    try:
        if not is_file:
            _refuse_all_but_files(top, path)
        try:
            descriptor = os.open(top + path, _OPEN_FILE)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            descriptor = _call(_open_file, top, path)
        try:
            return _content(descriptor, limit)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(None, f"cannot be read: {reason_of(error)}") from None


def exists(top: str, path: str) -> bool:
    """Return whether there is something at the path, be it a link to nothing."""
    try:
        _call(os.lstat, top, path)
    except OSError as error:
        return error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
    return True


def read_folder(top: str, path: str, is_file: bool, limit: int) -> bytes:
    """Return the files of a folder and of those below it: of each its name, NUL, content, NUL.

    They are in the order of their names, which are relative to the folder; hidden files are left
    out. `is_file` is as in `read`, and makes no difference. Raises Unreadable, also where the files
    together have more bytes than `limit`.
    """
    try:
        mode = _call(os.lstat, top, path).st_mode
        if not stat.S_ISDIR(mode):
            kind = "is a link, which is not followed" if stat.S_ISLNK(mode) else "is no folder"
            raise Unreadable(None, f"{kind}: check scan.patterns and scan.reader")
        files = sorted(_files_below(top, path))
    except OSError as error:
        raise Unreadable(None, f"cannot be listed: {reason_of(error)}") from None
    parts: list[bytes] = []
    size = 0
    for name, is_regular in files:
        try:
            data = read(top, f"{path}/{name}", is_regular, limit - size)
        except Unreadable as refusal:
            raise Unreadable(name, refusal.reason) from None
        if b"\0" in data:
            raise Unreadable(None, "holds a file with NUL bytes: write it again")
        size += len(data)
        parts += (os.fsencode(name), b"\0", data, b"\0")
    return b"".join(parts)


def _files_below(top: str, path: str) -> Iterator[tuple[str, bool]]:
    """Yield the files below a folder, hidden ones aside: the path in it, whether it is regular.

    Raises OSError.
    """
    folders = [""]
    while folders:
        folder = folders.pop()
        with listing(top, f"{path}/{folder}") as entries:
            for entry in entries:
                name = folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    folders.append(f"{name}/")
                elif not entry.name.startswith("."):
                    yield name, entry.is_file(follow_symlinks=False)


def _content(descriptor: int, limit: int) -> bytes:
    """Return all bytes of an open file, in one read where it is as small as metrics files are."""
    try:
        # The size, in a third of the time of fstat: what is over the limit is not read at all.
        size = os.lseek(descriptor, 0, os.SEEK_END)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError:  # a pipe, or a file that the kernel makes up: fstat below tells which
        size = 0
    data = os.read(descriptor, _BLOCK) if size <= limit else b""
    # A read that ends short of the block took the whole file. A network file system may give less
    # than that, so the bytes must end as a JSON object does, too.
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


def _refuse_all_but_files(top: str, path: str) -> None:
    """Raise Unreadable unless there is a regular file, or a link to one. Opens nothing."""
    linked = stat.S_ISLNK(_call(os.lstat, top, path).st_mode)
    link = "a link to " if linked else ""
    try:
        mode = _call(os.stat, top, path).st_mode
    except OSError as error:
        if not linked or error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            raise
        where = "itself" if error.errno == errno.ELOOP else "nothing"
        raise Unreadable(None, f"is a link to {where}, not a file") from None
    if not stat.S_ISREG(mode):
        raise Unreadable(None, f"is {link}{_kind(mode)}, not a file")


def _kind(mode: int) -> str:
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "something else")


def reason_of(error: OSError | ValueError) -> str:
    """Return the operating system's reason in plain words, without the path."""
    if isinstance(error, FileNotFoundError):
        return "it vanished during the scan"
    if isinstance(error, PermissionError):
        return "permission denied; make it readable, or ask its owner to"
    return (getattr(error, "strerror", None) or "not a path").lower()


class _SystemCall(Protocol[T_co]):
    """A system call on a path, which is relative to the open folder `dir_fd` if one is given."""

    def __call__(self, path: str, *, dir_fd: int | None = None) -> T_co: ...


def _open_file(path: str, *, dir_fd: int | None = None) -> int:
    return os.open(path, _OPEN_FILE, dir_fd=dir_fd)


def _call(call: _SystemCall[T_co], top: str, path: str) -> T_co:
    """Return what the call gives for the path, from its own folder where the path is too long."""
    try:
        return call(top + path)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    folder, _, name = path.rpartition("/")
    descriptor = _open_folder(top, folder)
    try:
        return call(name, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _open_folder(top: str, folder: str) -> int:
    """Return a descriptor of a folder whose path may be too long for one system call."""
    descriptor = os.open(top, _OPEN_FOLDER)
    for step in _STEPS.findall(folder):
        try:
            below = os.open(step, _OPEN_FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def listing(top: str, folder: str) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
    """Open the list of a folder's entries, however long its path; raises OSError."""
    try:
        return os.scandir(top + folder)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
    return _listing_in_steps(top, folder)


@contextmanager
def _listing_in_steps(top: str, folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
    descriptor = _open_folder(top, folder)
    try:
        with os.scandir(descriptor) as entries:
            yield entries
    finally:
        os.close(descriptor)
