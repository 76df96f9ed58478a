"""A hostile runs folder, as users meet it: nothing hangs, nothing leaks, the good runs stand."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import pytest

import hostile as tree
import hostile_reports
from hostile import KINDS
from hostile_files import NAMES
from hostile_kind import MARK, Kind
from hostile_reports import Reports, assert_as_expected, empty_runs, reports
from page_parts import expected as visible
from page_parts import span, tables

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")

folder = hostile_reports.folder


MEGABYTE = 2**20
# What a name or a file may not do to a terminal.
UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning)\b|Errno|Traceback")
# What makes a cell a formula, or the beginning of one in some spreadsheet.
FORMULA = tuple("=+-@\t\r\n")
# The beginnings of the lines on folders that nobody saw.
UNSEEN = ("- Folders that could not be listed: **", "- Links to folders that were not entered: **")
# The columns that hold names.
NAME_COLUMNS = ["run", "source"]


@pytest.fixture(scope="module")
def hostile(folder: Path) -> Reports:
    """What is told of the hostile runs and the good ones among them."""
    top = empty_runs(folder, "hostile")
    return reports(top, tree.build(top / "runs"))


@pytest.fixture(scope="module")
def good(folder: Path) -> Reports:
    """What is told of the good runs alone."""
    top = empty_runs(folder, "good")
    tree.good_only(top / "runs")
    return reports(top, [])


def test_the_platform_makes_every_kind(hostile: Reports) -> None:
    if sys.platform != "linux":
        pytest.skip("has not all of them")
    missing = {kind.run for kind in KINDS} - {kind.run for kind in hostile.made}
    assert missing <= tree.NEEDS_ROOT


# The good runs


def test_the_good_runs_are_as_without_the_hostile_ones(hostile: Reports, good: Reports) -> None:
    mine, alone = hostile.report.json, good.report.json
    assert {run["run"] for run in alone["runs"]} == tree.GOOD_RUNS
    assert len(alone["runs"]) == 10
    assert [run for run in mine["runs"] if run["run"] in tree.GOOD_RUNS] == alone["runs"]
    for key in ("title", "generated_at", "root", "metrics", "baseline", "recommendation"):
        assert mine[key] == alone[key]
    assert [row for row in mine["excluded"] if row in alone["excluded"]] == alone["excluded"]
    assert alone["problems"] == []


def test_their_rows_in_csv_are_the_same(hostile: Reports, good: Reports) -> None:
    lines = set(hostile.table.split("\n"))
    assert len(good.table.split("\n")) == 1 + 10 + 1
    assert set(good.table.split("\n")) <= lines


def test_the_page_is_the_same_but_for_lines_of_hostile_runs(
    hostile: Reports, good: Reports
) -> None:
    alone = [line for line in good.page.split("\n") if not line.startswith("- Valid ")]
    added = Counter(hostile.page.split("\n")) - Counter(alone)
    for line in added:
        usual = ("| ", "- Valid ", "- Artifacts with problems: **", "- ``missed", *UNSEEN)
        assert line.startswith(usual) or re.match("- `.* is left out: its Dice ", line)
    kept = [line for line in hostile.page.split("\n") if line not in added]
    assert [line for line in kept if line] == [line for line in alone if line]


def test_what_is_explained_of_them_is_the_same(hostile: Reports, good: Reports) -> None:
    alone = good.rows.out.split("\n")
    mine = set(hostile.rows.out.split("\n"))
    assert set(alone) <= mine
    # The blocks of the ranked runs come first.
    assert hostile.text.out.startswith(good.text.out.rstrip("\n"))


@pytest.fixture(scope="module")
def parsed(hostile: Reports) -> Any:
    return hostile.report.json


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: ascii(kind.run)[1:40])
def test_each_kind_comes_out_as_it_should(kind: Kind, hostile: Reports, parsed: Any) -> None:
    if kind not in hostile.made:
        pytest.skip("cannot be made here")
    assert_as_expected(kind, parsed)


@pytest.mark.parametrize(
    ("run", "key", "value"),
    [
        ("above_one_by_a_hair", "iou_pos", 1.0000000000000002),
        ("twice", "dice_pos", 0.02),
        ("twice_100000_times", "dice_pos", 0.02),
        ("exponent_400_shown", "iou_pos", None),
        ("percentage_ranked", "roc_auc_presence", None),
        ("byte_order_mark", "dice_pos", 0.01),
        ("escaped_key", "dice_pos", 0.01),
        ("latest_file", "dice_pos", 0.01),
    ],
)
def test_the_value_is_what_the_file_means(run: str, key: str, value: Any, parsed: Any) -> None:
    (row,) = (row for row in parsed["runs"] if row["run"] == run)
    assert row["metrics"][key] == value


def test_of_ten_thousand_siblings_one_is_kept(parsed: Any) -> None:
    (row,) = (row for row in parsed["runs"] if row["run"] == "siblings_10000")
    assert row["valid_artifacts"] == 10_000


def test_no_run_is_there_that_nobody_made(parsed: Any) -> None:
    beginnings = [f"{run}/" for run in chain(tree.GOOD_RUNS, (kind.run for kind in KINDS))]
    for row in [*parsed["runs"], *parsed["excluded"]]:
        assert row["source"].startswith(tuple(beginnings))


# The account


def test_the_counts_add_up(hostile: Reports, good: Reports) -> None:
    for reported in (hostile, good):
        report = reported.report.json
        kept, left_out = len(report["runs"]), len(report["excluded"])
        siblings = sum(run["valid_artifacts"] - 1 for run in report["runs"])
        counts = report["counts"]
        assert counts["artifacts_found"] == kept + siblings + left_out
        assert counts["artifacts_valid"] == kept + siblings
        assert counts["runs_valid"] == kept
        reasons = Counter(row["reason"] for row in report["excluded"])
        account = re.fullmatch(
            r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out \((.*)\)",
            reported.report.account,
        )
        assert account
        found = [int(number) for number in account.groups()[:4]]
        assert found == [counts["artifacts_found"], kept, siblings, left_out]
        assert set(account[5].split(", ")) == {f"{name} {n}" for name, n in reasons.items()}
        assert len(cells(reported.rows.out)) == counts["artifacts_found"]


def test_every_command_ends_well_and_tells_the_same(hostile: Reports) -> None:
    for each in (hostile.report, hostile.text, hostile.rows):
        assert each.status == 0
        # An explanation tells of names that look like seeds, too.
        lines = [line for line in each.err.split("\n") if ": by their names they are" not in line]
        assert "\n".join(lines) == hostile.report.err


def test_there_is_one_line_for_each_problem(hostile: Reports) -> None:
    lines = hostile.report.err.split("\n")
    assert lines.pop() == ""
    assert lines[:-1] == [
        ": ".join(filter(None, (visible(row["source"]), row["place"], row["reason"])))
        for row in hostile.problems
    ]


# What is not told


def test_no_path_no_exception_and_no_traceback_is_told(hostile: Reports) -> None:
    tables = (hostile.table, hostile.rows.out)
    for each in (*tables, hostile.report.out, hostile.page, hostile.text.out, hostile.report.err):
        assert str(hostile.top.parent) not in each
        assert MARK not in each
        assert not EXCEPTION.search(each)
    for row in hostile.problems:
        assert not re.search(r"(?<![\w.~])/\w", row["reason"])


def test_no_name_gives_a_terminal_orders(hostile: Reports) -> None:
    # A table file has line breaks and tabs as they are, in quotes.
    tables = (re.sub("[\t\r]", "", table) for table in (hostile.table, hostile.rows.out))
    for each in (*tables, hostile.report.out, hostile.page, hostile.text.out, hostile.report.err):
        assert not UNPRINTABLE.search(each)


def test_no_template_or_format_in_a_name_is_carried_out(hostile: Reports) -> None:
    for each in (hostile.page, hostile.text.out):
        for name in ("{{ 7*7 }}", "{% include %}", "{# x", "%s%n%(x)s", "{0.__class__}"):
            assert name in each


# The formats


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(constant)


def test_the_json_is_strict_and_has_the_names_as_they_are(hostile: Reports) -> None:
    report = json.loads(hostile.report.bytes.decode("utf-8"), parse_constant=_refuse)
    there = set(os.listdir(os.fsencode(hostile.top / "runs")))
    runs = {os.fsencode(run["run"]) for run in report["runs"]}
    assert {os.fsencode(name) for name in NAMES} <= runs & there
    for row in chain(report["runs"], report["excluded"], report["problems"]):
        assert os.fsencode(row["source"]).split(b"/")[0] in there


def raw_cells(line: str) -> list[str]:
    """The cells of a table's line as every reader of GitHub's Markdown splits them."""
    start, *found, end = re.split(r"(?<!\\)\|", line)
    assert start == end == ""
    return found


def test_every_row_of_the_page_has_the_cells_of_its_header(hostile: Reports) -> None:
    columns = None
    for line in hostile.page.split("\n"):
        if not line.startswith("|"):
            columns = None
            continue
        columns = columns or len(raw_cells(line))
        assert len(raw_cells(line)) == columns


def test_the_page_shows_every_run_by_its_name(hostile: Reports, parsed: Any) -> None:
    *_, (header, rows) = tables(hostile.page)
    assert (header[1], header[-1]) == ("Run", "Source")
    assert [span(row[1]) for row in rows] == [visible(run["run"]) for run in parsed["runs"]]
    assert [span(row[-1]) for row in rows] == [visible(run["source"]) for run in parsed["runs"]]


def test_the_page_names_the_first_troubled_and_counts_the_rest(
    hostile: Reports, parsed: Any
) -> None:
    (bullet,) = (x for x in hostile.page.split("\n") if x.startswith("- Artifacts with problems"))
    unseen = ("cannot be listed", "is a link, which is not entered")
    told = [row for row in parsed["problems"] if not row["reason"].startswith(unseen)]
    count = len({problem["source"] for problem in told})
    assert f": **{count}** (" in bullet
    assert bullet.endswith(f" and {count - 5} more)")


def test_the_explanation_has_a_block_for_every_run(hostile: Reports) -> None:
    heads = re.findall(r"^(.+): (?:rank \d+|not ranked); \d+ ", hostile.text.out, re.MULTILINE)
    runs = {row["run"] for row in cells(hostile.rows.out)}
    assert len(heads) == len(runs)
    assert {visible(name) for name in NAMES} <= set(heads)


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def in_cell(char: str) -> str:
    if char in "\t\r\n":
        return char
    return f"\\u{ord(char):04x}" if "\ud800" <= char <= "\udfff" else visible(char)


def in_csv(name: str) -> str:
    """A name in a table file: line breaks and tabs as they are, and no formula."""
    shown = "".join(map(in_cell, name))
    return f"'{shown}" if shown.startswith((*FORMULA, "'")) else shown


def test_no_name_is_a_formula(hostile: Reports, parsed: Any) -> None:
    rows = cells(hostile.table)
    for column in NAME_COLUMNS:
        assert [row[column] for row in rows] == [in_csv(run[column]) for run in parsed["runs"]]
    for row in [*rows, *cells(hostile.rows.out)]:
        assert not any(row[column].startswith(FORMULA) for column in NAME_COLUMNS)


def test_numbers_below_zero_stay_numbers(hostile: Reports, parsed: Any) -> None:
    rows = cells(hostile.table)
    for row, run in zip(rows, parsed["runs"], strict=True):
        absolute = run["delta"]["dice_pos"]["absolute"]
        assert float(row["delta_dice_pos"]) == absolute
        for column in row.keys() - {*NAME_COLUMNS}:
            assert re.fullmatch(r"(-?\d+(\.\d+)?(e-?\d+)?)?", row[column])
    assert any(row["delta_dice_pos"].startswith("-") for row in rows)


# The machine


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count otherwise")
def test_it_takes_less_than_200_megabytes(hostile: Reports) -> None:
    for each in (hostile.report, hostile.text, hostile.rows):
        assert MEGABYTE < each.memory < 200 * MEGABYTE
