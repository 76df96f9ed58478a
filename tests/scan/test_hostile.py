"""A hostile runs folder, as users meet it: nothing hangs, nothing leaks, the good runs stand."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import pytest
from test_render import expected as visible
from test_render import span, tables

import hostile as tree
from conftest import PUBLISHED, Done
from hostile import KEPT, KINDS, LOCKED, MARK, NAMES, NO_CANDIDATE, UNREADABLE, Kind

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")

MEGABYTE = 2**20
# What a name or a file may not do to a terminal.
UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
EXCEPTION = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning)\b|Errno|Traceback")
# What makes a cell a formula, or the beginning of one in some spreadsheet.
FORMULA = tuple("=+-@\t\r\n")
# The columns that hold names.
NAME_COLUMNS = ["run", "source"]

# A process takes its peak over from the one that started it: that should be a small one.
MEASURED = """
import os, resource, subprocess, sys
try:
    status = subprocess.call(sys.argv[2:], timeout=30)
except subprocess.TimeoutExpired:
    sys.exit("hangs")
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
# Another user may not be able to start this Python, nor to import what is not imported yet.
AS_NOBODY = """
import os, sys
from finalrank.cli.main import main, run
main(["report", sys.argv.pop(1), "-q", "-o", "warm.json"])
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
run()
"""


@dataclass(frozen=True)
class Told(Done):
    """What a command told, and the most memory that it had."""

    memory: int  # in bytes


@dataclass(frozen=True, repr=False)
class Reports:
    """Everything that the commands tell of a folder."""

    top: Path  # it holds the runs folder
    made: list[Kind]
    report: Told  # in JSON
    page: str
    table: str
    text: Told
    rows: Told  # explained in CSV

    @property
    def problems(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.report.json["problems"]
        return found


def told(top: Path, *args: object, program: tuple[str, ...] = ("-m", "finalrank")) -> Told:
    """How `finalrank ARGS` ended, what it printed and how much memory it took."""
    # The measure is of the command, not of coverage.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "SOURCE_DATE"))}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, top / "memory", sys.executable, *program, *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=top,
        env=environment,
    )
    assert done.stderr != b"hangs\n"
    memory = int((top / "memory").read_text()) * 1024
    return Told(done.returncode, done.stdout, done.stderr.decode(), memory)


def reports(top: Path, made: list[Kind]) -> Reports:
    root, page, table = top / "runs", top / "page.md", top / "table.csv"
    files = ("-o", "-", "-o", page, "-o", table)
    return Reports(
        top,
        made,
        told(top, "report", root, "-f", "json", *files, "--generated-at", PUBLISHED),
        page.read_bytes().decode(),
        table.read_bytes().decode(),
        told(top, "explain", root),
        told(top, "explain", root, "-f", "csv"),
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for runs, which any user may enter and which is removed whatever lies in it."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    yield top
    tree.remove(top)


def _empty_runs(folder: Path, name: str) -> Path:
    """A new folder with an empty `runs` in it."""
    (folder / name / "runs").mkdir(parents=True)
    return folder / name


@pytest.fixture(scope="module")
def hostile(folder: Path) -> Reports:
    """What is told of the hostile runs and the good ones among them."""
    top = _empty_runs(folder, "hostile")
    return reports(top, tree.build(top / "runs"))


@pytest.fixture(scope="module")
def good(folder: Path) -> Reports:
    """What is told of the good runs alone."""
    top = _empty_runs(folder, "good")
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
        assert line.startswith(("| ", "- Valid ", "- Artifacts with problems: **", "- ``missed"))
    kept = [line for line in hostile.page.split("\n") if line not in added]
    assert [line for line in kept if line] == [line for line in alone if line]


def test_what_is_explained_of_them_is_the_same(hostile: Reports, good: Reports) -> None:
    alone = good.rows.out.split("\n")
    mine = set(hostile.rows.out.split("\n"))
    assert set(alone) <= mine
    # The blocks of the ranked runs come first.
    assert hostile.text.out.startswith(good.text.out.rstrip("\n"))


# Each kind


def outcome(kind: Kind, report: Any) -> object:
    reasons = {row["source"]: row["reason"] for row in report["excluded"]}
    reasons |= {run["source"]: KEPT for run in report["runs"]}
    return reasons.get(f"{kind.run}/{kind.source}", NO_CANDIDATE)


def problems(kind: Kind, report: Any) -> list[str]:
    """Place and reason of every problem in the run's folder, or of the folder itself."""
    return [
        f"{row['place']}: {row['reason']}" if row["place"] else row["reason"]
        for row in report["problems"]
        if f"{row['source']}/".startswith(f"{kind.run}/")
    ]


def assert_as_expected(kind: Kind, report: Any) -> None:
    assert outcome(kind, report) == kind.outcome
    found = problems(kind, report)
    if kind.problem is None:
        assert found == []
    else:
        (problem,) = found
        assert re.search(kind.problem, problem)


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
        assert each.err == hostile.report.err


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
    count = len({problem["source"] for problem in parsed["problems"]})
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
    top = _empty_runs(tmp_path, "slow")
    tree.content(SLOW[name])(top / "runs")
    done = told(top, "explain", top / "runs", "-f", "json")
    (row,) = done.json
    assert row["reason"] == UNREADABLE
    assert len(done.problems) == 1


# Other users


def test_what_may_not_be_read_is_named(folder: Path) -> None:
    top = _empty_runs(folder, "locked")
    (folder / "warm").mkdir()
    tree.good_only(folder / "warm")
    made = tree.build(top / "runs", LOCKED)
    assert made == LOCKED
    arguments = (folder / "warm", "report", top / "runs", "-f", "json")
    done = told(top, *arguments, program=("-c", AS_NOBODY))
    assert done.status == 0
    assert len(done.problems) == len(LOCKED)
    assert str(top) not in done.err
    assert {run["run"] for run in done.json["runs"]} == tree.GOOD_RUNS
    for kind in LOCKED:
        assert_as_expected(kind, done.json)
    sources = {row["source"] for row in done.json["problems"]}
    assert {"locked_folder", "locked_list", f"locked_file/{tree.FILE}"} <= sources


# Cut off


WHOLE = '\ufeff{"dice_pos": 0.01, "iou_pos": null,\n "é": [true, {"x": "\\u00e9\\\\ é"}]}\n'


def test_cut_off_anywhere_it_is_unreadable(folder: Path) -> None:
    top = _empty_runs(folder, "cut")
    tree.good_only(top / "runs")
    texts = {"8": WHOLE.encode(), "16": WHOLE.encode("utf-16-le")}
    for name, data in texts.items():
        for end in range(len(data) + 1):
            run = top / "runs" / f"utf{name}_{end:03}"
            run.mkdir()
            tree.content(data[:end])(run)
    report = told(top, "report", top / "runs", "-f", "json").json
    ends = len(WHOLE.encode())
    whole = {f"utf8_{ends:03}", f"utf8_{ends - 1:03}"}
    assert {run["run"] for run in report["runs"]} == whole | tree.GOOD_RUNS
    left_out = [row for row in report["excluded"] if row["run"].startswith("utf")]
    assert {row["reason"] for row in left_out} == {UNREADABLE}
    assert len(left_out) == len(report["problems"]) == sum(map(len, texts.values()))
