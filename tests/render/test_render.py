"""docs/contract.md, section 7: names are data, numbers have one form, sections come and go."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

import finalrank as package
from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT, Done, Finalrank, Tree
from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings

BIDI = [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]


def expected(name: str) -> str:
    """The visible form of a name, as docs/contract.md, section 7, has it."""
    shown = []
    for char in name:
        code = ord(char)
        if char in "\n\r\t":
            shown.append({"\n": r"\n", "\r": r"\r", "\t": r"\t"}[char])
        elif code < 0x20 or 0x7F <= code <= 0x9F:
            shown.append(f"\\x{code:02x}")
        elif code in (0x2028, 0x2029) or code in BIDI:
            shown.append(f"\\u{code:04x}")
        elif 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        else:
            shown.append(char)
    return "".join(shown)


def tables(page: str) -> list[tuple[list[str], list[list[Token]]]]:
    """Header texts and, row by row, the cells of every table, as a Markdown reader sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    found: list[tuple[list[str], list[list[Token]]]] = []
    for before, token in pairwise(tokens):
        if before.type == "table_open":
            found.append(([], []))
        elif before.type == "th_open":
            found[-1][0].append(token.content)
        elif before.type == "tr_open" and token.type == "td_open":
            found[-1][1].append([])
        elif before.type == "td_open":
            found[-1][1][-1].append(token)
    return found


def span(cell: Token) -> str:
    """The text of a cell that is one code span and no more."""
    assert cell.children is not None
    (child,) = cell.children
    assert child.type == "code_inline"
    return child.content


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


# Numbers


def rows_of(page: str, heading: str) -> list[list[str]]:
    """The cells below the heading that begins like this."""
    table = page.split(f"\n## {heading}")[1].split("\n\n")[1].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.38374586, "0.3837"),
        (1, "1.0000"),
        (0.99999, "1.0000"),
        (0, "0.0000"),
        (-1e-10, "0.0000"),
        (1e-5, "0.0000"),
        (0.00005, "0.0001"),
        (None, "-"),
    ],
)
def test_the_form_of_a_number(
    value: float | None, shown: str, finalrank: Finalrank, tree: Tree
) -> None:
    files = {"a/test_metrics.json": {"dice_pos": 0.5, "iou_pos": value, "roc_auc_presence": value}}
    page = finalrank("report", tree(files)).out
    assert "-0.0000" not in page
    assert rows_of(page, "1)")[0][3:5] == [shown, shown]
    assert f"`roc_auc_presence={shown}`" in page


@pytest.mark.parametrize(
    ("value", "baseline", "shown"),
    [
        (0.5, 0.25, "+0.2500 (+100.00%)"),
        (0.25, 0.5, "-0.2500 (-50.00%)"),
        (0.5, 0.5, "+0.0000 (+0.00%)"),
        (0.5, 0.50000001, "+0.0000 (+0.00%)"),
        (0.5, 0.0, "+0.5000 (-)"),
        (0.0, 0.0, "+0.0000 (-)"),
        (0.5, 5e-324, "+0.5000 (-)"),
        (None, 0.5, "- (-)"),
        (0.5, None, "- (-)"),
        (None, None, "- (-)"),
    ],
)
def test_the_form_of_a_delta(
    value: float | None, baseline: float | None, shown: str, finalrank: Finalrank, tree: Tree
) -> None:
    files = {
        "a/test_metrics.json": {"dice_pos": 0.9, "roc_auc_presence": value},
        "nnunet/test_metrics.json": {"dice_pos": 0.1, "roc_auc_presence": baseline},
    }
    done = finalrank("report", tree(files), "--generated-at", PUBLISHED)
    table = done.out.split("comparison reference")[1].split("\n\n")[1].splitlines()[2:]
    row = next(line for line in table if line.startswith("| `a` |"))
    assert row.split("|")[5].strip() == shown


