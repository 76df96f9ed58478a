"""What can lie in a metrics file's place, and what can be a name."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from pathlib import Path

from hostile_kind import (
    FILE,
    KEPT,
    MARK,
    NO_CANDIDATE,
    ROC,
    UNREADABLE,
    VALID,
    ZERO,
    Kind,
    Make,
    beside,
    content,
    document,
    put_file,
)


def put(*sources: str) -> Make:
    """Valid files in the run's folder."""

    def make(folder: Path) -> None:
        for source in sources:
            put_file(folder, source)

    return make


def _text(name: str) -> Make:
    return lambda folder: (folder / name).write_text(MARK)


def link(target: str, name: str = FILE) -> Make:
    return lambda folder: (folder / name).symlink_to(target)


def both(*makes: Make) -> Make:
    def make(folder: Path) -> None:
        for each in makes:
            each(folder)

    return make


def _mode(mode: int, name: str = "") -> Make:
    return lambda folder: (folder / name).chmod(mode)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / FILE)


def _other_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def _socket(folder: Path) -> None:
    # From its folder: the path of a socket may not be long.
    with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as server:
        server.bind(FILE)


def _node(kind: int, major: int, minor: int) -> Make:
    """A device of our own, which root alone may make."""
    return lambda folder: os.mknod(folder / FILE, kind | 0o666, os.makedev(major, minor))


def _at_time(seconds: int) -> Make:
    def make(folder: Path) -> None:
        put_file(folder, FILE)
        os.utime(folder / FILE, (seconds, seconds))
        os.utime(folder, (seconds, seconds))

    return make


