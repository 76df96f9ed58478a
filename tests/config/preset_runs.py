"""Reports on a small tree by a preset, and the order of the runs on them."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree


def rows(done: Done) -> dict[str, Any]:
    """The rows of the only dataset of a report in their order, by run."""
    assert done.status == 0, done.err
    found = {}
    for run in done.json["runs"]:
        (found[run["run"]],) = run.get("by_dataset", {"": run}).values()
    return found


def order(done: Done, key: str) -> list[tuple[str, Any]]:
    """The runs of a report on one dataset in their order, with a figure of each."""
    return [(run, row["metrics"][key]) for run, row in rows(done).items()]


def left_out(done: Done) -> dict[str, str]:
    """The reasons of all that a report leaves out, by source."""
    return {row["source"]: row["reason"] for row in done.json["excluded"]}


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on a tree by a preset, with a configuration of the user's own if there is one."""

    def run(name: str, files: dict[str, Any], config: str = "") -> Done:
        root = tree(files)
        tree({"finalrank.toml": config} if config else {})
        return finalrank("report", root, "--preset", name, "-f", "json")

    return run