def test_a_negative_baseline_divides_by_its_size(finalrank: Finalrank, tree: Tree) -> None:
    config = "[[metrics]]\nkey = 'll'\nprimary = true\nrange = [-10, 10]"
    files = {
        "a/test_metrics.json": {"ll": 1.0},
        "nnunet/test_metrics.json": {"ll": 2.0},
        "finalrank.toml": config + "\n[filter]\nzero = 0.5",
    }
    assert "-1.0000 (-50.00%)" in finalrank("report", tree(files)).out
    lower = config + "\nhigher_is_better = false"
    files |= {"finalrank.toml": lower, "nnunet/test_metrics.json": {"ll": -2.0}}
    assert "+3.0000 (+150.00%)" in finalrank("report", tree(files)).out


def test_mean_rank_has_two_decimals(finalrank: Finalrank) -> None:
    page = finalrank("report", EXAMPLES).out
    assert [row[2] for row in rows_of(page, "4)")][:3] == ["1.33", "1.67", "4.33"]


# Sections that come and go

DICE = {"dice_pos": 0.5}


def test_without_a_baseline_its_section_is_left_out(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"{run}/test_metrics.json": DICE for run in ("a", "b", "c")}
    page = finalrank("report", tree(files)).out
    assert "Delta vs" not in page
    assert "comparison reference" not in page
    assert "- Keep `b` as fallback comparator in the same protocol.\n\n## 1) Final" in page
    assert "\n\n\n" not in page


def test_a_single_run_has_no_fallback(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree({"a/test_metrics.json": DICE})).out
    assert "Executive Summary (Top 1 + Clinical Candidate)" in page
    assert "- Choose `a` first. It has the strongest combined profile.\n\n## 1)" in page
    assert "fallback" not in page
    assert "- Valid challenger runs: **1**\n- Valid test artifacts after filtering: **1**\n" in page


def test_two_runs(finalrank: Finalrank, tree: Tree) -> None:
    files = {"nnunet/test_metrics.json": {"dice_pos": 0.25}, "a/test_metrics.json": DICE}
    page = finalrank("report", tree(files)).out
    assert "(Top 2 + Clinical Candidate)\n\nTop 2 by combined final rank" in page
    assert "- Keep `nnunet` as fallback comparator in the same protocol.\n\nnnUNet comp" in page
    assert "| `nnunet` | 0.2500 | +0.0000 (+0.00%) | - | - (-) | - | - (-) |\n\n## 1)" in page
    assert page.endswith("|\n")
    assert "\n\n\n" not in page


def test_a_metric_that_no_run_has_keeps_its_header(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree({"a/test_metrics.json": DICE})).out
    assert (
        "## 2) Final Classification Ranking (ROC-AUC)\n\n"
        "| Rank | Run | ROC-AUC | AP | Dice_pos | Source |\n"
        "|---:|---|---:|---:|---:|---|\n"
        "\n## 3) Final Classification Ranking (AP)\n"
    ) in page


def test_key_feature_and_protocol_where_they_are_given(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"{run}/test_metrics.json": DICE for run in ("a", "b")}
    plain = finalrank("report", tree(files)).out
    assert "Key feature" not in plain
    assert "strongest combined profile.\n" in plain
    note = '[runs.a]\nprotocol = "*p* | `q`"\n[runs.b]\nkey_feature = "<b>k</b>"\nprotocol = "no"'
    page = finalrank("report", tree(files | {"finalrank.toml": note})).out
    assert "strongest combined profile with *p* | `q`.\n" in page
    assert page.count("Key feature") == 1
    assert "2. `b`\n- Metrics: `dice_pos=0.5000`" in page
    assert "- Key feature: <b>k</b>\n\nClinical" in page
    assert "with no" not in page


