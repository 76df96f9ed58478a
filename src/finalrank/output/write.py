r"""The only writer: UTF-8 with `\n`, all files replaced whole or none; `-` is standard output."""

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
# A shell that sends these to a file holds it open: it must be written to, not replaced.
_STDOUT_PATHS = {STDOUT, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:Z|[+-]\d\d:\d\d(?::\d\d)?)?", re.ASCII)


def encoded(text: str) -> bytes:
    r"""Return the text in UTF-8, where a byte that is not UTF-8 is an escape such as `\udcff`."""
    return text.encode("utf-8", "backslashreplace")


def is_replaced(path: str) -> bool:
    """Tell whether a path is that of a file, and no pipe, device or standard output."""
    return not _is_stdout(path) and not _is_special(path)


def check_writable(paths: Sequence[str]) -> None:
    """Raise OutputError for the first path that plainly cannot be written."""
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
    """Tell whether only its owner may replace the file: the folder has the sticky bit set."""
    shared = os.stat(folder)
    if not shared.st_mode & stat.S_ISVTX or not os.path.exists(target):
        return False
    return os.geteuid() not in (0, shared.st_uid, os.stat(target).st_uid)


def write(pages: Sequence[tuple[str, bytes]]) -> None:
    """Write every page to its path: all of them, or, where one cannot be written, none.

    `pages` are paths and contents. Each page is written and flushed beside its target under another
    name; when all are, they take their places. At any moment, also after a kill, a path holds the
    whole old file or the whole new one. Where a later file fails, the earlier ones are put back.
    Pipes, devices and standard output come last, because they cannot be put back. Raises
    OutputError.
    """
    files: list[AtomicFile] = []
    direct: list[tuple[str, bytes]] = []
    path = STDOUT
    try:
        for path, data in pages:
            if _is_stdout(path) or _is_special(path):
                direct.append((path, data))
            else:
                files.append(AtomicFile(path, _target(path)))
                files[-1].stage(data)
        with signals_held():
            for file in files:
                path = file.path
                file.replace(keep_old=len(pages) > 1)
        for path, data in direct:
            _write_directly(path, data)
    except BaseException as error:
        with signals_held():
            for file in reversed(files):
                file.undo()
        if not isinstance(error, OSError):
            raise
        name = "standard output" if _is_stdout(path) else visible(path)
        raise OutputError(f"{name}: cannot be written: {(error.strerror or '').lower()}") from None
    finally:
        with signals_held():
            remove_leftovers(files)


def write_stdout(text: str) -> None:
    """Write the text to standard output.

    Raises OutputError.
    """
    write([(STDOUT, encoded(text))])


def is_current(path: str, page: Callable[[datetime], bytes], now: datetime) -> bool:
    """Tell whether the file holds the page, whatever time at which it was generated it shows.

    `page` returns the page as of a time. Where the page of `now` shows that time, the file may show
    another: the page of that time must then equal the file. Raises OutputError for a file that
    cannot be read.
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
    # Without the offset, if it has one, which JSON and a page write in different ways.
    forms = (re.escape(now.replace(tzinfo=None).isoformat(sep)) for sep in " T")
    shown = re.compile("|".join(forms).encode())
    stamps = {stamp for match in shown.finditer(new) for stamp in _stamps_at(old, match.start())}
    return any(page(then) == old for then in map(_time, stamps) if then)


def _stamps_at(text: bytes, place: int) -> set[bytes]:
    """Return what may be a time that begins at the byte `place`: with an offset, and without."""
    match = _STAMP.match(text, place)
    return {match[0], match[1]} if match else set()


def _time(stamp: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp.decode("ascii"))
    except ValueError:
        return None


def _is_stdout(path: str) -> bool:
    """Tell whether it is standard output, or a link to that."""
    for _ in range(8):
        if path in _STDOUT_PATHS:
            return True
        if not os.path.islink(path):
            break
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    return False


def _target(path: str) -> str:
    """Return the file to replace: the path, or the file that it is a link to."""
    try:
        return os.path.realpath(path)
    except OSError:
        raise OutputError(f"{visible(path)}: the working folder is gone: go to another") from None


def _is_special(path: str) -> bool:
    """Tell whether it is a pipe, a device or a socket: written to, never replaced."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _write_directly(path: str, data: bytes) -> None:
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
        # Python would write what is still buffered again at exit, and print a traceback.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if not isinstance(error, BrokenPipeError):
            raise
