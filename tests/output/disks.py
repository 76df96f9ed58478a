"""What is on the disk, and what ought to be there once pages are written."""

from __future__ import annotations

import os
import posixpath
import stat
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from conftest import Tree

TROUBLED = {
    "a/test_metrics.json": {"dice_pos": 0.5},
    "percent/test_metrics.json": {"dice_pos": 0.3, "roc_auc_presence": 90.0},
    "nnunet/test_metrics.json": {"dice_pos": 0.2},
}
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
NOBODY = 65534
FULL = "/dev/full"

Pages = list[tuple[str, bytes]]


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


def assert_one_line(err: str, *parts: str) -> None:
    (line,) = err.splitlines()
    assert line.startswith("finalrank: ")
    for part in parts:
        assert part in line


@pytest.fixture
def old(tree: Tree) -> Disk:
    """Runs, two old outputs, and a link to a full device."""
    tree(TROUBLED | {"percent/test_metrics.json": {"dice_pos": 0.3}})
    for name in ("a.md", "b.csv"):
        Path(name).write_text("old")
    Path("full.md").symlink_to(FULL)
    return disk(Path())
