"""Configurations that somebody hostile wrote: each ends in a line, and gives no orders."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Finalrank

MADE: dict[str, Any] = runpy.run_path(str(ROOT / "checks" / "hostile_configs.py"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = MADE["make_runs"](tmp_path_factory.mktemp("hostile"))
    return root


@pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")
@pytest.mark.parametrize("name", MADE["CONFIGS"])
def test_a_hostile_configuration_ends(name: str, runs: Path, finalrank: Finalrank) -> None:
    (runs / "finalrank.toml").write_text(MADE["CONFIGS"][name])
    done = finalrank("report", runs)
    assert done.status in (0, 1, 2)
    assert "Traceback" not in done.err
    assert not MADE["RAW"].search(done.out + done.err)
    if done.status == 2:  # what is wrong is one line, and no longer than a page
        assert done.out == ""
        assert len(done.err) < 15_000
        first, *marks = done.err.splitlines()
        assert first.startswith("finalrank: ")
        assert all(line.startswith("  ") for line in marks)
