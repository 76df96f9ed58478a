"""A small tree, and a report of it with a configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

RUNS: dict[str, Any] = {
    "a/test_metrics.json": {"dice_pos": 0.5, "iou_pos": 0.4, "roc_auc_presence": 0.9},
    "b/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": 0.8},
    "nnunet/test_metrics.json": {"dice_pos": 0.2, "average_precision_presence": 0.7},
}


@pytest.fixture
def configured(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on a small tree under a configuration."""

    def report(config: str, *args: object, files: dict[str, Any] | None = None) -> Done:
        root = tree(RUNS if files is None else files)
        Path("the.toml").write_text(config, encoding="utf-8")
        return finalrank("report", root, "--config", "the.toml", *args)

    return report


def assert_one_line(done: Done, *parts: str) -> None:
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    for part in ("finalrank: ", "the.toml", *parts):
        assert part in line
    # Never a class, a link to its documentation, or a word that TOML does not know.
    assert not re.search(r"pydantic|Error|https?:|tuple|dictionary|Traceback", line)


BASELINE = "[baseline]\nmatch = 'nnunet'\n"
PRIMARY = "[[metrics]]\nkey = 'f'\nprimary = true\n"


def metrics_table(*rows: dict[str, Any]) -> str:
    lines = []
    for row in rows:
        lines.append("[[metrics]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in row.items()]
    return "\n".join(lines) + "\n"
