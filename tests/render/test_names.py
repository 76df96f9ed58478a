"""docs/contract.md, section 7: names on the page are data."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import Finalrank, Tree
from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings
from page_parts import BIDI, DICE, expected, span, tables

# What a file system takes as a name: bytes, of which Python makes text.
raw_names = st.one_of(
    st.text(
        st.sampled_from(
            [*"`|\\ab <>*_&#[]()!~$.\n\r\t\x1b\x7f\x00", *"\x85\u2028\u202e\u2066é\ufeff\U0001f600"]
        ),
        min_size=1,
        max_size=12,
    ).map(str.encode),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(str.encode),
    st.binary(min_size=1, max_size=12),
)


def fits(raw: bytes) -> bool:
    name = os.fsdecode(raw)
    tokens = set(re.findall("[a-z0-9]+", name.lower()))
    dropped = tokens & {"dev", "debug", "regression", "smoke"}
    # A code span takes one space from both ends, and section 7 pads for backticks alone.
    stripped = name.startswith(" ") and name.endswith(" ")
    return not (b"/" in raw or b"\0" in raw or raw.startswith(b".") or dropped or stripped)


@settings(max_examples=60, deadline=None)
@given(raw_names.filter(fits), raw_names.filter(fits))
@example(b"a|b", b"``")
@example(b"`", b"a`")
@example(b"\\|", b"|\\")
@example(b"\xff\xfe", "\u202e".encode())
@example("\x85\x1b[31m".encode(), b"\r\n")
@example(b"<b>x", b"[x](y)")
def test_names_are_data(first: bytes, second: bytes) -> None:
    # Python's surrogate escapes sort as code points, which is the order of runs.
    names = sorted({os.fsdecode(first), os.fsdecode(second)})
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            run = Path(folder, name)
            run.mkdir()
            (run / "test_metrics.json").write_text('{"dice_pos": 0.5, "roc_auc_presence": 0.5}')
        # On a table of their own the names stand as they do everywhere else.
        baseline = BaselineSettings(run=names[0])
        page = package.load_report(folder, Settings(baseline=baseline)).to_markdown()
    text = page.encode("utf-8").decode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
    assert not any(chr(code) in text for code in BIDI)
    found = tables(page)
    assert len(found) == 5
    for header, rows in found:
        assert all(len(row) == len(header) for row in rows)
    shown = [expected(name) for name in names]
    reference, dice, roc, precision, combined = found
    assert [span(row[0]) for row in reference[1]] == shown
    for header, rows in (dice, roc, combined):
        assert [span(row[1]) for row in rows] == shown
        assert [span(row[-1]) for row in rows] == [f"{name}/test_metrics.json" for name in shown]
        assert header[1] == "Run"
    assert precision[1] == []
    # Outside tables, too, a name is a code span.
    inline = [
        child.content
        for token in MarkdownIt("commonmark").enable("table").parse(page)
        if token.type == "inline"
        for child in token.children or []
        if child.type == "code_inline"
    ]
    assert inline[0] == shown[0]
    assert inline[1] == f"{Path(folder).name}/{shown[0]}/test_metrics.json"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a``", "``` a`` ```"),
        ("``", "``` `` ```"),
        ("a``b`c", "```a``b`c```"),
        ("a\nb", r"`a\nb`"),
        ("\x1b", r"`\x1b`"),
        ("\u202e", r"`\u202e`"),
        ("\u061c", r"`\u061c`"),
        ("\x85", r"`\x85`"),
        ("\udcff", r"`\xff`"),
        ("a|b", r"`a|b`"),
        (" a", "` a`"),
    ],
)
def test_the_form_of_a_code_span(name: str, shown: str, finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree({f"{name}/test_metrics.json": {"dice_pos": 0.5}})).out
    assert f"\n1. {shown}\n- Metrics:" in page
    assert f"| 1 | {shown.replace('|', chr(92) + '|')} | 0.5000 |" in page


def test_the_name_of_the_runs_folder_is_data_too(finalrank: Finalrank) -> None:
    root = Path("ru`|\x1bns")
    (root / "a").mkdir(parents=True)
    (root / "a/test_metrics.json").write_text('{"dice_pos": 0.5}')
    done = finalrank("report", root)
    assert r"(``ru`|\x1bns/a/test_metrics.json``)" in done.out
    for runs in (f"{root}/", f"./{root}", f"{root}/a/.."):
        assert finalrank("report", runs).out.splitlines()[6] == done.out.splitlines()[6]


@pytest.mark.parametrize("command", ["report", "explain"])
def test_csv_keeps_a_run_in_its_row(command: str, finalrank: Finalrank, tree: Tree) -> None:
    runs = ["a\rb", "a\nb", 'a"b', "a,b", "a\r\nb", " a "]
    root = tree({f"{run}/test_metrics.json": DICE for run in runs})
    out = finalrank(command, root, "-f", "csv").bytes.decode()
    header, *rows = csv.reader(io.StringIO(out, newline=""))
    assert sorted(row[header.index("run")] for row in rows) == sorted(runs)