def test_notable_exclusions_have_is_and_are(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        "ok/test_metrics.json": DICE,
        "one/test_metrics_scan.json": {"roc_auc_presence": 0.9},
        "two/test_metrics_b.json": {"roc_auc_presence": 0.9},
        "two/test_metrics_a`.json": {"dice_pos": 0.0},
    }
    page = finalrank("report", tree(files)).out
    assert (
        "filtering: **1**\n"
        "- `one` remains excluded because only `test_metrics_scan.json` is available for that run."
        "\n- `two` remains excluded because only ``test_metrics_a`.json``, `test_metrics_b.json` "
        "are available for that run.\n\n## Executive"
    ) in page


@pytest.mark.parametrize(
    ("count", "bullet"),
    [
        (1, "- Artifacts with problems: **1** (`p00/test_metrics.json`)\n"),
        (
            2,
            "- Artifacts with problems: **2** (`p00/test_metrics.json`, `p01/test_metrics.json`)\n",
        ),
        (5, "`p03/test_metrics.json`, `p04/test_metrics.json`)\n"),
        (6, "`p03/test_metrics.json`, `p04/test_metrics.json` and 1 more)\n"),
        (12, "`p03/test_metrics.json`, `p04/test_metrics.json` and 7 more)\n"),
    ],
)
def test_problems_are_one_more_bullet(
    count: int, bullet: str, finalrank: Finalrank, tree: Tree
) -> None:
    files: dict[str, Any] = {
        f"p{n:02}/test_metrics.json": {"dice_pos": "x", "iou_pos": "y"} for n in range(count)
    }
    files |= {"ok/test_metrics.json": DICE, "one/test_metrics_scan.json": {"roc_auc_presence": 1}}
    page = finalrank("report", tree(files)).out
    lines = page.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("- Artifacts with problems"))
    assert lines[at].startswith(f"- Artifacts with problems: **{count}** (`p00/test_metrics.json`")
    assert lines[at].endswith(bullet)
    assert lines[at - 1].startswith("- `one` remains excluded")
    assert lines[at + 1] == "\n"


def test_without_problems_there_is_no_bullet(finalrank: Finalrank, tree: Tree) -> None:
    files = {"ok/test_metrics.json": DICE, "dev/test_metrics.json": "no JSON, and nobody's problem"}
    done = finalrank("report", tree(files))
    assert "problems" not in done.out
    assert done.problems == []


def test_problems_read_well_on_stderr(finalrank: Finalrank, tree: Tree) -> None:
    files: dict[str, Any] = {
        "ok/test_metrics.json": DICE,
        "a\x1b[31m/test_metrics.json": {"dice_pos": "secret"},
        "b/test_metrics.json": '{"dice_pos": secret}',
        "c/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": True, "iou_pos": 38},
    }
    root = tree(files)
    problems = finalrank("report", root).problems
    assert [line.split(":")[0] for line in problems] == [
        r"a\x1b[31m/test_metrics.json",
        "b/test_metrics.json",
        "c/test_metrics.json",
        "c/test_metrics.json",
    ]
    assert [line.split(": ")[1] for line in problems[2:]] == ["iou_pos", "roc_auc_presence"]
    assert "line 1 column 14" in problems[1]
    for line in problems:
        assert "secret" not in line
        assert str(root) not in line
        assert "Error" not in line


# A template of one's own

Templated = Callable[..., Done]


@pytest.fixture
def templated(finalrank: Finalrank, tree: Tree) -> Templated:
    """Reports on a small tree by a template."""

    def report(content: str | bytes, *args: object, path: str = "own.md.j2") -> Done:
        root = tree({"a/test_metrics.json": DICE, "nnunet/test_metrics.json": {"dice_pos": 0.2}})
        Path(path).parent.mkdir(exist_ok=True, parents=True)
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
        return finalrank("report", root, "--template", path, *args)

    return report


def test_a_template_is_given_the_names_of_the_json(templated: Templated) -> None:
    names = list(json.loads((GOLDEN / "clean_final_results.json").read_bytes()))
    template = "".join(f"{{{{ {name} is defined }}}}\n" for name in names)
    assert templated(template).out == "True\n" * len(names)


