"""The evidence of a tree, as the JSON has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Finalrank

DICE, ROC, AP = "dice_pos", "roc_auc_presence", "average_precision_presence"


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> dict[str, Any]:
    found = {DICE: dice, ROC: roc, AP: ap}
    return {key: value for key, value in found.items() if value is not None}


def counted(cases: int, positives: int) -> dict[str, int]:
    return {"num_cases": cases, "num_positive": positives, "num_negative": cases - positives}


@pytest.fixture
def evidence(finalrank: Finalrank) -> Callable[..., Any]:
    """The evidence on a folder, from its JSON."""

    def of(root: Path, *args: object) -> Any:
        done = finalrank("report", root, "--evidence", "-f", "json", *args)
        assert done.status == 0, done.err
        return done.json["evidence"]

    return of
