"""Which entries of a runs folder are candidates."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import candidates
from candidates import VALID, Found, posix
from conftest import Finalrank, Tree

found = candidates.found

any_bytes_in_names = pytest.mark.skipif(
    sys.platform != "linux", reason="needs names that are not UTF-8"
)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "test_metrics.json",
        "test_metrics_fold0.json",
        "test_metrics.1.json",
        "unet_test_metrics.json",
        "unet_test_metrics_fold0.json",
        "_test_metrics.json",
        "test_metrics\n.json",
    ],
)
def test_a_name_that_matches_a_pattern_is_a_candidate(name: str, tree: Tree, found: Found) -> None:
    assert list(found(tree({f"a/{name}": VALID}))) == [f"a/{name}"]


@pytest.mark.parametrize(
    "name",
    [
        "Test_metrics.json",
        "test_metrics.JSON",
        "TEST_METRICS.json",
        "mytest_metrics.json",
        "test_metric.json",
        "metrics.json",
        "test_metrics.json.bak",
        "test_metrics.json\n",
        "test_metrics",
        ".test_metrics.json",
        "._test_metrics.json",
        "..._test_metrics.json",
    ],
)
def test_any_other_name_is_not(name: str, tree: Tree, found: Found) -> None:
    root = tree({"b/test_metrics.json": VALID, f"a/{name}": VALID})
    assert list(found(root)) == ["b/test_metrics.json"]


def test_patterns_can_be_configured(tree: Tree, found: Found) -> None:
    root = tree(
        {
            "finalrank.toml": '[scan]\npatterns = ["*.json", "final?"]',
            "a/summary.json": VALID,
            "a/final1": VALID,
            "a/final12": VALID,
            "a/.hidden.json": VALID,
        }
    )
    assert sorted(found(root)) == ["a/final1", "a/summary.json"]


# Runs


def test_the_run_is_the_folder_and_of_a_top_level_file_its_name(tree: Tree, found: Found) -> None:
    root = tree(
        {
            "a/b/test_metrics.json": VALID,
            "a/test_metrics.json": VALID,
            "test_metrics_x.json": VALID,
            "test_metrics.json": VALID,
        }
    )
    assert {source: run for source, (run, _) in found(root).items()} == {
        "a/b/test_metrics.json": "a/b",
        "a/test_metrics.json": "a",
        "test_metrics_x.json": "test_metrics_x",
        "test_metrics.json": "test_metrics",
    }


def test_two_that_come_to_the_same_name_are_one_run(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"test_metrics.json": VALID, "test_metrics/test_metrics.json": VALID})
    report = finalrank("report", root, "-f", "json").json
    assert report["counts"] == {
        "artifacts_found": 2,
        "artifacts_valid": 2,
        "runs_found": 1,
        "runs_valid": 1,
    }
    # "." comes before "/".
    assert report["runs"][0]["source"] == "test_metrics.json"


@pytest.mark.parametrize("name", ["{}", "{}/", "{}/../runs", "{}/a/.."])
def test_sources_do_not_depend_on_how_the_folder_is_written(
    name: str, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({"a/test_metrics.json": VALID})
    report = finalrank("report", name.format(root), "-f", "json").json
    assert report["runs"][0]["source"] == "a/test_metrics.json"
    assert report["root"] == "runs"


# Order

# Code point order; neither UTF-8, UTF-16, case-folded nor any locale's order.
NAMES = ["A", "Z", "a", "a-", "a/b", "ab", "b", "é", "\udcff", "\ue000", "\N{GRINNING FACE}"]


@any_bytes_in_names
def test_names_compare_by_code_point(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({f"{name}/test_metrics.json": VALID for name in reversed(NAMES)})
    done = finalrank("report", root, "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == NAMES
    assert rb'"run": "\udcff"' in done.bytes


@any_bytes_in_names
def test_what_is_left_out_comes_by_code_point_of_its_source(
    tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({f"{name}/test_metrics.json": "{" for name in reversed(NAMES)})
    (root / "k").mkdir()
    (root / "k" / "test_metrics.json").write_text(VALID)
    report = finalrank("report", root, "-f", "json").json
    # The "/" after the name counts: "-" is less.
    sources = [f"{name}/test_metrics.json" for name in NAMES]
    sources.sort(key=lambda source: [ord(char) for char in source])
    assert [row["source"] for row in report["excluded"]] == sources
    assert [row["source"] for row in report["problems"]] == sources
    assert sources.index("a-/test_metrics.json") < sources.index("a/b/test_metrics.json")


# Hidden folders and links


def test_hidden_folders_are_not_entered(tree: Tree, found: Found) -> None:
    root = tree({"a/test_metrics.json": VALID, ".git/a/test_metrics.json": VALID})
    tree({"a/.old/test_metrics.json": VALID})
    assert list(found(root)) == ["a/test_metrics.json"]


def test_the_named_folder_may_be_hidden(tree: Tree, found: Found) -> None:
    root = tree({".runs/a/test_metrics.json": VALID})
    assert list(found(root / ".runs")) == ["a/test_metrics.json"]


@posix
def test_the_named_folder_may_be_a_link(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"a/test_metrics.json": VALID})
    link = root.parent / "latest"
    link.symlink_to(root)
    report = finalrank("report", link, "-f", "json").json
    assert [run["source"] for run in report["runs"]] == ["a/test_metrics.json"]
    assert report["root"] == "latest"


@posix
def test_links_to_folders_are_not_followed(tree: Tree, found: Found) -> None:
    root = tree({"run_42/test_metrics.json": VALID})
    (root / "latest").symlink_to("run_42")
    (root / "run_42" / "up").symlink_to("..")
    assert list(found(root)) == ["run_42/test_metrics.json"]


@posix
def test_a_link_to_a_file_is_read(tree: Tree, found: Found) -> None:
    root = tree({"store/best": VALID, "a/keep.txt": ""})
    (root / "a" / "test_metrics.json").symlink_to("../store/best")
    assert found(root) == {"a/test_metrics.json": ("a", None)}


# What is no regular file


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    # From its folder: the path of a socket may not be long.
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def _link_to_pipe(path: Path) -> None:
    os.mkfifo(path.parent / "fifo")
    path.symlink_to("fifo")


@posix
@pytest.mark.parametrize(
    ("make", "word"),
    [
        (_folder, "folder"),
        (_pipe, "pipe"),
        (_socket, "socket"),
        (_link("nowhere"), "nothing"),
        (_link("test_metrics.json"), "itself"),
        (_link("test_metrics.json/x"), ""),
        (_link("../z/test_metrics.json/below"), ""),
        (_link(".."), "folder"),
        (_link("/dev/null"), "device"),
        (_link("/dev/zero"), "device"),
        (_link_to_pipe, "pipe"),
    ],
    ids=[
        "folder",
        "pipe",
        "socket",
        "dangling",
        "loop",
        "loop below itself",
        "below a file",
        "link to folder",
        "null",
        "zero",
        "link to pipe",
    ],
)
def test_what_is_no_file_is_unreadable(
    make: Callable[[Path], None], word: str, tree: Tree, finalrank: Finalrank
) -> None:
    root = tree({"z/test_metrics.json": VALID, "a/keep.txt": ""})
    make(root / "a" / "test_metrics.json")
    done = finalrank("report", root, "-f", "json")
    (row,) = done.json["excluded"]
    assert (row["source"], row["run"], row["reason"]) == ("a/test_metrics.json", "a", "unreadable")
    (line,) = done.problems
    assert line.startswith("a/test_metrics.json: ")
    assert word in line
    assert str(root.parent) not in line
    (problem,) = done.json["problems"]
    assert line == f"a/test_metrics.json: {problem['reason']}"


def test_a_folder_of_that_name_is_entered_too(tree: Tree, found: Found) -> None:
    root = tree({"a/test_metrics.json/test_metrics.json": VALID})
    assert found(root) == {
        "a/test_metrics.json": ("a", "unreadable"),
        "a/test_metrics.json/test_metrics.json": ("a/test_metrics.json", None),
    }


@posix
def test_what_is_no_file_and_no_candidate_is_no_problem(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"a/test_metrics.json": VALID})
    os.mkfifo(root / "a" / "pipe")
    (root / "a" / "dangling").symlink_to("nowhere")
    (root / "a" / ".test_metrics.json").symlink_to("nowhere")
    assert finalrank("report", root, "--strict", "-f", "json").problems == []


# Size


@pytest.mark.parametrize(("size", "reason"), [(17, None), (18, "unreadable"), (99, "unreadable")])
@pytest.mark.parametrize("fill", [" ", "\n", "}"])
def test_max_bytes_is_the_most_that_is_read(
    size: int, reason: str | None, fill: str, tree: Tree, found: Found
) -> None:
    content = VALID + fill * (size - len(VALID))
    root = tree({"finalrank.toml": "[scan]\nmax_bytes = 17", "a/test_metrics.json": content})
    assert found(root) == {"a/test_metrics.json": ("a", reason)}


def test_max_bytes_is_32_mib_unless_configured(tree: Tree, finalrank: Finalrank) -> None:
    limit = 32 * 1024 * 1024
    root = tree(
        {
            "most/test_metrics.json": VALID.ljust(limit).encode(),
            "over/test_metrics.json": VALID.ljust(limit + 1).encode(),
        }
    )
    report = finalrank("report", root, "-f", "json").json
    shutil.rmtree(root)
    assert [run["run"] for run in report["runs"]] == ["most"]
    assert [(row["run"], row["reason"]) for row in report["excluded"]] == [("over", "unreadable")]


@posix
def test_max_bytes_holds_for_the_file_behind_a_link(tree: Tree, found: Found) -> None:
    root = tree({"finalrank.toml": "[scan]\nmax_bytes = 17", "a/big": VALID + " "})
    (root / "a" / "test_metrics.json").symlink_to("big")
    assert found(root) == {"a/test_metrics.json": ("a", "unreadable")}


# Depth


@pytest.fixture
def deep_root(tmp_path: Path) -> Iterator[Path]:
    """A runs folder that may hold paths too long for Python to remove."""
    root = tmp_path / "runs"
    root.mkdir()
    yield root
    subprocess.run(["rm", "-rf", root], check=True)


@contextmanager
def folder_at(root: Path, parts: list[str]) -> Iterator[int]:
    """A descriptor of the folder `parts` below `root`, which is made."""
    descriptor = os.open(root, os.O_RDONLY)
    for part in parts:
        os.mkdir(part, dir_fd=descriptor)
        below = os.open(part, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def put(descriptor: int, name: str = "test_metrics.json") -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
    os.write(file, VALID.encode())
    os.close(file)


@posix
@pytest.mark.parametrize(
    "parts",
    [
        ["d"] * 1500,
        ["n" * 200] * 30,
        ["d"] * 3000,
        ["\N{GRINNING FACE}" * 60] * 100,
        ["n" * 99] * 53 + ["n" * 100 + "\n"],
        ["n" * 255] * 40,
    ],
    ids=["1500 levels", "long names", "3000 levels", "four bytes a letter", "line end", "longest"],
)
def test_any_depth_is_walked(parts: list[str], deep_root: Path, found: Found) -> None:
    with folder_at(deep_root, parts) as folder:
        put(folder)
    run = "/".join(parts)
    assert found(deep_root) == {f"{run}/test_metrics.json": (run, None)}


@posix
def test_what_is_no_file_past_path_max(deep_root: Path, finalrank: Finalrank) -> None:
    parts = ["n" * 200] * 30
    with folder_at(deep_root, parts) as folder:
        put(folder)
        os.mkfifo("pipe_test_metrics.json", dir_fd=folder)
        os.symlink("nowhere", "dangling_test_metrics.json", dir_fd=folder)
        os.symlink("loop_test_metrics.json", "loop_test_metrics.json", dir_fd=folder)
        os.symlink("/dev/zero", "zero_test_metrics.json", dir_fd=folder)
        os.symlink("test_metrics.json", "linked_test_metrics.json", dir_fd=folder)
        os.mkdir("folder_test_metrics.json", dir_fd=folder)
    done = finalrank("report", deep_root, "-f", "json")
    assert done.status == 0
    names = [row["source"].rpartition("/")[2] for row in done.json["excluded"]]
    assert names == [
        f"{kind}_test_metrics.json" for kind in ["dangling", "folder", "loop", "pipe", "zero"]
    ]
    assert done.json["counts"]["artifacts_valid"] == 2
