"""Replaces a file whole: the new one is written beside it, and takes its place or is removed."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


@contextmanager
def signals_held() -> Iterator[None]:
    """Have Ctrl-C and the signals that end a process wait until the block has run."""
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
    """A new file that is written beside its target and then replaces it.

    The steps are `stage`, `replace`, and `undo` where another file of the same call failed;
    `remove_leftovers` ends them all.
    """

    def __init__(self, path: str, target: str) -> None:
        """Do nothing to the files yet.

        `path` is as the user gave it; `target` is the file to replace, which `path` may be a
        link to.
        """
        self.path = path
        self._target = target
        self._is_new = not os.path.lexists(self._target)
        self._replacing = False
        # A scan skips names with a dot in front, should a kill leave these files behind.
        name = os.path.join(os.path.dirname(self._target), f".finalrank-{os.urandom(8).hex()}")
        self._new, self._old, self._copy = f"{name}.tmp", f"{name}.old", f"{name}.copy"

    def stage(self, data: bytes) -> None:
        """Write the new file, with the mode and, where permitted, the owners of the target."""
        self._write(self._new, data)

    def _write(self, path: str, data: bytes) -> None:
        """Write and flush a file beside the target."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        # Where the target is private, nobody else may read the new file while it is written.
        mode = 0o666 if self._is_new else 0o600
        with open(os.open(path, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            if not self._is_new:
                _copy_rights(path, os.stat(self._target))
            # Some file systems report a full disk only here.
            os.fsync(file.fileno())

    def replace(self, *, keep_old: bool) -> None:
        """Put the new file in its place; `keep_old` keeps the old one, so that `undo` can work."""
        self._replacing = True
        if keep_old and not self._is_new:
            try:
                os.link(self._target, self._old)
            except OSError:  # not every file system has hard links
                with open(self._target, "rb") as file:
                    self._write(self._copy, file.read())
                # It gets the name of the old file only when it is whole: `undo` relies on that.
                os.replace(self._copy, self._old)
        os.replace(self._new, self._target)

    def undo(self) -> None:
        """Put the old file back, or remove the new one where there was none."""
        with suppress(OSError):
            if os.path.lexists(self._old):
                os.replace(self._old, self._target)
            elif self._is_new and self._replacing and not os.path.lexists(self._new):
                os.unlink(self._target)

    def leftovers(self) -> tuple[str, ...]:
        """Return the paths of all files that may be left beside the target."""
        return self._new, self._old, self._copy


def remove_leftovers(files: Sequence[AtomicFile]) -> None:
    """Remove what is left beside the targets."""
    for file in files:
        for path in file.leftovers():
            with suppress(OSError):  # usually it is gone already
                os.unlink(path)


def _copy_rights(path: str, old: os.stat_result) -> None:
    """Give a file the owner, group and mode of another; the first two where permitted."""
    if hasattr(os, "chown"):
        for owner in (old.st_uid, -1):  # -1 leaves the owner as it is
            # Only root may change the owner; anyone may choose among their own groups.
            with suppress(OSError):
                os.chown(path, owner, old.st_gid)
                break
    os.chmod(path, stat.S_IMODE(old.st_mode))
