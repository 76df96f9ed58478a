"""An output is never an input: what the report is made of is not written over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conftest import Finalrank, Tree

VALID = '{"dice": 0.125}'
posix = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")

CONFIG = """
[[metrics]]
key = "dice"
primary = true
[[factors]]
key = "lr"
from = "hparams.yaml"
"""


@pytest.fixture
def root(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `runs` in the working folder, with all that a report can be made of."""
    root = tree(
        {
            "a/test_metrics.json": '{"dice": 0.5}',
            "a/val_metrics.json": '{"dice": 0.5}',
            "a/test_cases.csv": "case,dice\n1,0.5\n",
            "a/hparams.yaml": "lr: 1",
            "b/test_metrics.json": '{"dice": 0.25}',
            "page.md.j2": "{{ title }}",
            "finalrank.toml": CONFIG,
        }
    )
    monkeypatch.chdir(root.parent)
    return root


CANDIDATE = "is an artifact of the runs folder, by its name (scan.patterns)"
SIDECAR = "is read beside test_metrics.json, by its name (sidecars)"
INPUTS = {
    "a/test_metrics.json": CANDIDATE,
    "a/val_metrics.json": SIDECAR,
    "a/test_cases.csv": SIDECAR,
    "a/hparams.yaml": "is read for factors, by its name (factors.from)",
    "page.md.j2": "is the template",
    "finalrank.toml": "is the configuration in force",
    # These are not there yet: the next scan would read them.
    "test_metrics_all.json": CANDIDATE,
    "b/test_cases.json": SIDECAR,
    "b/finalrank.toml": "has the name of a configuration",
    "b/hparams.yaml": "is read for factors, by its name (factors.from)",
}


@pytest.mark.parametrize("path", INPUTS)
@pytest.mark.parametrize("more", [(), ("-o", "page.md"), ("--check",)])
def test_an_input_is_refused_before_the_scan(
    path: str, more: tuple[str, ...], root: Path, finalrank: Finalrank
) -> None:
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    target = root / path
    template = ("--template", target) if path == "page.md.j2" else ()
    done = finalrank("report", root, "-o", target, "-f", "md", *template, *more)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"finalrank: -o {target}: {INPUTS[path]}: choose another file\n"
    assert before == {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    assert not Path("page.md").exists()


@pytest.mark.parametrize(
    "path", ["runs/final.md", "runs/a/final.json", "runs/.test_metrics.json", "test_metrics.json"]
)
def test_other_files_are_replaced_as_ever(path: str, root: Path, finalrank: Finalrank) -> None:
    for _ in range(2):
        assert finalrank("report", root, "-o", root.parent / path).status == 0
    assert (root.parent / path).stat().st_size > 0


@posix
def test_what_an_artifact_is_a_link_to(root: Path, finalrank: Finalrank) -> None:
    store = root.parent / "store.json"
    store.write_text(VALID)
    (root / "b" / "test_metrics.json").unlink()
    (root / "b" / "test_metrics.json").symlink_to("../../store.json")
    done = finalrank("report", root, "-o", store)
    assert (done.status, store.read_text()) == (2, VALID)
    assert "is what the artifact b/test_metrics.json is a link to" in done.err
    assert finalrank("report", root, "-o", root / "b" / "test_metrics.json").status == 2
    assert store.read_text() == VALID


@posix
def test_what_is_behind_a_link_that_is_followed(root: Path, finalrank: Finalrank) -> None:
    store = root.parent / "store"
    (root / "b").rename(store)
    (root / "linked").symlink_to(store)
    (root / "finalrank.toml").write_text(f"scan.follow = true\n{CONFIG}")
    done = finalrank("report", root, "-o", store / "test_metrics.json")
    assert done.status == 2
    assert "linked/test_metrics.json" in done.err
    assert (store / "test_metrics.json").read_text() == '{"dice": 0.25}'


@posix
def test_a_link_onto_an_input(root: Path, finalrank: Finalrank) -> None:
    (root.parent / "page.json").symlink_to("runs/a/test_metrics.json")
    done = finalrank("report", root, "-o", "page.json")
    assert done.err == f"finalrank: -o page.json: {CANDIDATE}: choose another file\n"


def test_init_writes_over_no_file_that_it_reads(root: Path, finalrank: Finalrank) -> None:
    target = root / "a" / "test_metrics.json"
    done = finalrank("init", root, "--metric", "dice", "-o", target, "--force")
    assert (done.status, target.read_text()) == (2, '{"dice": 0.5}')
    assert (
        done.err
        == f"finalrank: {target}: is one of the files that are read: choose another with -o FILE\n"
    )
