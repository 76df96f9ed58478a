"""Values of single cases: from an artifact, and from a table."""

from __future__ import annotations

import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from case_tables import LOSS, METRICS, SECRET
from finalrank.scan.case_values import from_artifact, from_table
from finalrank.scan.readers.interface import Unreadable


def table(text: str, name: str = "x.csv") -> dict[str, dict[str, float]]:
    return from_table(text.encode(), name, METRICS).values


def of_json(value: Any) -> dict[str, dict[str, float]]:
    return table(json.dumps(value), "x.json")


def refusal(data: bytes, name: str = "x.csv") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        from_table(data, name, METRICS)
    assert SECRET not in f"{caught.value.place} {caught.value.reason}"
    return caught.value


# Tables

ROWS: list[dict[str, Any]] = [
    {"case": "a", "dice": 0.5, "loss": 12.0, "who": "x"},
    {"case": "b", "dice": None, "loss": 3, "who": "y"},
    {"case": 7, "dice": 1, "loss": 0.25, "who": "z"},
]
SAME = {"dice": {"a": 0.5, "7": 1.0}, "loss": {"a": 12.0, "b": 3.0, "7": 0.25}}
CSV = "who,case,dice,loss\nx,a,0.5,12\ny,b,,3\nz,7,1,.25\n"


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        "\ufeff" + CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace(",", " , "),
        CSV.replace("a,0.5", '"a","0.5"'),
        CSV.replace("b,,", "b,NaN,"),
        CSV.replace("b,,", "b,n/a,"),
        CSV + ",,,\n\n,,\n",
        CSV.rstrip("\n"),
    ],
)
def test_a_csv_table_has_a_row_a_case(text: str) -> None:
    assert table(text, "test_cases.csv") == SAME


@pytest.mark.parametrize(
    "held",
    [
        ROWS,
        {key: [row[key] for row in ROWS] for key in ROWS[0]},
        {str(row["case"]): {"dice": row["dice"], "loss": row["loss"]} for row in ROWS},
    ],
)
def test_a_json_table_has_one_of_three_shapes(held: Any) -> None:
    assert of_json(held) == SAME
    assert from_table(b"\xef\xbb\xbf" + json.dumps(held).encode(), "x.json", METRICS).values == SAME


