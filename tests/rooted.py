"""Runs folders of any names, and what is told of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import Done

posix = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")


def made(files: Mapping[str, Any]) -> None:
    """Makes files in the working folder: a Dice, an object, or a text."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {"dice_pos": content} if isinstance(content, float) else content
        path.write_text(said if isinstance(said, str) else json.dumps(said), encoding="utf-8")


def runs_of(done: Done) -> dict[str, str]:
    """The run of every candidate."""
    assert done.status == 0, done.err
    return {row["source"]: row["run"] for row in done.json}


def reasons(done: Done) -> dict[str, str | None]:
    """Why each candidate is left out, None where it is not."""
    assert done.status == 0, done.err
    return {row["source"]: row["reason"] for row in done.json}


def one_line(done: Done) -> str:
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    return line


PAIR = {
    "runs_a/unet/test_metrics.json": 0.5,
    "runs_a/nnunet/test_metrics.json": 0.25,
    "runs_b/unet/test_metrics.json": 0.75,
    "runs_b/test_metrics_top.json": 0.125,
    "runs_b/bad/test_metrics.json": "{",
}
