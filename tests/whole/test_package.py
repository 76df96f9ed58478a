"""The wheel, in a clean environment with the sources out of reach, gives the golden report."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT


def run(*args: object, cwd: Path) -> bytes:
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    command = [str(arg) for arg in args]
    return subprocess.run(command, cwd=cwd, env=outside, check=True, capture_output=True).stdout


@pytest.mark.slow
def test_the_wheel_gives_the_golden_report(tmp_path: Path) -> None:
    # By way of the sdist, which so is shown to be whole.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    assert len(list(tmp_path.glob("*.tar.gz"))) == 1
    names = zipfile.ZipFile(wheel).namelist()
    assert "finalrank/templates/clean_final_results.md.j2" in names
    assert "finalrank/templates/evidence/in_short.md.j2" in names
    assert "finalrank/py.typed" in names

    clean = tmp_path / "clean"
    venv.create(clean, with_pip=True)
    scripts = clean / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    where = run(
        scripts / "python", "-c", "import finalrank; print(finalrank.__file__)", cwd=tmp_path
    )
    assert Path(where.decode().strip()).is_relative_to(clean)
    report = run(
        scripts / "finalrank", "report", EXAMPLES, "--generated-at", PUBLISHED, cwd=tmp_path
    )
    assert report == (GOLDEN / "clean_final_results.md").read_bytes()
    preset = run(scripts / "finalrank", "config", "--preset", "nnunet-v2", cwd=tmp_path)
    assert b'patterns = ["summary.json"]' in preset