def _below(parts: list[str]) -> Make:
    """A valid file so many folders down; step by step, as no path reaches there."""

    def make(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            for part in parts:
                os.mkdir(part, dir_fd=descriptor)
                below = os.open(part, os.O_RDONLY, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            file = os.open(FILE, os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
            os.write(file, VALID)
            os.close(file)
        finally:
            os.close(descriptor)

    return make


def _siblings(folder: Path) -> None:
    for n in range(10_000):
        (folder / f"test_metrics_{n:05}.json").write_bytes(VALID)


_DEEPLY = ["d"] * 1_500
_FAR = ["n" * 200] * 30  # twice over PATH_MAX
_LATEST = "is a link to original/test_metrics\\.json, .* keep one"

FILES = [
    Kind("pipe", _pipe, UNREADABLE, "a pipe, not a file"),
    Kind("socket", _socket, UNREADABLE, "a socket, not a file"),
    Kind("character_node", _node(stat.S_IFCHR, 1, 5), UNREADABLE, "a device, not a file"),
    Kind("block_node", _node(stat.S_IFBLK, 7, 200), UNREADABLE, "a device, not a file"),
    Kind("link_to_zeros", link("/dev/zero"), UNREADABLE, "a link to a device, not a file"),
    Kind("link_to_the_terminal", link("/dev/tty"), UNREADABLE, "a link to a device, not a file"),
    Kind("link_to_memory", link("/proc/self/mem"), UNREADABLE, "cannot be read"),
    Kind("link_to_a_pipe", both(_other_pipe, link("pipe")), UNREADABLE, "a link to a pipe"),
    Kind("link_to_nothing", link("nowhere"), UNREADABLE, "a link to nothing"),
    Kind("link_to_itself", link(FILE), UNREADABLE, "a link to itself"),
    Kind("link_to_a_folder", link(".."), UNREADABLE, "a link to a folder"),
    Kind(
        "link_to_a_text",
        both(link("notes.txt"), _text("notes.txt")),
        UNREADABLE,
        "^line 1 column 1: is not JSON",
    ),
    Kind("link_to_a_store", both(put("best.json"), link("best.json")), KEPT, None),
    Kind("link_to_the_hidden", both(put(f".store/{FILE}"), link(f".store/{FILE}")), KEPT, None),
    Kind("link_to_a_sibling", both(put(f"z_{FILE}"), link(f"z_{FILE}")), KEPT, None),
    Kind("original", put(FILE), KEPT, None),
    Kind("latest_file", link(f"../original/{FILE}"), KEPT, _LATEST),
    Kind("latest_of_latest", link(f"../latest_file/{FILE}"), KEPT, _LATEST),
    Kind("latest_through_a_folder", link(f"../latest/run/{FILE}"), KEPT, _LATEST),
    Kind("latest", link("../original", "run"), NO_CANDIDATE, None, f"run/{FILE}"),
    Kind("up", link("..", "up"), NO_CANDIDATE, None, f"up/original/{FILE}"),
    Kind(
        "linked_in",
        both(put(f".store/{FILE}"), link(".store", "in")),
        NO_CANDIDATE,
        "is a link, which is not entered, to a folder with artifacts",
        f"in/{FILE}",
    ),
    Kind(
        "linked_the_whole_disk",
        link("/", "disk"),
        NO_CANDIDATE,
        "is a link, which is not entered, to a folder",
        f"disk/{FILE}",
    ),
    Kind("folder", put(f"{FILE}/keep.txt"), UNREADABLE, "a folder, not a file"),
    Kind("folder_within", put(f"{FILE}/x/{FILE}"), UNREADABLE, "a folder, not a file"),
    Kind("hidden_file", put(f".{FILE}"), NO_CANDIDATE, None, f".{FILE}"),
    Kind("hidden_by_a_mac", put(f"._{FILE}"), NO_CANDIDATE, None, f"._{FILE}"),
    Kind("hidden_cache", put(f".cache/{FILE}"), NO_CANDIDATE, None, f".cache/{FILE}"),
    Kind(
        "hidden_checkpoints",
        put(f".ipynb_checkpoints/{FILE}"),
        NO_CANDIDATE,
        None,
        f".ipynb_checkpoints/{FILE}",
    ),
    Kind("python_cache", put(f"__pycache__/{FILE}"), KEPT, None, f"__pycache__/{FILE}"),
    Kind("other_case", put(FILE.upper()), NO_CANDIDATE, None, FILE.upper()),
    Kind("pipe_beside", _other_pipe, NO_CANDIDATE, None, "pipe"),
    Kind("levels_1500", _below(_DEEPLY), KEPT, None, "/".join([*_DEEPLY, FILE])),
    Kind("path_max", _below(_FAR), KEPT, None, "/".join([*_FAR, FILE])),
    Kind("siblings_10000", _siblings, KEPT, None, "test_metrics_00000.json"),
    Kind("year_1970", _at_time(0), KEPT, None),
    Kind("year_2400", _at_time(13_569_465_600), KEPT, None),
]

# What only another user than root cannot read.
LOCKED = [
    Kind("locked_file", both(put(FILE), _mode(0, FILE)), UNREADABLE, "permission"),
    Kind("locked_folder", both(put(FILE), _mode(0)), NO_CANDIDATE, "cannot be listed: permission"),
    Kind(
        "locked_list", both(put(FILE), _mode(0o111)), NO_CANDIDATE, "cannot be listed: permission"
    ),
    Kind("locked_entries", both(put(FILE), _mode(0o444)), UNREADABLE, "permission"),
    Kind("locked_link", link(f"../locked_folder/{FILE}"), UNREADABLE, "permission"),
]


# What can be a name

NAMES = [
    "|",
    "a|b\\|c",
    "`",
    "``a`",
    "*_[]()#<>&\"'\\",
    "[x](y)",
    "&amp;",
    "<!-- x",
    "<script>alert(1)",
    "two\nlines",
    "\n",
    "# two\r\n| lines |",
    "\ttab",
    "\rreturn",
    "\x1b[2J\x1b[31mred\x07",
    "\x01",
    "\x7f\x9b31m\x85",
    "\u2028line\u2029",
    "\u202elanrats",
    "\u200f\u2067\u061c",
    "\ufeffmark",
    "\N{GRINNING FACE}",
    "\N{GRINNING FACE}" * 63 + "abc",  # 255 bytes
    "é",
    "e\u0301",
    "n" * 255,
    "\udcff\udcfe",
    "caf\udce9",
    "\udced\udca0\udc80",
    "-rf",
    "--help",
    "-1+1",
    "+1",
    "@SUM(A1)",
    "=cmd|' C'!A0",
    "=1+1",
    "'quoted",
    ',;""',
    "{{ 7*7 }}",
    "{% include %}",
    "{# x",
    "${HOME}$(id)",
    "%s%n%(x)s",
    "{0.__class__}",
    "~",
    " in front",
    "CON",
    "nul.txt",
    "a.json",
]

# A run of each name, which is ranked and has a problem, so that the name stands everywhere; and a
# file of it, which is left out.
NAMED = [
    Kind(name, beside(f'"{ROC}": true'), KEPT, f"^{ROC}: is true, not a number") for name in NAMES
] + [
    Kind(
        f"file_name_{n:02}",
        _text(f"test_metrics_{name}.json"),
        UNREADABLE,
        "^line 1 column 1: is not JSON",
        f"test_metrics_{name}.json",
    )
    for n, name in enumerate(NAMES)
    if len(os.fsencode(name)) < 200
]
# Its name is on the page although it is not ranked.
NOTABLE = Kind(
    "missed | `by` *all*\n\x1b[31m",
    content(document(f'"dice_pos": 0, "{ROC}": 0.99')),
    ZERO,
    None,
)
