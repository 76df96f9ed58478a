"""Folders and files that may not be read."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from candidates import VALID, posix
from conftest import Done, Finalrank
from finalrank.config.settings import Settings
from finalrank.pipeline import survey
from modes import bound_by_modes

# Permissions


@pytest.fixture
def open_root() -> Iterator[Path]:
    """A runs folder that is removed whatever its modes have become."""
    top = Path(tempfile.mkdtemp())
    root = top / "runs"
    root.mkdir()
    yield root
    for path in [root, *root.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(top)


def as_anybody(finalrank: Finalrank, root: Path, *args: str) -> Done:
    with bound_by_modes():
        return finalrank("report", root, *args)


def fill(root: Path, *sources: str) -> None:
    for source in sources:
        path = root / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(VALID)


@posix
def test_a_folder_that_cannot_be_listed_is_a_problem(open_root: Path, finalrank: Finalrank) -> None:
    fill(open_root, "a/test_metrics.json", "b/c/test_metrics.json")
    (open_root / "b" / "c").chmod(0)
    done = as_anybody(finalrank, open_root, "-f", "json")
    assert done.status == 0
    (problem,) = done.json["problems"]
    assert (problem["source"], problem["place"]) == ("b/c", None)
    assert done.problems == [f"b/c: {problem['reason']}"]
    assert "permission" in problem["reason"]
    # It is no candidate.
    assert done.json["counts"]["artifacts_found"] == 1
    assert done.json["excluded"] == []


@posix
def test_the_page_and_the_evidence_name_a_folder_that_nobody_saw(
    open_root: Path, finalrank: Finalrank
) -> None:
    fill(open_root, "a/test_metrics.json", "b/test_metrics.json")
    (open_root / "b").chmod(0)
    done = as_anybody(finalrank, open_root, "--strict")
    assert done.status == 1
    bullet = (
        "- Folders that could not be listed: **1** (`b`); what is in them is not in this report"
    )
    assert bullet in done.out.splitlines()
    assert "problems" not in done.out
    evidence = as_anybody(finalrank, open_root, "--evidence").out
    assert "Nobody looked into 1 folder, which could not be listed or are links" in evidence
    # Whoever leaves it out has nothing to be told.
    done = as_anybody(finalrank, open_root, "--exclude", "b/*", "--strict", "--evidence")
    assert (done.status, done.problems) == (0, [])
    for words in ("not be listed", "Nobody looked"):
        assert words not in done.out


@posix
def test_folders_of_datasets_that_nobody_saw(open_root: Path, finalrank: Finalrank) -> None:
    fill(open_root, "D1/a/test_metrics.json", "D2/a/test_metrics.json", "D3/a/test_metrics.json")
    (open_root / "finalrank.toml").write_text("scan.run = '(?P<dataset>D.)/(?P<run>.+)/'\n")
    (open_root / "D3").chmod(0)
    page = as_anybody(finalrank, open_root, "--evidence").out
    assert page.count("- Folders that could not be listed: **1** (`D3`)") == 1
    assert page.count("Nobody looked into 1 folder") == 2  # once a dataset
    (open_root / "D2").chmod(0)
    page = as_anybody(finalrank, open_root).out
    assert page.count("- Folders that could not be listed: **2** (`D2`, `D3`)") == 1


def test_the_runs_folder_has_a_name_where_it_vanishes(open_root: Path) -> None:
    fill(open_root, "a/test_metrics.json")

    def late(entries: Iterable[Any]) -> Iterable[Any]:
        shutil.rmtree(open_root)
        return entries

    found = survey([str(open_root)], Settings(), late)
    open_root.mkdir()
    (problem,) = found.problems
    assert (problem.source, problem.reason[:16]) == ("runs", "cannot be listed")


@posix
def test_a_file_that_may_not_be_read_is_unreadable(open_root: Path, finalrank: Finalrank) -> None:
    fill(open_root, "a/test_metrics.json", "b/test_metrics.json")
    (open_root / "b" / "test_metrics.json").chmod(0)
    done = as_anybody(finalrank, open_root, "-f", "json")
    (row,) = done.json["excluded"]
    assert (row["source"], row["reason"]) == ("b/test_metrics.json", "unreadable")
    (line,) = done.problems
    assert line.startswith("b/test_metrics.json: ")
    assert "permission" in line
    assert str(open_root) not in line
    assert "Error" not in line


@posix
def test_files_in_a_folder_that_may_be_listed_but_not_searched(
    open_root: Path, finalrank: Finalrank
) -> None:
    fill(open_root, "a/test_metrics.json", "b/test_metrics.json", "b/c/test_metrics.json")
    (open_root / "b" / "link_test_metrics.json").symlink_to("test_metrics.json")
    (open_root / "b").chmod(0o444)
    done = as_anybody(finalrank, open_root, "-f", "json")
    reasons: list[tuple[Any, Any]] = [(r["source"], r["reason"]) for r in done.json["excluded"]]
    assert reasons == [
        ("b/link_test_metrics.json", "unreadable"),
        ("b/test_metrics.json", "unreadable"),
    ]
    assert [problem["source"] for problem in done.json["problems"]] == [
        "b/c",
        "b/link_test_metrics.json",
        "b/test_metrics.json",
    ]


@posix
def test_a_folder_of_a_candidates_name_that_cannot_be_listed(
    open_root: Path, finalrank: Finalrank
) -> None:
    fill(open_root, "a/test_metrics.json", "b/test_metrics.json/test_metrics.json")
    (open_root / "b" / "test_metrics.json").chmod(0)
    done = as_anybody(finalrank, open_root, "-f", "json")
    assert [row["source"] for row in done.json["excluded"]] == ["b/test_metrics.json"]
    # As an artifact, and as a folder.
    assert [row["source"] for row in done.json["problems"]] == ["b/test_metrics.json"] * 2
