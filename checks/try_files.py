"""Try finalrank on files that somebody else wrote, and check that each is accounted for.

python checks/try_files.py FOLDER [--config FILE] [--lines]

Every file below FOLDER, whatever its name, becomes the artifact of a run of its own in a temporary
tree. `explain` and `report` then must tell of each exactly once, in plain lines, with counts that
add up. Prints what became of the files; --lines prints a line for each problem and file. Where
files are called y_*, n_* and i_*, as in a suite for JSON parsers, what must be read is compared
with what was. Exits 1 when a check fails.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finalrank.config.settings import Settings
from finalrank.text.escape import visible

ARTIFACT = "test_metrics.json"
COMMAND = (sys.executable, "-m", "finalrank")
ACCOUNT = re.compile(r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out(?: \((.+)\))?")
# What else the commands say on standard error.
OWN_LINE = "finalrank: "
PLACE = re.compile(r"(line \d+ column \d+): ")
# It is JSON, but no object: what a parser of JSON accepts, and a reader of metrics does not.
NO_OBJECT = re.compile(r"is (?:a list|a text|a number|true|false|null), not an object")
# Tokens that Python writes, and JSON has not.
EXTENSIONS = (b"NaN", b"Infinity")
RULES = Settings().filter.rules
RULED_OUT = {token for rule in RULES.values() for token in rule.tokens}
SUITE = re.compile(r"[yni]_.*\.json")
PROBLEMS_A_METRIC = 2


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it printed."""

    name: str
    status: int
    out: str
    lines: list[str]


@dataclass
class Told:
    """What became of a file: its verdict, and the lines that name it."""

    path: str  # below FOLDER, visible
    content: bytes
    verdict: str = ""
    reason: str | None = None
    lines: list[str] = field(default_factory=list)  # without the file's name

    @property
    def refused(self) -> bool:
        """Whether it is no JSON object that can be read."""
        return self.reason == "unreadable"

    @property
    def is_json(self) -> bool:
        """Whether it was understood, be it as an object or not."""
        return not self.refused or any(NO_OBJECT.search(line) for line in self.lines)


