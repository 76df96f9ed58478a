"""What counts as a metric's value, as missing, as a problem, and as no metrics file at all."""

from __future__ import annotations

import gzip
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import Done, Finalrank, Tree

NUMBER = 0.25
TWICE = "is given more than once, with different values: the last one counts"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 311\n"
CONFLICT = b"""{
<<<<<<< HEAD
  "dice_pos": 0.5
=======
  "dice_pos": 0.6
>>>>>>> other
}
"""


@pytest.fixture
def read(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on one file beside a valid one, which keeps the ranking from being empty."""

    def run(content: str | bytes, **other: str) -> Done:
        root = tree({"a/test_metrics.json": content, "z/test_metrics.json": '{"dice_pos": 1}'})
        tree({"finalrank.toml": other["config"]} if other else {})
        done = finalrank("report", root, "-f", "json")
        assert done.status == 0
        return done

    return run


def iou(done: Done) -> Any:
    (run,) = (run for run in done.json["runs"] if run["run"] == "a")
    return run["metrics"]["iou_pos"]


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
        ("1.000000001", 1.000000001),
        ("-0.000000001", -0.000000001),
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


@pytest.mark.parametrize("text", ["null", "NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
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
        ("1.0000000011", "range"),
        ("-0.0000000011", "range"),
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
        "b/test_metrics.json: dice_pos: is a text, not a number: write it as a number",
        "c/test_metrics.json: line 3 column 3: ends too early: was it cut off? Write it again",
        "d/test_metrics.json: is a list, not an object: is it a metrics file?",
        "e/test_metrics.json: is empty: was the test stopped before it wrote its metrics?",
        "f/test_metrics.json: line 1 column 13: is not JSON: expecting ':' delimiter",
        "g/test_metrics.json: line 1 column 18: is not JSON: expecting ',' delimiter",
        "h/test_metrics.json: line 1 column 14: is not UTF-8 text: save it as UTF-8",
    ]


# Files


DOCUMENT = '{"dice_pos": 0.5, "iou_pos": 0.25, "name": "\N{GRINNING FACE}"}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_or_without_a_byte_order_mark(encoding: str, read: Any) -> None:
    done = read(DOCUMENT.encode(encoding))
    assert iou(done) == NUMBER
    assert done.problems == []


def test_a_byte_order_mark_does_not_excuse_what_follows(read: Any) -> None:
    done = read(b'\xef\xbb\xbf{"dice_pos": 0.5, "iou_pos": "0.25"}')
    assert [problem["place"] for problem in done.json["problems"]] == ["iou_pos"]


@pytest.mark.parametrize("name", ["UTF-16", "UTF-32"])
@pytest.mark.parametrize("suffix", ["", "-LE", "-BE"])
def test_wide_encodings_are_unreadable_and_named(name: str, suffix: str, read: Any) -> None:
    done = read(DOCUMENT.encode(name + suffix))
    assert [row["reason"] for row in done.json["excluded"]] == ["unreadable"]
    (line,) = done.problems
    assert line.startswith("a/test_metrics.json: ")
    assert name in line


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", None),
        (b" \n\t", None),
        (b"\xef\xbb\xbf", None),
        (b"[]", None),
        (b'[{"dice_pos": 0.5}]', None),
        (b'"SECRET"', None),
        (b"0.5", None),
        (b"NaN", None),
        (b"true", None),
        (b"null", None),
        (b'{"dice_pos": 0.5', "line 1 column 17"),
        (b'{"dice_pos": 0.5,\n', "line 2 column 1"),
        (b'{\n "note": "SECRET', "line 2 column 10"),
        (b'{"dice_pos": SECRET}', "line 1 column 14"),
        (b'{"dice_pos": 0.5} SECRET', "line 1 column 19"),
        (b'{"dice_pos": 0.5}{"dice_pos": 0.5}', "line 1 column 18"),
        (b'{"dice_pos": 0.5}\x00', "line 1 column 18"),
        (b'{"dice_pos": 0.5,}', None),
        (b'{"dice_pos": .5}', "line 1 column 14"),
        (b'{"dice_pos": nan}', "line 1 column 14"),
        (b'{"dice_pos": +1}', "line 1 column 14"),
        (b'{"dice_pos": 0x1}', None),
        (b'{"dice_pos": 01}', None),
        (b"{'dice_pos': 0.5}", "line 1 column 2"),
        (b'{"dice_pos": 0.5, /* SECRET */ "x": 1}', "line 1 column 19"),
        (b'{"dice_pos": 0.5, "x": "SECRET\\q"}', None),
        (b'{"dice_pos": 0.5, "x": "SECRET\n"}', None),
        (b'{"dice_pos": 0.5, "x": "\xed\xa0\x80"}', "line 1 column 25"),
        (b'{"dice_pos": 0.5,\n "x": "\xff"}', "line 2 column 8"),
        (b"\x89PNG\r\n\x1a\n\x00", "line 1 column 1"),
    ],
)
def test_what_is_no_json_object_is_unreadable(
    content: bytes, place: str | None, read: Any, tmp_path: Path
) -> None:
    done = read(content)
    assert [row["reason"] for row in done.json["excluded"]] == ["unreadable"]
    (problem,) = done.json["problems"]
    (line,) = done.problems
    where = f"{problem['place']}: " if problem["place"] else ""
    assert line == f"a/test_metrics.json: {where}{problem['reason']}"
    if place is not None:
        assert problem["place"] == place
    assert "SECRET" not in done.err + done.out
    assert "Error" not in done.err
    assert str(tmp_path) not in done.err


@pytest.mark.parametrize("end", range(1, len('{"dice_pos": 0.5, "iou_pos": -1.5e-3, "x": [true]}')))
def test_a_file_that_is_cut_off_is_unreadable_wherever(end: int, read: Any) -> None:
    done = read('{"dice_pos": 0.5, "iou_pos": -1.5e-3, "x": [true]}'[:end])
    assert [row["reason"] for row in done.json["excluded"]] == ["unreadable"]
    assert len(done.problems) == 1


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (LFS, None, "Git LFS pointer, not the file itself: run `git lfs pull`"),
        (CONFLICT, "line 2 column 1", "merge conflict: resolve it"),
        (CONFLICT.replace(b"\n", b"\r\n"), "line 2 column 1", "merge conflict: resolve it"),
        (b"<!DOCTYPE html>\n<title>502</title>", None, "an HTML or XML page"),
        (b"\xef\xbb\xbf  <html>", None, "an HTML or XML page"),
        (gzip.compress(b"{}", mtime=0), None, "compressed with gzip: unpack it"),
        (b"PK\x03\x04\x00\x00", None, "a zip archive: unpack it"),
        (b"\0" * 4096, None, "all NUL bytes"),
        ('{"dice_pos": 0.5}'.encode("utf-16"), None, "UTF-16 text, as > in PowerShell writes it"),
        (b'{"dice_pos": 0.5} {"dice_pos": 0.6}', "line 1 column 19", "goes on after its end"),
        (b'{"dice_pos": 0.5}\0\0', "line 1 column 18", "goes on after its end"),
        (b'// of run 3\n{"dice_pos": 0.5}', "line 1 column 1", "has a comment here; delete it"),
        (b'{"dice_pos": 0.5, /* x */}', "line 1 column 19", "has a comment here; delete it"),
        (b'{"dice_pos": 0.5} # x', "line 1 column 19", "has a comment here; delete it"),
    ],
)
def test_what_is_often_found_in_its_place_is_named(
    data: bytes, place: str | None, words: str, read: Any
) -> None:
    done = read(data)
    (problem,) = done.json["problems"]
    assert problem["place"] == place
    assert words in problem["reason"]


@pytest.mark.parametrize("levels", [501, 900, 1100, 100_000])
def test_nesting_is_followed_to_a_depth_that_no_caller_changes(levels: int, read: Any) -> None:
    depth = levels - 1  # the object itself is one
    deep = f'{{"x": {"[" * depth}{"]" * depth}, "dice_pos": 0.5}}'
    (problem,) = read(deep).json["problems"]
    assert problem["reason"].startswith("is nested over 500 levels deep")


@pytest.mark.parametrize(
    "text", ["[" * 600, "{[" * 600 + '\\"[', "[]{}" * 600, '\\\\" , "' + "[" * 300]
)
def test_brackets_in_a_text_are_no_levels(text: str, read: Any) -> None:
    assert iou(read(f'{{"x": ["{text}"], "dice_pos": 0.5, "iou_pos": 0.25}}')) == NUMBER


@pytest.mark.parametrize("levels", [1, 100, 250, 499])
def test_nesting_that_can_be_parsed_is_no_problem(levels: int, read: Any) -> None:
    done = read(f'{{"x": {"[" * levels}{"]" * levels}, "dice_pos": 0.5, "iou_pos": 0.25}}')
    assert iou(done) == NUMBER


@pytest.mark.parametrize("opening", ["[", '{"":', '[{"":'])
def test_nesting_too_deep_to_parse_is_unreadable(opening: str, read: Any) -> None:
    closing = {"[": "]", "{": "}"}
    levels = 200_000
    ends = "".join(closing[char] for char in reversed(opening) if char in closing)
    done = read(f'{{"dice_pos": 0.5, "x": {opening * levels}0{ends * levels}}}')
    assert [row["reason"] for row in done.json["excluded"]] == ["unreadable"]
    assert "deep" in done.problems[0]


# Any document

METRICS = ["dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence"]
KEYS = st.sampled_from(METRICS) | st.text(st.characters(), max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.floats(-0.1, 1.1)
    | st.integers()
    | st.integers(-1, 2)
    | st.integers(10**300, 10**330)
    | st.text(st.characters(), max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.floats(), max_size=2)
)
DOCUMENTS = st.dictionaries(KEYS, SCALARS, max_size=8)


def value_of(number: object, low: float, high: float) -> float | None:
    """The value by docs/contract.md, section 2, from what `json.loads` made of it."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    return number if math.isfinite(number) and low - 1e-9 <= number <= high + 1e-9 else None


def values_read(texts: list[str], config: str = "") -> list[dict[str, float | None]]:
    """What the texts are read as, each in a file of its own that has a primary metric."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "finalrank.toml").write_text(config)
        for number, text in enumerate(texts):
            Path(folder, f"r{number:02}").mkdir()
            Path(folder, f"r{number:02}", "test_metrics.json").write_text(text, encoding="utf-8")
        report = package.load_report(folder)
        return [run.metrics for run in sorted(report.runs, key=lambda run: run.run)]


@given(
    st.lists(DOCUMENTS, min_size=1, max_size=8),
    st.sampled_from([None, 0, 2]),
    st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", "\t:\r\n")]),
)
@settings(deadline=None, max_examples=60)
def test_any_document_is_read_as_json_reads_it(
    documents: list[dict[str, Any]], indent: int | None, separators: tuple[str, str]
) -> None:
    texts = [
        json.dumps(document | {"dice_pos": 0.5}, indent=indent, separators=separators)
        for document in documents
    ]
    expected = [
        {key: value_of(json.loads(text).get(key), 0, 1) for key in METRICS} for text in texts
    ]
    assert repr(values_read(texts)) == repr(expected)


WIDE = """
    [[metrics]]
    key = "dice_pos"
    primary = true
    [[metrics]]
    key = "loss"
    range = [-inf, inf]
"""
NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


@given(st.lists(NUMERALS, min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_any_numeral_is_read_to_the_last_bit(numerals: list[str]) -> None:
    texts = [f'{{"dice_pos": 0.5, "loss": {numeral}}}' for numeral in numerals]
    expected = [value_of(float(numeral), -math.inf, math.inf) for numeral in numerals]
    assert [values["loss"] for values in values_read(texts, WIDE)] == expected
