"""docs/contract.md, section 9: several outputs, --check, --if-changed, the time of a report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from commands import SMALL, spawned
from conftest import PATIENCE, PUBLISHED, Finalrank, Tree
from finalrank.scan.scanner import scan

# Outputs


def test_several_outputs_come_from_one_scan(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = []

    def counted(*args: Any) -> Any:
        scans.append(args)
        return scan(*args)

    monkeypatch.setattr("finalrank.pipeline.scan", counted)
    root = tree(SMALL)
    files = ["a.md", "b.json", "c.csv", "d.MD", "e.markdown"]
    options = [option for file in files for option in ("-o", file)]
    done = finalrank("report", root, *options, "--generated-at", PUBLISHED)
    assert (done.status, done.bytes, len(scans)) == (0, b"", 1)
    for file, form in zip(files, ("md", "json", "csv", "md", "md"), strict=True):
        alone = finalrank("report", root, "-f", form, "--generated-at", PUBLISHED)
        assert Path(file).read_bytes() == alone.bytes


def test_the_format_option_names_what_the_suffix_does_not(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "-f", "json", "-o", "page", "-o", "table.csv").status == 0
    assert json.loads(Path("page").read_text())["schema_version"] == 2
    assert Path("table.csv").read_text().startswith("rank,run,source,mean_rank,metrics_used,")


def test_a_dash_is_standard_output(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    done = finalrank("report", "-o", "-", "-o", "a.json", "--generated-at", PUBLISHED)
    assert done.out.startswith("# Clean")
    assert not Path("-").exists()
    assert json.loads(Path("a.json").read_text())["title"] == "Clean Final Results"
    twice = finalrank("report", "-o", "-", "-o", "-", "--generated-at", PUBLISHED)
    assert twice.bytes == done.bytes


def test_the_same_output_twice(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    done = finalrank("report", "-o", "a.md", "-o", "a.md", "-o", "./a.md")
    assert done.status == 0
    assert Path("a.md").read_text().startswith("# Clean")
    assert sorted(os.listdir()) == ["a.md", "runs"]


def test_check_passes_and_writes_nothing(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "-o", "a.md", "-o", "b.json", "-o", "c.csv").status == 0
    before = {name: os.stat(name).st_mtime_ns for name in ("a.md", "b.json", "c.csv")}
    options = ("--check", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    done = finalrank("report", *options, "--generated-at", "2001-01-01")
    assert (done.status, done.bytes, done.problems) == (0, b"", [])
    assert {name: os.stat(name).st_mtime_ns for name in before} == before


def test_check_names_what_is_stale(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL)
    finalrank("report", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    Path("c.csv").unlink()
    page = Path("a.md").read_text()
    Path("a.md").write_text(page.replace("0.5000", "0.9000"))
    before = Path("a.md").read_bytes()
    done = finalrank("report", "--check", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    assert done.status == 1
    stale = done.problems
    assert len(stale) == 2
    assert "a.md" in stale[0]
    assert "c.csv" in stale[1]
    assert "missing" in stale[1]
    assert Path("a.md").read_bytes() == before
    assert not Path("c.csv").exists()
    # A new result makes all of them stale.
    (root / "unet_seed_1/test_metrics.json").write_text('{"dice_pos": 0.6}')
    done = finalrank("report", "--check", "-o", "a.md", "-o", "b.json", "-q")
    assert (done.status, len(done.err.splitlines())) == (1, 2)


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: page + b"\n",
        lambda page: page[:-1],
        lambda page: page.replace(b"_Generated: 2", b"_Generated: x", 1),
        lambda page: b"",
        lambda page: page.replace(b"\n", b"\r\n"),
        lambda page: b"\xff" + page,
    ],
)
def test_check_sees_every_edit(edit: Any, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    finalrank("report", "-o", "a.md")
    Path("a.md").write_bytes(edit(Path("a.md").read_bytes()))
    assert finalrank("report", "--check", "-o", "a.md").status == 1


def test_if_changed_leaves_a_file_whose_time_alone_differs(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree(SMALL)
    files = ("-o", "a.md", "-o", "b.json", "-o", "c.csv")
    finalrank("report", *files, "--generated-at", PUBLISHED)
    for name in ("a.md", "b.json", "c.csv"):
        os.utime(name, (1, 1))
    done = finalrank("report", *files, "--if-changed")
    assert done.status == 0
    assert {os.stat(name).st_mtime for name in ("a.md", "b.json", "c.csv")} == {1}
    (root / "unet_seed_1/test_metrics.json").write_text('{"dice_pos": 0.6}')
    assert finalrank("report", *files, "--if-changed").status == 0
    assert all(os.stat(name).st_mtime > 1 for name in ("a.md", "b.json", "c.csv"))
    assert "0.6000" in Path("a.md").read_text()


def test_if_changed_writes_what_is_not_there(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "--if-changed", "-o", "a.md").status == 0
    assert Path("a.md").exists()
    assert finalrank("report", "--if-changed").out.startswith("# Clean")


def test_without_if_changed_the_time_is_renewed(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    finalrank("report", "-o", "a.md", "--generated-at", "2001-01-01")
    finalrank("report", "-o", "a.md", "--generated-at", PUBLISHED)
    assert "_Generated: 2026-02-15 08:14:41_" in Path("a.md").read_text()


def test_if_changed_and_check_where_the_title_tells_a_time(
    finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL | {"finalrank.toml": 'title = "As of 2026-02-15 08:14:41"\n'})
    finalrank("report", "-o", "a.md", "--generated-at", "2001-01-01")
    done = finalrank("report", "-o", "a.md", "--check", "--generated-at", PUBLISHED)
    assert done.status == 0


def test_if_changed_does_not_read_from_a_pipe(tree: Tree) -> None:
    tree(SMALL)
    os.mkfifo("pipe.md")
    with subprocess.Popen(["cat", "pipe.md"], stdout=subprocess.PIPE) as reader:
        try:
            done = spawned("report", "--if-changed", "-o", "pipe.md")
            output, _ = reader.communicate(timeout=PATIENCE)
        finally:
            reader.kill()
    assert done.returncode == 0
    assert output.startswith(b"# Clean")


def test_check_of_a_pipe_does_not_hang(tree: Tree) -> None:
    tree(SMALL)
    os.mkfifo("pipe.md")
    assert spawned("report", "--check", "-o", "pipe.md").returncode in (1, 2)


# Times


@contextmanager
def zone(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Local time in another zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


# The first two are one instant.
OFFSETS = ("2026-02-15T08:14:41Z", "2026-02-15T10:14:41+02:00", "2026-02-15T08:14:41")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (PUBLISHED, "2026-02-15 08:14:41"),
        ("2026-02-15 08:14:41", "2026-02-15 08:14:41"),
        ("2026-02-15T08:14", "2026-02-15 08:14:00"),
        ("2026-02-15", "2026-02-15 00:00:00"),
        ("2026-02-15T08:14:41.999999", "2026-02-15 08:14:41"),
        ("2026-02-15T08:14:41Z", "2026-02-15 08:14:41+00:00"),
        ("2026-02-15T08:14:41.5+02:00", "2026-02-15 08:14:41+02:00"),
    ],
)
def test_generated_at_forms(given: str, shown: str, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    page = finalrank("report", "--generated-at", given).out
    assert f"\n_Generated: {shown}_\n" in page
    summary = finalrank("report", "--generated-at", given, "-f", "json").json
    assert datetime.fromisoformat(summary["generated_at"]) == datetime.fromisoformat(shown)


@pytest.mark.parametrize("others", list(permutations(OFFSETS, 2)))
def test_a_time_with_another_offset_is_another_time_alone(
    others: tuple[str, str], finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL)
    (old, new), files = others, ("-o", "a.md", "-o", "a.json")
    assert finalrank("report", *files, "--generated-at", old).status == 0
    before = Path("a.md").read_bytes(), Path("a.json").read_bytes()
    for option in ("--check", "--if-changed"):
        assert finalrank("report", *files, option, "--generated-at", new).status == 0
    assert (Path("a.md").read_bytes(), Path("a.json").read_bytes()) == before
    assert finalrank("report", *files, "--generated-at", new).status == 0
    assert (Path("a.md").read_bytes(), Path("a.json").read_bytes()) != before


def test_generated_at_wins_over_source_date_epoch_which_is_utc(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(SMALL)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771143281")
    with zone(monkeypatch, "UTC-9"):
        epoch = finalrank("report").out
        given = finalrank("report", "--generated-at", "2001-01-01").out
    assert "_Generated: 2026-02-15 08:14:41_" in epoch
    assert "_Generated: 2001-01-01 00:00:00_" in given


def test_without_a_given_time_it_is_local_time(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(SMALL)
    with zone(monkeypatch, "UTC-9"):
        before = datetime.now().replace(microsecond=0)
        page = finalrank("report", root).out
        after = datetime.now()
    found = re.search(r"_Generated: (.*)_\n", page)
    assert found
    assert before <= datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S") <= after