def test_a_case_may_be_called_case() -> None:
    assert of_json({"case": {"dice": 0.5}, "dice": {"dice": 0.25}}) == {
        "dice": {"case": 0.5, "dice": 0.25}
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [(7, "7"), (7.5, "7.5"), (-0.0, "0"), (" 07 ", "07"), ("é\n", "é"), (1e6, "1000000")],
)
def test_the_name_of_a_case_is_text(name: Any, text: str) -> None:
    assert of_json([{"case": name, "dice": 0.5}]) == {"dice": {text: 0.5}}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0, 0.0),
        (1 + 1e-10, 1 + 1e-10),
        (-1e-10, -1e-10),
        (1.001, None),
        (-0.5, None),
        (None, None),
        ("0.5", None),
        (True, None),
        ([0.5], None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_a_value_is_a_finite_number_in_its_range(value: Any, kept: float | None) -> None:
    found = of_json([{"case": "a", "dice": value}, {"case": "b", "dice": 0.5}])
    assert found["dice"].get("a") == kept


def test_a_value_is_scaled() -> None:
    found = table("case,percent,loss\na,38.37,inf\nb,101,1e300\n")
    assert found == {"percent": {"a": 0.3837}, "loss": {"b": 1e300}}


def test_a_column_without_a_value_is_no_column() -> None:
    assert table("case,dice,loss\na,,1\n") == {"loss": {"a": 1.0}}


@pytest.mark.parametrize(
    ("text", "name"),
    [("case,Dice,loss\na,0.5,1\n", "x.csv"), ('[{"case": "a", "Dice": 0.5, "loss": 1}]', "x.json")],
)
def test_a_column_that_is_spelt_otherwise_is_told(text: str, name: str) -> None:
    values, faults = from_table(text.encode(), name, METRICS)
    assert values == {"loss": {"a": 1.0}}
    told = "is missing, but there is `Dice`: spell the key the same in both places"
    assert faults == {"dice": told}


def test_what_is_infinite_is_missing() -> None:
    # A distance to nothing is written so; it is no problem in an artifact either.
    text = b"case,loss\na,inf\nb,-inf\nc,1e400\nd,2\n"
    values, faults = from_table(text, "test_cases.csv", [LOSS])
    assert values == {"loss": {"d": 2.0}}
    assert of_json({"case": ["a", "b"], "loss": [math.inf, 2]}) == {"loss": {"b": 2.0}}
    assert faults == {}


@pytest.mark.parametrize("table", ["case,dice\n", "[]", '{"case": [], "dice": []}', "{}"])
def test_a_table_without_a_case_is_told(table: str) -> None:
    name = "test_cases.csv" if table.startswith("case") else "test_cases.json"
    with pytest.raises(Unreadable, match="has no cases"):
        from_table(table.encode(), name, METRICS)


@pytest.mark.parametrize(
    ("data", "place", "word"),
    [
        (b"", None, "empty"),
        (b"\xef\xbb\xbf \n", None, "empty"),
        (b"dice,hush\n0.5,a\n", "line 1", "no column `case`"),
        (b"Case,dice\na,0.5\n", "line 1", "no column `case`"),
        (b"case;dice\nhush;0.5\n", "line 1", "no column `case`"),
        (b"case,hush\na,0.5\n", "line 1", "no column of a metric"),
        (b"case,dice,dice\na,0.5,0.6\n", "line 1", "twice"),
        (b"case,dice,case\na,0.5,hush\n", "line 1", "twice"),
        (b"case,dice\nhush,0.5\nb,0.5\nhush,0.5\n", "line 4", "twice"),
        (b"case,dice\na,0.5\n a,0.6\n", "line 3", "twice"),
        (b"case,dice\nhush\n", "line 2", "cells of the first line"),
        (b"case,dice\na,0.5,hush\n", "line 2", "cells of the first line"),
        (b"case,dice\n,0.5\n", "line 2", "without a name"),
        (b'case,dice\n"hush\n', "line 2", "not CSV"),
        (b"case,dice\nhush\0,0.5\n", "line 2", "NUL"),
        (b"case,dice\n\xffhush,0.5\n", "line 2", "not UTF-8"),
        (b"case,dice\n" + b"x" * 140_000 + b",1\n", "line 2", "not CSV"),
    ],
)
def test_what_is_no_csv_table_says_why(data: bytes, place: str | None, word: str) -> None:
    problem = refusal(data)
    assert problem.place == place
    assert word in problem.reason


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("", None, "empty"),
        ('[{"case": "hush", "dice": 0.5}', "line 1 column 31", "too early"),
        ("case,dice\nhush,0.5\n", "line 1 column 1", "not JSON"),
        ('"hush"', None, "no table"),
        ("7", None, "no table"),
        ('["hush"]', None, "no table"),
        ('[{"case": "a", "dice": 1}, null]', None, "no table"),
        ('{"a": {"dice": 1}, "note": "hush"}', None, "no table"),
        ('{"case": "hush", "dice": [1]}', None, "no table"),
        ('[{"case": "hush"}]', None, "no column of a metric"),
        ('{"hush": {"x": 1}}', None, "no column of a metric"),
        ('{"case": ["hush"], "x": [1]}', None, "no column of a metric"),
        ('{"case": ["hush"], "dice": [1, 1]}', "dice", "as long as"),
        ('{"case": ["hush"], "dice": 1}', "dice", "as long as"),
        ('{"case": ["hush"], "dice": {"hush": 1}}', "dice", "as long as"),
        ('{"case": ["hush"], "dice": [1], "dice": [0]}', None, "twice"),
        ('{"case": ["hush", "hush"], "dice": [1, 1]}', "case 2", "twice"),
        ('[{"case": 7, "dice": 1}, {"case": "7", "dice": 1}]', "case 2", "twice"),
        ('{"hush": {"dice": 1}, "hush": {"dice": 1}}', "case 2", "twice"),
        ('[{"case": "a", "dice": 1, "dice": 0}]', "case 1", "two values"),
        ('[{"dice": 1}]', "case 1", "without a name"),
        ('[{"case": "", "dice": 1}]', "case 1", "without a name"),
        ('[{"case": true, "dice": 1}]', "case 1", "without a name"),
        ('[{"case": ["hush"], "dice": 1}]', "case 1", "without a name"),
        ('[{"case": NaN, "dice": 1}]', "case 1", "not finite"),
        ('[{"case": 12345678901234567890, "dice": 1}]', "case 1", "too long"),
    ],
)
def test_what_is_no_json_table_says_why(text: str, place: str | None, word: str) -> None:
    problem = refusal(text.encode(), "x.json")
    assert problem.place == place
    assert word in problem.reason


@pytest.mark.parametrize(
    ("text", "name", "fault"),
    [
        ("case,dice\na,0.5\nb,38.4", "x.csv", "line 3 is outside its range from 0 to 1: a "),
        ("case,dice\na,\nb,none\nc,good\nd,1.5\n", "x.csv", "line 4 is a text, not a number: "),
        ('[{"case": "a", "dice": true}]', "x.json", "case 1 is true, not a number; it is left out"),
        ('{"a": {"dice": [1]}, "b": {"dice": null}}', "x.json", "case 1 is a list, not a number; "),
    ],
)
def test_a_value_that_is_not_used_says_why(text: str, name: str, fault: str) -> None:
    found, faults = from_table(text.encode(), name, METRICS)
    assert found == ({"dice": {"a": 0.5}} if "0.5" in text else {})
    assert faults.keys() == {"dice"}
    assert faults["dice"].startswith(fault)
    assert faults["dice"].endswith("it and 1 more are left out" if "d,1.5" in text else "left out")


