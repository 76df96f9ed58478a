"""docs/contract.md, section 9: files are replaced whole or left alone, whatever fails."""

from __future__ import annotations

import errno
import json
import os
import random
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from children import line_of, spawned
from conftest import PATIENCE, Finalrank, Tree

SMALL = {"a/test_metrics.json": {"dice_pos": 0.5}, "nnunet/test_metrics.json": {"dice_pos": 0.2}}
KILLS = int(os.environ.get("FINALRANK_KILLS", "15"))
COMMAND = [sys.executable, "-m", "finalrank"]
# The command again and again in one process, with two times in turn.
OVER_AND_OVER = """
import itertools, sys
from finalrank.cli.main import main
def again_and_again():
    for time in itertools.cycle(("2001-01-01", "2002-02-02")):
        outputs = ["-o", "page.md", "-o", "all.json"]
        if main(["report", "runs", "-q", "--generated-at", time, *outputs]):
            sys.exit("failed")
        print("written", flush=True)
"""
# One that does so for each line that it reads, in a child that has all that is imported.
CHILDREN = f"""
import os
{OVER_AND_OVER}
main(["report", "runs", "-q", "-o", os.devnull, "-f", "md"])
for line in sys.stdin:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    else:
        print(os.getpid(), flush=True)
        again_and_again()
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that other users can reach, with a runs folder in it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        for source, content in SMALL.items():
            (root / "runs" / source).parent.mkdir(parents=True)
            (root / "runs" / source).write_text(json.dumps(content))
        (root / "closed").mkdir(mode=0o555)
        yield root


@pytest.fixture
def unprivileged(finalrank: Finalrank, shared: Path) -> Iterator[None]:
    """Another user than root, who may write anywhere."""
    if os.name == "nt":
        pytest.skip("no mode bits")
    # All that is imported late is imported now: another user may not read this Python.
    assert finalrank("report", shared / "runs").status == 0
    superuser = os.geteuid() == 0
    if superuser:
        os.setresuid(65534, 65534, 0)
    yield
    if superuser:
        os.setresuid(0, 0, 0)


def litter(folder: Path | str = ".") -> list[str]:
    return [name for name in os.listdir(folder) if "tmp" in name or name.startswith(".")]


# Killed


def test_a_kill_leaves_the_old_file_or_the_new_one(finalrank: Finalrank, tree: Tree) -> None:
    tree({f"run_{n:03}/test_metrics.json": {"dice_pos": (n + 1) / 500} for n in range(400)})
    whole: dict[str, set[bytes]] = {"page.md": set(), "all.json": set()}
    for time_shown in ("2001-01-01", "2002-02-02"):
        for name in whole:
            assert finalrank("report", "-o", name, "--generated-at", time_shown).status == 0
            whole[name].add(Path(name).read_bytes())
    with spawned(CHILDREN) as parent:
        for _ in range(KILLS):
            print(file=parent.stdin, flush=True)
            child = int(line_of(parent))
            assert line_of(parent) == "written\n"
            time.sleep(random.uniform(0, 0.08))
            os.kill(child, signal.SIGKILL)
            while (line := line_of(parent)) == "written\n":
                pass
            assert line == "-9\n"
            for name, pages in whole.items():
                assert Path(name).read_bytes() in pages
    # What a kill leaves behind is hidden from a scan, and no more than one file a kill.
    left = set(os.listdir()) - {"page.md", "all.json", "runs"}
    assert all(name.startswith(".") for name in left)
    assert len(left) <= 2 * KILLS


def test_a_reader_never_sees_a_part(tree: Tree, finalrank: Finalrank) -> None:
    tree({f"run_{n:03}/test_metrics.json": {"dice_pos": (n + 1) / 500} for n in range(400)})
    assert finalrank("report", "-o", "page.md").status == 0
    size = Path("page.md").stat().st_size
    with spawned(f"{OVER_AND_OVER}\nagain_and_again()") as writer:
        assert line_of(writer) == "written\n"
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            page = Path("page.md").read_bytes()
            assert len(page) == size
            assert page.endswith(b"|\n")


# What the file is


def test_the_target_of_a_link_is_replaced_and_the_link_stays(
    finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL)
    Path("real").mkdir()
    Path("real/page.md").write_text("old")
    Path("page.md").symlink_to("real/page.md")
    Path("new.md").symlink_to("real/new.md")
    assert finalrank("report", "-o", "page.md", "-o", "new.md").status == 0
    assert os.readlink("page.md") == "real/page.md"
    assert os.readlink("new.md") == "real/new.md"
    for name in ("real/page.md", "real/new.md"):
        assert Path(name).read_text().startswith("# Clean")
    assert not litter()
    assert not litter("real")


@pytest.mark.skipif(os.name == "nt", reason="no mode bits")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o777])
def test_the_mode_is_kept(mode: int, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    Path("page.md").write_text("old")
    Path("page.md").chmod(mode)
    assert finalrank("report", "-o", "page.md").status == 0
    assert stat.S_IMODE(os.stat("page.md").st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="no mode bits")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_obeys_the_mask(mask: int, mode: int, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    before = os.umask(mask)
    try:
        assert finalrank("report", "-o", "page.md").status == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("page.md").st_mode) == mode


def test_utf8_and_line_feeds_in_any_locale(tree: Tree) -> None:
    tree(SMALL | {"lösung/test_metrics.json": {"dice_pos": 0.9}})
    # Python would take UTF-8 for the locale C of its own accord.
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*COMMAND, "report", "-q", "-o", "page.md"],
        env=os.environ | plain,
        check=True,
        capture_output=True,
    )
    assert done.stdout == b""
    page = Path("page.md").read_bytes()
    assert b"\r" not in page
    assert page.endswith(b"|\n")
    page.decode("utf-8")


# What cannot be written


def assert_refused(finalrank: Finalrank, *args: object, names: str) -> None:
    done = finalrank("report", *args)
    assert (done.status, done.bytes) == (2, b"")
    lines = [line for line in done.err.splitlines() if line.startswith("finalrank: ")]
    assert len(lines) == 1
    assert names in lines[0]
    assert "Traceback" not in done.err


def test_a_folder_is_no_file(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    Path("page.md").mkdir()
    assert_refused(finalrank, "-o", "page.md", names="page.md: is a folder")
    assert_refused(finalrank, "-o", "new.md/", "-f", "md", names="new.md/")
    assert os.listdir("page.md") == []


def test_a_folder_that_is_not_there(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert_refused(finalrank, "-o", "no/where/page.md", names="no/where")
    Path("file").write_text("")
    assert_refused(finalrank, "-o", "file/page.md", names="file")
    assert not Path("no").exists()


def test_a_link_into_a_folder_that_is_not_there(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    Path("page.md").symlink_to("nowhere/page.md")
    # The line must name the folder that is missing.
    assert_refused(finalrank, "-o", "page.md", names="nowhere")


def test_an_empty_name_is_refused_by_its_option(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert_refused(finalrank, "-o", "", "-f", "md", names="-o")


@pytest.mark.usefixtures("unprivileged")
def test_no_permission_to_write_in_the_folder(finalrank: Finalrank, shared: Path) -> None:
    closed = shared / "closed"
    assert_refused(
        finalrank, shared / "runs", "-o", closed / "page.md", names="page.md: no permission"
    )
    assert os.listdir(closed) == []


def test_no_permission_to_write_the_file(
    finalrank: Finalrank, shared: Path, request: pytest.FixtureRequest
) -> None:
    (shared / "open").mkdir()
    (shared / "open").chmod(0o777)
    page = shared / "open" / "page.md"
    page.write_text("old")
    page.chmod(0o444)
    request.getfixturevalue("unprivileged")
    assert_refused(finalrank, shared / "runs", "-o", page, names="page.md: no permission")
    assert page.read_text() == "old"
    assert not litter(shared / "open")


def test_of_several_outputs_one_that_cannot_be_leaves_all_untouched(
    finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL)
    Path("a.md").write_text("old")
    Path("c.csv").mkdir()
    assert_refused(finalrank, "-o", "a.md", "-o", "b.json", "-o", "c.csv", names="c.csv")
    assert Path("a.md").read_text() == "old"
    assert sorted(os.listdir()) == ["a.md", "c.csv", "runs"]


def test_a_bad_template_leaves_all_untouched(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    Path("b.json").write_text("old")
    Path("page.j2").write_text("{{ titel }}")
    assert_refused(
        finalrank, "-o", "b.json", "-o", "a.md", "--template", "page.j2", names="page.j2:1"
    )
    assert Path("b.json").read_text() == "old"
    assert sorted(os.listdir()) == ["b.json", "page.j2", "runs"]


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
@pytest.mark.parametrize("which", [1, 2])
def test_a_disk_that_is_full_leaves_old_files_and_no_litter(
    call: str, which: int, finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(SMALL)
    for name in ("a.md", "b.json"):
        Path(name).write_text("old")
    real = getattr(os, call)
    calls = []

    def full(*args: Any, **options: Any) -> Any:
        target = str(args[0])
        if call == "fsync" or ".finalrank" in target or ".tmp" in target:
            calls.append(target)
            if len(calls) == which:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        done = finalrank("report", "-o", "a.md", "-o", "b.json")
    assert done.status == 2
    (line,) = (line for line in done.err.splitlines() if line.startswith("finalrank: "))
    assert "no space left" in line.lower()
    assert ".tmp" not in line
    assert not litter()
    contents = [Path(name).read_text() for name in ("a.md", "b.json")]
    # Each is old or new; all are old unless the last step itself fails half way.
    assert all(text == "old" or len(text) > 500 for text in contents)
    if call != "replace" or which == 1:
        assert contents == ["old", "old"]


@pytest.mark.skipif(not Path("/proc").exists(), reason="sets a limit as Linux has it")
def test_a_file_that_outgrows_its_limit_leaves_the_old_one(tree: Tree) -> None:
    tree(SMALL)
    Path("a.md").write_text("old")
    script = f"ulimit -f 1; {shlex.join(COMMAND)} report -q -o a.md"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"finalrank: ")
    assert b"a.md" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert Path("a.md").read_text() == "old"
    assert sorted(os.listdir()) == ["a.md", "runs"]


@pytest.mark.skipif(
    shutil.which("unshare") is None or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="mounts a small disk in a namespace of its own",
)
def test_a_small_disk_that_is_full_leaves_the_old_file(tree: Tree) -> None:
    tree({f"run_{n:03}/test_metrics.json": {"dice_pos": (n + 1) / 500} for n in range(300)})
    Path("disk").mkdir()
    script = (
        "mount -t tmpfs -o size=16k tmpfs disk || exit 99; printf old > disk/a.md;"
        f"{shlex.join(COMMAND)} report -q -o disk/a.md; echo $?;"
        "cat disk/a.md; ls -A disk | wc -l"
    )
    command = ["unshare", "-m", "bash", "-c", script]
    done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)
    if done.returncode in (1, 99):
        pytest.skip("no mounts here")
    assert done.stdout.split() == [b"2", b"old1"]
    assert done.stderr.startswith(b"finalrank: ")
    assert b"no space left on device" in done.stderr


# What is written to, and not replaced


def test_a_pipe_is_written_to(tree: Tree) -> None:
    tree(SMALL)
    os.mkfifo("pipe.md")
    with subprocess.Popen(["cat", "pipe.md"], stdout=subprocess.PIPE) as reader:
        try:
            command = [*COMMAND, "report", "-o", "pipe.md", "-o", "a.json"]
            done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)
            page, _ = reader.communicate(timeout=PATIENCE)
        finally:
            reader.kill()
    assert done.returncode == 0
    assert page.startswith(b"# Clean")
    assert page.endswith(b"|\n")
    assert stat.S_ISFIFO(os.stat("pipe.md").st_mode)
    assert Path("a.json").exists()


def in_shell(script: str) -> subprocess.CompletedProcess[bytes]:
    script = script.replace("$F", shlex.join(COMMAND))
    command = ["bash", "-c", script]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)


def test_the_path_of_standard_output_is_not_replaced(tree: Tree) -> None:
    tree(SMALL)
    # The shell holds the file open: what it appends must stand behind the page.
    done = in_shell("{ $F report -q -f md -o /dev/stdout; echo behind; } > page")
    assert (done.returncode, done.stderr) == (0, b"")
    page = Path("page").read_bytes()
    assert page.startswith(b"# Clean")
    assert page.endswith(b"|\nbehind\n")
    assert in_shell("$F report -q -f md -o /dev/stdout | cat").stdout.startswith(b"# Clean")


def test_a_process_substitution_is_written_to(tree: Tree) -> None:
    tree(SMALL)
    done = in_shell("$F report -q -f md -o >(cat > page; echo > done)")
    assert (done.returncode, done.stderr) == (0, b"")
    ends = time.monotonic() + PATIENCE
    while not Path("done").exists() and time.monotonic() < ends:
        time.sleep(0.01)
    assert Path("page").read_bytes().startswith(b"# Clean")


def test_a_device_stays_one(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "-f", "md", "-o", "/dev/null").status == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    if Path("/dev/full").exists():
        assert_refused(finalrank, "-f", "md", "-o", "/dev/full", names="/dev/full")


def test_no_litter_after_writing(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    for _ in range(3):
        finalrank("report", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    assert sorted(os.listdir()) == ["a.md", "b.json", "c.csv", "runs"]


def test_a_name_as_long_as_can_be(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    name = "x" * 252 + ".md"
    assert finalrank("report", "-o", name).status == 0
    assert Path(name).read_text().startswith("# Clean")
    assert_refused(finalrank, "-o", "x" * 300 + ".md", names="xxx")
