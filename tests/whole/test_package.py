"""The wheel, in a clean environment with the sources out of reach, gives the golden report."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT


def run(*args: object, cwd: Path) -> bytes:
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    command = [str(arg) for arg in args]
    return subprocess.run(command, cwd=cwd, env=outside, check=True, capture_output=True).stdout


def needed_by(package: Distribution, known: dict[str, Distribution]) -> dict[str, Distribution]:
    """What a distribution says that it needs, and what those need, without any extra."""
    for line in package.requires or ():
        requirement = Requirement(line)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in known:
            needed = distribution(requirement.name)
            known |= needed_by(needed, known | {requirement.name: needed})
    return known


def lend(packages: list[Distribution], folder: Path) -> None:
    """Have the packages of this environment in another one, by links: pip takes a minute."""
    for package in packages:
        for file in package.files or ():
            first = file.parts[0]
            # Scripts lie beside the folder of packages, and what is compiled is each one's own.
            if first not in ("..", "__pycache__") and not (folder / first).exists():
                (folder / first).symlink_to(Path(str(package.locate_file(first))))


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
    venv.create(clean)
    scripts = clean / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    (installed,) = clean.rglob("finalrank-*.dist-info")
    # Of this environment the new one is lent what the wheel itself asks for, and no more.
    lend([*needed_by(Distribution.at(installed), {}).values()], installed.parent)
    assert b"No broken requirements found." in run(*pip, "check", cwd=tmp_path)
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
