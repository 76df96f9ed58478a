"""A runs folder with everything in it that should not be there, and ten good runs among it."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import stat
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FILE = "test_metrics.json"
# Stands in every file that has words of its own: nothing that is printed may show it.
MARK = "SECRET-CONTENT-7431"

# What becomes of an artifact.
KEPT = "kept"
UNREADABLE = "unreadable"
MISSING = "missing-primary"
ZERO = "zero-primary"
NO_CANDIDATE = "no candidate"

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Kind:
    """A row of the table: a run, how it is made in its folder, and what is to become of it."""

    run: str
    make: Make
    outcome: str
    problem: str | None  # a pattern for `place: reason` of its one problem; None where it has none
    source: str = FILE  # the artifact in question, in the run's folder


# The good runs. In every metric they are better than any hostile run that is ranked, so that
# those come after them and leave their ranks alone.
_RUNS = [
    "=sum_unet",
    "CO",
    "a_first",
    "dg/seed_1",
    "dg/seed_2",
    "nested/deep/er/unet",
    "nnunet_fold0",
    "truncated_normal_init",
    "unet | aug",
    "zz_last",
]
GOOD: dict[str, dict[str, float]] = {
    f"{run}/{FILE}": {
        "dice_pos": 0.3 + n * 7 % 10 / 100,
        "iou_pos": 0.2 + n * 7 % 10 / 200,
        "roc_auc_presence": 0.6 + n * 3 % 10 / 41,
        "average_precision_presence": 0.5 + n * 9 % 10 / 43,
    }
    for n, run in enumerate(_RUNS)
}
# One has no value of a metric, one has siblings.
del GOOD[f"a_first/{FILE}"]["average_precision_presence"]
GOOD["zz_last/test_metrics_rerun.json"] = {"dice_pos": 0.301, "roc_auc_presence": 0.9}
GOOD["zz_last/test_metrics_smoke.json"] = {"dice_pos": 0.9}
GOOD_RUNS = frozenset(_RUNS)

# Worse than every good one.
_DICE = '"dice_pos": 0.01'


def document(inside: str = _DICE) -> bytes:
    """A metrics file with these members."""
    return f'{{"note": "{MARK}", {inside}}}'.encode()


VALID = document()
_LOW = VALID[:-1].decode()  # an object that is still open


# What can lie in a file


def content(data: bytes | Callable[[], bytes]) -> Make:
    """A file with these bytes; those that are many are made when they are needed."""
    return lambda folder: (folder / FILE).write_bytes(data() if callable(data) else data)


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
    Kind("nul_within", content(_LOW.encode() + b"\0}"), UNREADABLE, "^line 1 column .* not JSON"),
    Kind("cut_off", content(VALID[:-4]), UNREADABLE, "^line 1 column .*cut off"),
    Kind("cut_off_in_a_text", content(VALID[:20]), UNREADABLE, "^line 1 column .*cut off"),
    Kind("cut_off_after_a_line", content(b"{\n"), UNREADABLE, "^line 2 column 1: .*cut off"),
    Kind("rubbish_behind", content(VALID + MARK.encode()), UNREADABLE, "^line 1.*after its end"),
    Kind("brace_behind", content(VALID + b"}"), UNREADABLE, "^line 1.*after its end"),
    Kind("two_documents", content(VALID + VALID), UNREADABLE, "^line 1.*after its end"),
    Kind("two_lines", content(VALID + b"\n" + VALID), UNREADABLE, "^line 2 column 1: .*its end"),
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
        content(b"\xff\xfe" + (_LOW + "}\r\n").encode("utf-16-le")),
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
        content(lambda: (f'{_LOW}, "x": {"[" * 100_000}{"]" * 100_000}}}').encode()),
        UNREADABLE,
        _DEEP,
    ),
    Kind("deep_600", content(b'{"a":' * 600 + VALID + b"}" * 600), UNREADABLE, _DEEP),
    Kind(
        "deep_600_within",
        content(f'{_LOW}, "x": {"[" * 600}{"]" * 600}}}'.encode()),
        UNREADABLE,
        _DEEP,
    ),
    Kind("deep_400", content(f'{_LOW}, "x": {"[" * 400}{"]" * 400}}}'.encode()), KEPT, None),
    Kind("brackets_in_a_text", content(f'{_LOW}, "x": "{"[{" * 999}"}}'.encode()), KEPT, None),
    Kind("key_of_5_mb", content(lambda: f'{_LOW}, "{"k" * 5_000_000}": 1}}'.encode()), KEPT, None),
    Kind(
        "text_of_5_mb", content(lambda: f'{_LOW}, "x": "{"t" * 5_000_000}"}}'.encode()), KEPT, None
    ),
    Kind(
        "text_of_5_mb_cut_off",
        content(lambda: f'{_LOW}, "x": "{"t" * 5_000_000}'.encode()),
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
        content(lambda: document("".join(f'"k{n}": {n}, ' for n in range(100_000)) + _DICE)),
        KEPT,
        None,
    ),
    Kind("size_200_mb", _sparse(VALID, 200 * 2**20), UNREADABLE, "over 33554432 bytes"),
    Kind("size_6_gb", _sparse(VALID, 6 * 2**30), UNREADABLE, "over 33554432 bytes"),
    Kind("size_one_too_many", _sparse(VALID, 2**25 + 1), UNREADABLE, "over 33554432 bytes"),
]


def _dice(value: str) -> Make:
    return content(document(f'"dice_pos": {value}'))


def _beside(member: str) -> Make:
    """A good enough primary metric, and one member more."""
    return content(document(f"{_DICE}, {member}"))


_ROC = "roc_auc_presence"
VALUES = [
    Kind("digits_400", _dice("1" + "0" * 399), MISSING, None),
    Kind("digits_5001", _dice("7" * 5_001), MISSING, None),
    Kind("digits_5001_below_zero", _dice("-" + "7" * 5_001), MISSING, None),
    Kind("digits_5001_elsewhere", _beside(f'"steps": {"7" * 5_001}'), KEPT, None),
    Kind("digits_5001_behind_the_point", _dice("0.01" + "3" * 5_001), KEPT, None),
    Kind("exponent_400", _dice("1e400"), MISSING, None),
    Kind("exponent_400_shown", _beside('"iou_pos": -1e400'), KEPT, None),
    Kind("exponent_below", _dice("1e-400"), ZERO, None),
    Kind("minus_zero", _dice("-0.0"), ZERO, None),
    Kind("whole_zero", _dice("0"), ZERO, None),
    Kind("nan", _dice("NaN"), MISSING, None),
    Kind("infinity", _dice("-Infinity"), MISSING, None),
    Kind("null", _dice("null"), MISSING, None),
    Kind("absent", content(document('"x": 1')), MISSING, None),
    Kind("no_members", content(b"{}"), MISSING, None),
    Kind("true", _dice("true"), MISSING, "^dice_pos: is true, not a number"),
    Kind("false_ranked", _beside(f'"{_ROC}": false'), KEPT, f"^{_ROC}: is false, not a number"),
    Kind("text", _dice(f'"{MARK}"'), MISSING, "^dice_pos: is a text, not a number"),
    Kind("text_of_a_number", _dice('"0.9"'), MISSING, "^dice_pos: is a text, not a number"),
    Kind("text_shown", _beside('"iou_pos": ""'), KEPT, "^iou_pos: is a text, not a number"),
    Kind("list", _dice("[0.9]"), MISSING, "^dice_pos: is a list, not a number"),
    Kind("list_ranked", _beside(f'"{_ROC}": []'), KEPT, f"^{_ROC}: is a list, not a number"),
    Kind("object", _dice('{"mean": 0.9}'), MISSING, "^dice_pos: is an object, not a number"),
    Kind("percentage", _dice("38.37"), MISSING, "^dice_pos: .*percentage"),
    Kind("percentage_ranked", _beside(f'"{_ROC}": 90'), KEPT, f"^{_ROC}: .*percentage"),
    Kind("below_its_range", _dice("-0.2"), MISSING, "^dice_pos: is outside its range"),
    Kind("above_one_by_a_hair", _beside('"iou_pos": 1.0000000000000002'), KEPT, None),
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
    Kind("spelt_both_ways", _beside('"Dice_Pos": 0.9'), KEPT, None),
    Kind(
        "spelt_otherwise_ranked",
        _beside('"ROC-AUC-Presence": 0.9'),
        KEPT,
        f"^{_ROC}: is missing.*`ROC-AUC-Presence`",
    ),
]


# What can lie there in place of a file


def _put(folder: Path, source: str, data: bytes = VALID) -> None:
    path = folder / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def put(*sources: str) -> Make:
    """Valid files in the run's folder."""

    def make(folder: Path) -> None:
        for source in sources:
            _put(folder, source)

    return make


