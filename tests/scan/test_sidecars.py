"""The table of cases that lies beside an artifact, and what lies there in its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from case_tables import DICE, LIMIT, LOSS, METRICS, SECRET
from conftest import Tree
from finalrank.model.artifact import CaseValues
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.sidecars import read_cases, sidecar_of
from finalrank.text.filenames import sidecar_names
from hostile import remove

# Sidecars


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("test_metrics.json", ["test_cases.csv", "test_cases.json"]),
        ("x_test_metrics_7.json", ["x_test_cases_7.csv", "x_test_cases_7.json"]),
        ("test_metrics.csv", ["test_cases.csv", "test_cases.json"]),
        ("test_metrics", ["test_cases.csv", "test_cases.json"]),
        (
            "test_metrics_test_metrics.json",
            ["test_cases_test_metrics.csv", "test_cases_test_metrics.json"],
        ),
        ("summary.json", []),
        ("", []),
    ],
)
def test_a_sidecar_has_its_artifacts_name(name: str, names: list[str]) -> None:
    assert sidecar_names(name, "test_metrics", ["test_cases"]) == names


def test_a_sidecar_can_keep_the_suffix() -> None:
    sidecars = ["val_metrics", "valid_metrics", "test_metrics", "val_metrics"]
    found = sidecar_names("test_metrics_x.json", "test_metrics", sidecars, None)
    assert found == ["val_metrics_x.json", "valid_metrics_x.json"]
    assert sidecar_names("x.json", "", ["y"]) == []


def cases(root: Path, source: str = "a/test_metrics.json", **more: Any) -> CaseValues | None:
    return read_cases(f"{root}/", source, METRICS, max_bytes=LIMIT, **more)


ONE = "case,dice\na,0.5\n"
DICE_OF_A = {"dice": {"a": 0.5}}


@pytest.mark.parametrize(
    ("files", "sidecar"),
    [
        (["test_cases.csv"], "test_cases.csv"),
        (["test_cases.json", "test_cases.csv"], "test_cases.csv"),
        (["test_cases.csv", "test_metrics_2.json", "test_cases_2.csv"], "test_cases.csv"),
        (["my_test_cases_final.csv"], "my_test_cases_final.csv"),
        (["test_cases_1.csv", "test_cases_2.csv"], None),
        (["test_cases_2.csv", "test_metrics_2.json"], None),
        (["test_cases_1.csv", ".test_cases.csv", "._test_metrics.json"], "test_cases_1.csv"),
        (["test_cases.txt", "cases.csv"], None),
        ([], None),
    ],
)
def test_the_sidecar_lies_beside_the_artifact(
    tree: Tree, files: list[str], sidecar: str | None
) -> None:
    root = tree({f"a/{name}": "{}" for name in ["test_metrics.json", *files]})
    expected = sidecar and f"a/{sidecar}"
    assert sidecar_of(f"{root}/", "a/test_metrics.json", "test_metrics", ["test_cases"]) == expected


def test_the_only_artifact_may_be_a_csv(tree: Tree) -> None:
    root = tree({"test_metrics.csv": "", "test_metrics.json": "", "test_cases_x.csv": ONE})
    found = cases(root, "test_metrics.csv")
    assert found == CaseValues("test_cases_x.csv", DICE_OF_A)
    assert cases(root, "other.json") is None


def test_a_sidecar_may_have_the_artifacts_name_in_its_own(tree: Tree) -> None:
    root = tree({"a/test_metrics.json": "", "a/test_metrics_per_case_x.csv": ONE})
    found = cases(root, sidecars=["test_metrics_per_case"])
    assert found == CaseValues("a/test_metrics_per_case_x.csv", DICE_OF_A)


def test_an_artifact_with_cases_needs_no_sidecar(tree: Tree) -> None:
    held = {"ids": ["a"], "v": [0.5]}
    root = tree({"a/test_metrics.json": held, "a/test_cases.csv": "case,dice\na,1\n"})
    metrics = [DICE.model_copy(update={"cases": "v"}), LOSS]
    found = read_cases(f"{root}/", "a/test_metrics.json", metrics, case_names="ids", max_bytes=99)
    assert found == CaseValues("a/test_metrics.json", DICE_OF_A)


def test_where_the_artifact_has_none_the_sidecar_counts(tree: Tree) -> None:
    root = tree({"a/test_metrics.json": "{}", "a/test_cases.csv": "case,dice\na,0.5\n"})
    metrics = [DICE.model_copy(update={"cases": "nothing"}), LOSS]
    found = read_cases(f"{root}/", "a/test_metrics.json", metrics, case_names="ids", max_bytes=99)
    assert found == CaseValues("a/test_cases.csv", DICE_OF_A)


def test_a_table_of_nothing_is_told(tree: Tree) -> None:
    root = tree({"a/test_metrics.json": "{}", "a/test_cases.csv": "case,dice\na,\n"})
    with pytest.raises(Unreadable, match="has no value of any metric") as caught:
        cases(root)
    assert caught.value.place == "test_cases.csv"


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _to_nothing(path: Path) -> None:
    path.symlink_to("nothing")


def _large(path: Path) -> None:
    path.write_text("case,dice\n" + "".join(f"{SECRET}{n},0.5\n" for n in range(LIMIT)))


def _huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


def _broken(path: Path) -> None:
    path.write_text(f"case,dice\n{SECRET}\n")


def _git_lfs(path: Path) -> None:
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{SECRET}\n")


@pytest.mark.parametrize("name", ["test_cases.csv", "z_test_cases.csv"])
@pytest.mark.parametrize(
    ("make", "place", "word"),
    [
        (_pipe, "", "is a pipe"),
        (_folder, "", "is a folder"),
        (_loop, "", "link to itself"),
        (_to_nothing, "", "link to nothing"),
        (_large, "", "is over 1000 bytes"),
        (_huge, "", "is over 1000 bytes"),
        (_broken, ": line 2", "cells"),
        (_git_lfs, ": line 1", "no column"),
    ],
)
def test_a_sidecar_that_cannot_be_read_says_why(
    tree: Tree, name: str, make: Any, place: str, word: str
) -> None:
    root = tree({"a/test_metrics.json": "{}"})
    make(root / "a" / name)
    with pytest.raises(Unreadable) as caught:
        cases(root)
    assert caught.value.place == name + place
    assert word in caught.value.reason
    assert SECRET not in caught.value.reason


def test_a_link_to_a_table_is_one(tree: Tree) -> None:
    root = tree({"a/test_metrics.json": "{}", "store/x": ONE})
    (root / "a" / "test_cases.csv").symlink_to("../store/x")
    assert cases(root) == CaseValues("a/test_cases.csv", DICE_OF_A)


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be listed"):
        cases(tmp_path)


@pytest.mark.parametrize("name", ["test_cases.csv", "z_test_cases.csv"])
def test_however_long_the_path(tmp_path: Path, name: str) -> None:
    folders = [f"{n:03}".ljust(200, "x") for n in range(30)]
    here = os.open(tmp_path, os.O_RDONLY)
    for folder in folders:
        os.mkdir(folder, dir_fd=here)
        below = os.open(folder, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    for file, content in (("test_metrics.json", b"{}"), (name, ONE.encode())):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, dir_fd=here)
        os.write(descriptor, content)
        os.close(descriptor)
    os.close(here)
    place = "/".join(folders)
    found = cases(tmp_path, f"{place}/test_metrics.json")
    assert found == CaseValues(f"{place}/{name}", DICE_OF_A)
    remove(tmp_path / folders[0])


def test_many_artifacts_of_one_folder_do_not_list_it_each(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree({f"test_metrics_{n}.json": "" for n in range(200)} | {"z_test_cases.csv": ONE})
    seen = 0
    scandir = os.scandir

    def counting(path: str) -> Any:
        class Entries:
            def __enter__(self) -> Any:
                self.inner = scandir(path)
                return self.walk()

            def walk(self) -> Any:
                nonlocal seen
                for entry in self.inner:
                    seen += 1
                    yield entry

            def __exit__(self, *_: object) -> None:
                self.inner.close()

        return Entries()

    monkeypatch.setattr("finalrank.scan.folders.local.os.scandir", counting)
    assert all(cases(root, f"test_metrics_{n}.json") is None for n in range(200))
    assert seen <= 3 * 200
