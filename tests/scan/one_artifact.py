"""A report of one artifact of any bytes."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

NUMBER = 0.25


@pytest.fixture
def read(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on one file beside a valid one, which keeps the ranking from being empty."""

    def run(content: str | bytes, **other: str) -> Done:
        root = tree({"a/test_metrics.json": content, "z/test_metrics.json": '{"dice_pos": 1}'})
        tree({"finalrank.toml": other["config"]} if other else {})
        done = finalrank("report", root, "-f", "json")
        assert done.status == 0
        return done

    return run


def iou(done: Done) -> Any:
    (run,) = (run for run in done.json["runs"] if run["run"] == "a")
    return run["metrics"]["iou_pos"]
