"""A fault at one of the calls that the writer makes of the system."""

from __future__ import annotations

import errno
import io
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from disks import Disk, File, Pages, disk, is_hidden, written
from finalrank.errors import OutputError
from finalrank.output.write import write

real_open = open


@dataclass(frozen=True)
class Fault:
    """What befalls a call: an error by its number, or a signal before it or when it is done."""

    error: int = 0
    signal: int = 0
    late: bool = False

    def strike(self) -> None:
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        # Python raises KeyboardInterrupt here, or later if the writer has Ctrl-C wait.
        signal.raise_signal(self.signal)


FAULTS = [
    *(Fault(error=number) for number in (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM)),
    *(Fault(signal=signal.SIGINT, late=late) for late in (False, True)),
]
CALLS = [
    name
    for name in (
        *("open", "write", "fsync", "fdatasync", "ftruncate", "replace", "rename", "link"),
        *("unlink", "remove", "chmod", "fchmod", "chown", "fchown", "lchown", "sendfile"),
    )
    if hasattr(os, name)
]


class Calls:
    """Counts the calls that the writer makes of the system; the fault strikes one of them."""

    def __init__(self, number: int = 0, fault: Fault | None = None) -> None:
        self.number = number
        self.fault = fault
        self.made = 0
        # The call that was struck.
        self.struck: str | None = None
        # Files whose data may not be on the disk yet.
        self.afloat: set[int] = set()
        # Modes that files had when data came to them.
        self.modes: set[int] = set()

    def make(self, name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self.made += 1
        if name == "fsync":
            about = os.fstat(args[0])
            self.afloat.discard(about.st_ino)
            name = "fsync of a folder" if stat.S_ISDIR(about.st_mode) else name
        elif name in ("replace", "rename"):
            # Else a power failure could leave the new name with nothing behind it.
            assert os.stat(args[0]).st_ino not in self.afloat
        elif name == "sendfile":
            self.modes.add(stat.S_IMODE(os.fstat(args[0]).st_mode))
        if self.fault is None or self.made != self.number:
            return call(*args, **options)
        if not self.fault.late:
            self.struck = name
            self.fault.strike()
            return call(*args, **options)
        result = call(*args, **options)
        self.struck = name
        try:
            self.fault.strike()
        except KeyboardInterrupt:
            if name == "open":
                os.close(result)
            raise
        return result

    def open(self, file: Any, mode: str = "r", buffering: int = -1, **options: Any) -> Any:
        if mode != "wb":
            return real_open(file, mode, buffering, **options)
        raw = Raw(file, self)
        return raw if buffering == 0 else io.BufferedWriter(raw)

    @contextmanager
    def counted(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, partial(self.make, name, getattr(os, name)))
            # A power failure is not tried: nothing need get further than the system.
            patch.setattr(os, "fsync", partial(self.make, "fsync", lambda descriptor: None))
            patch.setattr("finalrank.output.atomic.open", self.open, raising=False)
            yield


class Raw(io.FileIO):
    """A file that takes little at a time, so that a fault finds it half written."""

    def __init__(self, file: Any, calls: Calls) -> None:
        super().__init__(file, "w")
        self.calls = calls

    def write(self, data: Any) -> int:
        about = os.fstat(self.fileno())
        self.calls.afloat.add(about.st_ino)
        self.calls.modes.add(stat.S_IMODE(about.st_mode))
        taken: int = self.calls.make("write", super().write, memoryview(data)[:4096])
        return taken

    def close(self) -> None:
        if not self.closed:
            # It is closed whatever close says.
            super().close()
            self.calls.make("close", lambda: None)


def attempt(folder: Path, pages: Pages, calls: Calls) -> BaseException | None:
    """What the writer raises when it is to write the pages below the folder."""
    try:
        with calls.counted():
            write([(os.path.join(folder, path), data) for path, data in pages])
    except (OutputError, KeyboardInterrupt) as error:
        return error
    return None


def assert_all_or_none(
    folder: Path, old: Disk, pages: Pages, calls: Calls, error: BaseException | None
) -> None:
    """After success all is new, after an error old, and after Ctrl-C the one or the other."""
    interrupted = calls.struck is not None and calls.fault in FAULTS[-2:]
    if calls.struck in ("unlink", "remove") and not interrupted:
        # What cannot be deleted stays, for nobody can do more; but it is one file.
        for name in [name for name in disk(folder) if is_hidden(name)][:1]:
            (folder / name).unlink()
    now = disk(folder)
    new = written(old, pages)
    if calls.struck in ("chown", "fchown", "lchown"):
        old, now, new = map(without_owners, (old, now, new))
    assert not [name for name in now if is_hidden(name)]
    if isinstance(error, OutputError):
        assert now == old
        assert_names_an_output(str(error), pages)
    elif error is not None:
        assert now in (old, new)
    else:
        assert now == new
    assert isinstance(error, KeyboardInterrupt) == interrupted
    # What did not get to the disk must not count as written.
    if calls.struck in ("write", "close", "fsync") and not interrupted:
        assert isinstance(error, OutputError)


def without_owners(found: Disk) -> Disk:
    return {
        name: replace(file, owner=(0, 0)) if isinstance(file, File) else file
        for name, file in found.items()
    }


def assert_names_an_output(line: str, pages: Pages) -> None:
    assert "\n" not in line
    assert ".finalrank" not in line
    assert any(f"{path}: " in line for path, _ in pages), line
