"""docs/contract.md, section 9: all outputs or none, whichever call fails, whoever stops it."""

from __future__ import annotations

import errno
import io
import os
import posixpath
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conftest import Done, Finalrank, Tree
from finalrank.errors import OutputError
from finalrank.output.write import write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no links, mode bits or signals")

EXAMPLES = int(os.environ.get("FINALRANK_EXAMPLES", "150"))
COMMAND = [sys.executable, "-m", "finalrank"]
TROUBLED = {
    "a/test_metrics.json": {"dice_pos": 0.5},
    "percent/test_metrics.json": {"dice_pos": 0.3, "roc_auc_presence": 90.0},
    "nnunet/test_metrics.json": {"dice_pos": 0.2},
}
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
NOBODY = 65534
FULL = "/dev/full"

Pages = list[tuple[str, bytes]]
real_open = open


# What is on the disk


@dataclass(frozen=True)
class File:
    """A file; a link is the text that it holds."""

    data: bytes
    mode: int
    owner: tuple[int, int]


Disk = dict[str, File | str]


def disk(folder: Path) -> Disk:
    """Every file and link below the folder."""
    found: Disk = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            about = path.stat()
            found[name] = File(
                path.read_bytes(), stat.S_IMODE(about.st_mode), (about.st_uid, about.st_gid)
            )
    return found


def fresh(data: bytes) -> File:
    """A file that was not there before."""
    mask = os.umask(0)
    os.umask(mask)
    return File(data, 0o666 & ~mask, owner_of_new_files())


@cache
def owner_of_new_files() -> tuple[int, int]:
    # In some systems their group is ours, in others that of the folder.
    with tempfile.TemporaryFile() as file:
        about = os.fstat(file.fileno())
    return about.st_uid, about.st_gid


def written(old: Disk, pages: Pages) -> Disk:
    """The disk once every page is written: links stay, and so do the modes and owners of files.

    Of two pages of one file the last stays.
    """
    new = dict(old)
    for path, data in pages:
        while isinstance(link := old.get(path), str):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), link))
        was = old.get(path)
        new[path] = replace(was, data=data) if isinstance(was, File) else fresh(data)
    return new


def is_hidden(name: str) -> bool:
    return posixpath.basename(name).startswith(".")


# One fault


@dataclass(frozen=True)
class Fault:
    """What befalls a call: an error by its number, or a signal before it or when it is done."""

    error: int = 0
    signal: int = 0
    late: bool = False

    def strike(self) -> None:
        if self.error:
            raise OSError(self.error, os.strerror(self.error))
        # Python raises KeyboardInterrupt here, or later if the writer has Ctrl-C wait.
        signal.raise_signal(self.signal)


FAULTS = [
    *(Fault(error=number) for number in (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EPERM)),
    *(Fault(signal=signal.SIGINT, late=late) for late in (False, True)),
]
CALLS = [
    name
    for name in (
        *("open", "write", "fsync", "fdatasync", "ftruncate", "replace", "rename", "link"),
        *("unlink", "remove", "chmod", "fchmod", "chown", "fchown", "lchown", "sendfile"),
    )
    if hasattr(os, name)
]


