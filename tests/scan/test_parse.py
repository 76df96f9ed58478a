"""What counts as a metric's value, as missing, and as a problem."""

from __future__ import annotations

import json
from typing import Any

import pytest

import one_artifact
from conftest import Finalrank, Tree
from one_artifact import NUMBER, iou

read = one_artifact.read

TWICE = "is given more than once, with different values: the last one counts"


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25),
        ("0", 0.0),
        ("1", 1.0),
        ("1.0", 1.0),
        ("2.5e-1", 0.25),
        ("25E-2", 0.25),
        ("0.1234567890123456789", 0.1234567890123456789),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        # Within the tolerance, and kept as written.
        ("1.0000000000000002", 1.0000000000000002),
        # In single precision, 1 plus its last bit, and a loss that is not quite 0.
        ("1.0000001192092896", 1.0000001192092896),
        ("-0.000000999", -0.000000999),
        ("-1e-9", -1e-9),
    ],
)
def test_a_finite_number_in_range_is_a_value_as_written(text: str, value: float, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": {text}}}')
    assert iou(done) == value
    assert done.problems == []


@pytest.mark.parametrize("text", ["-0.0", "-0"])
def test_minus_zero_is_a_value(text: str, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": {text}}}')
    assert iou(done) == 0
    assert done.problems == []


@pytest.mark.parametrize("text", ["null", "NaN"])
def test_what_is_missing_is_no_problem(text: str, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": {text}}}')
    assert iou(done) is None
    assert done.problems == done.json["problems"] == []


def test_an_absent_key_is_missing(read: Any) -> None:
    done = read('{"dice_pos": 0.5}')
    assert iou(done) is None
    assert done.problems == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"0.38"', "text"),
        ('""', "text"),
        ('"SECRET"', "text"),
        ('"NaN"', "text"),
        ("true", "true"),
        ("false", "false"),
        ("[0.5]", "list"),
        ("[]", "list"),
        ('{"mean": 0.5}', "object"),
        ("38.37", "percentage"),
        ("100", "percentage"),
        ("1.0000011", "range"),
        ("-0.0000011", "range"),
        ("Infinity", "range"),
        ("-Infinity", "range"),
        ("1e400", "range"),
        ("-1e400", "range"),
        ("-1", "range"),
        ("1e300", "range"),
        ("-1e300", "range"),
    ],
)
def test_anything_else_is_missing_and_a_problem(text: str, words: str, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": {text}}}')
    assert iou(done) is None
    (problem,) = done.json["problems"]
    assert (problem["source"], problem["place"]) == ("a/test_metrics.json", "iou_pos")
    assert words in problem["reason"]
    assert done.problems == [f"a/test_metrics.json: iou_pos: {problem['reason']}"]
    assert "SECRET" not in done.err
    assert "38" not in done.err


@pytest.mark.parametrize("digits", [400, 4301, 5001])
def test_an_integer_of_many_digits_is_no_value_and_no_crash(digits: int, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": {"1" * digits}}}')
    assert iou(done) is None


@pytest.mark.parametrize("digits", [400, 4301, 5001])
def test_an_integer_of_many_digits_elsewhere_spoils_nothing(digits: int, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "iou_pos": 0.25, "seed": {"1" * digits}}}')
    assert iou(done) == NUMBER
    assert done.problems == []


@pytest.mark.parametrize(
    "other",
    ["NaN", "1e400", '"text"', "true", "[1, [2]]", '{"iou_pos": "x"}', "99.77", '"\\ud800"'],
)
def test_keys_that_are_no_metrics_are_nobodys_problem(other: str, read: Any) -> None:
    done = read(f'{{"x": {other}, "dice_pos": 0.5, "iou_pos": 0.25, "y": {other}}}')
    assert iou(done) == NUMBER
    assert done.problems == []


@pytest.mark.parametrize(
    ("first", "last", "value", "problems"),
    [
        ("0.25", "0.25", 0.25, []),
        ("0.25", "2.5e-1", 0.25, []),
        ("1", "1.0", 1.0, []),
        ("NaN", "NaN", None, []),
        ("null", "null", None, []),
        ("0.1", "0.25", 0.25, [TWICE]),
        ('"text"', "0.25", 0.25, [TWICE]),
        ("true", "1", 1.0, [TWICE]),
        ("NaN", "0.25", 0.25, [TWICE]),
        ("0.25", "null", None, [TWICE]),
        ("0.25", "NaN", None, [TWICE]),
        ("0.25", "38.37", None, [TWICE, "is outside its range"]),
    ],
)
@pytest.mark.parametrize("key", ["iou_pos", r"\u0069ou_pos", r"iou\u005Fpos"])
def test_of_a_repeated_key_the_last_counts(
    key: str, first: str, last: str, value: float | None, problems: list[str], read: Any
) -> None:
    done = read(f'{{"{key}": {first}, "dice_pos": 0.5, "iou_pos": {last}}}')
    assert iou(done) == value
    told = [row["reason"] for row in done.json["problems"]]
    assert all(reason.startswith(start) for reason, start in zip(told, problems, strict=True))
    assert {row["place"] for row in done.json["problems"]} <= {"iou_pos"}


def test_a_key_that_is_repeated_further_down_is_another(read: Any) -> None:
    done = read('{"folds": [{"iou_pos": 0.1}], "dice_pos": 0.5, "iou_pos": 0.25}')
    assert iou(done) == NUMBER
    assert done.problems == []


@pytest.mark.parametrize("name", ["IoU_pos", "iou-pos", "iou pos", "IOU.POS", "ioupos", "_iou_pos"])
def test_a_key_that_is_spelt_otherwise_is_missing_and_named(name: str, read: Any) -> None:
    done = read(f'{{"dice_pos": 0.5, "{name}": 0.25}}')
    assert iou(done) is None
    (problem,) = done.json["problems"]
    assert problem["place"] == "iou_pos"
    assert problem["reason"].startswith(f"is missing, but there is `{name}`: ")


@pytest.mark.parametrize(
    "document",
    [
        '{"dice_pos": 0.5, "x": {"IoU_pos": 0.25}}',
        '{"dice_pos": 0.5, "iou_pos": null, "IoU_pos": 0.25}',
        '{"dice_pos": 0.5, "iou_pos_std": 0.25, "miou_pos": 0.1}',
        f'{{"dice_pos": 0.5, "iou{"_" * 1000}pos": 0.25}}',
    ],
)
def test_a_key_that_is_not_spelt_like_it_is_no_problem(document: str, read: Any) -> None:
    done = read(document)
    assert iou(done) is None
    assert done.problems == []


def test_a_key_may_be_written_with_escapes(read: Any) -> None:
    assert iou(read('{"dice_pos": 0.5, "\\u0069ou\\u005fpos": 0.25}')) == NUMBER


def test_half_of_a_surrogate_pair_is_a_text_like_any_other(read: Any) -> None:
    done = read('{"dice_pos": 0.5, "iou_pos": "\\ud800", "\\udfff": "\\ud800\\n"}')
    (problem,) = done.json["problems"]
    assert problem["place"] == "iou_pos"


def test_each_metric_has_its_own_range(read: Any) -> None:
    config = """
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "hd95"
        range = [0, inf]
        [[metrics]]
        key = "accuracy"
        range = [0, 100]
        ranked = false
    """
    content = {"dice_pos": 0.5, "hd95": 1e300, "accuracy": 99.77}
    done = read(json.dumps(content), config=config)
    assert [run["metrics"] for run in done.json["runs"] if run["run"] == "a"] == [content]
    assert done.problems == []
    done = read('{"dice_pos": 0.5, "hd95": -1, "accuracy": 101}', config=config)
    assert [problem["place"] for problem in done.json["problems"]] == ["hd95", "accuracy"]


# Problems


def test_problems_of_one_file_come_in_metric_order(read: Any) -> None:
    done = read(
        '{"average_precision_presence": [], "roc_auc_presence": true, "iou_pos": 8, "dice_pos": ""}'
    )
    places = ["dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence"]
    assert [problem["place"] for problem in done.json["problems"]] == places
    assert [line.split(": ")[1] for line in done.problems] == places
    (row,) = done.json["excluded"]
    assert row["reason"] == "missing-primary"


def test_problems_come_by_source(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {
            f"{run}/test_metrics.json": '{"dice_pos": 0.5, "iou_pos": "x", "roc_auc_presence": 2}'
            for run in ["b", "a-", "a", "B"]
        }
    )
    done = finalrank("report", root, "-f", "json")
    expected = [
        (f"{run}/test_metrics.json", place)
        for run in ["B", "a-", "a", "b"]
        for place in ["iou_pos", "roc_auc_presence"]
    ]
    assert [(p["source"], p["place"]) for p in done.json["problems"]] == expected
    assert [tuple(line.split(": ")[:2]) for line in done.problems] == expected


def test_a_problem_line_shows_unprintable_characters_as_escapes(
    tree: Tree, finalrank: Finalrank
) -> None:
    root = tree(
        {"a\x1b[2J\n\u202e/test_metrics.json": "[]", "z/test_metrics.json": '{"dice_pos":1}'}
    )
    done = finalrank("report", root, "-f", "json")
    (line,) = done.problems
    assert line.startswith(r"a\x1b[2J\n\u202e/test_metrics.json: ")
    assert done.json["problems"][0]["source"] == "a\x1b[2J\n\u202e/test_metrics.json"


def test_what_the_lines_say(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {
            "a/test_metrics.json": '{"dice_pos": 38.37}',
            "b/test_metrics.json": '{"dice_pos": "0.38"}',
            "c/test_metrics.json": '{\n  "dice_pos": 0.38,\n  "iou',
            "d/test_metrics.json": "[1]",
            "e/test_metrics.json": "",
            "f/test_metrics.json": '{"dice_pos" 0.5}',
            "g/test_metrics.json": '{"dice_pos": 0.5 "iou_pos": 0.5}',
            "h/test_metrics.json": b'{"name": "caf\xe9"}',
            "z/test_metrics.json": '{"dice_pos": 1}',
        }
    )
    assert finalrank("report", root, "-f", "json").problems == [
        "a/test_metrics.json: dice_pos: is outside its range from 0 to 1: a percentage? "
        "Divide it by 100, or set scale = 0.01",
        "b/test_metrics.json: dice_pos: is a text, not a number: write it as a number, or set "
        "text = true",
        "c/test_metrics.json: line 3 column 3: ends too early: was it cut off? Write it again",
        "d/test_metrics.json: is a list, not an object: is it a metrics file?",
        "e/test_metrics.json: is empty: was the test stopped before it wrote its metrics?",
        "f/test_metrics.json: line 1 column 13: is not JSON: expecting ':' delimiter",
        "g/test_metrics.json: line 1 column 18: is not JSON: expecting ',' delimiter",
        "h/test_metrics.json: line 1 column 14: is not UTF-8 text: save it as UTF-8",
    ]