def test_a_template_writes_what_it_is_given(templated: Templated) -> None:
    template = """\
{{ title }} {{ generated_at }} {{ root }} {{ counts.runs_valid }} {{ schema_version }}
{% for run in runs %}
{{ run.rank }} {{ run.run | code }} {{ run.metrics.dice_pos | fixed }} \
{{ run.delta.dice_pos | delta }} {{ run.source }} {{ run.mean_rank }} {{ run.valid_artifacts }}
{% endfor %}
{{ baseline.run }} {{ recommendation.primary }} {{ recommendation.fallback }}
{{ metrics | map(attribute="key") | join(" ") }}
"""
    assert templated(template, "--generated-at", PUBLISHED).out == (
        "Clean Final Results 2026-02-15 08:14:41 runs 2 1\n"
        "1 `a` 0.5000 +0.3000 (+150.00%) a/test_metrics.json 1.0 1\n"
        "2 `nnunet` 0.2000 +0.0000 (+0.00%) nnunet/test_metrics.json 2.0 1\n"
        "nnunet a nnunet\n"
        "dice_pos iou_pos roc_auc_presence average_precision_presence\n"
    )


def test_the_shipped_template_may_be_the_start(finalrank: Finalrank) -> None:
    shipped = ROOT / "templates" / "clean_final_results.md.j2"
    done = finalrank("report", EXAMPLES, "--template", shipped, "--generated-at", PUBLISHED)
    assert done.bytes == (GOLDEN / "clean_final_results.md").read_bytes()


def test_a_template_may_include_its_neighbours(templated: Templated) -> None:
    Path("own").mkdir()
    Path("own/part.j2").write_text("part of {{ title }}")
    assert (
        templated("{% include 'part.j2' %}", path="own/x.j2").out == "part of Clean Final Results"
    )


@pytest.mark.parametrize("path", ["own.j2", "./own.j2", "folder/own.j2", "/tmp/absolute"])
@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("a\n{% if %}", 2, ""),
        ("a\nb\n{{ titel }}", 3, "titel"),
        ("{{ counts.runs_vlid }}", 1, "runs_vlid"),
        ("\n{% include 'none.j2' %}", 2, "none.j2"),
        ("\n\n{{ ''.__class__ }}", 3, "__class__"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n{{ title | nonsense }}", 2, "nonsense"),
        ("\n{% for x in 3 %}{% endfor %}", 2, ""),
        ("\n{{ title + 3 }}", 2, ""),
        ("\n{{ 'a' * 10 ** 9 }}", 2, "too large"),
        ("\n{{ 10 ** 9 * [1] }}", 2, "too large"),
        ("\n{{ 9 ** 999999 }}", 2, "too large"),
        ("\n{{ lipsum(n=10 ** 9) }}", 2, "lipsum"),
        ("{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}", 1, "recursion"),
    ],
)
def test_an_error_names_file_and_line(
    template: str, line: int, reason: str, path: str, templated: Templated
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = path.replace("/tmp/absolute", f"{folder}/own.j2")
        done = templated(template, path=path)
    assert (done.status, done.bytes) == (2, b"")
    (error,) = (text for text in done.err.splitlines() if text.startswith("finalrank: "))
    assert f"own.j2:{line}: " in error
    assert reason in error
    assert "Traceback" not in done.err


ENDLESS = {
    "loops": "{% for a in range(9999) %}\n{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "a recursive loop": "{% for a in [1] recursive %}\n"
    "{{ loop([1, 1]) if loop.depth < 40 }}{% endfor %}",
    "a macro": "{% macro m(n) %}\n"
    "{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "a call": "{% macro m(n) %}{{ caller() }}{{ caller() }}{% endmacro %}\n"
    "{% for a in range(9999) %}{% call m(1) %}"
    "{% for b in range(9999) %}.{% endfor %}{% endcall %}{% endfor %}",
    "an include": "{% set n = n | default(0) + 1 %}\n"
    "{% if n < 40 %}{% include 'own.j2' %}{% include 'own.j2' %}{% endif %}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_template_without_an_end_is_ended(
    name: str, finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.render.sandbox.MAX_TURNS", 10_000)
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}'})
    template = tree({"own.j2": ENDLESS[name]}) / "own.j2"
    done = finalrank("report", root, "--template", template)
    assert (done.status, done.bytes) == (2, b"")
    assert "own.j2:" in done.err
    assert "over 10000 turns of loops and macros" in done.err


def test_a_template_may_still_repeat_and_multiply(templated: Templated) -> None:
    template = "{{ 'ab' * 2 }} {{ 2 * [1] }} {{ 6 * 7 }} {{ 2 ** 10 }} {{ 2.5 ** 2 }}"
    assert templated(template).out == "abab [1, 1] 42 1024 6.25"


def test_a_large_report_is_no_endless_template(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.render.sandbox.MAX_TURNS", 10)
    assert finalrank("report", EXAMPLES).status == 0


def test_an_error_in_an_included_template_names_that(templated: Templated) -> None:
    Path("own/parts").mkdir(parents=True)
    Path("own/parts/part.j2").write_text("\n{{ titel }}")
    done = templated("{% include 'parts/part.j2' %}", path="own/x.j2")
    assert done.status == 2
    assert "part.j2:2: " in done.err


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ runs.clear() }}",
        "{{ runs[0].metrics.update({'dice_pos': 1}) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ code.__globals__ }}",
        "{% include '../secret.j2' %}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_stays_in_its_room(escape: str, templated: Templated) -> None:
    Path("secret.j2").write_text("secret")
    done = templated(escape, path="own/x.j2")
    assert (done.status, done.bytes) == (2, b"")
    assert len([line for line in done.err.splitlines() if line.startswith("finalrank: ")]) == 1


