"""Random runs folders, with names of any bytes."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from conftest import PUBLISHED

a_few = settings(deadline=None, max_examples=40)
WHEN = datetime.fromisoformat(PUBLISHED)

# Trees


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: bytes


@dataclass(frozen=True)
class Pipe:
    """A named pipe."""


Node = Any  # a file's content, a Link, a Pipe, or a folder: a dict from names to nodes
Folder = dict[bytes, Node]


def make(tree: Folder, folder: bytes, order: Callable[[list[bytes]], object] = list) -> None:
    """Make the tree in a new folder, in whatever order."""
    os.makedirs(folder)
    names = list(tree)
    order(names)
    for name in names:
        path, node = os.path.join(folder, name), tree[name]
        if isinstance(node, dict):
            make(node, path, order)
        elif isinstance(node, Link):
            os.symlink(node.target, path)
        elif isinstance(node, Pipe):
            os.mkfifo(path)
        else:
            Path(os.fsdecode(path)).write_bytes(node)


@contextmanager
def made(tree: Folder, name: bytes = b"runs", **how: Any) -> Iterator[str]:
    """The path of a runs folder of that name."""
    with tempfile.TemporaryDirectory() as above:
        make(tree, os.path.join(os.fsencode(above), name), **how)
        yield os.path.join(above, os.fsdecode(name))


def candidates(tree: Folder, folder: bytes = b"") -> Iterator[str]:
    """The sources that docs/contract.md, section 1, finds in a tree, from what was put there."""
    for name, node in tree.items():
        if name.startswith(b"."):
            continue
        stem = name.removesuffix(b".json")
        if stem != name and (stem.startswith(b"test_metrics") or b"_test_metrics" in stem):
            yield os.fsdecode(folder + name)
        if isinstance(node, dict):
            yield from candidates(node, folder + name + b"/")


# What somebody may call a run, and what it would be to Markdown, to a terminal, to a spreadsheet,
# to Jinja, to JSON.
PIECES = [
    *("|", "\\", "`", "``", "*", "**", "_", "~~", "<b>", "<!--", "[x](y)", "![", "&lt;", "#", "- "),
    *("\n", "\r", "\t", "\x1b[31m", "\x07", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"),
    *("\u061c", "\u200e", "\ufeff", "\u0301", "é", "\U0001f600", "{{ 7*7 }}", "{% raw %}", "{#"),
    *("=", "+", "-", "@", "'", '"', ",", ";", " ", "%", "$(x)", "\\u0000", "a", "b", "1e5", "007"),
]
NAMES = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join).map(str.encode)
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(str.encode)
    | st.binary(min_size=1, max_size=8)
).filter(lambda name: not (b"/" in name or b"\0" in name or name in (b".", b"..")))
# Not hidden, and without a word that drops it: of these a test knows what becomes of them.
RUN_NAMES = NAMES.filter(
    lambda name: not re.search(rb"(?i)^\.|dev|debug|regression|smoke|scan|nnunet|metrics", name)
)


def valid(**values: float) -> bytes:
    return json.dumps(values).encode()


BAD = [b"", b"{", b"[]", b"{}", b"\xff", b"<html>", b"\0\0", b'{"dice_pos": "0.5"}']
GOOD = [valid(dice_pos=number / 8, roc_auc_presence=0.5) for number in range(9)]
CONTENTS = st.sampled_from(
    [*BAD, *GOOD, valid(dice_pos=38.37), valid(dice_pos=0, roc_auc_presence=0.9)]
)
FILE_NAMES = st.one_of(
    st.just(b"test_metrics.json"),
    st.builds(b"test_metrics%b.json".__mod__, NAMES),
    st.builds(b"%b_test_metrics.json".__mod__, NAMES),
    st.sampled_from(
        [
            *(b".test_metrics.json", b"Test_metrics.json", b"test_metrics.json.bak"),
            *(b"test_metrics_dev.json", b"scan_test_metrics.json", b"mytest_metrics.json"),
        ]
    ),
)
LINKS = st.sampled_from([b"nowhere", b".", b"..", b"test_metrics.json", b"/dev/null"]).map(Link)
TREES = st.recursive(
    st.dictionaries(FILE_NAMES, CONTENTS, min_size=1, max_size=3),
    lambda folders: st.dictionaries(
        FILE_NAMES | NAMES | st.sampled_from([b".git", b"smoke", b"latest", b"a"]),
        CONTENTS | folders | folders | LINKS | st.builds(Pipe),
        max_size=4,
    ),
    max_leaves=12,
)

# What no reader of a report should be sent as it is: it drives a terminal, or turns text around.
CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
