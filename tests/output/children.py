"""Processes that are killed or stopped while they write."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from conftest import PATIENCE


@contextmanager
def spawned(program: str, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program in a process group of its own, which ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", program, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that it prints; fails where it ends without one, or hangs."""
    assert process.stdout
    assert process.stderr
    output = process.stdout.fileno()
    line = b""
    # Byte by byte: what a buffered reader takes beyond the line is not seen by `select`.
    while not line.endswith(b"\n"):
        assert select.select([output], [], [], PATIENCE)[0], f"it hangs after {line!r}"
        byte = os.read(output, 1)
        assert byte, f"it ended after {line!r}: {process.stderr.read()}"
        line += byte
    return line.decode()
