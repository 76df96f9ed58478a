"""Files of every kind that a lab writes, each the one artifact of its run."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from conftest import Done, Finalrank, Tree
from finalrank.scan.readers.registry import READERS
from finalrank.scan.readers.rows import Rows
from mlflow_stores import database

CONFIG = """
[scan]
patterns = ["m.*"]
{scan}
[[metrics]]
key = "dice"
primary = true
{metric}
"""
SECRET = "hush-5120"


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    """A report of some files by one metric; `scan` and `metric` are more lines of its tables."""

    def run(files: dict[str, Any], scan: str = "", metric: str = "", *args: str) -> Done:
        config = CONFIG.format(scan=scan, metric=metric)
        return finalrank(
            *(args or ("report", "-f", "json")), tree({**files, "finalrank.toml": config})
        )

    return run


def dice(done: Done) -> dict[str, float | None]:
    return {row["run"]: row["metrics"]["dice"] for row in done.json["runs"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.json", '{"dice": 0.5}'),
        ("m.JSON", '{"dice": 0.5}'),
        ("m.json", '{"dice": 0.1}\n{"dice": 0.5, "x": [1]}\n'),
        ("m.jsonl", '{"dice": 0.5}'),
        (
            "m.ndjson",
            '\ufeff{"dice": 0.1}\n\n{"dice": null, "loss": 1}\n{"dice": 0.5}\n{"loss": 2}',
        ),
        ("m.csv", "epoch,dice\n0,0.1\n1,0.5\n"),
        ("m.csv", "epoch;dice\n0;0.1\n1;0.5\n"),
        ("m.tsv", "epoch\tdice\n0\t0.1\n1\t0.5\n"),
        ("m.csv", "   epoch,     dice  \n  0,  0.1\n  1,   0.5 \n"),
        ("m.csv", "epoch,dice\n0,0.1\nepoch,dice\n1,0.5\n"),
        ("m.csv", "epoch,dice,loss\r\n0,0.5,1\r\n1,,2\r\n"),
        ("m.csv", '"epoch, of all",dice\n0,0.5\n'),
        ("m.csv", ",dice\n0,0.5\n"),
        ("m.csv", "iou,0.25\ndice,0.5\n"),
        ("m.yaml", "dice: 0.5\n"),
        ("m.yml", "a: &a {dice: 5e-1}\n<<: *a\n"),
        ("m.toml", "dice = 0.5\n"),
        ("m.log.json", '{"env": "Linux"}\n{"dice": 0.5}\n'),
        ("m.txt", "epoch,dice\n0,0.5\n"),
        ("m.metrics", '{"dice": 0.5}'),
    ],
)
def test_a_figure_is_read_from_every_kind_of_file(name: str, content: str, report: Any) -> None:
    done = report({f"a/{name}": content, "b/m.json": {"dice": 0.25}})
    assert done.problems == []
    assert dice(done) == {"a": 0.5, "b": 0.25}


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "m.jsonl",
            '{"dice": 0.5}\n{"dice": 0',
            "line 2 column 11: ends too early",
        ),
        ("m.jsonl", '{"dice": 0.5}\n[1]', "line 2: is a list, not an object"),
        ("m.jsonl", '{"dice": 0.5}\nhush-5120', "line 2 column 1: is not JSON"),
        ("m.jsonl", '{"a": ' + "[" * 600 + "]" * 600 + "}", "nested over 500 levels"),
        ("m.csv", "epoch,dice\n0,0.5\n1\n", "line 3: has fewer cells than the first line"),
        ("m.csv", "epoch,dice\n0,0.5,hush-5120\n", "line 2: has more cells"),
        ("m.csv", "dice,dice\n0,0.5\n", "line 1: names a column twice"),
        ("m.csv", "0.5,0.25,1\n", "line 1: does not name the columns"),
        ("m.csv", 'epoch,dice\n"0,0.5\n', "line 2: is not CSV: a quote"),
        ("m.csv", "epoch,dice\n0," + "x" * 200_000, "a cell is far too long"),
        ("m.csv", ",".join(f"c{n}" for n in range(20_000)), "has over 10,000 columns"),
        ("m.csv", b"epoch,dice\n0,0.5\0\n", "line 2: has NUL bytes"),
        ("m.csv", b"\xff\xfee\0", "UTF-16"),
        ("m.csv", "\n \n", "is empty"),
        ("m.csv", "dice,0.5\nloss\n", "line 2: is no pair of a name and a value"),
        ("m.yaml", "a: &a [1]\nb: &b [*a, *a]\n" + "c: [*b]\n", "missing"),
        ("m.yaml", "x: &x [*x]", "has aliases that make it far too large"),
        (
            "m.yaml",
            "!!python/object/apply:os.system ['true']",
            "is not YAML that can be loaded safely",
        ),
        ("m.yaml", "a: [1", "line 2 column 1: is not YAML"),
        ("m.yaml", "- " * 5_000 + "1", "is nested over 100 levels"),
        ("m.yaml", "dice: 0.5\ndice: 0.75\n", "given more than once"),
        ("m.yaml", "# x\n" * 300_000, "is over 1048576 bytes of YAML"),
        ("m.yaml", "dice: 1:30\n", "is a text, not a number"),
        ("m.toml", "dice = ", "is not TOML"),
        ("m.toml", "a = " + "[" * 5_000, "is nested too deep"),
        ("m.toml", ".".join("a" * 5_000) + " = 1", "with over 100 dots"),
        ("m.toml", "# x\n" * 300_000, "is over 1048576 bytes of TOML"),
        ("m.db", "SQLite", "is no SQLite database"),
        ("m.db", b"SQLite format 3\0" + b"\0" * 4096, "is no database of MLflow"),
    ],
)
def test_what_is_broken_is_one_line(
    name: str, content: str | bytes, told: str, report: Any
) -> None:
    done = report({f"a/{name}": content, "b/m.json": {"dice": 0.25}})
    assert done.status == 0
    if told == "missing":  # it holds nothing of the metric, and is no fault
        assert [row["reason"] for row in done.json["excluded"]] == ["missing-primary"]
        return
    (line,) = done.problems
    assert line.startswith(f"a/{name}: ")
    assert told in line
    assert SECRET not in done.err


BOMB = "a0: &a0 {dice: 0.5}\n" + "".join(
    f"a{n}: &a{n} {{}}\n".replace("{}", f"[{', '.join([f'*a{n - 1}'] * 9)}]") for n in range(1, 12)
)
MERGES = "a0: &a0 {dice: 0.5}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize("bomb", [BOMB, MERGES], ids=["lists", "merges"])
def test_what_aliases_multiply_is_refused_before_it_is_made(bomb: str, report: Any) -> None:
    done = report({"a/m.yaml": bomb, "b/m.json": {"dice": 0.25}})
    (line,) = done.problems
    assert "aliases that make it far too large" in line


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x80\x04\x95" + b"x" * 30, "Python pickle"),
        (b"PK\x03\x04" + b"\0" * 26 + b"dice.npy", "NumPy archive"),
        (b"PK\x03\x04" + b"\0" * 26 + b"best/data.pkl", "PyTorch checkpoint"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "save it as CSV"),
        (b"PK\x03\x04" + b"\0" * 40, "zip archive"),
        (b"\x93NUMPY\x01\0", "NumPy array"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"\x89PNG\r\n\x1a\n", "is an image"),
        (b"PAR1\x15\x04", "Parquet"),
        (b'\x18\0\0\0\0\0\0\0\xa3\x7fK"\t\0\0\xc0\x11\x9c\xd1\xd9Abrain.Event:2', "TensorBoard"),
    ],
)
@pytest.mark.parametrize("name", ["m.json", "m.csv", "m.bin"])
def test_what_no_reader_reads_is_named(data: bytes, told: str, name: str, report: Any) -> None:
    done = report({f"a/{name}": data, "b/m.json": {"dice": 0.25}})
    (line,) = done.problems
    assert told in line


def test_the_database_of_mlflow_gives_a_result_a_run(finalrank: Finalrank, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "mlflow.db"
    database(
        path,
        {
            "1": ["calm-owl", "FINISHED", "active", 0.5, 0],
            "2": ["bold-fox", "FINISHED", "active", 0.75, 0],
            "3": ["nan-cat", "FINISHED", "active", 0.0, 1],
            "4": ["gone", "FINISHED", "deleted", 0.9, 0],
            "5": ["dead", "FAILED", "active", 0.9, 0],
        },
    )
    before = path.read_bytes()
    config = tmp_path / "finalrank.toml"
    config.write_text(
        '[scan]\npatterns = ["mlflow.db"]\nresults = ["runs"]\nname = "name"\n'
        '[filter]\nstatus = ["finished"]\n[[factors]]\nkey = "status"\nrole = "status"\n'
        '[[metrics]]\nkey = "dice"\nkeys = ["metrics.dice"]\nprimary = true\n'
    )
    done = finalrank("report", "-f", "json", path.parent)
    assert dice(done) == {"bold-fox": 0.75, "calm-owl": 0.5}
    reasons = {row["run"]: row["reason"] for row in done.json["excluded"]}
    assert reasons == {"nan-cat": "missing-primary", "gone": "status", "dead": "status"}
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["mlflow.db"]


def test_a_mixed_folder_has_one_result_and_explain_says_which(report: Any) -> None:
    files = {"a/m.json": {"dice": 0.5}, "a/m.csv": "dice\n0.75\n", "a/m.yaml": "dice: 0.25\n"}
    done = report(files, "", "", "explain", "-f", "json")
    verdicts = {row["source"]: row["verdict"] for row in done.json}
    assert verdicts == {"a/m.csv": "kept", "a/m.json": "sibling", "a/m.yaml": "sibling"}


# Against other readers

NAMES = st.sampled_from(["dice", "loss", "a b", 'q"x', "épée"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9)
CELLS = st.dictionaries(NAMES, NUMBERS, min_size=1)


@given(st.lists(CELLS, min_size=1), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_a_table_is_what_the_standard_library_reads(
    rows: list[dict[str, float]], delimiter: str, padded: bool
) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    written = text.getvalue()
    if padded:
        written = written.replace(delimiter, f"{delimiter}  ")
    found = READERS["csv"].decode(written.encode())
    if not isinstance(found, Rows):  # two cells, of which the second is a number, are a pair
        return
    wanted: dict[str, float] = {}
    for row in csv.DictReader(io.StringIO(text.getvalue()), delimiter=delimiter):
        wanted |= {name: float(cell) for name, cell in row.items() if cell}
    assert found.last() == wanted


@given(st.lists(CELLS, min_size=1))
def test_json_lines_are_what_json_reads(rows: list[dict[str, float]]) -> None:
    found = READERS["jsonl"].decode("\n".join(map(json.dumps, rows)).encode())
    assert list(found) == rows
    wanted: dict[str, float] = {}
    for row in rows:
        wanted |= row
    assert found.last() == wanted


PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="ascii"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, PLAIN))
def test_yaml_is_what_was_dumped(value: dict[str, Any]) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    # The one difference, which is meant: it has no quotes for a text such as 1e-3.
    assume(not re.search(r"(?<![\d.])\d{1,2}[eE][-+]?\d{1,2}(?!\d)", text))
    assert READERS["yaml"].decode(text.encode()) == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1e-3", 0.001), ("1E5", 100000.0), ("-2e+3", -2000.0), ("1.5e-05", 1.5e-05)),
        *(("12e45678", "12e45678"), ("1e400", "1e400"), ("1_000", "1_000"), ("012", "012")),
        *(("1:30", "1:30"), ("0x1F", "0x1F"), (".5", 0.5), ("+1", 1.0), (".inf", math.inf)),
    ],
)
def test_numbers_of_yaml(text: str, value: object) -> None:
    assert READERS["yaml"].decode(f"a: {text}\n".encode()) == {"a": value}


@given(st.binary())
def test_no_bytes_under_any_name_raise_anything_but_a_refusal(data: bytes) -> None:
    from finalrank.scan.readers.interface import Unreadable

    for name in ("m.json", "m.jsonl", "m.csv", "m.yaml", "m.toml", "m.db", "m"):
        try:
            document = READERS["auto"].document(data, name)
            if isinstance(document, Rows):
                assert isinstance(document.last(), dict)
        except Unreadable:
            pass


def test_nan_in_the_last_row_is_the_last_value(report: Any) -> None:
    files = {"a/m.csv": "epoch,dice\n0,0.9\n1,nan\n", "b/m.jsonl": '{"dice": 0.9}\n{"dice": NaN}'}
    done = report({**files, "c/m.json": {"dice": 0.25}})
    assert dice(done) == {"c": 0.25}
    assert math.isclose(done.json["runs"][0]["metrics"]["dice"], 0.25)
