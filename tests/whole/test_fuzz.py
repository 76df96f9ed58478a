"""A short run of the fuzz target, and whether it would find what it looks for."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conftest import ROOT
from finalrank.model.artifact import Problem, Values
from finalrank.scan.parse import Parsed, metrics_parser
from finalrank.scan.readers.interface import Unreadable

TARGET = ROOT / "checks" / "fuzz_reader.py"
Found = tuple[Values, tuple[Problem, ...]]


def test_the_reader_keeps_its_contract() -> None:
    done = subprocess.run(
        [sys.executable, TARGET, "--seconds", "0", "--seed", "1"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tried, rest = done.stdout.split(" tried: ")
    accepted, refused, with_problems = (int(part.split()[0]) for part in rest.split(", "))
    # One round, however long it takes, with some of every kind.
    assert int(tried) == accepted + refused
    assert min(accepted, refused, with_problems) > 0


def test_the_readers_of_other_formats_agree_with_others() -> None:
    script = ROOT / "checks" / "fuzz_formats.py"
    done = subprocess.run(
        [sys.executable, script, "--seconds", "0"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(line.split(": ") for line in done.stdout.splitlines())
    assert {*counts} == {"csv", "jsonl", "yaml", "toml", "mlflow-db"}
    for line in counts.values():
        tried, refused = (int(word) for word in line.split() if word.isdecimal())
        assert 0 < refused < tried


# What a reader could do wrong, one way each: the first round finds it.


def lets_a_percentage_through(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    worse: Values = {key: 38.37 if value is None else value for key, value in values.items()}
    return worse, problems


def rounds(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    fewer: Values = {key: None if v is None else round(v, 9) for key, v in values.items()}
    return fewer, problems


def loses_a_value(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    return values | {"iou_pos": None}, problems


def loses_a_problem(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    return values, problems[:1]


def shows_the_file(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    return values, tuple(replace(problem, reason=ascii(data)) for problem in problems)


def breaks_the_line(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    return values, tuple(replace(problem, reason=f"{problem.reason}\n") for problem in problems)


def raises_another_error(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    return values, (problems[1],) if problems else ()


def refuses_too_much(data: bytes, values: Values, problems: tuple[Problem, ...]) -> Found:
    if b"Infinity" in data:
        raise Unreadable(None, "is not JSON: it has an Infinity")
    return values, problems


@pytest.mark.parametrize(
    "spoil",
    [
        lets_a_percentage_through,
        rounds,
        loses_a_value,
        loses_a_problem,
        shows_the_file,
        breaks_the_line,
        raises_another_error,
        refuses_too_much,
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_the_target_finds_it(spoil: Callable[..., Found]) -> None:
    target: dict[str, Any] = runpy.run_path(str(TARGET))
    read = metrics_parser(target["METRICS"])
    with pytest.raises(target["Broken"]):
        target["fuzz"](
            lambda data, source: (*spoil(data, *read(data, source)[:2]), None, None, None), 0, 1
        )


def test_the_target_finds_what_should_be_refused() -> None:
    target: dict[str, Any] = runpy.run_path(str(TARGET))
    read = metrics_parser(target["METRICS"])

    def lenient(data: bytes, source: str) -> Parsed:
        return read(data.rstrip(b"\0"), source)

    def several_rounds() -> None:
        """It takes a file that ends so, and no other fault: a round or two may have none."""
        for seed in range(10):
            target["fuzz"](lenient, 0, seed)

    with pytest.raises(target["Broken"], match=r"^is accepted"):
        several_rounds()
