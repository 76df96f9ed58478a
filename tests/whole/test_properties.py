"""What holds for any runs folder: nothing is lost, a name is data, the bytes are the same."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import PUBLISHED, Done, Finalrank
from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings
from finalrank.text.escape import visible

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")

a_few = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WHEN = datetime.fromisoformat(PUBLISHED)

# Trees


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: bytes


@dataclass(frozen=True)
class Pipe:
    """A named pipe."""


Node = Any  # a file's content, a Link, a Pipe, or a folder: a dict from names to nodes
Folder = dict[bytes, Node]


def make(tree: Folder, folder: bytes, order: Callable[[list[bytes]], object] = list) -> None:
    """Make the tree in a new folder, in whatever order."""
    os.makedirs(folder)
    names = list(tree)
    order(names)
    for name in names:
        path, node = os.path.join(folder, name), tree[name]
        if isinstance(node, dict):
            make(node, path, order)
        elif isinstance(node, Link):
            os.symlink(node.target, path)
        elif isinstance(node, Pipe):
            os.mkfifo(path)
        else:
            Path(os.fsdecode(path)).write_bytes(node)


@contextmanager
def made(tree: Folder, name: bytes = b"runs", **how: Any) -> Iterator[str]:
    """The path of a runs folder of that name."""
    with tempfile.TemporaryDirectory() as above:
        make(tree, os.path.join(os.fsencode(above), name), **how)
        yield os.path.join(above, os.fsdecode(name))


def candidates(tree: Folder, folder: bytes = b"") -> Iterator[str]:
    """The sources that docs/contract.md, section 1, finds in a tree, from what was put there."""
    for name, node in tree.items():
        if name.startswith(b"."):
            continue
        stem = name.removesuffix(b".json")
        if stem != name and (stem.startswith(b"test_metrics") or b"_test_metrics" in stem):
            yield os.fsdecode(folder + name)
        if isinstance(node, dict):
            yield from candidates(node, folder + name + b"/")


# What somebody may call a run, and what it would be to Markdown, to a terminal, to a spreadsheet,
# to Jinja, to JSON.
PIECES = [
    *("|", "\\", "`", "``", "*", "**", "_", "~~", "<b>", "<!--", "[x](y)", "![", "&lt;", "#", "- "),
    *("\n", "\r", "\t", "\x1b[31m", "\x07", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"),
    *("\u061c", "\u200e", "\ufeff", "\u0301", "é", "\U0001f600", "{{ 7*7 }}", "{% raw %}", "{#"),
    *("=", "+", "-", "@", "'", '"', ",", ";", " ", "%", "$(x)", "\\u0000", "a", "b", "1e5", "007"),
]
NAMES = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join).map(str.encode)
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8).map(str.encode)
    | st.binary(min_size=1, max_size=8)
).filter(lambda name: not (b"/" in name or b"\0" in name or name in (b".", b"..")))
# Not hidden, and without a word that drops it: of these a test knows what becomes of them.
RUN_NAMES = NAMES.filter(
    lambda name: not re.search(rb"(?i)^\.|dev|debug|regression|smoke|scan|nnunet|metrics", name)
)


def valid(**values: float) -> bytes:
    return json.dumps(values).encode()


BAD = [b"", b"{", b"[]", b"{}", b"\xff", b"<html>", b"\0\0", b'{"dice_pos": "0.5"}']
GOOD = [valid(dice_pos=number / 8, roc_auc_presence=0.5) for number in range(9)]
CONTENTS = st.sampled_from(
    [*BAD, *GOOD, valid(dice_pos=38.37), valid(dice_pos=0, roc_auc_presence=0.9)]
)
FILE_NAMES = st.one_of(
    st.just(b"test_metrics.json"),
    st.builds(b"test_metrics%b.json".__mod__, NAMES),
    st.builds(b"%b_test_metrics.json".__mod__, NAMES),
    st.sampled_from(
        [
            *(b".test_metrics.json", b"Test_metrics.json", b"test_metrics.json.bak"),
            *(b"test_metrics_dev.json", b"scan_test_metrics.json", b"mytest_metrics.json"),
        ]
    ),
)
LINKS = st.sampled_from([b"nowhere", b".", b"..", b"test_metrics.json", b"/dev/null"]).map(Link)
TREES = st.recursive(
    st.dictionaries(FILE_NAMES, CONTENTS, min_size=1, max_size=3),
    lambda folders: st.dictionaries(
        FILE_NAMES | NAMES | st.sampled_from([b".git", b"smoke", b"latest", b"a"]),
        CONTENTS | folders | folders | LINKS | st.builds(Pipe),
        max_size=4,
    ),
    max_leaves=12,
)

# What no reader of a report should be sent as it is: it drives a terminal, or turns text around.
CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


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
        {"run": runs[4], "artifacts": [f"test_metrics{runs[4]}.json"]}
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


# The same tree, the same bytes


class Shuffled:
    """What `os.scandir` gives, in another order."""

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self.rest = iter(entries)

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        return self.rest

    def __next__(self) -> os.DirEntry[str]:
        return next(self.rest)

    def __enter__(self) -> Shuffled:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.rest = iter(())


@contextmanager
def shuffled_folders(shuffle: Callable[[list[Any]], object]) -> Iterator[None]:
    really = os.scandir

    def scandir(path: Any = ".") -> Shuffled:
        with really(path) as found:
            entries = list(found)
        shuffle(entries)
        return Shuffled(entries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield


COMMANDS = [
    *(("report", "--generated-at", PUBLISHED, "-f", form) for form in ("md", "json", "csv")),
    *(("explain", "-f", form) for form in ("text", "json", "csv")),
]


@a_few
@given(TREES, st.integers(0, 9))
def test_the_order_in_which_a_folder_lists_its_entries_does_not_matter(
    finalrank: Finalrank, tree: Folder, seed: int
) -> None:
    shuffle = random.Random(seed).shuffle
    with made(tree) as root, made(tree, order=shuffle) as other:
        for command in COMMANDS:
            expected = finalrank(*command, root)
            with shuffled_folders(list.reverse):
                assert finalrank(*command, root) == expected
            with shuffled_folders(shuffle):
                assert finalrank(*command, other) == expected


# Names of every kind, and of each verdict one.
MANY: Folder = {
    **{
        name: {b"test_metrics.json": GOOD[2 + number % 5], b"b_test_metrics.json": GOOD[4]}
        for number, name in enumerate(
            [b"nnunet", b"\xff\xfe", *(piece.encode() for piece in PIECES if "/" not in piece)]
        )
    },
    "lösung_test_metrics.json".encode(): GOOD[8],
    b"smoke": {b"test_metrics.json": GOOD[8]},
    "größe".encode(): {b"test_metrics.json": b"{", b"test_metrics_\xe9.json": b"[]"},
    "名前".encode(): {b"test_metrics.json": b'{"dice_pos": 0.5, "iou_pos": "x"}'},
}
# In Python's own words: neither UTF-8 by the locale, nor by its wish to have it.
ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ENVIRONMENTS = {
    "one seed": {"PYTHONHASHSEED": "0"},
    "another seed": {"PYTHONHASHSEED": "12345"},
    "west": {"TZ": "America/Los_Angeles"},
    "east": {"TZ": "Asia/Tokyo"},
    "C": {"LC_ALL": "C"},
    "C.utf8": {"LC_ALL": "C.utf8"},
    "C, no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0"},
    "C, not coerced": {"LC_ALL": "C", **ASCII},
    "POSIX, not coerced": {"LC_ALL": "POSIX", **ASCII},
    "LANG alone": {"LC_ALL": "", "LANG": "C", **ASCII},
    "no locale": {"LC_ALL": "tlh_KX.ISO-8859-15", **ASCII},
    "ASCII streams": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", **ASCII},
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a runs folder of that many names."""
    folder = tmp_path_factory.mktemp("many")
    make(MANY, os.fsencode(folder / "rüns"))
    return folder


