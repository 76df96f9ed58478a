"""Rows that lack members stand behind others, and the page says so."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Finalrank, Tree

CONFIG = """scan.run = '^(?P<run>[^/]+)/fold(?P<fold>\\d)/'
rank.incomplete = "{incomplete}"
[[metrics]]
key = "dice"
primary = true
"""
FOLDS: dict[str, Any] = {
    f"{run}/fold{fold}/test_metrics.json": {"dice": dice}
    for run, dice in {"unet": 0.5, "vnet": 0.75}.items()
    for fold in range(3)
    if (run, fold) != ("vnet", 2)
}
LINE = (
    "- Figures that lack folds or seeds rank behind those that lack none: **1** "
    "(`vnet`: 2 of 3 folds)\n"
)


@pytest.mark.parametrize(("incomplete", "is_told"), [("last", True), ("rank", False)])
def test_it_is_told_where_it_decides(
    incomplete: str, is_told: bool, finalrank: Finalrank, tree: Tree
) -> None:
    done = finalrank(
        "report", tree({**FOLDS, "finalrank.toml": CONFIG.format(incomplete=incomplete)})
    )
    assert (LINE in done.out) == is_told
    first = "unet" if is_told else "vnet"
    assert f"| 1 | `{first}` |" in done.out


def test_nothing_is_told_where_all_are_whole(finalrank: Finalrank, tree: Tree) -> None:
    whole = {**FOLDS, "vnet/fold2/test_metrics.json": {"dice": 0.75}}
    done = finalrank("report", tree({**whole, "finalrank.toml": CONFIG.format(incomplete="last")}))
    assert "rank behind" not in done.out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "as the mean of their members: **2**"),
        (
            {"unet/test_metrics.json": {"dice": 0.5}},
            "as the mean of their members or the cross-validation over them: **2**",
        ),
    ],
)
def test_a_cross_validation_is_no_mean_of_its_members(
    more: dict[str, Any], words: str, finalrank: Finalrank, tree: Tree
) -> None:
    config = CONFIG.format(incomplete="last").replace(
        "/fold(?P<fold>\\d)/", "(/fold(?P<fold>\\d))?/"
    )
    done = finalrank("report", tree({**FOLDS, **more, "finalrank.toml": config}))
    assert f"- Seeds and folds count once, {words} (" in done.out