def main() -> int:
    """Try the files and print what became of them."""
    args = _arguments()
    with tempfile.TemporaryDirectory(prefix="finalrank-files-") as temporary:
        runs = Path(temporary, "runs")
        files = laid_out(args.folder, runs)
        if not files:
            print(f"try_files: {args.folder}: there is no file", file=sys.stderr)
            return 2
        explained = _finalrank("explain", runs, args.config)
        reported = _finalrank("report", runs, args.config)
    failures = [*checked(explained, files), *checked_report(reported, explained)]
    if args.lines:
        print_lines(files.values())
    print_table(files.values())
    suite = {told.path: told for told in files.values() if SUITE.fullmatch(_name(told.path))}
    if {_name(path)[0] for path in suite} >= {"y", "n"}:
        failures += print_suite(suite.values())
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def laid_out(folder: Path, runs: Path) -> dict[str, Told]:
    """Copy every file into a run of its own; what is known of each, by its source there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    runs.mkdir()
    files = {}
    for number, path in enumerate(paths):
        relative = os.fspath(path.relative_to(folder))
        run = f"{number:04}-{safe(relative)}"
        (runs / run).mkdir()
        shutil.copyfile(path, runs / run / ARTIFACT)
        files[f"{run}/{ARTIFACT}"] = Told(visible(relative), path.read_bytes())
    return files


def safe(path: str) -> str:
    """A path as the name of a folder, in which no rule finds its words and no pattern `.json`."""
    words = re.findall("[A-Za-z0-9]+|[^A-Za-z0-9]+", path)
    shown = [f"{word}0" if word.lower() in RULED_OUT else word for word in words]
    return re.sub(r"[^A-Za-z0-9_@+-]", "_", "".join(shown))[-200:]


def checked(explained: Answer, files: dict[str, Told]) -> Iterator[str]:
    """What is wrong with the answer of `explain`; adds what it tells to the files."""
    yield from _checked_streams(explained)
    if explained.status != 0:
        yield f"explain: exit status {explained.status}: {explained.lines[:1]}"
        return
    rows = json.loads(explained.out)
    times = Counter(row["source"] for row in rows)
    for source in {*times, *files}:
        if times[source] != 1 or source not in files:
            yield f"explain: {source} is listed {times[source]} times"
    for row in rows:
        if told := files.get(row["source"]):
            told.verdict, told.reason = row["verdict"], row["reason"]
    yield from _checked_account(explained, rows)
    yield from _checked_lines(explained, files, rows)


def _checked_lines(explained: Answer, files: dict[str, Told], rows: Any) -> Iterator[str]:
    """Every line tells of a file; a refused file has one, another at most two a metric."""
    for line in explained.lines[:-1]:
        source, _, rest = line.partition(": ")
        if source in files:
            files[source].lines.append(rest)
        else:
            yield f"explain: a line that tells of no file: {line}"
    most = PROBLEMS_A_METRIC * len(rows[0]["metrics"]) if rows else 0
    for told in files.values():
        if told.reason in RULES:
            yield f"{told.path}: is left out by its name, which was to be safe"
        if told.refused and len(told.lines) != 1:
            yield f"{told.path}: is refused with {len(told.lines)} lines"
        if len(told.lines) > most:
            yield f"{told.path}: has {len(told.lines)} problems"
        if len(set(told.lines)) != len(told.lines):
            yield f"{told.path}: has a problem twice"
        if not all(line.isprintable() and line for line in told.lines):
            yield f"{told.path}: has a line that cannot be printed: {told.lines!r}"


def _checked_account(explained: Answer, rows: list[dict[str, Any]]) -> Iterator[str]:
    """The last line has the counts of the rows."""
    account = ACCOUNT.fullmatch(explained.lines[-1] if explained.lines else "")
    if not account:
        yield f"explain: ends in another line than the account: {explained.lines[-1:]}"
        return
    verdicts = Counter(row["verdict"] for row in rows)
    counts = [len(rows), verdicts["kept"], verdicts["sibling"], verdicts["excluded"]]
    reasons = Counter(row["reason"] for row in rows if row["verdict"] == "excluded")
    counted = dict(part.rsplit(" ", 1) for part in (account[5] or "").split(", ") if part)
    if [int(number) for number in account.groups()[:4]] != counts or {
        reason: int(number) for reason, number in counted.items()
    } != reasons:
        yield f"explain: the account is {account[0]}, but the rows have {counts} {dict(reasons)}"


def checked_report(reported: Answer, explained: Answer) -> Iterator[str]:
    """What is wrong with the answer of `report`, beside that of `explain`."""
    yield from _checked_streams(reported)
    lines = [line for line in reported.lines if not line.startswith(OWN_LINE)]
    if lines != explained.lines:
        yield "report: tells of other problems than explain, or counts otherwise"
    if reported.status == 1 and reported.out:
        yield "report: there is nothing to rank, and yet a report"
    if reported.status or explained.status:
        return
    summary = json.loads(reported.out)
    rows = json.loads(explained.out)
    for verdict, sources in (
        ("kept", [run["source"] for run in summary["runs"]]),
        ("excluded", [row["source"] for row in summary["excluded"]]),
    ):
        if sorted(sources) != sorted(row["source"] for row in rows if row["verdict"] == verdict):
            yield f"report: what is {verdict} differs from explain"
    if len(summary["problems"]) != len(explained.lines) - 1:
        yield f"report: lists {len(summary['problems'])} problems"


def _checked_streams(answer: Answer) -> Iterator[str]:
    if answer.status not in (0, 1):
        yield f"{answer.name}: exit status {answer.status}"
    if any("Traceback" in line for line in answer.lines):
        yield f"{answer.name}: a traceback: {answer.lines[-1]}"


def print_lines(files: Iterable[Told]) -> None:
    """Print a line for each file, and one for each problem of a file that was read."""
    for told in files:
        if told.refused:
            print(f"refused {told.path}: {'; '.join(told.lines)}")
            continue
        print(f"read {told.path}")
        for line in told.lines:
            print(f"problem {told.path}: {line}")


def print_table(files: Iterable[Told]) -> None:
    """Print how many were read, and every reason by how often it was given."""
    files = list(files)
    refused = sum(told.refused for told in files)
    problems = sum(len(told.lines) for told in files if not told.refused)
    kept = sum(told.verdict != "excluded" for told in files)
    print("| files | read | of these valid | refused | problems of files read |")
    print("|---:|---:|---:|---:|---:|")
    print(f"| {len(files)} | {len(files) - refused} | {kept} | {refused} | {problems} |\n")
    reasons = Counter(
        ("refused" if told.refused else "problem", PLACE.sub("", line))
        for told in files
        for line in told.lines
    )
    print("| count | | reason |\n|---:|---|---|")
    for (kind, reason), count in sorted(reasons.items(), key=lambda row: (-row[1], row[0])):
        print(f"| {count} | {kind} | {reason} |")


def print_suite(files: Iterable[Told]) -> list[str]:
    """Print what was made of a suite for JSON parsers; returns what it should not have been."""
    print("\n| suite | files | JSON | of these objects |\n|---|---:|---:|---:|")
    of_kind: dict[str, list[Told]] = {"y_": [], "n_": [], "i_": []}
    for told in files:
        of_kind[_name(told.path)[:2]].append(told)
    for kind, members in of_kind.items():
        understood = sum(told.is_json for told in members)
        objects = sum(not told.refused for told in members)
        print(f"| {kind} | {len(members)} | {understood} | {objects} |")
    failures = [
        f"{told.path}: is JSON, but refused: {'; '.join(told.lines)}"
        for told in of_kind["y_"]
        if not told.is_json
    ]
    print()
    for told in of_kind["n_"]:
        if told.is_json and any(token in told.content for token in EXTENSIONS):
            print(f"Not JSON, but as Python writes it: {told.path}")
        elif told.is_json:
            failures.append(f"{told.path}: is not JSON, but taken for it")
    return failures


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _finalrank(command: str, runs: Path, config: Path | None) -> Answer:
    named = ["--config", os.path.abspath(config)] if config else []
    done = subprocess.run(
        [*COMMAND, command, "-f", "json", *named, runs.name],
        cwd=runs.parent,
        capture_output=True,
        check=False,
    )
    err = done.stderr.decode(errors="backslashreplace")
    return Answer(command, done.returncode, done.stdout.decode(), err.split("\n")[:-1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Try finalrank on files that others wrote.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="its files are tried")
    parser.add_argument("--config", type=Path, metavar="FILE", help="finalrank's configuration")
    parser.add_argument("--lines", action="store_true", help="a line for each file and problem")
    args = parser.parse_args()
    if not args.folder.is_dir():
        parser.error(f"{args.folder}: there is no such folder")
    return args


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough, such as `head`, is no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