class Calls:
    """Counts the calls that the writer makes of the system; the fault strikes one of them."""

    def __init__(self, number: int = 0, fault: Fault | None = None) -> None:
        self.number = number
        self.fault = fault
        self.made = 0
        # The call that was struck.
        self.struck: str | None = None
        # Files whose data may not be on the disk yet.
        self.afloat: set[int] = set()
        # Modes that files had when data came to them.
        self.modes: set[int] = set()

    def make(self, name: str, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self.made += 1
        if name == "fsync":
            about = os.fstat(args[0])
            self.afloat.discard(about.st_ino)
            name = "fsync of a folder" if stat.S_ISDIR(about.st_mode) else name
        elif name in ("replace", "rename"):
            # Else a power failure could leave the new name with nothing behind it.
            assert os.stat(args[0]).st_ino not in self.afloat
        elif name == "sendfile":
            self.modes.add(stat.S_IMODE(os.fstat(args[0]).st_mode))
        if self.fault is None or self.made != self.number:
            return call(*args, **options)
        if not self.fault.late:
            self.struck = name
            self.fault.strike()
            return call(*args, **options)
        result = call(*args, **options)
        self.struck = name
        try:
            self.fault.strike()
        except KeyboardInterrupt:
            if name == "open":
                os.close(result)
            raise
        return result

    def open(self, file: Any, mode: str = "r", buffering: int = -1, **options: Any) -> Any:
        if mode != "wb":
            return real_open(file, mode, buffering, **options)
        raw = Raw(file, self)
        return raw if buffering == 0 else io.BufferedWriter(raw)

    @contextmanager
    def counted(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, partial(self.make, name, getattr(os, name)))
            # A power failure is not tried: nothing need get further than the system.
            patch.setattr(os, "fsync", partial(self.make, "fsync", lambda descriptor: None))
            patch.setattr("finalrank.output.atomic.open", self.open, raising=False)
            yield


class Raw(io.FileIO):
    """A file that takes little at a time, so that a fault finds it half written."""

    def __init__(self, file: Any, calls: Calls) -> None:
        super().__init__(file, "w")
        self.calls = calls

    def write(self, data: Any) -> int:
        about = os.fstat(self.fileno())
        self.calls.afloat.add(about.st_ino)
        self.calls.modes.add(stat.S_IMODE(about.st_mode))
        taken: int = self.calls.make("write", super().write, memoryview(data)[:4096])
        return taken

    def close(self) -> None:
        if not self.closed:
            # It is closed whatever close says.
            super().close()
            self.calls.make("close", lambda: None)


def attempt(folder: Path, pages: Pages, calls: Calls) -> BaseException | None:
    """What the writer raises when it is to write the pages below the folder."""
    try:
        with calls.counted():
            write([(os.path.join(folder, path), data) for path, data in pages])
    except (OutputError, KeyboardInterrupt) as error:
        return error
    return None


def assert_all_or_none(
    folder: Path, old: Disk, pages: Pages, calls: Calls, error: BaseException | None
) -> None:
    """After success all is new, after an error old, and after Ctrl-C the one or the other."""
    interrupted = calls.struck is not None and calls.fault in FAULTS[-2:]
    if calls.struck in ("unlink", "remove") and not interrupted:
        # What cannot be deleted stays, for nobody can do more; but it is one file.
        for name in [name for name in disk(folder) if is_hidden(name)][:1]:
            (folder / name).unlink()
    now = disk(folder)
    new = written(old, pages)
    if calls.struck in ("chown", "fchown", "lchown"):
        old, now, new = map(without_owners, (old, now, new))
    assert not [name for name in now if is_hidden(name)]
    if isinstance(error, OutputError):
        assert now == old
        assert_names_an_output(str(error), pages)
    elif error is not None:
        assert now in (old, new)
    else:
        assert now == new
    assert isinstance(error, KeyboardInterrupt) == interrupted
    # What did not get to the disk must not count as written.
    if calls.struck in ("write", "close", "fsync") and not interrupted:
        assert isinstance(error, OutputError)


def without_owners(found: Disk) -> Disk:
    return {
        name: replace(file, owner=(0, 0)) if isinstance(file, File) else file
        for name, file in found.items()
    }


def assert_names_an_output(line: str, pages: Pages) -> None:
    assert "\n" not in line
    assert ".finalrank" not in line
    assert any(f"{path}: " in line for path, _ in pages), line


# Any writes, one after another

FILES = ["a.md", "b.json", "sub/c.csv", "sub/d.md"]
LINKS = ["link", "sub/link"]
MODES = [0o644, 0o600, 0o640, 0o664, 0o444, 0o755, 0o2755, 0o4711]
OUTPUTS = st.lists(
    st.tuples(st.sampled_from([*FILES, *LINKS]), st.sampled_from([0, 1, 2000])),
    min_size=1,
    max_size=4,
)
IMPOSSIBLE = ["folder", "missing/x.md", *([FULL] if os.path.exists(FULL) else [])]


class Writer(RuleBasedStateMachine):
    """Files and links as they ought to be, beside those that are."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp()).resolve()
        for name in ("sub", "folder"):
            (self.folder / name).mkdir()
        self.disk: Disk = {}
        self.pages = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @rule(name=st.sampled_from(FILES), mode=st.sampled_from(MODES))
    def another_puts_a_file(self, name: str, mode: int) -> None:
        (self.folder / name).write_bytes(b"another's")
        self.disk.setdefault(name, fresh(b"another's"))
        self.another_changes_the_mode(name, mode)

    @rule(name=st.sampled_from(FILES), mode=st.sampled_from(MODES))
    def another_changes_the_mode(self, name: str, mode: int) -> None:
        if name in self.disk:
            (self.folder / name).chmod(mode)
            self.disk[name] = disk(self.folder)[name]

    @precondition(lambda self: ROOT_USER)
    @rule(name=st.sampled_from(FILES), owner=st.tuples(*[st.sampled_from([0, NOBODY])] * 2))
    def another_changes_the_owner(self, name: str, owner: tuple[int, int]) -> None:
        if name in self.disk:
            os.chown(self.folder / name, *owner)
            self.disk[name] = disk(self.folder)[name]

    @rule(name=st.sampled_from([*FILES, *LINKS]))
    def another_deletes(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self.disk.pop(name, None)

    @rule(link=st.sampled_from(LINKS), to=st.sampled_from([*FILES, LINKS[0]]))
    def another_links(self, link: str, to: str) -> None:
        if link != to:
            self.another_deletes(link)
            text = posixpath.relpath(to, posixpath.dirname(link) or ".")
            (self.folder / link).symlink_to(text)
            self.disk[link] = text

    @rule(outputs=OUTPUTS)
    def write(self, outputs: list[tuple[str, int]]) -> None:
        assert self.attempt(self.data(outputs), Calls()) is None

    @rule(outputs=OUTPUTS, bad=st.sampled_from(IMPOSSIBLE), place=st.integers(0, 4))
    def write_where_one_cannot_be(
        self, outputs: list[tuple[str, int]], bad: str, place: int
    ) -> None:
        pages = self.data(outputs)
        pages.insert(place, (bad, b"nowhere"))
        assert isinstance(self.attempt(pages, Calls()), OutputError)

    @rule(outputs=OUTPUTS, number=st.integers(1, 50), fault=st.sampled_from(FAULTS))
    def write_with_a_fault(self, outputs: list[tuple[str, int]], number: int, fault: Fault) -> None:
        self.attempt(self.data(outputs), Calls(number, fault))

    @invariant()
    def the_disk_is_as_it_ought_to_be(self) -> None:
        assert disk(self.folder) == self.disk

    def data(self, outputs: list[tuple[str, int]]) -> Pages:
        """Pages of that many lines, of which no two are equal."""
        pages = []
        for path, lines in outputs:
            self.pages += 1
            pages.append((path, b"page %d\n" % self.pages * lines))
        return pages

    def attempt(self, pages: Pages, calls: Calls) -> BaseException | None:
        error = attempt(self.folder, pages, calls)
        assert_all_or_none(self.folder, self.disk, pages, calls, error)
        self.disk = disk(self.folder)
        return error


def test_any_writes_with_any_fault() -> None:
    run_state_machine_as_test(
        Writer,
        settings=settings(
            deadline=None,
            max_examples=EXAMPLES,
            stateful_step_count=20,
            report_multiple_bugs=False,
        ),
    )


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
            _, err = process.communicate(timeout=5)
            assert (process.returncode, err) == (0, "")
    assert len(seen) > 2
    assert set(disk(Path())) == set(whole)


def writer(letter: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OVER_AND_OVER, letter]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


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


def assert_one_line(err: str, *parts: str) -> None:
    (line,) = err.splitlines()
    assert line.startswith("finalrank: ")
    for part in parts:
        assert part in line


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
    script = script.replace("$F", f"{sys.executable} -m finalrank")
    return subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=30)


@pytest.fixture
def old(tree: Tree) -> Disk:
    """Runs, two old outputs, and a link to a full device."""
    tree(TROUBLED | {"percent/test_metrics.json": {"dice_pos": 0.3}})
    for name in ("a.md", "b.csv"):
        Path(name).write_text("old")
    Path("full.md").symlink_to(FULL)
    return disk(Path())


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
    program = [sys.executable, "-c", HALTED, place, numbers, str(seconds)]
    with subprocess.Popen(
        [*program, "report", "-q", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "here\n"
            yield process
        finally:
            process.kill()


def stopped(process: subprocess.Popen[str], stop: signal.Signals) -> tuple[int, str]:
    """Status and standard error of the process once its group is sent the signal."""
    os.killpg(process.pid, stop)
    _, err = process.communicate(timeout=10)
    return process.returncode, err


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(
    ("place", "number"),
    [("scan", "2"), ("fsync", "1"), ("fsync", "2"), ("replace", "1"), ("replace", "2")],
)
def test_stopped_at_a_place(place: str, number: str, stop: signal.Signals, old: Disk) -> None:
    with halted(place, number, 5, "-o", "a.md", "-o", "b.csv") as process:
        done, err = stopped(process, stop)
    assert done == 128 + stop
    assert_one_line(err)
    assert disk(Path()) == old


@pytest.mark.parametrize("stop", STOPS)
def test_stopped_when_all_is_done(stop: signal.Signals, old: Disk) -> None:
    with halted("_exit", "1", 5, *TIME, "-o", "a.md", "-o", "b.csv") as process:
        done, err = stopped(process, stop)
    assert done in (0, 128 + stop)
    assert err.count("\n") <= 1
    now = disk(Path())
    assert [name for name in now if now[name] != old.get(name)] == ["a.md", "b.csv"]


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(("place", "numbers"), [("replace", "23"), ("unlink", "12")])
def test_stopped_twice(place: str, numbers: str, stop: signal.Signals, old: Disk) -> None:
    with halted(place, numbers, 2, "-o", "a.md", "-o", "b.csv") as process:
        os.killpg(process.pid, stop)
        # The second finds it at putting things in order.
        assert process.stdout
        assert process.stdout.readline() == "here\n"
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
    tree({f"run_{n:04}/test_metrics.json": {"dice_pos": (n + 1) / 4000} for n in range(2000)})
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
        assert process.wait(timeout=30) == 0
        lasts = time.monotonic() - started
    after = disk(outputs)
    draw = random.Random(1)
    ends = set()
    for part in range(6):
        put_old()
        with halted("scan", "1", 0, *args) as process:
            time.sleep(lasts * (part + draw.random()) / 6)
            done, err = stopped(process, stop)
        ends.add(done)
        assert disk(outputs) in ([before, after] if done == 128 + stop else [after])
        if done == 128 + stop:
            assert_one_line(err)
        else:
            assert (done, err) == (0, "")
    assert 128 + stop in ends
