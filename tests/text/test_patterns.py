"""Regular expressions that a user wrote: those that never end, and those that are too large."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Finalrank, Tree
from finalrank.text.patterns import fault_of_size, searcher

NEVER = r"^(?P<run>(a|a)*)\.$"
DICE = '[[metrics]]\nkey = "dice"\nprimary = true\n'


def runs(tree: Tree, config: str) -> Path:
    files = {f"{'a' * 40}.{n}/test_metrics.json": {"dice": 0.5} for n in range(50)}
    files |= {f"{'a' * 40}/test_metrics.json": {"dice": 0.5}}
    return tree({**files, "finalrank.toml": config})


@pytest.mark.parametrize(
    ("setting", "config"),
    [
        ("scan.run", f"scan.run = '{NEVER}'\n{DICE}"),
        ("scan.run", f"scan.run = '^(?P<dataset>(a|a)*)(?P<run>x?)[.]$'\n{DICE}"),
        ("rank.members", f"rank.members = '^(a|a)*(?P<kind>s?)[.]$'\n{DICE}"),
        (
            "rank.members",
            f"rank.members = '^(a|a)*(?P<kind>s?)[.]$'\n{DICE}"
            '[[factors]]\nkey = "seed"\nrole = "seed"\n',
        ),
    ],
)
@pytest.mark.parametrize("command", ["report", "explain"])
def test_one_that_never_ends_is_one_line(
    command: str, setting: str, config: str, tree: Tree, tmp_path: Path
) -> None:
    root = runs(tree, config)
    done = subprocess.run(
        [sys.executable, "-m", "finalrank", command, root],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # it would take years
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f'finalrank: {setting}: takes too long on "aaaa')
    assert "write it without a repeat in a repeat" in line


@pytest.mark.parametrize(
    "pattern",
    ["(?P<run>" + "(" * 10 + "a?" + "){9}" * 10 + ")", "(?P<run>((a{65535}){65535}))", "a" * 2001],
)
def test_one_that_is_too_large_is_refused(pattern: str, tree: Tree, finalrank: Finalrank) -> None:
    done = finalrank("report", tree({"finalrank.toml": f"scan.run = '{pattern}'\n"}))
    assert done.status == 2
    (line,) = done.err.splitlines()
    assert "write a shorter regular expression" in line
    assert len(line) < 500


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?P<run>[^/]+)/\d{4}-\d{2}-\d{2}_\d{6}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"(?P<run>[](){}]+{3})",
        r"(?P<run>.+)/v\d+(\.\d+){1,2}/(?:fold_\d)?\Z",
    ],
)
def test_those_that_people_write_are_not(pattern: str) -> None:
    assert fault_of_size(pattern) is None


def test_many_paths_are_no_reason(tree: Tree) -> None:
    search = searcher(r"(?P<run>[^/]+)/fold_(?P<fold>\d+)/", "scan.run")
    for number in range(200_000):
        match = search(f"data/run_{number}/fold_3/metrics.json")
        assert match
        assert match["run"] == f"run_{number}"


@given(
    st.text("ab01_/é-."),
    st.sampled_from(
        [r"(?P<x>\w+?)_(?P<y>\d+)", r"(?i)(?P<x>[^/]+)/(?P<y>a*)", r"(?P<y>(?<=b)\d)?(?P<x>\W)\Z"]
    ),
)
def test_a_search_finds_what_python_finds(text: str, pattern: str) -> None:
    mine, python = searcher(pattern, "scan.run")(text), re.search(pattern, text)
    assert (mine is None) == (python is None)
    if mine and python:
        assert mine.span("x") == python.span("x")
        assert mine.span("y") == python.span("y")
