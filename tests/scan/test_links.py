"""Links to folders: a run that is only linked in is told, or entered once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from candidates import VALID, posix
from conftest import Done, Finalrank, Tree

pytestmark = posix

FOLLOW = "scan.follow = true\n"
HINT = "name that folder, too, or set scan.follow = true"
LINE = "is a link, which is not entered, to a folder with artifacts that are not in the report"


def _dice(value: float) -> dict[str, float]:
    return {"dice_pos": value}


@pytest.fixture
def stored(tree: Tree) -> Path:
    """`runs` with one run, beside a store with two better ones."""
    tree(
        {
            "store/exp1/test_metrics.json": _dice(0.75),
            "store/exp2/test_metrics.json": _dice(0.5),
            "data/image.png": "",
            "runs/own/test_metrics.json": _dice(0.25),
        }
    )
    return tree({}) / "runs"


def runs_of(done: Done) -> list[str]:
    return [row["run"] for row in done.json["runs"]]


def reported(finalrank: Finalrank, root: Path, config: str = "", *args: str) -> Done:
    (root / "finalrank.toml").write_text(config)
    done = finalrank("report", root, "-f", "json", *args)
    assert done.status == 0
    return done


def test_a_run_that_is_only_linked_in_is_told(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store/exp1")
    done = reported(finalrank, stored)
    assert done.problems == [f"best: {LINE}: {HINT}"]
    assert runs_of(done) == ["own"]
    assert finalrank("report", stored, "--strict").status == 1
    page = finalrank("report", stored, "--evidence").out
    assert "- Links to folders that were not entered: **1** (`best`); what they lead to" in page
    assert "Nobody looked into 1 folder, which could not be listed or" in page


def test_it_is_entered_where_that_is_asked_for(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store/exp1")
    done = reported(finalrank, stored, FOLLOW)
    assert done.problems == []
    assert runs_of(done) == ["best", "own"]
    page = finalrank("report", stored, "--evidence").out
    assert "not entered" not in page
    assert "Nobody looked" not in page


@pytest.mark.parametrize(
    "links",
    [
        {"latest": "own", "up": "..", "here": "."},
        {"data": "../data"},
        {"gone": "nowhere", "itself": "itself"},
        {".hidden": "../store"},
    ],
)
@pytest.mark.parametrize("config", ["", FOLLOW])
def test_links_that_lead_to_nothing_new_are_not_told(
    links: dict[str, str], config: str, finalrank: Finalrank, tree: Tree
) -> None:
    tree({"data/image.png": "", "runs/own/test_metrics.json": VALID})
    root = tree({}) / "runs"
    for name, target in links.items():
        (root / name).symlink_to(target)
    done = reported(finalrank, root, config)
    assert (done.problems, runs_of(done)) == ([], ["own"])


def test_each_folder_is_entered_once_whatever_leads_there(
    finalrank: Finalrank, stored: Path
) -> None:
    (stored / "b_all").symlink_to("../store")
    (stored / "a_one").symlink_to("../store/exp1")
    (stored / "c_again").symlink_to("../store/exp2")
    (stored / "own" / "back").symlink_to("..")
    (stored.parent / "store" / "loop").symlink_to("../store")
    (stored.parent / "store" / "exp2" / "runs").symlink_to("../../runs")
    done = reported(finalrank, stored, FOLLOW)
    assert done.problems == []
    assert runs_of(done) == ["a_one", "b_all/exp2", "own"]


def test_the_runs_folder_is_not_entered_again_from_above(
    finalrank: Finalrank, stored: Path
) -> None:
    (stored / "up").symlink_to("..")
    assert runs_of(reported(finalrank, stored, FOLLOW)) == ["up/store/exp1", "up/store/exp2", "own"]


def test_links_behind_links(finalrank: Finalrank, stored: Path) -> None:
    (stored.parent / "data" / "more").symlink_to("../store/exp1")
    (stored / "data").symlink_to("../data")
    assert reported(finalrank, stored).problems == [f"data: {LINE}: {HINT}"]
    assert runs_of(reported(finalrank, stored, FOLLOW)) == ["data/more", "own"]


def test_a_hidden_folder_may_be_linked_in(finalrank: Finalrank, stored: Path) -> None:
    (stored.parent / "store").rename(stored / ".store")
    (stored / "best").symlink_to(".store/exp1")
    assert reported(finalrank, stored).problems == [f"best: {LINE}: {HINT}"]
    assert runs_of(reported(finalrank, stored, FOLLOW)) == ["best", "own"]


def test_what_the_author_leaves_out_is_not_missed(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store/exp1")
    assert reported(finalrank, stored, "scan.exclude = ['best/*']\n").problems == []
    assert reported(finalrank, stored, "scan.include = ['own/*']\n").problems == []
    (line,) = reported(finalrank, stored, "scan.include = ['own/*', 'best/*']\n").problems
    assert line.startswith("best: ")


def test_a_link_between_two_runs_folders_counts_once(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store/exp1")
    done = finalrank("report", stored, stored.parent / "store", "-f", "json")
    assert (done.problems, len(runs_of(done))) == ([], 3)


def test_a_file_that_is_linked_beside_its_folder_is_told(
    finalrank: Finalrank, stored: Path
) -> None:
    (stored / "best").symlink_to("../store/exp1")
    (stored / "copy").mkdir()
    (stored / "copy" / "test_metrics.json").symlink_to("../../store/exp1/test_metrics.json")
    (line,) = reported(finalrank, stored, FOLLOW).problems
    assert line.startswith(
        "copy/test_metrics.json: is a link to best/test_metrics.json, which is an artifact too"
    )


def test_a_large_folder_is_not_looked_through(finalrank: Finalrank, stored: Path) -> None:
    for number in range(100_001):
        (stored.parent / "data" / str(number)).touch()
    (stored / "data").symlink_to("../data")
    (line,) = reported(finalrank, stored).problems
    assert line.startswith("data: is a link, which is not entered, to a folder that is too large ")
    assert reported(finalrank, stored, "scan.exclude = ['data/*']\n").problems == []


def test_inspect_tells_it_too(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store/exp1")
    done = finalrank("inspect", stored)
    assert done.err == f"best: {LINE}: name that folder, too\n"


def test_results_with_factors_are_entered_too(finalrank: Finalrank, stored: Path) -> None:
    (stored / "best").symlink_to("../store")
    config: str = FOLLOW + "scan.run = '(?P<run>[^/]+)/(?P<exp>exp\\d)/'\n[[metrics]]\n"
    config += "key = 'dice_pos'\nprimary = true\n[[factors]]\nkey = 'lr'\nfrom = 'hparams.yaml'\n"
    (stored.parent / "store" / "hparams.yaml").write_text("lr: 1")
    done: Any = reported(finalrank, stored, config)
    assert [(row["run"], row["factors"].get("lr")) for row in done.json["runs"]][:2] == [
        ("best exp=exp1", ["1"]),
        ("best exp=exp2", ["1"]),
    ]
