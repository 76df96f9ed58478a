"""Check what a newcomer gets of other projects: `inspect`, `init`, `report`, without an edit.

python checks/newcomer.py REAL_FOLDER

REAL_FOLDER has a folder a project. checks/newcomer.toml says, of each project with two or more
runs, which runs there are, where their figures sit in the files, and which way is better. The runs
of the page, their figures and the direction must be these: the figures are looked up in the files
by plain Python, with nothing of finalrank. Prints a line a project, and exits 1 where a page is
wrong, or too few of the projects have a page that is right.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

TABLE = Path(__file__).with_suffix(".toml")
FINALRANK = (sys.executable, "-m", "finalrank")
LEAST_SHARE = 0.8
TOLERANCE = 1e-12


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """Run finalrank, with nobody to be asked."""
    command = [*FINALRANK, *args]
    return subprocess.run(
        command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False
    )


def figure(project: Path, files: Sequence[str], path: Sequence[Any], scale: float) -> float:
    """Look a figure up in the files of a run; of several, the mean."""
    values = []
    for file in files:
        name, _, item = file.partition("#")
        value: Any = json.loads((project / name).read_text(encoding="utf-8"))
        for step in path:
            value = value[int(item)] if step == "#" else value[step]
        values.append(value * scale)
    return fmean(values)


def faults_of(row: dict[str, Any], real: Path) -> list[str]:
    """Return what is wrong with the page that a newcomer gets of one project."""
    with tempfile.TemporaryDirectory() as place:
        project = Path(place, "project")
        shutil.copytree(real / row["name"], project)
        metrics = [word for metric in row["metrics"] for word in ("--metric", metric)]
        for command in (("inspect", str(project)), ("init", str(project), *metrics)):
            done = run(*command)
            if done.returncode:
                return [f"{command[0]}: {done.stderr.strip()}"]
        done = run("report", str(project), "-f", "json")
        if done.returncode:
            return [f"report: {done.stderr.strip()}"]
        wanted = {
            name.replace("%ROOT", "project"): figure(
                project, files, row["path"], row.get("scale", 1)
            )
            for name, files in row["runs"].items()
        }
        return compared(json.loads(done.stdout), wanted, row["higher_is_better"])


def compared(summary: dict[str, Any], wanted: dict[str, float], higher: bool) -> list[str]:
    """Compare the page with what is in the files: runs, figures, order, direction."""
    metric = next(metric for metric in summary["metrics"] if metric["ranked"])
    faults = []
    if metric["higher_is_better"] != higher:
        faults.append(f"{metric['key']} is upside down")
    found = {}
    for run_row in summary["runs"]:
        own = next(iter(run_row["by_dataset"].values())) if "by_dataset" in run_row else run_row
        found[run_row["run"]] = own["metrics"][metric["key"]]
    if found.keys() != wanted.keys():
        return [*faults, f"the runs are {sorted(found)}, not {sorted(wanted)}"]
    for name, value in wanted.items():
        if not math.isclose(found[name], value, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            faults.append(f"{name} has {found[name]}, not {value}")
    return faults


def main() -> int:
    """Check every project of the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("real", type=Path, help="the folder with a folder a project")
    real = parser.parse_args().real
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    wrong = 0
    for row in table["projects"]:
        faults = faults_of(row, real)
        wrong += bool(faults)
        print(f"{'FAIL' if faults else 'ok  '} {row['name']} {'; '.join(faults)}".rstrip())
    for name, reason in table["others"].items():
        print(f"no   {name}: {reason}")
    every = len(table["projects"]) + len(table["others"])
    right = len(table["projects"]) - wrong
    print(
        f"\nA right page of {right} of {every} projects with two or more runs ({right / every:.0%})"
    )
    return 1 if wrong or right < LEAST_SHARE * every else 0


if __name__ == "__main__":
    sys.exit(main())
