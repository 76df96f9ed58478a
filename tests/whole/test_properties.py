"""What holds for any runs folder: nothing is lost, a name is data."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import PUBLISHED, Done, Finalrank
from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings
from finalrank.text.escape import visible
from random_trees import (
    BAD,
    CONTROLS,
    GOOD,
    RUN_NAMES,
    TREES,
    WHEN,
    Folder,
    a_few,
    candidates,
    made,
    valid,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")


# Nothing is lost


@settings(a_few, max_examples=150)
@given(TREES)
def test_every_candidate_ends_in_one_place_whatever_lies_there(
    finalrank: Finalrank, tree: Folder
) -> None:
    with made(tree) as root:
        report = finalrank("report", root, "-f", "json")
        explained = finalrank("explain", root, "-f", "json")
    found = sorted(candidates(tree))
    account = re.match(
        r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out", report.account
    )
    assert account, report.err
    total, ranked, siblings, left_out = map(int, account.groups())
    assert total == len(found) == ranked + siblings + left_out
    assert explained.account == report.account
    if not found:
        assert (report.status, explained.status, report.out, explained.out) == (1, 1, "", "")
        return

    rows = explained.json
    assert sorted(row["source"] for row in rows) == found
    assert Counter(row["verdict"] for row in rows) == Counter(
        kept=ranked, sibling=siblings, excluded=left_out
    )
    lines = [line for line in report.problems if not line.startswith("finalrank: ")]
    assert lines == explained.problems
    assert not any(CONTROLS.search(line) for line in lines)
    if not ranked:
        assert (report.status, report.out) == (1, "")
        return
    summary = report.json
    kept = {row["source"] for row in rows if row["verdict"] == "kept"}
    assert {run["source"] for run in summary["runs"]} == kept
    assert sum(run["valid_artifacts"] for run in summary["runs"]) == ranked + siblings
    assert [row["source"] for row in summary["excluded"]] == sorted(
        row["source"] for row in rows if row["verdict"] == "excluded"
    )
    assert summary["counts"]["artifacts_found"] == total
    # A line each, whatever a name would do to it.
    assert [line.partition(": ")[0] for line in lines] == [
        visible(problem["source"]).partition(": ")[0] for problem in summary["problems"]
    ]


@a_few
@given(
    st.dictionaries(RUN_NAMES, st.sampled_from(GOOD), min_size=1, max_size=5),
    RUN_NAMES,
    st.sampled_from([*BAD, valid(dice_pos=38.37), valid(dice_pos=0, roc_auc_presence=0.9)]),
)
def test_a_bad_file_changes_nothing_for_the_other_runs(
    finalrank: Finalrank, files: dict[bytes, bytes], bad: bytes, content: bytes
) -> None:
    tree: Folder = {run: {b"test_metrics.json": good} for run, good in files.items()}
    # A zero is left out, but there must be something to rank.
    tree[b"a_run"] = {b"test_metrics.json": GOOD[4]}
    assume(bad not in tree)
    command = ("report", "-f", "json", "--generated-at", PUBLISHED)
    with made(tree) as root:
        before, rows_before = finalrank(*command, root), finalrank("explain", root, "-f", "json")
    with made(tree | {bad: {b"test_metrics.json": content}}) as root:
        after, rows_after = finalrank(*command, root), finalrank("explain", root, "-f", "json")

    def others(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        run = os.fsdecode(bad)
        return [r for r in rows if run not in (r.get("run"), r.get("source", "").split("/")[0])]

    assert others(rows_after.json) == rows_before.json
    own_line = f"{visible(os.fsdecode(bad))}/test_metrics.json: "
    assert [line for line in after.problems if not line.startswith(own_line)] == before.problems
    old, new = before.json, after.json
    for key in ("notable_exclusions", "excluded", "problems"):
        assert others(new.pop(key)) == old.pop(key)
    for key, more in (("artifacts_found", 1), ("runs_found", 1)):
        assert new["counts"].pop(key) == old["counts"].pop(key) + more
    assert new == old


# Names are data


@st.composite
def named_trees(draw: st.DrawFn) -> tuple[list[bytes], Callable[[list[bytes]], Folder]]:
    """Names, and a tree in which each has a part to play, which does not depend on the names."""
    names = draw(st.lists(RUN_NAMES, min_size=6, max_size=6, unique=True))
    values = draw(st.permutations([0.9, 0.7, 0.5, 0.3]))

    def tree(names: list[bytes]) -> Folder:
        runs: Folder = {
            name: {b"test_metrics%b.json" % name: valid(dice_pos=value, roc_auc_presence=value)}
            for name, value in zip(names, values, strict=False)
        }
        notable = valid(dice_pos=0, roc_auc_presence=0.99)
        runs[names[4]] = {b"test_metrics%b.json" % names[4]: notable}
        runs[names[5]] = {b"%b_test_metrics.json" % names[5]: b"["}
        return runs

    return names, tree


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLAIN = [b"plain%d" % number for number in range(6)]


def pieces(page: str) -> list[tuple[str, str]]:
    """What a Markdown reader makes of a page: every token, with the text of those that have any."""
    return [
        (token.type, token.content if token.type != "inline" else "")
        for block in MARKDOWN.parse(page)
        for token in [block, *(block.children or [])]
    ]


def in_a_span(text: str) -> str:
    """A code span's text as Markdown gives it: of spaces at both ends, one goes."""
    both = text.startswith(" ") and text.endswith(" ") and text.strip(" ")
    return text[1:-1] if both else text


