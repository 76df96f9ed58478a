"""What a configuration holds gives no orders to a terminal, wherever it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Finalrank, Tree

# A colour, a bell, C1, what turns the direction of writing; a tab may stand in CSV.
ORDERS = r"\u001b[31m\u0007\u009b1m\u202e\u2066\t"
RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
CONFIG = f"""
title = "title{ORDERS}"
[baseline]
match = "a"
label = "baseline{ORDERS}"
[recommendation]
title = "heading{ORDERS}"
[[metrics]]
key = "dice"
label = "Dice{ORDERS}"
short = "D{ORDERS}"
task = "task{ORDERS}"
primary = true
[[metrics]]
key = "x{ORDERS}"
keys = ["x"]
[[factors]]
key = "factor{ORDERS}"
keys = ["x"]
label = "Factor{ORDERS}"
[[factors]]
key = "set{ORDERS}"
keys = ["set"]
role = "dataset"
[filter.rules."rule{ORDERS}"]
tokens = []
paths = ["c/*"]
because = "because{ORDERS}"
[runs.a]
key_feature = "feature{ORDERS}"
protocol = "protocol{ORDERS}"
[runs."nobody{ORDERS}"]
protocol = "protocol{ORDERS}"
"""


@pytest.fixture
def root(tree: Tree) -> Path:
    runs = {f"{run}/test_metrics.json": {"dice": 0.5, "x": n} for n, run in enumerate("abc")}
    return tree({**runs, "finalrank.toml": CONFIG})


@pytest.mark.parametrize(
    "command",
    [
        ("report", "--evidence"),
        ("report", "-f", "json"),
        ("report", "-f", "csv"),
        ("explain",),
        ("explain", "-f", "csv"),
        ("inspect",),
        ("init", "-o", "-", "--metric", "dice"),
        ("config",),
    ],
)
@pytest.mark.parametrize("datasets", [False, True])
def test_no_output_has_a_control_character(
    command: tuple[str, ...], datasets: bool, root: Path, finalrank: Finalrank
) -> None:
    if datasets:
        for place, dataset in (("a", "D1\x1b"), ("b", "D2\u202e"), ("d", "D1\x1b")):
            (root / place).mkdir(exist_ok=True)
            (root / place / "test_metrics.json").write_text(
                f'{{"dice": 0.5, "set": "{dataset.encode("unicode_escape").decode()}"}}'.replace(
                    "\\x", "\\u00"
                )
            )
    done = finalrank(command[0], root, *command[1:])
    assert done.status == 0
    assert not RAW.search(done.out)
    assert not RAW.search(done.err)


@pytest.mark.parametrize("command", ["report", "explain", "config"])
@pytest.mark.parametrize(
    "config",
    [
        f'"unknown{ORDERS}" = 1',
        f'["unknown{ORDERS}"]\na = 1',
        f'scan.run = "(?P<run>{ORDERS}"',
        f'preset = "none{ORDERS}"',
        f'scan.results = ["[[{ORDERS}"]',
        f'[[factors]]\nkey = "rank{ORDERS}"\nfrom = "../{ORDERS}"',
        f'baseline.run = "none{ORDERS}"',
        'title = "\x1b"',
    ],
)
def test_no_error_has_one(command: str, config: str, tree: Tree, finalrank: Finalrank) -> None:
    done = finalrank(
        command, tree({"a/test_metrics.json": {"dice_pos": 0.5}, "finalrank.toml": config})
    )
    assert not RAW.search(done.err + done.out)
    assert done.err.count("\n") <= 2
