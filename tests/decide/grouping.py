"""Commands on runs that are groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import EXAMPLES, PUBLISHED, Done, Finalrank, Tree

DICE, IOU = "dice_pos", "iou_pos"
ROC, AP = "roc_auc_presence", "average_precision_presence"
COLLAPSE = '[rank]\ngroups = "collapse"\n'
BEST = '[rank]\ngroups = "best"\n'
JSON = ("report", "-f", "json", "--generated-at", PUBLISHED)
SEEDS = [f"dg_aug_seeds/seed_{n}" for n in (1337, 2025, 42)]


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def command(finalrank: Finalrank, tree: Tree) -> Any:
    """A command on runs of one artifact each, with a configuration."""

    def run(runs: dict[str, Any], config: str = COLLAPSE, *args: str) -> Done:
        files = {f"{name}/test_metrics.json": content for name, content in runs.items()}
        first, *rest = args or JSON
        return finalrank(first, tree({**files, "finalrank.toml": config}), *rest)

    return run


@pytest.fixture
def published(finalrank: Finalrank, tmp_path: Path) -> Any:
    """A command on the published tree, with a configuration."""

    def run(config: str, *args: str) -> Done:
        path = tmp_path / "groups.toml"
        path.write_text(config)
        first, *rest = args or JSON
        return finalrank(first, EXAMPLES, "--config", path, *rest)

    return run


def groups(done: Done) -> dict[str, list[str]]:
    """The members of each row that is a group."""
    assert done.status == 0, done.err
    return {row["run"]: row["group"]["members"] for row in done.json["runs"] if "group" in row}
