"""Files that would take hours, files of others, and files that are cut off."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import hostile as tree
import hostile_reports
from hostile_files import LOCKED
from hostile_kind import FILE, UNREADABLE, content
from hostile_reports import BOUND, assert_as_expected, empty_runs, told

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")

folder = hostile_reports.folder


# What a pattern could take hours for; each is a file on its own.
SLOW = {
    "conflicts that never end": b"<<<<<<< a\n" * 100_000,
    "conflicts that are never closed": b"<<<<<<< a\n=======\n" * 50_000,
    "a conflict of many middles": b"<<<<<<< a\n" + b"=======\n" * 100_000,
    "quotes": b'{"dice_pos' + b'"' * 2_000_000,
    "backslashes": b'{"dice_pos": "' + b"\\" * 2_000_001,
    "separators": b'{"dice_pos": null, "' + b"_-. " * 500_000 + b'": 1',
    "separators and letters": b'"d_i_c_e_' * 200_000,
    "white space": b" \n" * 2_000_000 + b"x",
    "white space and a tag": b" " * 4_000_000 + b"<",
    "digits": b'{"dice_pos": ' + b"1" * 5_000_000,
    "numbers": b'{"iou_pos": "", "x": [' + b"7" * 4_000 + (b", " + b"7" * 4_000) * 500,
    "brackets and quotes": b'[]"' * 500_000,
    "empty objects": b'{"dice_pos": "", "x": [' + b"{}," * 300_000,
    "keys given twice": b'{"dice_pos": "", ' + b'"x": 1, ' * 300_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_nothing_takes_its_time(name: str, tmp_path: Path) -> None:
    top = empty_runs(tmp_path, "slow")
    content(SLOW[name])(top / "runs")
    done = told(top, "explain", top / "runs", "-f", "json")
    (row,) = done.json
    assert row["reason"] == UNREADABLE
    assert len(done.problems) == 1


# What modes forbid


def test_what_may_not_be_read_is_named(folder: Path) -> None:
    top = empty_runs(folder, "locked")
    made = tree.build(top / "runs", LOCKED)
    assert made == LOCKED
    done = told(top, "report", top / "runs", "-f", "json", program=("-c", BOUND))
    assert done.status == 0
    assert len(done.problems) == len(LOCKED)
    assert str(top) not in done.err
    assert {run["run"] for run in done.json["runs"]} == tree.GOOD_RUNS
    for kind in LOCKED:
        assert_as_expected(kind, done.json)
    sources = {row["source"] for row in done.json["problems"]}
    assert {"locked_folder", "locked_list", f"locked_file/{FILE}"} <= sources


# Cut off


WHOLE = '\ufeff{"dice_pos": 0.01, "iou_pos": null,\n "é": [true, {"x": "\\u00e9\\\\ é"}]}\n'


def test_cut_off_anywhere_it_is_unreadable(folder: Path) -> None:
    top = empty_runs(folder, "cut")
    tree.good_only(top / "runs")
    texts = {"8": WHOLE.encode(), "16": WHOLE.encode("utf-16-le")}
    for name, data in texts.items():
        for end in range(len(data) + 1):
            run = top / "runs" / f"utf{name}_{end:03}"
            run.mkdir()
            content(data[:end])(run)
    report = told(top, "report", top / "runs", "-f", "json").json
    ends = len(WHOLE.encode())
    whole = {f"utf8_{ends:03}", f"utf8_{ends - 1:03}"}
    assert {run["run"] for run in report["runs"]} == whole | tree.GOOD_RUNS
    left_out = [row for row in report["excluded"] if row["run"].startswith("utf")]
    assert {row["reason"] for row in left_out} == {UNREADABLE}
    assert len(left_out) == len(report["problems"]) == sum(map(len, texts.values()))
