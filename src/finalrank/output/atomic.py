"""A new file beside an old one, which takes its place or leaves no trace."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


@contextmanager
def signals_held() -> Iterator[None]:
    """Have Ctrl-C and the like wait for the few system calls that must not be parted."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    )
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class AtomicFile:
    """A new file beside its target, which it replaces."""

    def __init__(self, path: str, target: str) -> None:
        """Touch nothing yet: `target` is what `path` leads to."""
        self.path = path
        self._target = target
        self._fresh = not os.path.lexists(self._target)
        self._begun = False
        # A dot in front keeps them out of any scan, should they be left behind by a kill.
        name = os.path.join(os.path.dirname(self._target), f".finalrank-{os.urandom(8).hex()}")
        self._new, self._old, self._copy = f"{name}.tmp", f"{name}.old", f"{name}.copy"

    def stage(self, data: bytes) -> None:
        """Write the new file, with the mode and, where we may, the owners of the target."""
        self._fill(self._new, data)

    def _fill(self, path: str, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        # What was private is so from the first byte.
        mode = 0o666 if self._fresh else 0o600
        with open(os.open(path, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            if not self._fresh:
                _keep_rights(path, os.stat(self._target))
            # A full disk may tell only now.
            os.fsync(file.fileno())

    def replace(self, *, for_good: bool) -> None:
        """Put the new file in its place, and keep the old one too, unless for good."""
        self._begun = True
        if not for_good and not self._fresh:
            try:
                os.link(self._target, self._old)
            except OSError:  # not every file system has hard links
                with open(self._target, "rb") as file:
                    self._fill(self._copy, file.read())
                # Only a copy that is whole can be put back.
                os.replace(self._copy, self._old)
        os.replace(self._new, self._target)

    def undo(self) -> None:
        """Put the old file back, or remove the new one where there was none."""
        with suppress(OSError):
            if os.path.lexists(self._old):
                os.replace(self._old, self._target)
            elif self._fresh and self._begun and not os.path.lexists(self._new):
                os.unlink(self._target)

    def leftovers(self) -> tuple[str, ...]:
        """What may be left beside the target."""
        return self._new, self._old, self._copy


def remove_leftovers(swaps: Sequence[AtomicFile]) -> None:
    """Remove what is left beside the targets."""
    for swap in swaps:
        for name in swap.leftovers():
            with suppress(OSError):  # mostly, it is gone already
                os.unlink(name)


def _keep_rights(path: str, old: os.stat_result) -> None:
    """Give a file the owner, group and mode of another; the first two where we may."""
    if hasattr(os, "chown"):
        for owner in (old.st_uid, -1):
            # Only root gives files away; to a group of ours we may.
            with suppress(OSError):
                os.chown(path, owner, old.st_gid)
                break
    os.chmod(path, stat.S_IMODE(old.st_mode))
