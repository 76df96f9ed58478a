"""Failure never wins: infinite values, NaN, means over a part of a list."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest

import finalrank as package
from conftest import Done, Finalrank, Tree

DISTANCES = """
[[metrics]]
key = "dice"
primary = true
[[metrics]]
key = "hd95"
higher_is_better = false
range = [0, inf]
"""
RUNS: dict[str, Any] = {
    "a": {"dice": 0.9, "hd95": 5.0},
    "b": {"dice": 0.91, "hd95": math.inf},
    "c": {"dice": 0.89, "hd95": 4.0},
    "d": {"dice": 0.88, "hd95": math.inf},
    "e": {"dice": 0.87},
}


@pytest.fixture
def command(finalrank: Finalrank, tree: Tree) -> Any:
    def run(runs: dict[str, Any], config: str, *args: object) -> Done:
        files = {f"{name}/test_metrics.json": json.dumps(said) for name, said in runs.items()}
        root = tree({**files, "finalrank.toml": config})
        first, *others = args or ("report",)
        return finalrank(first, root, *others)

    return run


def by_run(done: Done) -> dict[str, Any]:
    assert done.status == 0, done.err
    return {run["run"]: run for run in done.json["runs"]}


# Infinite values


def test_an_infinite_distance_is_the_worst_there_is(command: Any) -> None:
    runs = by_run(command(RUNS, DISTANCES, "report", "-f", "json"))
    assert {name: run["ranks"]["hd95"] for name, run in runs.items()} == {
        "c": 1,
        "a": 2,
        "b": 3,
        "d": 3,
        "e": None,
    }
    assert (runs["b"]["metrics"]["hd95"], runs["b"]["infinite"]) == (None, ["hd95"])
    assert (runs["b"]["metrics_used"], runs["e"]["metrics_used"]) == (2, 1)
    assert runs["a"]["infinite"] == runs["e"]["infinite"] == []


def test_an_infinite_value_prints_as_such(command: Any) -> None:
    page = command(RUNS, DISTANCES).out
    assert "| 3 | `b` | inf | `b/test_metrics.json` |" in page
    rows = csv.DictReader(io.StringIO(command(RUNS, DISTANCES, "report", "-f", "csv").out))
    assert {row["run"]: row["hd95"] for row in rows}["b"] == "inf"
    rows = command(RUNS, DISTANCES, "explain", "-f", "json").json
    told = {row["run"]: row.get("infinite") for row in rows}
    assert told == {"a": None, "b": ["hd95"], "c": None, "d": ["hd95"], "e": None}
    assert " inf " in command(RUNS, DISTANCES, "explain").out


def test_an_infinite_value_has_no_delta(command: Any) -> None:
    for baseline in ("a", "b"):
        config = f'[baseline]\nrun = "{baseline}"\n{DISTANCES}'
        runs = by_run(command(RUNS, config, "report", "-f", "json"))
        assert runs["b"]["delta"]["hd95"] == {"absolute": None, "percent": None}
        assert command(RUNS, config).status == 0
    assert runs["a"]["delta"]["hd95"] == {"absolute": None, "percent": None}


def test_no_later_key_is_tried(command: Any) -> None:
    config = DISTANCES.replace('key = "hd95"', 'key = "hd95"\nkeys = ["hd95", "hd"]')
    runs = by_run(command({"a": RUNS["b"] | {"hd": 3.0}}, config, "report", "-f", "json"))
    assert runs["a"]["infinite"] == ["hd95"]


@pytest.mark.parametrize(
    ("bounds", "higher", "said", "words"),
    [
        ("[0, inf]", "true", "Infinity", "is infinite on its better side"),
        ("[-inf, inf]", "false", "-Infinity", "is infinite on its better side"),
        ("[0, 100]", "false", "Infinity", "is outside its range from 0 to 100"),
        ("[0, inf]", "false", "-Infinity", "is outside its range from 0 to inf"),
        ("[0, inf]", "true", "-Infinity", "is outside its range from 0 to inf"),
    ],
)
def test_any_other_infinite_value_is_a_problem(
    bounds: str, higher: str, said: str, words: str, command: Any
) -> None:
    config = DISTANCES.replace("[0, inf]", bounds).replace("false", higher)
    runs = {"a": {"dice": 0.5, "hd95": float(said)}}
    done = command(runs, config, "report", "-f", "json")
    assert by_run(done)["a"]["infinite"] == []
    (problem,) = done.problems
    assert problem.startswith(f"a/test_metrics.json: hd95: {words}")


def test_a_score_may_be_infinite_below(command: Any) -> None:
    config = '[[metrics]]\nkey = "ll"\nprimary = true\nrange = [-inf, 0]'
    runs = {"a": {"ll": -math.inf}, "b": {"ll": -1e300}}
    done = command(runs, config, "report", "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == ["b", "a"]
    assert "| 2 | `a` | -inf |" in command(runs, config).out


def test_with_an_infinite_member_a_mean_is_infinite(command: Any) -> None:
    runs = {f"m/seed_{n}": {"dice": 0.5, "hd95": hd95} for n, hd95 in enumerate([1, math.inf, 2])}
    runs["n"] = {"dice": 0.4, "hd95": 9}
    config = f'[rank]\ngroups = "collapse"\n{DISTANCES}'
    done = command(runs, config, "report", "-f", "json")
    row = by_run(done)["m"]
    assert (row["infinite"], row["ranks"]["hd95"]) == (["hd95"], 2)
    assert row["group"]["metrics"]["hd95"] == {
        "n": 3,
        "mean": None,
        "sd": None,
        "low": 1.0,
        "high": None,
    }
    assert "inf (n=3 seeds)" in command(runs, config).out


@pytest.mark.parametrize("ties", ["ordinal", "min", "average", "dense"])
@pytest.mark.parametrize("groups", ["expand", "collapse", "best"])
def test_the_evidence_copes_with_infinite_values(groups: str, ties: str, command: Any) -> None:
    runs = RUNS | {
        "m/seed_1": {"dice": 0.5, "hd95": math.inf},
        "m/seed_2": {"dice": 0.6, "hd95": 3.0},
    }
    config = f'[rank]\ngroups = "{groups}"\nties = "{ties}"\n[baseline]\nrun = "b"\n{DISTANCES}'
    page = command(runs, config, "report", "--evidence")
    assert page.status == 0, page.err
    assert "nan" not in page.out.lower()
    assert command(runs, config, "report", "--evidence", "-f", "json").json["evidence"]


def test_a_report_with_infinite_values_is_read_back(
    command: Any, tree: Tree, finalrank: Finalrank
) -> None:
    runs = RUNS | {f"m/seed_{n}": {"dice": 0.5, "hd95": math.inf} for n in range(2)}
    config = f'[rank]\ngroups = "collapse"\n[baseline]\nrun = "b"\n{DISTANCES}'
    assert command(runs, config).status == 0
    for evidence in (False, True):
        report = package.load_report("runs", evidence=evidence)
        text = report.to_json()
        back = package.Report.model_validate_json(text)
        assert (back == report, back.to_json()) == (True, text)
        assert back.to_frame().equals(report.to_frame())
        frame = back.to_frame().set_index("run")
        assert frame["hd95"]["b"] == frame["hd95"]["m"] == math.inf


def test_choosing_among_infinite_values(command: Any, tree: Tree, finalrank: Finalrank) -> None:
    config = '[[metrics]]\nkey = "hd95"\nprimary = true\nhigher_is_better = false\nrange = [0, inf]'
    files = {
        "a/test_metrics_1.json": '{"hd95": Infinity}',
        "a/test_metrics_2.json": '{"hd95": 3}',
        "b/test_metrics_1.json": '{"hd95": Infinity}',
        "b/test_metrics_2.json": '{"hd95": Infinity}',
        "finalrank.toml": config,
    }
    root = tree(files)
    done = finalrank("report", root, "--evidence", "-f", "json")
    assert {run["source"] for run in done.json["runs"]} == {
        "a/test_metrics_2.json",
        "b/test_metrics_1.json",
    }
    page = finalrank("report", root, "--evidence")
    assert (page.status, "nan" in page.out.lower()) == (0, False)
    told = {row["source"]: row["detail"] for row in finalrank("explain", root, "-f", "json").json}
    assert told["a/test_metrics_2.json"] == "hd95 infinite in the next"
    assert told["a/test_metrics_1.json"] == "hd95 infinite"


# NaN


def test_nan_is_missing_and_counted(command: Any) -> None:
    runs = {"a": {"dice": 0.5, "hd95": math.nan}, "b": {"dice": math.nan}, "c": {"dice": 0.4}}
    done = command(runs, DISTANCES, "report", "-f", "json")
    assert {name: run["nan"] for name, run in by_run(done).items()} == {"a": {"hd95": 1}, "c": {}}
    rows = command(runs, DISTANCES, "explain", "-f", "json").json
    assert {row["run"]: row.get("nan") for row in rows} == {
        "a": {"hd95": 1},
        "b": {"dice": 1},
        "c": None,
    }
    text = command(runs, DISTANCES, "explain").out
    assert "hd95 NaN" in text
    assert "dice NaN" in text


def test_nan_of_seeds_is_counted_together(command: Any) -> None:
    runs = {f"m/seed_{n}": {"dice": 0.5, "hd95": math.nan} for n in range(3)}
    config = f'[rank]\ngroups = "collapse"\n{DISTANCES}'
    assert by_run(command(runs, config, "report", "-f", "json"))["m"]["nan"] == {"hd95": 3}


# Means over lists

JSON = ("report", "-f", "json")
FOLDS = '[[metrics]]\nkey = "dice"\nkeys = ["avg(folds[].dice)"]\nprimary = true\n'


def folds(*values: Any) -> dict[str, Any]:
    return {"folds": [{} if value == "absent" else {"dice": value} for value in values]}


LISTS = {
    "a": folds(0.5, 0.75, 0.25),
    "b": folds(0.75, 0.75),
    "c": folds(0.5, None, 0.25),
    "d": folds(0.5, math.nan, "absent"),
    "e": folds(0.25, "crashed", 0.25),
}


def test_a_mean_over_a_part_of_a_list_says_so(command: Any) -> None:
    done = command(LISTS, FOLDS, "report", "-f", "json")
    runs = by_run(done)
    assert {name: run["metrics"]["dice"] for name, run in runs.items()} == {
        "a": 0.5,
        "b": 0.75,
        "c": 0.375,
        "d": 0.5,
        "e": 0.25,
    }
    none = {"nan": 0, "null": 0}
    assert {name: run["partial"] for name, run in runs.items()} == {
        "a": {},
        "b": {"dice": {"values": 2, "of": 3, **none}},
        "c": {"dice": {"values": 2, "of": 3, "nan": 0, "null": 1}},
        "d": {"dice": {"values": 1, "of": 3, "nan": 1, "null": 1}},
        "e": {"dice": {"values": 2, "of": 3, **none}},
    }
    assert runs["d"]["nan"] == {"dice": 1}
    (problem,) = done.problems
    assert problem.startswith("e/test_metrics.json: dice: has a text in its list")
    page = command(LISTS, FOLDS).out
    assert "| `b` | 0.7500 (2 of 3) |" in page
    assert "| `a` | 0.5000 |" in page
    assert "`dice=0.7500 (2 of 3)`" in page


def test_csv_and_explain_tell_of_parts(command: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(command(LISTS, FOLDS, "report", "-f", "csv").out)))
    parts = {row["run"]: (row["values_dice"], row["values_of_dice"]) for row in rows}
    assert (parts["a"], parts["d"]) == (("", ""), ("1", "3"))
    text = command(LISTS, FOLDS, "explain").out
    assert "dice over 1 of 3 (1 NaN, 1 null)" in text
    assert "dice over 2 of 3 (1 null)" in text
    told = {row["run"]: row for row in command(LISTS, FOLDS, "explain", "-f", "json").json}
    assert told["b"]["averaged"] == {"dice": {"values": 2, "of": 2, "nan": 0, "null": 0}}


def test_without_parts_there_is_no_column_for_them(command: Any) -> None:
    header = command({"a": LISTS["a"]}, FOLDS, "report", "-f", "csv").out.splitlines()[0]
    assert "values" not in header


def test_whoever_recommends_can_ask(command: Any) -> None:
    assert command(LISTS, FOLDS).status == 0
    runs = {run.run: bool(run.partial) for run in package.load_report("runs").runs}
    assert runs == {"a": False, "b": True, "c": True, "d": True, "e": True}


def test_seeds_with_parts_of_lists_have_them_together(command: Any) -> None:
    runs = {"m/seed_1": folds(0.5, None), "m/seed_2": folds(0.5, 0.5)}
    config = f'[rank]\ngroups = "collapse"\n{FOLDS}'
    row = by_run(command(runs, config, "report", "-f", "json"))["m"]
    assert row["partial"] == {"dice": {"values": 1, "of": 2, "nan": 0, "null": 1}}


def test_a_list_is_compared_with_those_of_its_fold(command: Any) -> None:
    lengths = {"0": 2, "1": 3, "": 5}
    files = {
        f"{run}/fold{fold}": folds(*[0.5] * length)
        for run in ("unet", "vnet", "xnet")
        for fold, length in lengths.items()
        if fold or run != "xnet"
    }
    # The figure of vnet is that of its cross-validation, whatever its folds lack.
    short = {**files, **{f"{run}/fold1": folds(0.5, 0.5) for run in ("vnet", "xnet")}}
    config = "scan.run = '^(?P<run>[^/]+)/fold(?P<fold>\\d?)/'\n" + FOLDS
    partial = [
        {name: row["partial"] for name, row in by_run(command(runs, config, *JSON)).items()}
        for runs in (files, short)
    ]
    lacks = {"values": 2, "of": 3, "nan": 0, "null": 0}
    none: dict[str, Any] = {"unet": {}, "vnet": {}, "xnet": {}}
    assert partial == [none, {**none, "xnet": {"dice": lacks}}]


@pytest.mark.parametrize(
    ("expression", "said", "mean", "partial"),
    [
        ("avg(x)", {"x": [0.5, None, 0.25]}, 0.375, (2, 3)),
        ("avg(x)", {"x": [0.5, 0.25]}, 0.375, None),
        ("avg(x[*].y)", {"x": [{"y": 0.5}, {}]}, 0.5, (1, 2)),
        ("avg(x[].y[].z)", {"x": [{"y": [{"z": 0.5}, {"z": 1}]}, {"y": [{}]}]}, 0.75, (2, 3)),
        ("avg(x.*.y)", {"x": {"a": {"y": 0.5}, "b": {"y": None}}}, 0.5, (1, 2)),
        # What the author filters away is no part of the list.
        ("avg(x[?y].y)", {"x": [{"y": 0.5}, {"y": None}]}, 0.5, None),
        ("avg(x[?ok].y)", {"x": [{"y": 0.5, "ok": True}, {"ok": True}, {}]}, 0.5, (1, 2)),
        ("avg(x.*.y | [?@ != `null`])", {"x": {"a": {"y": 0.5}, "b": {}}}, 0.5, None),
        # Another outermost call is JMESPath's own affair.
        ("max([avg(x), avg(x)])", {"x": [0.5, 1]}, 0.75, None),
        ("avg(x)", {"x": [None, None]}, None, None),
        ("avg(x)", {"x": []}, None, None),
        ("avg(x)", {"x": {"y": 1}}, None, None),
        ("avg(x)", {"x": [1e308, 1e308]}, 1e308, None),
    ],
)
def test_what_a_mean_is_taken_over(
    expression: str, said: Any, mean: float | None, partial: Any, command: Any
) -> None:
    config = FOLDS.replace("avg(folds[].dice)", expression) + "range = [0, 1e308]\n"
    config += '[[metrics]]\nkey = "f"\n[filter]\nrequire = "any"\n'
    row = by_run(command({"a": {**said, "f": 1}}, config, "report", "-f", "json"))["a"]
    assert row["metrics"]["dice"] == mean
    part = row["partial"].get("dice")
    assert (part and (part["values"], part["of"])) == partial


def test_the_order_of_a_list_changes_nothing(command: Any) -> None:
    runs = {"a": folds(0.1, 0.2, 0.3), "b": folds(0.3, 0.2, 0.1)}
    found = by_run(command(runs, FOLDS, "report", "-f", "json"))
    assert found["a"]["metrics"] == found["b"]["metrics"]
    assert found["a"]["ranks"] == found["b"]["ranks"] == {"dice": 1}


def test_an_infinite_value_in_a_list_makes_its_mean_infinite(command: Any) -> None:
    config = FOLDS + "higher_is_better = false\nrange = [0, inf]"
    runs = {"a": folds(1, math.inf), "b": folds(3, 4)}
    done = command(runs, config, "report", "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == ["b", "a"]
    assert by_run(done)["a"]["infinite"] == ["dice"]
