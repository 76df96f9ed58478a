r"""The only writer: UTF-8, `\n`, all files replaced whole or none; `-` is standard output."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Sequence
from datetime import datetime

from finalrank.errors import OutputError
from finalrank.output.atomic import AtomicFile, remove_leftovers, signals_held
from finalrank.text.escape import visible

STDOUT = "-"
# Replacing the file behind these would pull it from under the shell that opened it.
_STDOUT_PATHS = {STDOUT, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}
_STAMP_LENGTH = len("2026-02-15 08:14:41")


def encoded(text: str) -> bytes:
    r"""The bytes of a page; in JSON and CSV a name that is not UTF-8 has `\udcff` escapes."""
    return text.encode("utf-8", "backslashreplace")


def check_writable(paths: Sequence[str]) -> None:
    """Raise OutputError for the first path that plainly cannot be written, before any work."""
    for path in paths:
        if _is_stdout(path):
            continue
        target = _target(path)
        folder = os.path.dirname(target)
        shown = visible(path)
        if os.path.isdir(target) or path.endswith("/"):
            raise OutputError(f"{shown}: is a folder: name a file in it")
        if os.path.islink(target):
            raise OutputError(f"{shown}: is a link to itself: delete it")
        if os.path.exists(path) and not os.access(path, os.W_OK):
            raise OutputError(f"{shown}: no permission to write it: choose another file")
        if _is_special(path):
            continue
        if not os.path.isdir(folder):
            raise OutputError(f"{shown}: there is no folder {visible(folder)}: make it first")
        if not os.access(folder, os.W_OK | os.X_OK) or _is_protected(target, folder):
            raise OutputError(f"{shown}: no permission to write in its folder: choose another")


def _is_protected(target: str, folder: str) -> bool:
    """Whether only others may replace the file: in a shared folder with the sticky bit set."""
    shared = os.stat(folder)
    if not shared.st_mode & stat.S_ISVTX or not os.path.exists(target):
        return False
    return os.geteuid() not in (0, shared.st_uid, os.stat(target).st_uid)


def write(pages: Sequence[tuple[str, bytes]]) -> None:
    """Write every page to its path: all of them, or, where one cannot be written, none.

    A page is written and flushed beside its target under another name, and takes its place only
    when all are: whoever reads, or kills us, finds the old file or the new one. Where a later one
    fails the earlier ones are put back. Pipes, devices and standard output, which cannot be taken
    back, come last. Raises OutputError.
    """
    swaps: list[AtomicFile] = []
    direct: list[tuple[str, bytes]] = []
    path = STDOUT
    try:
        for path, data in pages:
            if _is_stdout(path) or _is_special(path):
                direct.append((path, data))
            else:
                swaps.append(AtomicFile(path, _target(path)))
                swaps[-1].stage(data)
        with signals_held():
            for swap in swaps:
                path = swap.path
                swap.replace(for_good=len(pages) == 1)
        for path, data in direct:
            _pour(path, data)
    except BaseException as error:
        with signals_held():
            for swap in reversed(swaps):
                swap.undo()
        if not isinstance(error, OSError):
            raise
        name = "standard output" if _is_stdout(path) else visible(path)
        raise OutputError(f"{name}: cannot be written: {(error.strerror or '').lower()}") from None
    finally:
        with signals_held():
            remove_leftovers(swaps)


def is_current(path: str, page: Callable[[datetime], bytes], now: datetime) -> bool:
    """Whether the file holds the page, give or take the time at which it was generated.

    `page` gives the page as of a time. Where the page of `now` shows that time, the file shows
    its own: with that put in, the two must be equal.
    """
    if _is_special(path):
        return False
    try:
        with open(path, "rb") as file:
            old = file.read()
    except FileNotFoundError:
        return False
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise OutputError(f"{visible(path)}: cannot be read: {reason}") from None
    new = page(now)
    if old == new:
        return True
    shown = re.compile("|".join(re.escape(now.isoformat(sep)) for sep in " T").encode())
    places = {match.start() for match in shown.finditer(new)}
    return any(page(then) == old for then in {_time_at(old, place) for place in places} if then)


def _time_at(text: bytes, place: int) -> datetime | None:
    try:
        return datetime.fromisoformat(text[place : place + _STAMP_LENGTH].decode("ascii"))
    except ValueError:
        return None


def _is_stdout(path: str) -> bool:
    """Whether it is standard output, or a link to that: the file behind it is the shell's."""
    for _ in range(8):
        if path in _STDOUT_PATHS:
            return True
        if not os.path.islink(path):
            break
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    return False


def _target(path: str) -> str:
    """What to replace: the file itself, where the path is a link to it."""
    try:
        return os.path.realpath(path)
    except OSError:
        raise OutputError(f"{visible(path)}: the working folder is gone: go to another") from None


def _is_special(path: str) -> bool:
    """Whether it is a pipe, a device or a socket: written to, never replaced."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _pour(path: str, data: bytes) -> None:
    """Write to standard output, a pipe or a device; a reader that has left is no error."""
    if not _is_stdout(path):
        with open(path, "wb", buffering=0) as file:
            file.write(data)
        return
    if sys.stdout is None:
        raise OutputError("standard output is closed: give -o FILE")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is still buffered would be tried again, and complained of, at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise
