"""The command in a process of its own, and what its tests share."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

from conftest import PATIENCE, Done

COMMAND = [sys.executable, "-m", "finalrank"]
SMALL = {
    "unet_seed_1/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": 0.9},
    "unet_seed_2/test_metrics.json": {"dice_pos": 0.4, "roc_auc_presence": 0.8},
    "nnunet_fold0/test_metrics.json": {"dice_pos": 0.2},
}
TROUBLED = SMALL | {"percent/test_metrics.json": {"dice_pos": 0.3, "roc_auc_presence": 90.0}}


def spawned(*args: object, timeout: float = PATIENCE) -> subprocess.CompletedProcess[bytes]:
    """`finalrank ARGS` in a process of its own."""
    command = [*COMMAND, *map(str, args)]
    return subprocess.run(command, timeout=timeout, check=False, capture_output=True)


def in_shell(script: str, **names: object) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which $F is finalrank."""
    variables = {name: str(value) for name, value in names.items()}
    return subprocess.run(
        ["bash", "-c", script.replace("$F", shlex.join(COMMAND))],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env=os.environ | variables,
    )


def assert_one_line(done: Done, *parts: object, status: int = 2) -> None:
    """The command failed with one line that holds the parts, and printed nothing."""
    assert done.status == status
    assert done.bytes == b""
    (line,) = done.err.splitlines()
    assert line.startswith("finalrank: ")
    assert "Traceback" not in line
    assert "Usage" not in line
    for part in parts:
        assert str(part) in line
