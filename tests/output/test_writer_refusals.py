"""docs/contract.md, section 9: outputs that cannot be written, known before the scan or later."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import disks
from conftest import PATIENCE, Done, Finalrank, Tree
from disks import FULL, NOBODY, ROOT_USER, TROUBLED, Disk, assert_one_line, disk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links, mode bits or signals")

old = disks.old


# What cannot be written is known before the scan


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere: be another user."""
    if ROOT_USER:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if ROOT_USER:
            os.setresuid(0, 0, 0)


@pytest.fixture
def outputs() -> Iterator[Path]:
    """A folder that others may write in, with old outputs and what is none."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in ("closed", "folder"):
            (root / name).mkdir()
        for name in ("a.md", "b.json", "closed/x.md", "locked.md"):
            (root / name).write_text("old")
        (root / "astray.md").symlink_to("nowhere/x.md")
        (root / "loop.md").symlink_to("loop.md")
        root.chmod(0o777)
        (root / "a.md").chmod(0o666)
        (root / "b.json").chmod(0o666)
        (root / "locked.md").chmod(0o444)
        (root / "closed").chmod(0o555)
        yield root
        (root / "closed").chmod(0o755)


@pytest.mark.parametrize(
    "bad",
    [
        "missing/x.md",
        "a.md/x.md",
        "folder",
        "astray.md",
        "loop.md",
        "locked.md",
        "closed/x.md",
        "closed/new.md",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_several_outputs_one_cannot_be(
    bad: str, place: int, outputs: Path, finalrank: Finalrank, tree: Tree
) -> None:
    # As root: another user may not read what is imported only now.
    assert finalrank("report", tree(TROUBLED)).problems
    old = disk(outputs)
    names = ["a.md", "b.json"]
    names.insert(place, bad)
    args = [arg for name in names for arg in ("-o", outputs / name)]
    with as_nobody():
        # The scan would have something to say about these runs, which nobody else may read.
        done: Done = finalrank("report", "runs", "-f", "md", *args)
    assert (done.status, done.bytes) == (2, b"")
    assert_one_line(done.err, bad.removesuffix("/x.md"))
    assert disk(outputs) == old


# What cannot be written is found out late


def in_shell(script: str) -> subprocess.CompletedProcess[bytes]:
    script = script.replace("$F", shlex.join([sys.executable, "-m", "finalrank"]))
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, check=False, timeout=PATIENCE
    )


@pytest.mark.skipif(not os.path.exists(FULL), reason="no full device")
@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("$F report -q -o full.md", "full.md"),
        ("$F report -q -o a.md -o full.md -o b.csv", "full.md"),
        ("$F report -q -o a.md -o b.csv -o new.json -o full.md", "full.md"),
        ("$F report -q -o a.md -o - -o b.csv > /dev/full", "standard output"),
        # One file fits within the limit, the other does not.
        ("ulimit -f 1; $F report -q -o b.csv -o a.md", "a.md"),
        ("ulimit -f 1; $F report -q -o new.md -o b.csv", "new.md"),
    ],
)
def test_no_space_for_one_leaves_all_as_they_were(script: str, named: str, old: Disk) -> None:
    done = in_shell(script)
    assert done.returncode == 2
    assert_one_line(done.stderr.decode(), named)
    assert disk(Path()) == old


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.usefixtures("old")
def test_what_stands_in_standard_output_stays(path: str) -> None:
    Path("link").symlink_to("/dev/stdout")
    if not os.path.exists(path):
        pytest.skip(f"no {path}")
    Path("page").write_text("before\n")
    done = in_shell(f"$F report -q -f md -o {path} -o b.csv >> page")
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path("page").read_bytes().startswith(b"before\n# Clean")
    assert Path("b.csv").read_bytes().startswith(b"rank,")


@pytest.mark.usefixtures("old")
def test_a_reader_of_a_pipe_that_leaves_is_no_traceback() -> None:
    os.mkfifo("pipe.json")
    done = in_shell("head -c 0 pipe.json & $F report -q -o a.md -o pipe.json")
    assert done.returncode in (0, 2)
    assert b"Traceback" not in done.stderr
    page = Path("a.md").read_bytes()
    assert page.startswith(b"# Clean") if done.returncode == 0 else page == b"old"
