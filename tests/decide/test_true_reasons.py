"""What the page says of a run that is left out: the true reason, and of whom it says one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Finalrank, Tree

NAN = float("nan")
OWN = """
[scan]
patterns = ["*.json"]
[[metrics]]
key = "f1"
label = "F1"
primary = true
[[metrics]]
key = "hd"
label = "HD"
range = [0, inf]
higher_is_better = false
"""
BETTER = {f"ok{n}/m.json": {"f1": 0.9 + n / 100, "hd": 1.0} for n in range(3)}


@pytest.fixture
def told(finalrank: Finalrank, tree: Tree) -> Any:
    """The lines on excluded runs of a page on three good runs and some files."""

    def report(files: dict[str, Any], config: str = OWN) -> list[str]:
        done = finalrank("report", tree({**BETTER, **files, "finalrank.toml": config}))
        assert done.status == 0, done.err
        ends = (" is left out: ", " remains excluded because ")
        return [line for line in done.out.splitlines() if any(end in line for end in ends)]

    return report


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (NAN, "its F1 is NaN"),
        ("0.5", "its F1 is a text, not a number"),
        (True, "its F1 is true, not a number"),
        (93.0, "its F1 is outside its range from 0 to 1"),
        (-0.5, "its F1 is outside its range from 0 to 1"),
    ],
)
def test_what_is_no_value_is_told(value: object, reason: str, told: Any) -> None:
    assert told({"bad/m.json": {"f1": value}}) == [f"- `bad` is left out: {reason}."]


def test_what_is_infinite_on_the_better_side_is_told(told: Any) -> None:
    config = OWN.replace('label = "F1"', 'label = "F1"\nrange = [0, inf]')
    (line,) = told({"bad/m.json": '{"f1": Infinity}'}, config)
    assert line == "- `bad` is left out: its F1 is infinite on its better side, which is no result."


@pytest.mark.parametrize(
    "content",
    [{}, {"f1": None}, {"F1": 0.5}, '{"f1": 0.5, "f1": null}', {"hd": 7.0}],
)
def test_a_run_without_such_a_value_is_not_missed(content: object, told: Any) -> None:
    assert told({"bad/m.json": content}) == []


def test_one_file_that_is_no_value_is_enough(told: Any) -> None:
    files = {"bad/a.json": {}, "bad/b.json": {"f1": NAN}}
    assert told(files) == ["- `bad` is left out: its F1 is NaN."]


@pytest.mark.parametrize("other", ["bad/zero.json", "bad/m_dev.json"])
def test_not_where_a_zero_or_a_name_dropped_one(other: str, told: Any) -> None:
    files = {"bad/b.json": {"f1": NAN}, other: {"f1": 0.0}}
    assert told(files) == []


def test_a_run_with_a_valid_artifact_is_not_named(told: Any) -> None:
    assert told({"bad/b.json": {"f1": NAN}, "bad/c.json": {"f1": 0.1}}) == []


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (["a/m_dev.json"], "remains excluded because only `m_dev.json` is available for that run."),
        (
            ["a/dev.json", "a/m_dev.json"],
            "remains excluded because only `dev.json`, `m_dev.json` are available for that run.",
        ),
    ],
)
def test_a_word_in_each_file_name_is_told_by_the_files(
    files: list[str], line: str, told: Any
) -> None:
    assert told({file: {"f1": 0.99} for file in files}) == [f"- `a` {line}"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (["a_dev/m.json"], 'the word "dev" is in its name (filter.rules.dev)'),
        (
            ["smoke/a/m.json", "smoke/a/m_dev.json"],
            'the word "smoke" is in its name (filter.rules.smoke)',
        ),
    ],
)
def test_a_word_in_the_name_of_the_run_is_told(files: list[str], reason: str, told: Any) -> None:
    run = files[0].rpartition("/")[0]
    assert told({file: {"f1": 0.99} for file in files}) == [f"- `{run}` is left out: {reason}."]


def test_the_summary_has_the_reason(finalrank: Finalrank, tree: Tree) -> None:
    files = {"bad/m.json": json.dumps({"f1": NAN}), "a/m_dev.json": {"f1": 0.99}}
    root = tree({**BETTER, **files, "finalrank.toml": OWN})
    assert finalrank("report", root, "-f", "json").json["notable_exclusions"] == [
        {"run": "a", "artifacts": ["m_dev.json"], "reason": None},
        {"run": "bad", "artifacts": ["m.json"], "reason": "its F1 is NaN"},
    ]