def spoken(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """All that the commands write there, in processes of their own."""
    written = {}
    outputs = ["page.md", "all.json", "all.csv"]
    files = [part for name in outputs for part in ("-o", name)]
    for args in (
        ["report", "--generated-at", PUBLISHED, *files],
        ["explain"],
        ["report", "-fjson"],
    ):
        given_time = {"SOURCE_DATE_EPOCH": "1000000000"}
        done = subprocess.run(
            [sys.executable, "-m", "finalrank", *args, "rüns".encode()],
            cwd=folder,
            env=os.environ | given_time | environment,
            capture_output=True,
            check=False,
        )
        written["".join(args)] = (done.returncode, done.stdout, done.stderr)
    return written | {name: (folder / name).read_bytes() for name in outputs}


@pytest.fixture(scope="module")
def spoken_here(many: Path) -> dict[str, Any]:
    return spoken(many, {"PYTHONUTF8": "1"})


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_the_environment_does_not_matter(
    environment: dict[str, str], many: Path, spoken_here: dict[str, Any]
) -> None:
    here = spoken(many, environment)
    assert [name for name, told in spoken_here.items() if here[name] != told] == []


def test_what_is_compared_is_a_report_with_names_of_every_kind(
    spoken_here: dict[str, Any],
) -> None:
    summary = json.loads(spoken_here["all.json"])
    assert summary["root"] == "rüns"
    assert {run["run"] for run in summary["runs"]} >= {"\udcff\udcfe", "\U0001f600", "名前", "\n"}
    assert sorted(row["source"] for row in summary["excluded"]) == [
        "größe/test_metrics.json",
        "größe/test_metrics_\udce9.json",
        "smoke/test_metrics.json",
    ]