@pytest.mark.parametrize("content", [b"\xff{{ title }}", "{{ title }}".encode("utf-16")])
def test_a_template_that_is_not_utf8(content: bytes, templated: Templated) -> None:
    done = templated(content)
    assert done.status == 2
    assert "own.md.j2" in done.err
    assert "UTF-8" in done.err


@pytest.mark.parametrize("path", ["none.j2", "no/where.j2", ".", "runs/", ""])
def test_a_template_that_is_not_there(path: str, finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": DICE})
    done = finalrank("report", root, "--template", path)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert line.startswith("finalrank: ")
    assert path in line
    assert "finalrank: :" not in line


def test_a_template_is_for_markdown_alone(templated: Templated) -> None:
    assert templated("{{ title }}", "-f", "json").status == 2
    done = templated("{{ title }}", "-o", "a.md", "-o", "b.json")
    assert done.status == 0
    assert Path("a.md").read_text() == "Clean Final Results"
    assert json.loads(Path("b.json").read_bytes())["title"] == "Clean Final Results"


@pytest.mark.parametrize("metric", ["primary", "ranked[0]", "rankings[0].metric", "metrics[0]"])
@pytest.mark.parametrize("method", ["parse_file", "parse_raw", "model_dump", "construct"])
def test_a_template_reaches_no_method_of_a_model(
    metric: str, method: str, templated: Templated
) -> None:
    # pydantic's old class methods read files, and run what a pickle says.
    done = templated(f"{{{{ {metric}.{method}('secret.json') }}}}")
    assert (done.status, done.bytes) == (2, b"")
    assert method in done.err


@pytest.mark.parametrize("command", ["report", "explain"])
def test_csv_keeps_a_run_in_its_row(command: str, finalrank: Finalrank, tree: Tree) -> None:
    runs = ["a\rb", "a\nb", 'a"b', "a,b", "a\r\nb", " a "]
    root = tree({f"{run}/test_metrics.json": DICE for run in runs})
    out = finalrank(command, root, "-f", "csv").bytes.decode()
    header, *rows = csv.reader(io.StringIO(out, newline=""))
    assert sorted(row[header.index("run")] for row in rows) == sorted(runs)
