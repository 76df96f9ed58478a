"""docs/contract.md, section 9: all outputs or none, whichever call of the writer fails."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from conftest import PATIENCE
from disks import NOBODY, ROOT_USER, Pages, disk, is_hidden, written
from faults import FAULTS, Calls, Fault, assert_all_or_none, attempt
from finalrank.errors import OutputError
from finalrank.output.write import write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links, mode bits or signals")


# Every call of one write


def prepared(folder: Path) -> Pages:
    """An old file, a link to one, and one that is not there yet."""
    (folder / "sub").mkdir(parents=True)
    (folder / "a.md").write_bytes(b"old")
    (folder / "a.md").chmod(0o640)
    (folder / "sub" / "b.json").write_bytes(b"old")
    (folder / "link.json").symlink_to("sub/b.json")
    return [("a.md", b"new a" * 2000), ("link.json", b"new b"), ("c.csv", b"new c")]


def strikes(folder: Path, fault: Fault) -> Iterator[tuple[Path, Pages, Calls]]:
    """A folder, what to write there, and the fault at its first call, its second, and so on."""
    for number in count(1):
        here = folder / str(number)
        yield here, prepared(here), Calls(number, fault)


def no_links(*args: Any, **options: Any) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_at_every_call(
    fault: Fault, links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    struck = []
    for folder, pages, calls in strikes(tmp_path, fault):
        old = disk(folder)
        error = attempt(folder, pages, calls)
        assert_all_or_none(folder, old, pages, calls, error)
        if calls.made < calls.number:
            break
        struck.append(calls.struck)
    assert error is None
    assert struck.count("write") >= len(pages)
    assert struck.count("replace") >= len(pages)


@pytest.mark.parametrize("late", [False, True])
def test_a_kill_at_every_call(late: bool, tmp_path: Path) -> None:
    for folder, pages, calls in strikes(tmp_path, Fault(signal=signal.SIGKILL, late=late)):
        old = disk(folder)
        killed = in_a_child(partial(attempt, folder, pages, calls))
        now = {name: file for name, file in disk(folder).items() if not is_hidden(name)}
        new = written(old, pages)
        # Several files cannot be replaced at one instant, but each is.
        for name in new:
            assert now.get(name) in (old.get(name), new[name])
        if not killed:
            assert now == new
            break
    assert calls.number > 3 * len(pages)


def in_a_child(work: Callable[[], object]) -> bool:
    """Whether the work is killed, in a process of its own."""
    with warnings.catch_warnings():
        # A library may have threads, which the child has no use for.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def test_all_or_none_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    folder = tmp_path / "x"
    pages = prepared(folder)
    if ROOT_USER:
        os.chown(folder / "a.md", NOBODY, NOBODY)
    old = disk(folder)
    (folder / "folder").mkdir()
    error = attempt(folder, [*pages, ("folder", b"nowhere")], Calls())
    assert isinstance(error, OutputError)
    assert disk(folder) == old


def test_what_is_private_is_so_from_the_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("old")
    (tmp_path / "a.md").chmod(0o600)
    calls = Calls()
    monkeypatch.setattr(os, "link", no_links)
    assert attempt(tmp_path, [("a.md", b"new"), ("a.md", b"newer")], calls) is None
    assert calls.modes == {0o600}


def test_nothing_is_printed_where_a_file_cannot_be_written(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    Path("folder").mkdir()
    Path("a.md").write_text("old")
    with pytest.raises(OutputError, match="folder: "):
        write([("-", b"page"), ("a.md", b"new"), ("folder", b"page")])
    assert capfdbinary.readouterr() == (b"", b"")
    assert Path("a.md").read_text() == "old"


# Two at once

OVER_AND_OVER = """
import sys
from finalrank.output.write import write
letter = sys.argv[1].encode()
for _ in range(150):
    write([("page.md", letter * 100_000), ("sub/all.json", letter * 10)])
"""


@pytest.mark.parametrize("there", [True, False])
def test_two_runs_that_write_the_same_files(there: bool) -> None:
    Path("sub").mkdir()
    sizes = {"page.md": 100_000, "sub/all.json": 10}
    whole = {name: {letter * size for letter in (b"a", b"b")} for name, size in sizes.items()}
    if there:
        for name, pages in whole.items():
            Path(name).write_bytes(min(pages))
    seen: set[bytes] = set()
    with writer("a") as first, writer("b") as second:
        while first.poll() is None or second.poll() is None:
            for name in whole:
                if there or Path(name).exists():
                    page = Path(name).read_bytes()
                    assert page in whole[name]
                    seen.add(page)
        for process in (first, second):
            _, err = process.communicate(timeout=PATIENCE)
            assert (process.returncode, err) == (0, "")
    assert len(seen) > 2
    assert set(disk(Path())) == set(whole)


def writer(letter: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OVER_AND_OVER, letter]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