@pytest.mark.parametrize("cell", ["", " ", "-", "NA", "n/a", "NaN", "None", "null"])
def test_a_value_that_is_not_there_is_no_fault(cell: str) -> None:
    text = f"case,dice\na,0.5\nb,{cell}\n"
    values, faults = from_table(text.encode(), "x.csv", METRICS)
    assert values == {"dice": {"a": 0.5}}
    assert faults == {}


def test_the_same_value_twice_is_one() -> None:
    assert table('[{"case": "a", "dice": 1, "dice": 1}]', "x.json") == {"dice": {"a": 1.0}}


@pytest.mark.parametrize("name", ["x.csv", "x.json"])
@given(data=st.binary())
def test_no_bytes_raise_anything_else(name: str, data: bytes) -> None:
    _is_read(data, name)


CELL = st.sampled_from(["case", "dice", "a", "7", "0.5", "nan", "", '"', "1e999", "x\ny", "\u0661"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["case", "dice", "a", ""]), inner, max_size=4)
    ),
)


@given(st.lists(st.lists(CELL).map(",".join)).map("\n".join))
def test_nor_does_any_csv(text: str) -> None:
    _is_read(text.encode(), "x.csv")


@given(JSON)
@example({"case": [1e308], "dice": [1e308]})
def test_nor_does_any_json(held: Any) -> None:
    _is_read(json.dumps(held).encode(), "x.json")


def _is_read(data: bytes, name: str) -> None:
    try:
        found = from_table(data, name, METRICS).values
    except Unreadable:
        return
    for key, values in found.items():
        assert key in {metric.key for metric in METRICS}
        assert values
        json.dumps(values, allow_nan=False)


# Artifacts

NNUNET = {
    "dice": 0.4,
    "metric_per_case": [
        {"file": "a.nii", "metrics": {"1": {"Dice": 0.25, "loss": 5}}},
        {"file": "b.nii", "metrics": {"1": {"Dice": float("nan"), "loss": 6}}},
        {"file": "c.nii", "metrics": {"1": {"Dice": 1.0, "loss": None}}},
    ],
}
NAMES = "metric_per_case[*].file"


def addressed(held: Any, names: str, **cases: str) -> dict[str, dict[str, float]]:
    metrics = [metric.model_copy(update={"cases": cases.get(metric.key, "")}) for metric in METRICS]
    return from_artifact(json.dumps(held).encode(), metrics, names).values


def test_an_artifact_can_have_values_by_case() -> None:
    found = addressed(
        NNUNET,
        NAMES,
        dice='metric_per_case[*].metrics."1".Dice',
        loss='map(&metrics."1".loss, metric_per_case)',
    )
    assert found == {"dice": {"a.nii": 0.25, "c.nii": 1.0}, "loss": {"a.nii": 5.0, "b.nii": 6.0}}


def test_a_plain_key_leads_there_too() -> None:
    held = {"ids": [1, 2], "dices": [0.5, 0.25], "losses": {"1": 3, "x": 4}}
    both = addressed(held, "ids", dice="dices", loss="losses")
    assert both == {"dice": {"1": 0.5, "2": 0.25}, "loss": {"1": 3.0, "x": 4.0}}
    assert addressed(held, "", loss="losses") == {"loss": {"1": 3.0, "x": 4.0}}
    assert addressed(held, "ids", dice="cases[*].dice | [0]", percent="nowhere") == {}
    assert addressed([held], "[0].ids", dice="[0].dices") == {"dice": {"1": 0.5, "2": 0.25}}
    assert addressed(3, "ids", dice="dices") == {}


@pytest.mark.parametrize(
    ("held", "names", "place", "word"),
    [
        ({"v": [0.5]}, "", "dice", "evidence.case_names finds no list"),
        ({"v": [0.5], "ids": "hush"}, "ids", "dice", "evidence.case_names finds no list"),
        ({"v": [0.5]}, "nowhere", "dice", "evidence.case_names finds no list"),
        ({"v": 0.5, "ids": ["hush"]}, "ids", "dice", "a list of values"),
        ({"v": [0.5], "ids": ["hush", "b"]}, "ids", "dice", "1 values for the names of 2 cases"),
        ({"v": [0.5, 1], "ids": ["hush", "hush"]}, "ids", "case 2", "twice"),
        ({"v": [0.5], "ids": [None]}, "ids", "case 1", "without a name"),
    ],
)
def test_what_does_not_fit_says_why(held: Any, names: str, place: str, word: str) -> None:
    with pytest.raises(Unreadable) as caught:
        addressed(held, names, dice="v")
    assert caught.value.place == place
    assert word in caught.value.reason
    assert SECRET not in caught.value.reason


def test_a_projection_that_drops_null_never_moves_a_value_to_another_case() -> None:
    with pytest.raises(Unreadable, match=r"map\("):
        addressed(NNUNET, NAMES, loss='metric_per_case[*].metrics."1".loss')


@given(JSON)
def test_no_artifact_raises_anything_else(held: Any) -> None:
    with contextlib.suppress(Unreadable):
        addressed(held, "case", dice="dice")
