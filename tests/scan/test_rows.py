"""Which rows of a log or a table count: the last value, the best row, or each."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Done, Finalrank, Tree
from finalrank.scan.readers.rows import Rows
from finalrank.scan.rows.best import best_of

CONFIG = """
[scan]
patterns = ["m.*"]
{scan}
[[metrics]]
key = "test"
primary = true
[[metrics]]
key = "val"
ranked = false
range = [-inf, inf]
{more}
"""


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    def run(files: dict[str, Any], scan: str = "", more: str = "", *args: str) -> Done:
        config = CONFIG.format(scan=scan, more=more)
        root = tree({**files, "finalrank.toml": config})
        return finalrank(*(args or ("report", "-f", "json")), root)

    return run


def figures(done: Done, key: str = "test") -> dict[str, float | None]:
    return {row["run"]: row["metrics"][key] for row in done.json["runs"]}


HISTORY = [
    {"epoch": 0, "val": 0.5, "test": 0.25},
    {"epoch": 1, "val": 0.75, "test": 0.5},
    {"epoch": 2, "val": 0.625, "test": 0.75},
    {"epoch": 3, "loss": 1.0},
]
AS_CSV = "epoch,val,test,loss\n0,0.5,0.25,\n1,0.75,0.5,\n2,0.625,0.75,\n3,,,1\n"
BY_COLUMN = {key: [row.get(key) for row in HISTORY] for key in ("epoch", "val", "test", "loss")}
SERIES = {
    key: {
        "steps": [n for n, row in enumerate(HISTORY) if key in row],
        "values": [row[key] for row in HISTORY if key in row],
        "timestamps": ["2026-01-01"] * 3,
    }
    for key in ("val", "test")
}


@pytest.mark.parametrize(
    ("row", "val", "test"),
    [
        ("", 0.625, 0.75),
        ('row = "last"', 0.625, 0.75),
        ('row = "best:val"', 0.75, 0.5),
        ('row = "best:val:lower"', 0.5, 0.25),
        ('row = "best:test:higher"', 0.625, 0.75),
    ],
)
@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("m.csv", AS_CSV, ""),
        ("m.jsonl", "\n".join(map(json.dumps, HISTORY)), ""),
        ("m.json", "\n".join(map(json.dumps, HISTORY)), ""),
        ("m.json", HISTORY, "@"),
        ("m.json", {"log_history": HISTORY, "best": 9}, "log_history"),
        ("m.json", {"log": {"epochs": HISTORY}}, "log.epochs"),
        ("m.json", BY_COLUMN, "@"),
        ("m.json", {"history": BY_COLUMN}, "history"),
        ("m.json", SERIES, "@"),
        ("m.yaml", json.dumps({"epochs": HISTORY}), "epochs"),
    ],
)
def test_the_rows_that_count(
    name: str, content: Any, rows: str, row: str, val: float, test: float, report: Any
) -> None:
    table = f'table = {{rows = "{rows}"}}' if rows else ""
    done = report({f"a/{name}": content}, f"{row}\n{table}")
    assert done.problems == []
    assert (figures(done, "val"), figures(done)) == ({"a": val}, {"a": test})


def test_validation_chooses_and_the_test_is_reported(report: Any) -> None:
    """Whoever is best on the test in some epoch does not win by it."""
    lucky = "val,test\n0.5,0.9\n0.75,0.25\n"
    steady = "val,test\n0.5,0.25\n0.75,0.5\n"
    done = report({"lucky/m.csv": lucky, "steady/m.csv": steady}, 'row = "best:val"')
    assert figures(done) == {"steady": 0.5, "lucky": 0.25}


def test_a_run_whose_log_lacks_the_column_is_told(report: Any) -> None:
    files = {"a/m.csv": "test\n0.5\n", "b/m.csv": "val,test\n0.5,0.25\n"}
    done = report(files, 'row = "best:val"')
    assert figures(done) == {"b": 0.25}
    (line,) = done.problems
    assert line == "a/m.csv: scan.row: no row has a value of `val`, by which one is chosen"


def test_what_stands_beside_the_rows_is_found_too(report: Any) -> None:
    content = {"test": 0.5, "history": [{"val": 0.25}, {"val": 0.75}]}
    done = report({"a/m.json": content}, 'row = "best:val"\ntable = {rows = "history"}')
    assert (figures(done), figures(done, "val")) == ({"a": 0.5}, {"a": 0.75})


def test_where_there_are_no_rows_one_line_says_so(report: Any) -> None:
    files = {"a/m.json": {"history": 3}, "b/m.json": {"history": [{"test": 0.5}]}}
    done = report(files, 'table = {rows = "history"}')
    assert figures(done) == {"b": 0.5}
    told = [line for line in done.problems if line.startswith("a/")]
    assert len(told) == 1
    assert told[0].startswith("a/m.json: scan.table.rows: `history` finds no rows")


# Leaderboards

WIDE: list[dict[str, Any]] = [
    {"model": "svm", "task": "kits", "test": 0.5},
    {"model": "rf", "task": "kits", "test": 0.75},
    {"model": "svm", "task": "lits", "test": 0.25},
    {"model": "rf", "task": "lits", "test": 0.125},
]


def as_csv(rows: list[dict[str, Any]]) -> str:
    lines = [",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]
    return "\n".join(lines) + "\n"


LONG = [
    {"model": row["model"], "task": row["task"], "metric": key, "value": row["test"] / share}
    for row in WIDE
    for key, share in (("test", 1), ("val", 2))
]
COLUMNS = 'table = {run = "model", dataset = "task"}'
PAIRS = 'table = {run = "model", dataset = "task", metric = "metric", value = "value"}'


@pytest.mark.parametrize(
    ("name", "content", "table"),
    [
        ("m.csv", as_csv(WIDE), COLUMNS),
        ("m.jsonl", "\n".join(map(json.dumps, WIDE)), COLUMNS),
        ("m.json", {"board": WIDE}, 'table = {rows="board", run="model", dataset="task"}'),
        ("m.csv", as_csv(LONG), PAIRS),
        ("m.csv", as_csv(random.Random(0).sample(LONG, len(LONG))), PAIRS),
        ("m.tsv", as_csv(LONG).replace(",", "\t"), PAIRS),
    ],
)
def test_a_leaderboard_has_a_run_a_row(name: str, content: Any, table: str, report: Any) -> None:
    done = report({name: content}, table)
    assert not any(line.startswith("m.") for line in done.problems)
    by_dataset = {
        row["run"]: {name: own["metrics"]["test"] for name, own in row["by_dataset"].items()}
        for row in done.json["runs"]
    }
    assert by_dataset == {"rf": {"kits": 0.75, "lits": 0.125}, "svm": {"kits": 0.5, "lits": 0.25}}


def test_each_row_is_a_result_that_scan_name_names(report: Any) -> None:
    done = report({"m.csv": as_csv(WIDE[:2])}, 'row = "each"\nname = "model"')
    assert figures(done) == {"rf": 0.75, "svm": 0.5}


def test_no_row_of_a_leaderboard_is_lost_in_silence(report: Any) -> None:
    twice = [*WIDE[:2], {"model": "svm", "task": "kits", "test": 0.125}]
    for rows, table in ((twice, COLUMNS), ([*LONG[:4], *LONG[:2]], PAIRS)):
        done = report({"m.csv": as_csv(rows)}, table)
        assert done.account.startswith("3 results of 1 artifacts: 2 ranked, 1 siblings")


def test_more_columns_are_factors(report: Any) -> None:
    rows = [{"model": "svm", "seed": n, "test": n / 8} for n in range(1, 4)]
    rows.append({"model": "rf", "seed": 1, "test": 0.5})
    more = '[[factors]]\nkey = "seed"\nrole = "seed"\n'
    done = report({"m.csv": as_csv(rows)}, 'table = {run = "model"}', more)
    assert [row["run"] for row in done.json["runs"]] == ["rf", "svm"]
    assert figures(done)["svm"] == 0.25


def test_too_many_rows_are_refused(report: Any) -> None:
    content = "model,test\n" + "x,0.5\n" * 100_001
    done = report({"m.csv": content}, 'table = {run = "model"}')
    assert done.status == 1
    assert "has over 100,000 rows: see scan.row" in done.err


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(-9, 9)), min_size=1))
def test_the_best_row_is_the_first_of_the_best(rows: list[dict[str, float]]) -> None:
    values = [row["a"] for row in rows if "a" in row]
    if values:
        assert best_of(Rows(rows), "a", -1) == next(
            row for row in rows if row.get("a") == max(values)
        )
