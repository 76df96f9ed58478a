"""What can lie in a metrics file."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from hostile_kind import (
    DICE,
    FILE,
    KEPT,
    LOW,
    MARK,
    MISSING,
    ROC,
    UNREADABLE,
    VALID,
    ZERO,
    Kind,
    Make,
    beside,
    content,
    document,
)


def _sparse(start: bytes, size: int) -> Make:
    def make(folder: Path) -> None:
        (folder / FILE).write_bytes(start)
        os.truncate(folder / FILE, size)

    return make


_LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{MARK}\nsize 311\n".encode()
_CONFLICT = f"""{{
<<<<<<< HEAD
  "dice_pos": 0.01
=======
  "dice_pos": 0.02
>>>>>>> {MARK}
}}
"""
_HTML = f"<!DOCTYPE html>\n<html><title>502</title>{MARK}</html>\n".encode()
_TWICE = "dice_pos: is given more than once, with different values"
# `python evaluate.py > test_metrics.json` in PowerShell.
_POWERSHELL = "UTF-16.*PowerShell.*save it as UTF-8"
_DEEP = "nested over 500 levels"

CONTENT = [
    Kind("empty", content(b""), UNREADABLE, "is empty"),
    Kind("whitespace", content(b" \t\r\n" * 9), UNREADABLE, "is empty"),
    Kind("nul", content(b"\0"), UNREADABLE, "all NUL bytes"),
    Kind("nul_block", content(b"\0" * 4096), UNREADABLE, "all NUL bytes"),
    Kind("nul_after", content(VALID + b"\0" * 99), UNREADABLE, "^line 1 column .* after its end"),
    Kind("nul_within", content(LOW.encode() + b"\0}"), UNREADABLE, "^line 1 column .* not JSON"),
    Kind("cut_off", content(VALID[:-4]), UNREADABLE, "^line 1 column .*cut off"),
    Kind("cut_off_in_a_text", content(VALID[:20]), UNREADABLE, "^line 1 column .*cut off"),
    Kind("cut_off_after_a_line", content(b"{\n"), UNREADABLE, "^line 2 column 1: .*cut off"),
    Kind("rubbish_behind", content(VALID + MARK.encode()), UNREADABLE, "^line 1.*after its end"),
    Kind("brace_behind", content(VALID + b"}"), UNREADABLE, "^line 1.*after its end"),
    Kind("two_documents", content(VALID + VALID), UNREADABLE, "^line 1.*after its end"),
    # An object a line is a log, whose last values count.
    Kind("two_lines", content(VALID + b"\n" + VALID), KEPT, None),
    Kind("comment_line", content(b"// " + VALID + b"\n" + VALID), UNREADABLE, "^line 1.*comment"),
    Kind("comment_hash", content(VALID + b"\n# " + VALID), UNREADABLE, "^line 2.*comment"),
    Kind("comment_within", content(b"{/* x */" + VALID[1:]), UNREADABLE, "^line 1.*comment"),
    Kind("trailing_comma", content(document('"dice_pos": 0.01,')), UNREADABLE, "^line 1.*not JSON"),
    Kind("single_quotes", content(VALID.replace(b'"', b"'")), UNREADABLE, "^line 1.*not JSON"),
    Kind("plain_text", content(MARK.encode()), UNREADABLE, "^line 1 column 1: is not JSON"),
    Kind("bare_array", content(b"[" + VALID + b"]"), UNREADABLE, "a list, not an object"),
    Kind("bare_text", content(b'"' + MARK.encode() + b'"'), UNREADABLE, "a text, not an object"),
    Kind("bare_number", content(b"7431"), UNREADABLE, "a number, not an object"),
    Kind("bare_null", content(b"null"), UNREADABLE, "null, not an object"),
    Kind("git_lfs", content(_LFS), UNREADABLE, "Git LFS pointer.*`git lfs pull`"),
    Kind("git_conflict", content(_CONFLICT.encode()), UNREADABLE, "^line 2 column 1: .*conflict"),
    Kind(
        "git_conflict_crlf",
        content(_CONFLICT.replace("\n", "\r\n").encode()),
        UNREADABLE,
        "^line 2 column 1: .*conflict",
    ),
    Kind(
        "git_conflict_diff3",
        content(_CONFLICT.replace("=======", f"||||||| {MARK}\n=======").encode()),
        UNREADABLE,
        "^line 2 column 1: .*conflict",
    ),
    Kind("html", content(_HTML), UNREADABLE, "HTML or XML page"),
    Kind("html_mark", content(b"\xef\xbb\xbf\n " + _HTML), UNREADABLE, "HTML or XML page"),
    Kind("xml", content(b'<?xml version="1.0"?>\n<a/>'), UNREADABLE, "HTML or XML page"),
    Kind("gzip", content(gzip.compress(VALID)), UNREADABLE, "gzip"),
    Kind("zip", content(b"PK\x03\x04" + VALID), UNREADABLE, "zip"),
    Kind("utf16_mark", content(VALID.decode().encode("utf-16")), UNREADABLE, _POWERSHELL),
    Kind(
        "utf16_powershell",
        content(b"\xff\xfe" + (LOW + "}\r\n").encode("utf-16-le")),
        UNREADABLE,
        _POWERSHELL,
    ),
    Kind("utf16_le", content(VALID.decode().encode("utf-16-le")), UNREADABLE, "UTF-16"),
    Kind("utf16_be", content(VALID.decode().encode("utf-16-be")), UNREADABLE, "UTF-16"),
    Kind("utf32_mark", content(VALID.decode().encode("utf-32")), UNREADABLE, "UTF-32"),
    Kind("byte_above_127", content(VALID[:12] + b"\xff" + VALID[12:]), UNREADABLE, "not UTF-8"),
    Kind("latin_1", content(document('"x": "é"').decode().encode("latin-1")), UNREADABLE, "UTF-8"),
    Kind("raw_surrogate", content(VALID[:12] + b"\xed\xa0\x80"), UNREADABLE, "^line 1.*UTF-8"),
    Kind("overlong", content(VALID[:12] + b"\xc0\x80"), UNREADABLE, "^line 1.*UTF-8"),
    Kind("byte_order_mark", content(b"\xef\xbb\xbf" + VALID), KEPT, None),
    Kind("surrogate_value", content(document(r'"dice_pos": 0.01, "x": "\ud800"')), KEPT, None),
    Kind("surrogate_key", content(document(r'"dice_pos": 0.01, "\udfff": 1')), KEPT, None),
    Kind("surrogate_metric", content(document(r'"dice_pos": "\ud800"')), MISSING, "a text"),
    Kind("escaped_key", content(document(r'"\u0064ice\u005fpos": 0.01')), KEPT, None),
    Kind("deep_lists", content(lambda: b"[" * 100_000), UNREADABLE, _DEEP),
    Kind("deep_closed", content(lambda: b"[" * 100_000 + b"]" * 100_000), UNREADABLE, _DEEP),
    Kind("deep_objects", content(lambda: b'{"a":' * 100_000), UNREADABLE, _DEEP),
    Kind(
        "deep_within",
        content(lambda: (f'{LOW}, "x": {"[" * 100_000}{"]" * 100_000}}}').encode()),
        UNREADABLE,
        _DEEP,
    ),
    Kind("deep_600", content(b'{"a":' * 600 + VALID + b"}" * 600), UNREADABLE, _DEEP),
    Kind(
        "deep_600_within",
        content(f'{LOW}, "x": {"[" * 600}{"]" * 600}}}'.encode()),
        UNREADABLE,
        _DEEP,
    ),
    Kind("deep_400", content(f'{LOW}, "x": {"[" * 400}{"]" * 400}}}'.encode()), KEPT, None),
    Kind("brackets_in_a_text", content(f'{LOW}, "x": "{"[{" * 999}"}}'.encode()), KEPT, None),
    Kind("key_of_5_mb", content(lambda: f'{LOW}, "{"k" * 5_000_000}": 1}}'.encode()), KEPT, None),
    Kind(
        "text_of_5_mb", content(lambda: f'{LOW}, "x": "{"t" * 5_000_000}"}}'.encode()), KEPT, None
    ),
    Kind(
        "text_of_5_mb_cut_off",
        content(lambda: f'{LOW}, "x": "{"t" * 5_000_000}'.encode()),
        UNREADABLE,
        "^line 1 column .*cut off",
    ),
    Kind(
        "metric_of_5_mb",
        content(lambda: document(f'"dice_pos": "{"9" * 5_000_000}"')),
        MISSING,
        "^dice_pos: is a text",
    ),
    Kind(
        "keys_100000",
        content(lambda: document("".join(f'"k{n}": {n}, ' for n in range(100_000)) + DICE)),
        KEPT,
        None,
    ),
    Kind("size_200_mb", _sparse(VALID, 200 * 2**20), UNREADABLE, "over 33554432 bytes"),
    Kind("size_6_gb", _sparse(VALID, 6 * 2**30), UNREADABLE, "over 33554432 bytes"),
    Kind("size_one_too_many", _sparse(VALID, 2**25 + 1), UNREADABLE, "over 33554432 bytes"),
]


def _dice(value: str) -> Make:
    return content(document(f'"dice_pos": {value}'))


VALUES = [
    Kind("digits_400", _dice("1" + "0" * 399), MISSING, "^dice_pos: is outside its range"),
    Kind("digits_5001", _dice("7" * 5_001), MISSING, "^dice_pos: is outside its range"),
    Kind(
        "digits_5001_below_zero",
        _dice("-" + "7" * 5_001),
        MISSING,
        "^dice_pos: is outside its range",
    ),
    Kind("digits_5001_elsewhere", beside(f'"steps": {"7" * 5_001}'), KEPT, None),
    Kind("digits_5001_behind_the_point", _dice("0.01" + "3" * 5_001), KEPT, None),
    Kind("exponent_400", _dice("1e400"), MISSING, "^dice_pos: is outside its range"),
    Kind("exponent_400_shown", beside('"iou_pos": -1e400'), KEPT, "^iou_pos: is outside its range"),
    Kind("exponent_below", _dice("1e-400"), ZERO, None),
    Kind("minus_zero", _dice("-0.0"), ZERO, None),
    Kind("whole_zero", _dice("0"), ZERO, None),
    Kind("nan", _dice("NaN"), MISSING, None),
    Kind("infinity", _dice("-Infinity"), MISSING, "^dice_pos: is outside its range"),
    Kind("null", _dice("null"), MISSING, None),
    Kind("absent", content(document('"x": 1')), MISSING, None),
    Kind("no_members", content(b"{}"), MISSING, None),
    Kind("true", _dice("true"), MISSING, "^dice_pos: is true, not a number"),
    Kind("false_ranked", beside(f'"{ROC}": false'), KEPT, f"^{ROC}: is false, not a number"),
    Kind("text", _dice(f'"{MARK}"'), MISSING, "^dice_pos: is a text, not a number"),
    Kind("text_of_a_number", _dice('"0.9"'), MISSING, "^dice_pos: is a text, not a number"),
    Kind("text_shown", beside('"iou_pos": ""'), KEPT, "^iou_pos: is a text, not a number"),
    Kind("list", _dice("[0.9]"), MISSING, "^dice_pos: is a list, not a number"),
    Kind("list_ranked", beside(f'"{ROC}": []'), KEPT, f"^{ROC}: is a list, not a number"),
    Kind("object", _dice('{"mean": 0.9}'), MISSING, "^dice_pos: is an object, not a number"),
    Kind("percentage", _dice("38.37"), MISSING, "^dice_pos: .*percentage"),
    Kind("percentage_ranked", beside(f'"{ROC}": 90'), KEPT, f"^{ROC}: .*percentage"),
    Kind("below_its_range", _dice("-0.2"), MISSING, "^dice_pos: is outside its range"),
    Kind("above_one_by_a_hair", beside('"iou_pos": 1.0000000000000002'), KEPT, None),
    Kind("twice", content(document('"dice_pos": 0.9, "dice_pos": 0.02')), KEPT, f"^{_TWICE}"),
    Kind("twice_alike", content(document('"dice_pos": 0.02, "dice_pos": 2e-2')), KEPT, None),
    Kind(
        "twice_100000_times",
        content(lambda: document('"dice_pos": 0.9, ' * 100_000 + '"dice_pos": 0.02')),
        KEPT,
        f"^{_TWICE}",
    ),
    Kind(
        "spelt_otherwise",
        content(document('"Dice_Pos": 0.9')),
        MISSING,
        "^dice_pos: is missing.*`Dice_Pos`",
    ),
    Kind("spelt_both_ways", beside('"Dice_Pos": 0.9'), KEPT, None),
    Kind(
        "spelt_otherwise_ranked",
        beside('"ROC-AUC-Presence": 0.9'),
        KEPT,
        f"^{ROC}: is missing.*`ROC-AUC-Presence`",
    ),
]
