"""What every command tells of a folder, and how much memory it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import hostile as tree
from conftest import PUBLISHED, Done
from hostile_kind import KEPT, NO_CANDIDATE, Kind

# A process takes its peak over from the one that started it: that should be a small one.
MEASURED = """
import os, resource, subprocess, sys
try:
    status = subprocess.call(sys.argv[2:], timeout=300)
except subprocess.TimeoutExpired:
    sys.exit("hangs")
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
# The command where modes bind root, too.
BOUND = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from modes import bound_by_modes
from finalrank.cli.main import run
with bound_by_modes():
    run()
"""


@dataclass(frozen=True)
class Told(Done):
    """What a command told, and the most memory that it had."""

    memory: int  # in bytes


@dataclass(frozen=True, repr=False)
class Reports:
    """Everything that the commands tell of a folder."""

    top: Path  # it holds the runs folder
    made: list[Kind]
    report: Told  # in JSON
    page: str
    table: str
    text: Told
    rows: Told  # explained in CSV

    @property
    def problems(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.report.json["problems"]
        return found


def told(top: Path, *args: object, program: tuple[str, ...] = ("-m", "finalrank")) -> Told:
    """How `finalrank ARGS` ended, what it printed and how much memory it took."""
    # The measure is of the command, not of coverage.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "SOURCE_DATE"))}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, top / "memory", sys.executable, *program, *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=top,
        env=environment,
    )
    assert done.stderr != b"hangs\n"
    memory = int((top / "memory").read_text()) * 1024
    return Told(done.returncode, done.stdout, done.stderr.decode(), memory)


def reports(top: Path, made: list[Kind]) -> Reports:
    root, page, table = top / "runs", top / "page.md", top / "table.csv"
    files = ("-o", "-", "-o", page, "-o", table)
    return Reports(
        top,
        made,
        told(top, "report", root, "-f", "json", *files, "--generated-at", PUBLISHED),
        page.read_bytes().decode(),
        table.read_bytes().decode(),
        told(top, "explain", root),
        told(top, "explain", root, "-f", "csv"),
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for runs, which is removed whatever lies in it."""
    top = Path(tempfile.mkdtemp())
    yield top
    tree.remove(top)


def empty_runs(folder: Path, name: str) -> Path:
    """A new folder with an empty `runs` in it."""
    (folder / name / "runs").mkdir(parents=True)
    return folder / name


# Each kind


def outcome(kind: Kind, report: Any) -> object:
    reasons = {row["source"]: row["reason"] for row in report["excluded"]}
    reasons |= {run["source"]: KEPT for run in report["runs"]}
    return reasons.get(f"{kind.run}/{kind.source}", NO_CANDIDATE)


def problems(kind: Kind, report: Any) -> list[str]:
    """Place and reason of every problem in the run's folder, or of the folder itself."""
    return [
        f"{row['place']}: {row['reason']}" if row["place"] else row["reason"]
        for row in report["problems"]
        if f"{row['source']}/".startswith(f"{kind.run}/")
    ]


def assert_as_expected(kind: Kind, report: Any) -> None:
    assert outcome(kind, report) == kind.outcome
    found = problems(kind, report)
    if kind.problem is None:
        assert found == []
    else:
        (problem,) = found
        assert re.search(kind.problem, problem)
