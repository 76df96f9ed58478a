"""What `make` says where it cannot set up: the true reason in one line, and nothing is printed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PATIENCE, ROOT
from modes import bind_by_modes

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or sys.platform != "linux", reason="needs make, and mode bits"
)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What make looks at before it sets up, in a folder whose name is not simple."""
    folder = tmp_path / "a b" / "é"
    folder.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def refusal(clone: Path, *args: str, path: str = os.environ["PATH"]) -> str:
    """The one line that make says."""
    make = shutil.which("make") or ""
    done = subprocess.run(
        [make, *args],
        cwd=clone,
        env={"PATH": path, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
        preexec_fn=bind_by_modes,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert not (clone / ".venv").exists()
    (line,) = done.stderr.splitlines()
    return line


def python_of(folder: Path, said: str) -> Path:
    """A Python that has something to say, whatever it is asked."""
    program = folder / "old python"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("target", ["report", "test"])
def test_a_folder_that_may_not_be_written(target: str, clone: Path) -> None:
    clone.chmod(0o555)
    line = refusal(clone, target)
    clone.chmod(0o755)
    assert "you may not write here: clone into a folder of your own" in line


@pytest.mark.parametrize("target", ["report", "test"])
def test_a_python_that_is_too_old(target: str, clone: Path, tmp_path: Path) -> None:
    old = python_of(tmp_path, "Python 3.8")
    line = refusal(clone, target, f"PYTHON={old}")
    assert f"{old} is Python 3.8, not 3.11 or newer: give PYTHON=path" in line


def test_a_python_that_is_none(clone: Path) -> None:
    line = refusal(clone, "report", "PYTHON=no/where/python")
    assert "no/where/python cannot be run as a Python: give PYTHON=path" in line


@pytest.mark.parametrize("says_its_age", [True, False])
def test_no_python_that_is_new_enough(says_its_age: bool, clone: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "sh").symlink_to(shutil.which("sh") or "")
    if says_its_age:
        (bare / "python3").write_text("#!/bin/sh\nexit 1\n")
        (bare / "python3").chmod(0o755)
    line = refusal(clone, "report", path=str(bare))
    assert "there is no Python 3.11 or newer on the PATH: install one, or give PYTHON=path" in line


def test_a_python_without_venv(clone: Path, tmp_path: Path) -> None:
    program = tmp_path / "python3"
    program.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nprintf "new enough"\n')
    program.chmod(0o755)
    line = refusal(clone, "report", f"PYTHON={program}")
    assert "has no venv module: install it" in line
