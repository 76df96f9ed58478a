"""From the bytes of an artifact to a mapping, for each kind of file there is a reader for."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import Finalrank, Tree
from finalrank.config.tables.scan import Scan
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json
from finalrank.scan.readers.registry import READERS
from finalrank.scan.readers.rows import Rows

SECRET = "hush"


def decoded(name: str, data: bytes) -> Any:
    """What a reader makes of the bytes; of rows, the last value of each column."""
    document = READERS[name].decode(data)
    return document.last() if isinstance(document, Rows) else document


def refusal(name: str, data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        decoded(name, data)
    return caught.value


def folder(files: dict[str, bytes]) -> bytes:
    """The bytes that the scan hands over of a folder."""
    return b"".join(
        name.encode(errors="surrogateescape") + b"\0" + files[name] + b"\0"
        for name in sorted(files)
    )


def test_every_reader_can_be_configured() -> None:
    assert set(READERS) == set(get_args(Scan.model_fields["reader"].annotation))
    assert READERS["json"].decode is parse_json


@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.binary())
def test_no_bytes_raise_anything_else(name: str, data: bytes) -> None:
    _is_read(name, data)


CELL = st.sampled_from(["test_acc", "test_loss", "0.5", "nan", "", '"', '""', "1e999", "x\ny", "é"])
LINE = st.lists(CELL).map(",".join)


@given(st.lists(LINE).map("\n".join))
@example("test_acc\n" + "1" * 140_000)
@example("test_acc\n" + "x" * 140_000)
def test_nor_does_any_csv(text: str) -> None:
    _is_read("lightning", text.encode())


LABELS = st.dictionaries(st.text(max_size=3), st.floats() | st.text(max_size=3) | st.none())
MEANS = st.dictionaries(st.sampled_from(["0", "1", "(1, 2)", "mean", "-1"]), LABELS | st.none())


@given(st.fixed_dictionaries({"results": st.fixed_dictionaries({"mean": MEANS}) | LABELS}))
@example({"results": {"mean": {"1": {"Dice": 1.7e308}, "2": {"Dice": 1.7e308}}}})
def test_nor_does_any_summary(summary: Any) -> None:
    _is_read("nnunet-v1", json.dumps(summary).encode())


FIELD = st.sampled_from(["0", "1", "-1", "0.5", "nan", "inf", "x", "9" * 5000, "1e5"])


@given(st.dictionaries(st.text("ab/\udcff", min_size=1), st.lists(st.lists(FIELD).map(" ".join))))
def test_nor_does_any_metrics_folder(files: dict[str, list[str]]) -> None:
    _is_read("mlflow", folder({name: "\n".join(rows).encode() for name, rows in files.items()}))


def _is_read(name: str, data: bytes) -> None:
    try:
        found = decoded(name, data)
    except Unreadable:
        return
    json.dumps(found)


def test_the_line_of_a_wrong_byte_is_its_own_behind_a_byte_order_mark() -> None:
    assert refusal("lightning", b"\xef\xbb\xbftest_acc\n\xff").place == "line 2"


# nnU-Net v1


def v1(labels: Any, **other: Any) -> Any:
    return READERS["nnunet-v1"].decode(json.dumps({"results": {"mean": labels}, **other}).encode())


def test_the_foreground_is_all_labels_but_the_background() -> None:
    found = v1(
        {
            "0": {"Dice": 0.99, "Jaccard": 0.98},
            "1": {"Dice": 0.5, "Jaccard": 0.25},
            "2": {"Dice": 0.75, "Jaccard": 0.75, "Precision": 1},
            "-1": {"Dice": 0.1},
            "99": {"Dice": 0.2},
            "mean": {"Dice": 0.3},
        }
    )
    assert found["foreground_mean"] == {"Dice": 0.625, "Jaccard": 0.5, "Precision": 1.0}
    assert found["results"]["mean"]["mean"]["Dice"] == 0.3


def test_a_mean_over_fewer_labels_is_none() -> None:
    labels = {"1": {"Dice": 0.5, "HD": math.inf}, "2": {"Dice": math.nan, "HD": 2}}
    means = v1(labels)["foreground_mean"]
    assert math.isnan(means["Dice"])
    assert means["HD"] == 2.0
    assert v1({"1": {"Dice": 0.5}, "3": {"Dice": "0.9"}})["foreground_mean"] == {"Dice": 0.5}


@pytest.mark.parametrize("labels", [{}, {"0": {"Dice": 1}}, {"1": 0.5}, [], None, "x", {"1": {}}])
def test_no_foreground_has_no_mean(labels: Any) -> None:
    assert "foreground_mean" not in v1(labels)


def test_a_mean_that_is_there_stays() -> None:
    assert v1({"1": {"Dice": 0.5}}, foreground_mean=7)["foreground_mean"] == 7


@pytest.mark.parametrize("data", [b"[1]", b'"x"', b"null", b'{"results": []}'])
def test_another_document_stays_as_it_is(data: bytes) -> None:
    assert READERS["nnunet-v1"].decode(data) == parse_json(data)


def test_a_key_given_twice_is_still_told() -> None:
    data = b'{"a": 1, "a": 2, "results": {"mean": {"1": {"Dice": 0.5}}}}'
    found = READERS["nnunet-v1"].decode(data)
    assert isinstance(found, DuplicateKeyDict)
    assert found.differs("a")
    assert not found.differs("foreground_mean")
    assert found["foreground_mean"] == {"Dice": 0.5}


@pytest.mark.parametrize("reader", ["nnunet-v1", "lm-eval", "huggingface"])
def test_what_is_made_of_a_key_given_twice_is_told(
    reader: str, finalrank: Finalrank, tree: Tree
) -> None:
    text, keys, results = {
        "nnunet-v1": (
            '{"results": {"mean": {"1": {"Dice": 0.25, "Dice": 0.5}}}}',
            "foreground_mean.Dice",
            "",
        ),
        "lm-eval": (
            '{"results": {"arc": {"acc,none": 0.25, "acc,none": 0.5}}}',
            "acc,none",
            "results",
        ),
        "huggingface": ('{"test_f1": 0.25, "test_f1": 0.5, "eval_f1": 1}', "test_f1", "results"),
    }[reader]
    config = f"""