def page_of(names: list[bytes], tree: Folder) -> str:
    configured = Settings(baseline=BaselineSettings(run=os.fsdecode(names[1])))
    with made(tree, names[0]) as root:
        return package.load_report(root, configured, generated_at=WHEN).to_markdown()


@a_few
@given(named_trees())
def test_a_name_is_a_code_span_and_the_page_is_that_of_plain_names(
    named: tuple[list[bytes], Callable[[list[bytes]], Folder]],
) -> None:
    names, tree = named
    shown = [visible(os.fsdecode(name)) for name in names]

    def renamed(kind: str, text: str) -> tuple[str, str]:
        if kind != "code_inline":
            assert "plain" not in text
            return kind, text
        return kind, in_a_span(re.sub(r"plain(\d)", lambda match: shown[int(match[1])], text))

    plain = pieces(page_of(PLAIN, tree(PLAIN)))
    page = page_of(names, tree(names))
    assert pieces(page) == [renamed(*piece) for piece in plain]
    assert not CONTROLS.search(page.replace("\n", ""))


def strictly(text: str) -> Any:
    """JSON as RFC 8259 has it, every key once."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        assert len(found) == len(pairs)
        return found

    return json.loads(text, parse_constant=pytest.fail, object_pairs_hook=once)


@a_few
@given(named_trees())
def test_names_come_back_from_json_and_nothing_in_it_drives_a_terminal(
    finalrank: Finalrank, named: tuple[list[bytes], Callable[[list[bytes]], Folder]]
) -> None:
    names, tree = named
    with made(tree(names), names[0]) as root:
        report = finalrank("report", root, "-f", "json", "--generated-at", PUBLISHED)
        explained = finalrank("explain", root, "-f", "json")
        assert package.load_report(root, generated_at=WHEN).to_json() == report.out
    for done in (report, explained):
        assert not CONTROLS.search(done.out.replace("\n", ""))
    summary, rows = strictly(report.out), strictly(explained.out)
    runs = list(map(os.fsdecode, names))
    assert summary["root"] == runs[0]
    assert {(run["run"], run["source"]) for run in summary["runs"]} == {
        (run, f"{run}/test_metrics{run}.json") for run in runs[:4]
    }
    assert summary["notable_exclusions"] == [
        {
            "run": runs[4],
            "artifacts": [f"test_metrics{runs[4]}.json"],
            "reason": "dice_pos is at most 1e-06 (filter.zero)",
        }
    ]
    assert [problem["source"] for problem in summary["problems"]] == [
        f"{runs[5]}/{runs[5]}_test_metrics.json"
    ]
    assert sorted(row["source"] for row in rows) == sorted(candidates(tree(names)))
    assert {row["run"] for row in rows} == set(runs)


def cell(text: str) -> str:
    """What a name is in CSV: no formula to a spreadsheet, no command to a terminal."""
    shown = "".join(
        char if char in "\t\n\r" or not CONTROLS.match(char) else visible(char) for char in text
    )
    # Bytes that are not UTF-8 are escapes, as in JSON.
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "'")) else shown


def table(done: Done) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


@a_few
@given(named_trees())
def test_names_come_back_from_csv_and_are_no_formulas(
    finalrank: Finalrank, named: tuple[list[bytes], Callable[[list[bytes]], Folder]]
) -> None:
    names, tree = named
    with made(tree(names)) as root:
        baseline = f"--baseline={os.fsdecode(names[1])}"
        report = finalrank("report", root, "-f", "csv", baseline)
        runs = finalrank("report", root, "-f", "json", baseline).json["runs"]
        explained = finalrank("explain", root, "-f", "csv")
        rows = finalrank("explain", root, "-f", "json").json
    for done in (report, explained):
        assert not CONTROLS.search(re.sub("[\t\n\r]", "", done.out))
    names_of = ("run", "source")
    for written, data in ((report, runs), (explained, rows)):
        assert [[row[name] for name in names_of] for row in table(written)] == [
            [cell(row[name]) for name in names_of] for row in data
        ]
    # A number is a number, also one with a minus in front.
    for row, run in zip(table(report), runs, strict=True):
        for key, delta in run["delta"].items():
            for column, number in (("delta", "absolute"), ("delta_pct", "percent")):
                told = row[f"{column}_{key}"]
                assert (float(told) if told else None) == delta[number]
    assert any(row["delta_dice_pos"].startswith("-") for row in table(report)) or all(
        run["delta"]["dice_pos"]["absolute"] >= 0 for run in runs
    )


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "'"])
def test_a_run_that_begins_like_a_formula_is_a_text(first: str, finalrank: Finalrank) -> None:
    run = f"{first}1+1"
    with made({run.encode(): {b"test_metrics.json": GOOD[4]}}) as root:
        (row,) = table(finalrank("report", root, "-f", "csv"))
    assert (row["run"], row["source"]) == (f"'{run}", f"'{run}/test_metrics.json")