def _text(name: str) -> Make:
    return lambda folder: (folder / name).write_text(MARK)


def link(target: str, name: str = FILE) -> Make:
    return lambda folder: (folder / name).symlink_to(target)


def both(*makes: Make) -> Make:
    def make(folder: Path) -> None:
        for each in makes:
            each(folder)

    return make


def _mode(mode: int, name: str = "") -> Make:
    return lambda folder: (folder / name).chmod(mode)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / FILE)


def _other_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def _socket(folder: Path) -> None:
    # From its folder: the path of a socket may not be long.
    with contextlib.chdir(folder), socket.socket(socket.AF_UNIX) as server:
        server.bind(FILE)


def _node(kind: int, major: int, minor: int) -> Make:
    """A device of our own, which root alone may make."""
    return lambda folder: os.mknod(folder / FILE, kind | 0o666, os.makedev(major, minor))


def _at_time(seconds: int) -> Make:
    def make(folder: Path) -> None:
        _put(folder, FILE)
        os.utime(folder / FILE, (seconds, seconds))
        os.utime(folder, (seconds, seconds))

    return make


def _below(parts: list[str]) -> Make:
    """A valid file so many folders down; step by step, as no path reaches there."""

    def make(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            for part in parts:
                os.mkdir(part, dir_fd=descriptor)
                below = os.open(part, os.O_RDONLY, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            file = os.open(FILE, os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
            os.write(file, VALID)
            os.close(file)
        finally:
            os.close(descriptor)

    return make


def _siblings(folder: Path) -> None:
    for n in range(10_000):
        (folder / f"test_metrics_{n:05}.json").write_bytes(VALID)


_DEEPLY = ["d"] * 1_500
_FAR = ["n" * 200] * 30  # twice over PATH_MAX
_LATEST = "is a link to original/test_metrics\\.json, .* keep one"

FILES = [
    Kind("pipe", _pipe, UNREADABLE, "a pipe, not a file"),
    Kind("socket", _socket, UNREADABLE, "a socket, not a file"),
    Kind("character_node", _node(stat.S_IFCHR, 1, 5), UNREADABLE, "a device, not a file"),
    Kind("block_node", _node(stat.S_IFBLK, 7, 200), UNREADABLE, "a device, not a file"),
    Kind("link_to_zeros", link("/dev/zero"), UNREADABLE, "a link to a device, not a file"),
    Kind("link_to_the_terminal", link("/dev/tty"), UNREADABLE, "a link to a device, not a file"),
    Kind("link_to_memory", link("/proc/self/mem"), UNREADABLE, "cannot be read"),
    Kind("link_to_a_pipe", both(_other_pipe, link("pipe")), UNREADABLE, "a link to a pipe"),
    Kind("link_to_nothing", link("nowhere"), UNREADABLE, "a link to nothing"),
    Kind("link_to_itself", link(FILE), UNREADABLE, "a link to itself"),
    Kind("link_to_a_folder", link(".."), UNREADABLE, "a link to a folder"),
    Kind(
        "link_to_a_text",
        both(link("notes.txt"), _text("notes.txt")),
        UNREADABLE,
        "^line 1 column 1: is not JSON",
    ),
    Kind("link_to_a_store", both(put("best.json"), link("best.json")), KEPT, None),
    Kind("link_to_the_hidden", both(put(f".store/{FILE}"), link(f".store/{FILE}")), KEPT, None),
    Kind("link_to_a_sibling", both(put(f"z_{FILE}"), link(f"z_{FILE}")), KEPT, None),
    Kind("original", put(FILE), KEPT, None),
    Kind("latest_file", link(f"../original/{FILE}"), KEPT, _LATEST),
    Kind("latest_of_latest", link(f"../latest_file/{FILE}"), KEPT, _LATEST),
    Kind("latest_through_a_folder", link(f"../latest/run/{FILE}"), KEPT, _LATEST),
    Kind("latest", link("../original", "run"), NO_CANDIDATE, None, f"run/{FILE}"),
    Kind("up", link("..", "up"), NO_CANDIDATE, None, f"up/original/{FILE}"),
    Kind("folder", put(f"{FILE}/keep.txt"), UNREADABLE, "a folder, not a file"),
    Kind("folder_within", put(f"{FILE}/x/{FILE}"), UNREADABLE, "a folder, not a file"),
    Kind("hidden_file", put(f".{FILE}"), NO_CANDIDATE, None, f".{FILE}"),
    Kind("hidden_by_a_mac", put(f"._{FILE}"), NO_CANDIDATE, None, f"._{FILE}"),
    Kind("hidden_cache", put(f".cache/{FILE}"), NO_CANDIDATE, None, f".cache/{FILE}"),
    Kind(
        "hidden_checkpoints",
        put(f".ipynb_checkpoints/{FILE}"),
        NO_CANDIDATE,
        None,
        f".ipynb_checkpoints/{FILE}",
    ),
    Kind("python_cache", put(f"__pycache__/{FILE}"), KEPT, None, f"__pycache__/{FILE}"),
    Kind("other_case", put(FILE.upper()), NO_CANDIDATE, None, FILE.upper()),
    Kind("pipe_beside", _other_pipe, NO_CANDIDATE, None, "pipe"),
    Kind("levels_1500", _below(_DEEPLY), KEPT, None, "/".join([*_DEEPLY, FILE])),
    Kind("path_max", _below(_FAR), KEPT, None, "/".join([*_FAR, FILE])),
    Kind("siblings_10000", _siblings, KEPT, None, "test_metrics_00000.json"),
    Kind("year_1970", _at_time(0), KEPT, None),
    Kind("year_2400", _at_time(13_569_465_600), KEPT, None),
]

# What only another user than root cannot read.
LOCKED = [
    Kind("locked_file", both(put(FILE), _mode(0, FILE)), UNREADABLE, "permission"),
    Kind("locked_folder", both(put(FILE), _mode(0)), NO_CANDIDATE, "cannot be listed: permission"),
    Kind(
        "locked_list", both(put(FILE), _mode(0o111)), NO_CANDIDATE, "cannot be listed: permission"
    ),
    Kind("locked_entries", both(put(FILE), _mode(0o444)), UNREADABLE, "permission"),
    Kind("locked_link", link(f"../locked_folder/{FILE}"), UNREADABLE, "permission"),
]


# What can be a name

NAMES = [
    "|",
    "a|b\\|c",
    "`",
    "``a`",
    "*_[]()#<>&\"'\\",
    "[x](y)",
    "&amp;",
    "<!-- x",
    "<script>alert(1)",
    "two\nlines",
    "\n",
    "# two\r\n| lines |",
    "\ttab",
    "\rreturn",
    "\x1b[2J\x1b[31mred\x07",
    "\x01",
    "\x7f\x9b31m\x85",
    "\u2028line\u2029",
    "\u202elanrats",
    "\u200f\u2067\u061c",
    "\ufeffmark",
    "\N{GRINNING FACE}",
    "\N{GRINNING FACE}" * 63 + "abc",  # 255 bytes
    "é",
    "e\u0301",
    "n" * 255,
    "\udcff\udcfe",
    "caf\udce9",
    "\udced\udca0\udc80",
    "-rf",
    "--help",
    "-1+1",
    "+1",
    "@SUM(A1)",
    "=cmd|' C'!A0",
    "=1+1",
    "'quoted",
    ',;""',
    "{{ 7*7 }}",
    "{% include %}",
    "{# x",
    "${HOME}$(id)",
    "%s%n%(x)s",
    "{0.__class__}",
    "~",
    " in front",
    "CON",
    "nul.txt",
    "a.json",
]

# A run of each name, which is ranked and has a problem, so that the name stands everywhere; and a
# file of it, which is left out.
NAMED = [
    Kind(name, _beside(f'"{_ROC}": true'), KEPT, f"^{_ROC}: is true, not a number")
    for name in NAMES
] + [
    Kind(
        f"file_name_{n:02}",
        _text(f"test_metrics_{name}.json"),
        UNREADABLE,
        "^line 1 column 1: is not JSON",
        f"test_metrics_{name}.json",
    )
    for n, name in enumerate(NAMES)
    if len(os.fsencode(name)) < 200
]
# Its name is on the page although it is not ranked.
NOTABLE = Kind(
    "missed | `by` *all*\n\x1b[31m",
    content(document(f'"dice_pos": 0, "{_ROC}": 0.99')),
    ZERO,
    None,
)

KINDS = [*CONTENT, *VALUES, *FILES, *NAMED, NOTABLE]
# Kinds that a Linux without root's rights cannot make.
NEEDS_ROOT = {"character_node", "block_node"}


def build(root: Path, kinds: Iterable[Kind] = KINDS) -> list[Kind]:
    """Make the good runs and the hostile ones; returns the kinds that this platform could make."""
    good_only(root)
    return [kind for kind in kinds if _made(kind, root / kind.run)]


def good_only(root: Path) -> None:
    """Make the good runs."""
    for source, metrics in GOOD.items():
        _put(root, source, json.dumps(metrics).encode())


def _made(kind: Kind, folder: Path) -> bool:
    try:
        folder.mkdir()
        kind.make(folder)
    except (OSError, AttributeError):  # it has no such thing, or no such name
        remove(folder)
        return False
    return True


def remove(folder: Path) -> None:
    """Remove a folder, whatever its modes are and however deep it is."""
    if os.path.lexists(folder):
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
        subprocess.run(["rm", "-rf", folder], check=True)
