"""The same tree gives the same bytes, in any order and any environment."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PUBLISHED, Finalrank
from random_trees import GOOD, PIECES, TREES, Folder, a_few, made, make

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")


# The same tree, the same bytes


class Shuffled:
    """What `os.scandir` gives, in another order."""

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self.rest = iter(entries)

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        return self.rest

    def __next__(self) -> os.DirEntry[str]:
        return next(self.rest)

    def __enter__(self) -> Shuffled:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.rest = iter(())


@contextmanager
def shuffled_folders(shuffle: Callable[[list[Any]], object]) -> Iterator[None]:
    really = os.scandir

    def scandir(path: Any = ".") -> Shuffled:
        with really(path) as found:
            entries = list(found)
        shuffle(entries)
        return Shuffled(entries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield


COMMANDS = [
    *(("report", "--generated-at", PUBLISHED, "-f", form) for form in ("md", "json", "csv")),
    *(("explain", "-f", form) for form in ("text", "json", "csv")),
]


@a_few
@given(TREES, st.integers(0, 9))
def test_the_order_in_which_a_folder_lists_its_entries_does_not_matter(
    finalrank: Finalrank, tree: Folder, seed: int
) -> None:
    shuffle = random.Random(seed).shuffle
    with made(tree) as root, made(tree, order=shuffle) as other:
        for command in COMMANDS:
            expected = finalrank(*command, root)
            with shuffled_folders(list.reverse):
                assert finalrank(*command, root) == expected
            with shuffled_folders(shuffle):
                assert finalrank(*command, other) == expected


# Names of every kind, and of each verdict one.
MANY: Folder = {
    **{
        name: {b"test_metrics.json": GOOD[2 + number % 5], b"b_test_metrics.json": GOOD[4]}
        for number, name in enumerate(
            [b"nnunet", b"\xff\xfe", *(piece.encode() for piece in PIECES if "/" not in piece)]
        )
    },
    "lösung_test_metrics.json".encode(): GOOD[8],
    b"smoke": {b"test_metrics.json": GOOD[8]},
    "größe".encode(): {b"test_metrics.json": b"{", b"test_metrics_\xe9.json": b"[]"},
    "名前".encode(): {b"test_metrics.json": b'{"dice_pos": 0.5, "iou_pos": "x"}'},
}
# In Python's own words: neither UTF-8 by the locale, nor by its wish to have it.
ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ENVIRONMENTS = {
    "one seed": {"PYTHONHASHSEED": "0"},
    "another seed": {"PYTHONHASHSEED": "12345"},
    "west": {"TZ": "America/Los_Angeles"},
    "east": {"TZ": "Asia/Tokyo"},
    "C": {"LC_ALL": "C"},
    "C.utf8": {"LC_ALL": "C.utf8"},
    "C, no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0"},
    "C, not coerced": {"LC_ALL": "C", **ASCII},
    "POSIX, not coerced": {"LC_ALL": "POSIX", **ASCII},
    "LANG alone": {"LC_ALL": "", "LANG": "C", **ASCII},
    "no locale": {"LC_ALL": "tlh_KX.ISO-8859-15", **ASCII},
    "ASCII streams": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", **ASCII},
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a runs folder of that many names."""
    folder = tmp_path_factory.mktemp("many")
    make(MANY, os.fsencode(folder / "rüns"))
    return folder


def spoken(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """All that the commands write there, in processes of their own."""
    written = {}
    outputs = ["page.md", "all.json", "all.csv"]
    files = [part for name in ("-", *outputs) for part in ("-o", name)]
    for args in (["report", "-f", "json", *files], ["explain"]):
        given_time = {"SOURCE_DATE_EPOCH": "1000000000"}
        done = subprocess.run(
            [sys.executable, "-m", "finalrank", *args, "rüns".encode()],
            cwd=folder,
            env=os.environ | given_time | environment,
            capture_output=True,
            check=False,
        )
        written["".join(args)] = (done.returncode, done.stdout, done.stderr)
    return written | {name: (folder / name).read_bytes() for name in outputs}


@pytest.fixture(scope="module")
def spoken_here(many: Path) -> dict[str, Any]:
    return spoken(many, {"PYTHONUTF8": "1"})


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_the_environment_does_not_matter(
    environment: dict[str, str], many: Path, spoken_here: dict[str, Any]
) -> None:
    here = spoken(many, environment)
    assert [name for name, told in spoken_here.items() if here[name] != told] == []


API = r"""
import sys, finalrank
try:
    report = finalrank.load_report("r\xfcns")
except finalrank.FinalrankError as error:
    sys.exit(ascii(str(error)))
sys.stdout.buffer.write(report.to_json().encode())
"""


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_python_has_the_names_of_the_command_or_is_told_what_it_needs(
    environment: dict[str, str], many: Path, spoken_here: dict[str, Any]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", API],
        cwd=many,
        env=os.environ | {"SOURCE_DATE_EPOCH": "1000000000"} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        assert environment.get("PYTHONUTF8") == "0"
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert "names of files" in line
        assert "set PYTHONUTF8=1 before Python starts" in line
    else:
        assert done.stdout.encode() == spoken_here["all.json"]


def test_what_is_compared_is_a_report_with_names_of_every_kind(
    spoken_here: dict[str, Any],
) -> None:
    summary = json.loads(spoken_here["all.json"])
    assert summary["root"] == "rüns"
    assert {run["run"] for run in summary["runs"]} >= {"\udcff\udcfe", "\U0001f600", "名前", "\n"}
    assert sorted(row["source"] for row in summary["excluded"]) == [
        "größe/test_metrics.json",
        "größe/test_metrics_\udce9.json",
        "smoke/test_metrics.json",
    ]
