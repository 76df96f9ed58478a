"""The factors of each artifact in an explanation."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from conftest import Finalrank, Tree

CONFIG = """
[scan]
patterns = ["m.json"]
run = '(?P<dataset>[^/]+)/(?P<run>[^/]+)/fold_(?P<fold>\\d)/'
[[metrics]]
key = "dice"
primary = true
[[factors]]
key = "lr"
label = "Learning rate"
role = "variant"
[[factors]]
key = "gpu"
"""
FACTORS = ["dataset", "fold", "lr", "gpu"]


@pytest.fixture
def root(tree: Tree) -> Path:
    return tree(
        {
            "liver/unet/fold_0/m.json": {"dice": 0.5, "lr": 0.1, "gpu": "A100"},
            "liver/unet/fold_1/m.json": {"dice": 0.75, "lr": 0.1},
            "lung/unet/fold_0/m.json": {"dice": None, "lr": 0.01},
            "finalrank.toml": CONFIG,
        }
    )


def test_each_artifact_has_its_factors(finalrank: Finalrank, root: Path) -> None:
    rows = json.loads(finalrank("explain", root, "-f", "json").out)
    assert {row["source"]: list(row["factors"].items()) for row in rows} == {
        "liver/unet/fold_0/m.json": [*zip(FACTORS, ("liver", "0", "0.1", "A100"), strict=True)],
        "liver/unet/fold_1/m.json": [*zip(FACTORS, ("liver", "1", "0.1", None), strict=True)],
        "lung/unet/fold_0/m.json": [*zip(FACTORS, ("lung", "0", "0.01", None), strict=True)],
    }


def test_a_factor_is_a_column_of_csv(finalrank: Finalrank, root: Path) -> None:
    header, first, *_ = csv.reader(finalrank("explain", root, "-f", "csv").out.splitlines())
    assert header == ["source", "run", "rank", "verdict", "reason", "detail", "dice", *FACTORS]
    assert first[-4:] == ["liver", "0", "0.1", "A100"]


def test_a_block_has_a_column_for_each_factor_that_a_row_of_it_has(
    finalrank: Finalrank, root: Path
) -> None:
    # lung's only artifact is of another learning rate, and so of another run.
    blocks = finalrank("explain", root).out.split("\n\n")
    headings = [block.splitlines()[0].split() for block in blocks[1::2]]
    start = ["Artifact", "Verdict", "dataset", "fold", "Learning", "rate"]
    assert headings == [[*start, "gpu", "dice", "Why"], [*start, "dice", "Why"]]


def test_a_fold_that_a_name_has_stands_behind_the_configured_factors(
    finalrank: Finalrank, tree: Tree
) -> None:
    config = '[[metrics]]\nkey = "dice"\nprimary = true\n[[factors]]\nkey = "s"\nrole = "seed"\n'
    root = tree(
        {
            "unet_fold_1/test_metrics.json": {"dice": 0.5, "s": 4},
            "finalrank.toml": config,
        }
    )
    (row,) = json.loads(finalrank("explain", root, "-f", "json").out)
    assert row["factors"] == {"s": "4", "fold": "1"}


def test_without_factors_nothing_is_said_of_them(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"unet/test_metrics.json": {"dice_pos": 0.5}})
    (row,) = json.loads(finalrank("explain", root, "-f", "json").out)
    assert "factors" not in row


@pytest.mark.parametrize("key", ["verdict", "reason", "detail", "members", "rank_dice", "sd_dice"])
def test_no_factor_is_called_as_a_column_is(key: str, finalrank: Finalrank, tree: Tree) -> None:
    config = f'[[metrics]]\nkey = "dice"\nprimary = true\n[[factors]]\nkey = "{key}"\n'
    done = finalrank("report", tree({"unet/test_metrics.json": {}, "finalrank.toml": config}))
    assert done.status == 2
    assert f'"{key}" is a column of a table' in done.err


def test_only_the_dataset_is_called_dataset(finalrank: Finalrank, tree: Tree) -> None:
    config = '[[metrics]]\nkey = "dice"\nprimary = true\n[[factors]]\nkey = "dataset"\n'
    done = finalrank("report", tree({"unet/test_metrics.json": {}, "finalrank.toml": config}))
    assert done.status == 2
    assert '"dataset" is a column' in done.err
