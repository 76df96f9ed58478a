"""What is no metrics file at all, and what is told of it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

import one_artifact
from one_artifact import NUMBER, iou

read = one_artifact.read

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 311\n"
CONFLICT = b"""{
<<<<<<< HEAD
  "dice_pos": 0.5
=======
  "dice_pos": 0.6
>>>>>>> other
}
"""


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
        (b"\x89PNG\r\n\x1a\n\x00", None),
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
