"""Figures that files hold as texts: read where that is asked for, and else a problem."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

CONFIG = """
[scan]
patterns = ["m.json"]
[[metrics]]
key = "dice"
primary = true
{}
[[metrics]]
key = "dice_sd"
keys = ["dice"]
ranked = false
text = true
sd = true
"""


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    def run(value: Any, metric: str) -> Done:
        files = {"a/m.json": {"dice": value}, "b/m.json": {"dice": "0.125 ± 0.5"}}
        root = tree({**files, "finalrank.toml": CONFIG.format(metric)})
        return finalrank("report", root, "-f", "json")

    return run


def of_a(done: Done) -> dict[str, Any]:
    return next(row["metrics"] for row in done.json["runs"] if row["run"] == "a")


@pytest.mark.parametrize(
    ("text", "mean", "sd"),
    [
        ("0.83", 0.83, None),
        (" .5 ", 0.5, None),
        ("84.1%", 0.841, None),
        ("84.1 %", 0.841, None),
        ("0.71 ± 0.02", 0.71, 0.02),
        ("0.71 +- 0.02", 0.71, 0.02),
        ("0.71+/-0.02", 0.71, 0.02),
        ("71.3% ± 2.1%", 0.713, 0.021),
        ("71.3 ± 2.1%", 0.713, 0.021),
        ("7e-1", 0.7, None),
    ],
)
def test_a_text_is_read_where_that_is_asked_for(
    text: str, mean: float, sd: float | None, report: Any
) -> None:
    done = report(text, "text = true")
    assert of_a(done) == {"dice": mean, "dice_sd": sd}


def test_a_percentage_is_a_share_whatever_the_scale(report: Any) -> None:
    assert of_a(report("84.1%", "text = true\nscale = 0.01"))["dice"] == 0.841
    assert of_a(report("84.1", "text = true\nscale = 0.01"))["dice"] == 0.841


@pytest.mark.parametrize("text", ["0.83", "84.1%", "0.71 ± 0.02"])
def test_else_it_is_a_problem_that_says_the_word(text: str, report: Any) -> None:
    done = report(text, "")
    lines = [line for line in done.problems if line.startswith("a/m.json: dice: ")]
    assert lines == [
        "a/m.json: dice: is a text, not a number: write it as a number, or set text = true"
    ]


@pytest.mark.parametrize("text", ["best", "0.8 0.9", "1e9999999999", "0,83", "\u0661"])
def test_a_text_without_a_number_is_none(text: str, report: Any) -> None:
    done = report(text, "text = true")
    assert [row["run"] for row in done.json["runs"]] == ["b"]
    assert any(line.startswith("a/m.json: dice: is a text, not a number") for line in done.problems)
