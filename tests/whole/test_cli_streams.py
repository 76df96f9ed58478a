"""docs/contract.md, section 9: streams that fail, Ctrl-C, and progress on a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import COMMAND, SMALL, TROUBLED, in_shell, spawned
from conftest import EXAMPLES, GOLDEN, PATIENCE, PUBLISHED, Finalrank, Tree

# What it does as a process of its own counts for the coverage.
pytestmark = pytest.mark.measured


# Streams that fail


@pytest.fixture
def many(tree: Tree) -> Path:
    """Runs enough that their report does not fit in a pipe."""
    return tree(
        {f"run_{n:04}/test_metrics.json": {"dice_pos": (n + 1) / 2000} for n in range(1500)}
    )


@pytest.mark.parametrize("args", ["report", "report -f json", "explain", "explain -f csv"])
def test_a_reader_that_leaves_ends_it_quietly(args: str, many: Path) -> None:
    done = in_shell(f"$F {args} -q | head -n 1; exit ${{PIPESTATUS[0]}}")
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
    assert done.returncode in (0, 141)


def test_a_closed_stdout_is_one_line(tree: Tree) -> None:
    tree(SMALL)
    done = in_shell("$F report -q >&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"finalrank: standard output")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args", ["report -q", "explain -q", "schema", "-h", "--version"])
def test_a_full_stdout_is_one_line(args: str, tree: Tree) -> None:
    tree(SMALL)
    done = in_shell(f"$F {args} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith(b"finalrank: standard output")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_the_report_is_written_where_stderr_fails(where: str, tree: Tree) -> None:
    tree(SMALL)
    done = in_shell(f"$F report {where}")
    assert done.stdout.startswith(b"# Clean")
    assert done.stdout.endswith(b"|\n")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("args", "status"),
    [
        ("report .", 1),
        ('report "$ROOT" -o out.md', 2),
        ('report "$ROOT"', 0),
        ('report "$ROOT" --evidence -f json', 0),
        ('report "$ROOT" --template page.md.j2', 2),
        ('report "$ROOT" --config finalrank.toml', 2),
        ('report "$ROOT" -o out.md --check', 1),
        ('report . "$ROOT"', 2),
        ("report ../runs", 0),
        ("explain . .", 2),
        ('explain "$ROOT"', 0),
        ('explain "$ROOT" .', 2),
        ("inspect .", 1),
        ('inspect "$ROOT" .', 0),
        ("init . --metric dice_pos", 2),
        ('init "$ROOT" --metric dice_pos', 0),
        ('init "$ROOT" --metric dice_pos -o the.toml', 2),
        ("config", 0),
        ("config . --config the.toml", 2),
        ("schema", 0),
        ("--version", 0),
        ("-h", 0),
    ],
)
def test_a_working_folder_that_is_gone_is_no_traceback(args: str, status: int, tree: Tree) -> None:
    root = tree({**SMALL, "linked/readme.txt": "x"})
    (root / "linked" / "test_metrics.json").symlink_to(root / next(iter(SMALL)))
    done = in_shell(f"mkdir gone && cd gone && rmdir ../gone && $F {args}", ROOT=root)
    assert b"Traceback" not in done.stderr
    assert done.returncode == status
    if status == 2:
        assert done.stderr.startswith(b"finalrank: ")
        assert done.stderr.count(b"\n") == 1


def test_interrupted_is_130_and_one_line(tree: Tree) -> None:
    tree(TROUBLED)
    os.mkfifo("pipe.md")
    # Nobody reads the pipe: the command waits for a reader once it has said what is wrong.
    command = [*COMMAND, "report", "-o", "pipe.md"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr
            process.stderr.readline()
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 130
    assert err.startswith(b"finalrank: interrupted")
    assert err.count(b"\n") == 1


# Progress


def on_a_terminal(args: list[str], patience: float) -> bytes:
    """What `finalrank ARGS` writes to standard error where that is a terminal."""
    program = (
        f"import finalrank.cli.progress as p; p._PATIENCE = {patience}\n"
        "from finalrank.cli.main import run; run()"
    )
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *args], stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    shown = b""
    try:
        while select.select([master], [], [], PATIENCE)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            shown += data
    finally:
        os.close(master)
        assert process.wait(timeout=PATIENCE) == 0
    return shown


def test_progress_shows_on_a_terminal_when_it_takes_its_time(tree: Tree) -> None:
    tree(SMALL)
    shown = on_a_terminal(["report"], patience=-1)
    assert b"Reading artifacts" in shown
    assert shown.splitlines()[-1] == b"3 artifacts: 3 ranked, 0 siblings, 0 left out"
    assert b"Reading" not in on_a_terminal(["report", "-q"], patience=-1)


def test_a_quick_scan_shows_no_progress(tree: Tree) -> None:
    tree(SMALL)
    shown = on_a_terminal(["report"], patience=PATIENCE)
    assert shown == b"3 artifacts: 3 ranked, 0 siblings, 0 left out\r\n"


def test_no_progress_where_stderr_is_no_terminal(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.cli.progress._PATIENCE", -1)
    assert finalrank("report", tree(SMALL)).problems == []


def test_python_m_gives_the_published_report() -> None:
    done = spawned("report", EXAMPLES, "--generated-at", PUBLISHED, "-q")
    assert done.returncode == 0
    assert done.stdout == (GOLDEN / "clean_final_results.md").read_bytes()
    assert done.stderr == b""
