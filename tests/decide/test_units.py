"""Mixed units: a share among percentages is a problem, and missing."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

PERCENT = '[[metrics]]\nkey = "f1"\nprimary = true\nscale = 0.01\n[[metrics]]\nkey = "auc"\n'


@pytest.fixture
def command(finalrank: Finalrank, tree: Tree) -> Any:
    def run(files: dict[str, Any], config: str, *args: object, name: str = "report") -> Done:
        return finalrank(name, tree({**files, "finalrank.toml": config}), *args)

    return run


def files(values: dict[str, float]) -> dict[str, Any]:
    return {f"{run}/test_metrics.json": {"f1": f1, "auc": 0.5} for run, f1 in values.items()}


def ranked(done: Done) -> dict[str, float]:
    assert done.status == 0, done.err
    return {run["run"]: run["metrics"]["f1"] for run in done.json["runs"]}


def test_a_share_among_percentages_is_a_problem(command: Any) -> None:
    done = command(files({"a": 81.5, "b": 0.84, "c": 79.0}), PERCENT, "-f", "json")
    assert ranked(done) == {"a": 0.815, "c": 0.79}
    (problem,) = done.problems
    assert problem.startswith("b/test_metrics.json: f1: is below a twentieth")
    assert [row["reason"] for row in done.json["excluded"]] == ["missing-primary"]
    assert done.json["problems"][0]["source"] == "b/test_metrics.json"
    assert done.account == ("3 artifacts: 2 ranked, 0 siblings, 1 left out (missing-primary 1)")
    assert command(files({}), PERCENT, "--strict").status == 1


def test_no_sibling_takes_its_place(command: Any) -> None:
    tree = files({"a": 81.5, "c": 79.0}) | {
        "b/test_metrics_1.json": {"f1": 0.84, "auc": 0.5},
        "b/test_metrics_2.json": {"f1": 0.5, "auc": 0.75},
    }
    done = command(tree, PERCENT, "-f", "json")
    assert ranked(done) == {"a": 0.815, "c": 0.79}
    assert done.account == ("4 artifacts: 2 ranked, 1 siblings, 1 left out (missing-primary 1)")
    rows = command(tree, PERCENT, "-f", "json", name="explain").json
    told = {row["source"]: row["detail"] for row in rows}
    assert "f1 is below a twentieth" in told["b/test_metrics_1.json"]
    assert told["b/test_metrics_2.json"] == "what stands for it is left out"


@pytest.mark.parametrize(
    "values",
    [
        # All shares, all small, above 1, a twentieth, 0, alone.
        {"a": 0.81, "b": 0.84},
        {"a": 1.5, "b": 0.5, "c": 1.2},
        {"a": 81.5, "b": 1.01, "c": 79.0},
        {"a": 20.0, "b": 1.0},
        {"a": 0.84},
    ],
)
def test_what_may_be_meant_is_kept(values: dict[str, float], command: Any) -> None:
    done = command(files(values), PERCENT, "-f", "json")
    assert set(ranked(done)) == set(values)
    assert done.problems == []


def test_without_a_scale_nothing_is_asked(command: Any) -> None:
    config = PERCENT.replace("scale = 0.01", "range = [0, 100]")
    done = command(files({"a": 81.5, "b": 0.84, "c": 79.0}), config, "-f", "json")
    assert set(ranked(done)) == {"a", "b", "c"}


def test_a_figure_that_is_shown_goes_missing_alone(command: Any) -> None:
    config = '[[metrics]]\nkey = "auc"\nprimary = true\n[[metrics]]\nkey = "f1"\nscale = 0.01\n'
    done = command(files({"a": 81.5, "b": 0.84, "c": 79.0}), config, "-f", "json")
    assert ranked(done) == {"a": 0.815, "b": None, "c": 0.79}
    assert len(done.problems) == 1
    assert "Artifacts with problems: **1**" in command({}, config).out


def test_a_zero_is_a_zero_in_every_unit(command: Any) -> None:
    config = PERCENT + "[filter]\nzero = false\n"
    done = command(files({"a": 81.5, "b": 0, "c": 79.0}), config, "-f", "json")
    assert (set(ranked(done)), done.problems) == ({"a", "b", "c"}, [])


def test_a_seed_of_another_unit_is_no_member(command: Any) -> None:
    config = '[rank]\ngroups = "collapse"\n' + PERCENT
    tree = files({"m/seed_1": 80.0, "m/seed_2": 0.8, "m/seed_3": 82.0, "n": 70.0})
    done = command(tree, config, "-f", "json")
    (row,) = (run for run in done.json["runs"] if run["run"] == "m")
    assert row["group"]["members"] == ["m/seed_1", "m/seed_3"]
