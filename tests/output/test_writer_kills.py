"""docs/contract.md, section 9: all outputs or none, whoever stops the writer."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import disks
from children import line_of, spawned
from conftest import PATIENCE, Tree
from disks import Disk, assert_one_line, disk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links, mode bits or signals")

old = disks.old


# Interrupted and terminated

# The command, that says when it has come to these calls of a function, and stays there so long, or
# until a signal has come that it has wait.
HALTED = """
import os, signal, sys, time
from finalrank.cli import progress as cli_progress

place, numbers, seconds, *sys.argv[1:] = sys.argv[1:]
calls = 0

def halting(call):
    def made(*args, **options):
        global calls
        calls += 1
        if str(calls) in numbers:
            print("here", flush=True)
            ends = time.monotonic() + float(seconds)
            if signal.sigpending():
                time.sleep(0.5)
            while time.monotonic() < ends and not signal.sigpending():
                time.sleep(0.01)
        return call(*args, **options)
    return made

if place == "scan":
    same = halting(lambda artifact: artifact)
    cli_progress.with_progress_bar  # it is there, or nobody would come to the place
    cli_progress.with_progress_bar = lambda quiet: lambda artifacts: map(same, artifacts)
else:
    setattr(os, place, halting(getattr(os, place)))

from finalrank.__main__ import run
run()
"""
STOPS = [] if os.name == "nt" else [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
TIME = ("--generated-at", "2002-02-02")


@contextmanager
def halted(place: str, numbers: str, seconds: int, *args: str) -> Iterator[subprocess.Popen[str]]:
    """`finalrank report` in a process group of its own, once it has come to the place."""
    program = (HALTED, place, numbers, str(seconds), "report", "-q", *args)
    with spawned(*program) as process:
        assert line_of(process) == "here\n"
        yield process


def stopped(process: subprocess.Popen[str], stop: signal.Signals) -> tuple[int, str]:
    """Status and standard error of the process once its group is sent the signal."""
    os.killpg(process.pid, stop)
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, err


@pytest.mark.measured
@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(
    ("place", "number"),
    [("scan", "2"), ("fsync", "1"), ("fsync", "2"), ("replace", "1"), ("replace", "2")],
)
def test_stopped_at_a_place(place: str, number: str, stop: signal.Signals, old: Disk) -> None:
    with halted(place, number, PATIENCE, "-o", "a.md", "-o", "b.csv") as process:
        done, err = stopped(process, stop)
    assert done == 128 + stop
    assert_one_line(err)
    assert disk(Path()) == old


@pytest.mark.parametrize("stop", STOPS)
def test_stopped_when_all_is_done(stop: signal.Signals, old: Disk) -> None:
    with halted("_exit", "1", PATIENCE, *TIME, "-o", "a.md", "-o", "b.csv") as process:
        done, err = stopped(process, stop)
    assert done in (0, 128 + stop)
    assert err.count("\n") <= 1
    now = disk(Path())
    assert [name for name in now if now[name] != old.get(name)] == ["a.md", "b.csv"]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(("place", "numbers"), [("replace", "23"), ("unlink", "12")])
def test_stopped_twice(place: str, numbers: str, stop: signal.Signals, old: Disk) -> None:
    with halted(place, numbers, PATIENCE, "-o", "a.md", "-o", "b.csv") as process:
        os.killpg(process.pid, stop)
        # The second finds it at putting things in order.
        assert line_of(process) == "here\n"
        done, err = stopped(process, signal.SIGINT)
    assert done in (128 + stop, 128 + signal.SIGINT)
    assert_one_line(err)
    now = disk(Path())
    assert now.keys() == old.keys()
    news = [name for name in now if now[name] != old[name]]
    assert news == ([] if place == "replace" else ["a.md", "b.csv"])


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.usefixtures("old")
def test_stopped_while_a_pipe_has_no_reader(stop: signal.Signals) -> None:
    os.mkfifo("pipe.md")
    before = disk(Path())
    with halted("scan", "1", 0, *TIME, "-o", "a.md", "-o", "b.csv", "-o", "pipe.md") as process:
        time.sleep(0.5)
        done, err = stopped(process, stop)
    assert done == 128 + stop
    assert_one_line(err)
    now = disk(Path())
    assert now.keys() == before.keys()
    news = [name for name in now if now[name] != before[name]]
    assert news in ([], ["a.md", "b.csv"])


@pytest.mark.parametrize("stop", STOPS[:2])
def test_stopped_at_any_moment(
    stop: signal.Signals, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who measures coverage hangs where a signal finds it saving its data.
    for name in os.environ:
        if name.startswith("COVERAGE"):
            monkeypatch.delenv(name)
    tree({f"run_{n:04}/test_metrics.json": {"dice_pos": (n + 1) / 2000} for n in range(1000)})
    outputs = Path("outputs")
    outputs.mkdir()
    args = [*TIME, "-o", "outputs/a.md", "-o", "outputs/b.json", "-o", "outputs/c.csv"]

    def put_old() -> Disk:
        for name in ("a.md", "b.json", "c.csv"):
            (outputs / name).write_text("old")
        return disk(outputs)

    before = put_old()
    with halted("scan", "1", 0, *args) as process:
        started = time.monotonic()
        assert process.wait(timeout=PATIENCE) == 0
        lasts = time.monotonic() - started
    after = disk(outputs)
    draw = random.Random(1)
    ends = set()
    for part in range(6):
        put_old()
        with halted("scan", "1", 0, *args) as process:
            # The first at once: the others may all come too late, on a machine that is idle again.
            time.sleep(lasts * (part + draw.random()) / 6 if part else 0)
            done, err = stopped(process, stop)
        ends.add(done)
        assert disk(outputs) in ([before, after] if done == 128 + stop else [after])
        if done == 128 + stop:
            assert_one_line(err)
        else:
            assert (done, err) == (0, "")
    assert 128 + stop in ends