[scan]
patterns = ["m.json"]
reader = "{reader}"
results = {[results] if results else []}
[[metrics]]
key = "figure"
primary = true
keys = ["{keys}"]
"""
    done = finalrank("report", tree({"a/m.json": text, "finalrank.toml": config}), "-f", "json")
    assert [row["reason"] for row in done.json["problems"]] == [
        "is given more than once, with different values: the last one counts"
    ]
    assert done.json["runs"][0]["metrics"] == {"figure": 0.5}


# Lightning

FITTED = """epoch,step,test_acc,test_loss,train_loss,val_acc
0,49,,,0.9,
0,49,,,,0.6
1,99,,,0.7,
1,99,0.75,0.5,,
2,149,,,0.6,
"""


def lightning(text: str) -> Any:
    return decoded("lightning", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        FITTED,
        "\ufeff" + FITTED,
        FITTED.replace("\n", "\r\n"),
        FITTED.replace("\n", "\n\n"),
        FITTED.replace("0.75", '"0.75"').replace("test_acc", '"test_acc"'),
        FITTED.replace(",", ", "),
        FITTED.rstrip("\n"),
        FITTED.replace("0.6,\n", "0.6,\n2,149,,,,0.9\n"),
    ],
)
def test_the_last_cell_of_each_column_counts(text: str) -> None:
    found = lightning(text)
    assert (found["test_acc"], found["test_loss"], found["train_loss"]) == (0.75, 0.5, 0.6)
    assert found["val_acc"] in (0.6, 0.9)
    assert (found["epoch"], found["step"]) == (2, 149)


def test_a_later_test_counts() -> None:
    found = lightning(FITTED + "3,199,0.5,,,\n")
    assert (found["test_acc"], found["test_loss"]) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1e-3", -0.001),
        ("+2E2", 200.0),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1e400", math.inf),
        ("tensor(0.5)", "tensor(0.5)"),
        ("1_0", "1_0"),
        ("\u0661", "\u0661"),
        ("0x1", "0x1"),
        ("12%", "12%"),
    ],
)
def test_a_cell_is_a_number_or_a_text(cell: str, value: float | str) -> None:
    found = lightning(f"test_acc\n{cell}\n")["test_acc"]
    assert found == value
    assert type(found) is type(value)


def test_a_cell_can_be_nan() -> None:
    assert math.isnan(lightning("test_acc\n0.5\nnan\n")["test_acc"])


def test_a_cell_can_hold_a_line_break() -> None:
    assert lightning('note,test_acc\n"a\nb",0.5\n') == {"note": "a\nb", "test_acc": 0.5}


@pytest.mark.parametrize("text", ["test_acc\n", "test_acc,f1\n,\n,\n"])
def test_a_column_without_a_value_is_absent(text: str) -> None:
    assert lightning(text) == {}


def test_a_nameless_first_column_is_the_index_of_pandas() -> None:
    assert lightning(",f1\nsvm,0.5\n") == {"index": "svm", "f1": 0.5}
    assert lightning("a,,f1\n1,2,0.5\n") == {"a": 1.0, "f1": 0.5}


@pytest.mark.parametrize(
    ("data", "place", "word"),
    [
        (b"", None, "empty"),
        (b"\xef\xbb\xbf \r\n\n", None, "empty"),
        (b"0.5,0.6\n0.7,0.8\n", "line 1", "does not name the columns"),
        (b",,\n", "line 1", "does not name the columns"),
        (b"test_acc,step\n0.5,1\nhush\n", "line 3", "fewer cells"),
        (b"test_acc,step\n0.5,1,hush\n", "line 2", "more cells"),
        (b"test_acc,test_acc\n0.5,hush\n", "line 1", "twice"),
        (b'test_acc\n"hush\n', "line 2", "not CSV"),
        (b'test_acc\n"hu"sh\n', "line 2", "not CSV"),
        (b"test_acc\n0.5\n\0\0", "line 3", "NUL"),
        (b"test_acc\n\xff hush\n", "line 2", "not UTF-8"),
        ("test_acc\n0.5\n".encode("utf-16"), None, "UTF-16"),
        (b"test_acc\n" + b"x" * 140_000, "line 2", "not CSV"),
    ],
)
def test_what_is_no_csv_says_why(data: bytes, place: str | None, word: str) -> None:
    problem = refusal("lightning", data)
    assert problem.place == place
    assert word in problem.reason
    assert SECRET not in problem.reason


# MLflow


def latest(content: str) -> Any:
    return READERS["mlflow"].decode(folder({"acc": content.encode()})).get("acc")


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("1700000000000 0.5 0\n", 0.5),
        ("1700000000000 1 0", 1.0),
        # The highest step, not the last line, nor the best value.
        ("9 0.9 1\n5 0.5 3\n7 0.7 2\n", 0.5),
        ("5 0.1 10\n6 0.2 9\n", 0.1),
        # Of one step the latest time, of one time the later line.
        ("9 0.9 0\n5 0.5 0\n", 0.9),
        ("5 0.9 0\n5 0.5 0\n", 0.5),
        ("5 0.1 -1\n", 0.1),
        # Old versions write no step, new ones a data set, too.
        ("5 0.5\n6 0.6\n", 0.6),
        ("5 0.5 0 train 0a1b\n", 0.5),
        ("5 inf 0\n", math.inf),
        ("5 1e-05 0\r\n", 1e-05),
        # What is malformed is skipped.
        ("5 0.5 0\nx 0.9 1\n6 y 1\n7 0.9 z\n\n8\n", 0.5),
        ("9 0.5 99999999999999999999999\n", 0.5),
        ("", None),
        ("\n \n", None),
        ("hush", None),
        ("{}", None),
    ],
)
def test_the_latest_value_counts(content: str, value: float | None) -> None:
    found = latest(content)
    assert found == value
    assert found is None or type(found) is float


def test_the_latest_value_can_be_nan() -> None:
    assert math.isnan(latest("5 0.5 0\n6 nan 1\n"))


def test_every_metric_of_the_folder_is_read() -> None:
    files = {"acc": b"5 0.5 0\n", "test/f1": b"5 0.4 0\n", "empty": b"", "\udcff": b"5 1 0"}
    assert READERS["mlflow"].decode(folder(files)) == {"acc": 0.5, "test/f1": 0.4, "\udcff": 1.0}
    assert READERS["mlflow"].decode(b"") == {}


@pytest.mark.parametrize("data", [b"acc", b"acc\0005 0.5 0", b"acc\0\0\0", b"acc\0005\0hush 0\0"])
def test_a_file_with_nul_bytes_is_refused(data: bytes) -> None:
    problem = refusal("mlflow", data)
    assert "NUL" in problem.reason
    assert SECRET not in problem.reason
