"""Measure finalrank beside other ways to do the same, and print the figures as Markdown.

python benchmarks/bench.py [--artifacts 100000] [--small 10000] [--rounds 5] [--peers NAME ...]

Whole processes, one after another and in turn (A B C, A B C, ...), so that a slow spell of the
machine falls on all of them. The first round is not counted: it fills the caches.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(os.path.dirname(HERE), "examples", "runs")
FINALRANK = os.path.join(os.path.dirname(sys.executable), "finalrank")

ARTIFACTS_PER_RUN = 4
SEED = 1
# Artifacts of the tree that the evidence is measured on: 10,000 runs.
EVIDENCE_ARTIFACTS = 40_000
# Runs and cases of the tree that has values by case, of the three ranked metrics.
CASE_RUNS, CASES = 30, 500
# CSV logs, a run each, and the rows of each.
LOGS, EPOCHS = 10_000, 300
LOG_COLUMNS = (
    *("epoch", "train_loss", "train_acc", "val_loss", "val_acc", "val_dice", "lr", "test_acc"),
    *("test_f1", "time"),
)
LOG_CONFIG = """\
[scan]
patterns = ["metrics.csv"]
{row}
[[metrics]]
key = "val_dice"
primary = true
[[metrics]]
key = "val_acc"
"""
# Of the tree whose runs have five folds on each dataset, as many artifacts as the large one has.
DATASETS, FOLDS = 25, 5
PEERS = ("find", "duckdb", "notebook")
# Quick commands are measured so many times a round: their noise is large beside their time.
QUICK_REPEATS = 3

# Names of the measured commands, as the tables show them.
REPORT = "finalrank report"
FIND = "find \\| xargs cat"
DUCKDB = "DuckDB"
NOTEBOOK = "notebook (pandas)"
SMALL = "finalrank report, small tree"
ONE_RUN = "finalrank report, tree of one run"
OVER_DATASETS = "finalrank report, 25 datasets x runs x 5 folds"
EXAMPLES = "finalrank report examples/runs"
EXAMPLES_EVIDENCE = "finalrank report examples/runs --evidence"
EVIDENCE = "finalrank report --evidence, 10,000 runs"
BY_CASE = "finalrank report --evidence, 30 runs x 500 cases x 3 metrics"
LAST_ROWS = "finalrank report, 10,000 CSV logs of 300 rows"
BEST_ROWS = "the same, by the row that is best in a column"
PANDAS_LOGS = "pandas.read_csv in a loop"
VERSION = "finalrank --version"
BARE = "python -c pass"
PANDAS = "python -c 'import pandas'"
WITH_OUTPUT = (REPORT, DUCKDB, NOTEBOOK)


@dataclass(frozen=True, slots=True)
class Command:
    """A command to measure, and how many times a round."""

    name: str
    argv: tuple[str, ...]
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """What a command took: a wall time in seconds and a peak memory in MB each time."""

    walls: tuple[float, ...]
    peaks: tuple[float, ...]

    @property
    def wall(self) -> float:
        """The median wall time in seconds."""
        return median(self.walls)


@dataclass(frozen=True, slots=True)
class Target:
    """A promise of the project: what was measured, against what it may be."""

    what: str
    measured: float | None
    low: float
    high: float
    unit: str

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or `not measured` where a peer was left out."""
        if self.measured is None:
            return "not measured"
        return "ok" if self.low <= self.measured <= self.high else "MISSED"


def main() -> int:
    """Make the trees, measure, and print the figures."""
    args = _arguments()
    if not os.path.exists(FINALRANK):
        print("bench: no finalrank beside this python: run pip install -e '.[bench]' with it first")
        return 2
    with tempfile.TemporaryDirectory(prefix="finalrank-bench-") as temporary:
        try:
            trees = {
                artifacts: make_tree(os.path.abspath(args.keep or temporary), artifacts)
                for artifacts in (
                    args.artifacts,
                    args.small,
                    EVIDENCE_ARTIFACTS,
                    ARTIFACTS_PER_RUN,
                )
            }
            by_case = make_cases(os.path.abspath(args.keep or temporary))
            over_datasets = make_datasets(os.path.abspath(args.keep or temporary), args.artifacts)
            logs = make_logs(os.path.abspath(args.keep or temporary))
            # What the trees left to be written would be written during the first rounds.
            os.sync()
            measured = [
                *commands(
                    trees[args.artifacts], trees[args.small], trees[ARTIFACTS_PER_RUN], args.peers
                ),
                Command(OVER_DATASETS, (FINALRANK, "report", "-f", "json", "-q", over_datasets)),
                *with_evidence(trees[EVIDENCE_ARTIFACTS], by_case),
                *of_logs(logs),
            ]
            figures = measure(measured, args.rounds, temporary)
        except subprocess.CalledProcessError as error:
            failed = f"{shlex.join(error.cmd)} (status {error.returncode})"
            print(f"bench: could not be run: {failed}", file=sys.stderr)
            return 1
        print(f"{machine()}; {args.artifacts} artifacts, {args.rounds} rounds.\n")
        print_figures(figures)
        print_derived(figures, args.artifacts, args.small)
        print_targets(targets(figures, args.artifacts, args.small))
        print(
            agreement({name: _output(temporary, name) for name in WITH_OUTPUT if name in figures})
        )
    return 0


def make_tree(folder: str, artifacts: int) -> str:
    """Make the tree of so many artifacts in the folder, unless it is there."""
    runs, each = artifacts // ARTIFACTS_PER_RUN, ARTIFACTS_PER_RUN
    tree = os.path.join(folder, f"runs-{artifacts}")
    return _made(tree, f"--runs {runs} --artifacts-per-run {each}")


def make_datasets(folder: str, artifacts: int) -> str:
    """Make the tree of so many artifacts whose runs have five folds on each of 25 datasets."""
    runs = max(1, artifacts // (DATASETS * FOLDS))
    tree = os.path.join(folder, f"datasets-{artifacts}")
    return _made(tree, f"--runs {runs} --datasets {DATASETS} --folds {FOLDS}")


def _made(tree: str, sizes: str) -> str:
    """Have a tree made, unless it is there; return it."""
    if not os.path.exists(tree):
        script = os.path.join(HERE, "make_tree.py")
        argv = [sys.executable, script, f"{tree}.part", *sizes.split(), "--seed", f"{SEED}"]
        # Only a tree that is whole gets its name: one that was cut short is not measured.
        subprocess.run(argv, check=True, stdout=sys.stderr)
        os.rename(f"{tree}.part", tree)
    return tree


def make_cases(folder: str) -> str:
    """Make the tree of runs with values by case in the folder: the same one each time."""
    tree = os.path.join(folder, f"cases-{CASE_RUNS}-{CASES}")
    draw = random.Random(SEED)
    keys = ("dice_pos", "roc_auc_presence", "average_precision_presence")
    for number in range(CASE_RUNS):
        run = os.path.join(tree, f"{'method' if number else 'nnunet'}_{number:02}")
        os.makedirs(run, exist_ok=True)
        rows = [[draw.betavariate(5 + number / 10, 4) for _ in keys] for _ in range(CASES)]
        with open(os.path.join(run, "test_cases.csv"), "w", encoding="utf-8") as table:
            table.write(f"case,{','.join(keys)}\n")
            table.writelines(
                f"case_{n:03},{','.join(map(repr, row))}\n" for n, row in enumerate(rows)
            )
        means = (fmean(column) for column in zip(*rows, strict=True))
        with open(os.path.join(run, "test_metrics.json"), "w", encoding="utf-8") as artifact:
            json.dump(dict(zip(keys, means, strict=True)), artifact)
    return tree


def make_logs(folder: str) -> str:
    """Make the tree of CSV logs, and beside it the two configurations, unless it is there."""
    tree = os.path.join(folder, f"logs-{LOGS}-{EPOCHS}")
    for name, row in (("last", ""), ("best", 'row = "best:val_acc"')):
        with open(f"{tree}-{name}.toml", "w", encoding="utf-8") as config:
            config.write(LOG_CONFIG.format(row=row))
    if os.path.exists(tree):
        return tree
    draw = random.Random(SEED)
    for number in range(LOGS):
        run = os.path.join(f"{tree}.part", f"group_{number // 100:03}", f"run_{number:05}")
        os.makedirs(run)
        with open(os.path.join(run, "metrics.csv"), "w", encoding="utf-8") as table:
            table.write(f"{','.join(LOG_COLUMNS)}\n")
            for epoch in range(EPOCHS):
                cells = (f"{draw.random():.6f}" for _ in LOG_COLUMNS[1:])
                table.write(f"{epoch},{','.join(cells)}\n")
    os.rename(f"{tree}.part", tree)
    return tree


def of_logs(tree: str) -> list[Command]:
    """List the commands that read the CSV logs."""
    report = (FINALRANK, "report", "-f", "json", "-q", tree, "--config")
    return [
        Command(LAST_ROWS, (*report, f"{tree}-last.toml")),
        Command(BEST_ROWS, (*report, f"{tree}-best.toml")),
        Command(PANDAS_LOGS, (sys.executable, f"{HERE}/peer_logs.py", tree)),
    ]


def with_evidence(tree: str, by_case: str) -> list[Command]:
    """List the commands that ask for the evidence."""
    report = (FINALRANK, "report", "-q", "--evidence")
    return [
        Command(EXAMPLES_EVIDENCE, (*report, EXAMPLE), QUICK_REPEATS),
        Command(EVIDENCE, (*report, tree)),
        Command(BY_CASE, (*report, by_case)),
    ]


def commands(large: str, small: str, one_run: str, peers: list[str]) -> list[Command]:
    """List the commands of a round, in order."""
    report = (FINALRANK, "report", "-f", "json", "-q")
    find = f"find {shlex.quote(large)} -name 'test_metrics*.json' -print0 | xargs -0 cat"
    of_peers = {
        "find": Command(FIND, ("sh", "-c", find)),
        "duckdb": Command(DUCKDB, (sys.executable, f"{HERE}/peer_duckdb.py", large)),
        "notebook": Command(NOTEBOOK, (sys.executable, f"{HERE}/peer_notebook.py", large)),
    }
    return [
        Command(REPORT, (*report, large)),
        *(of_peers[peer] for peer in PEERS if peer in peers),
        Command(SMALL, (*report, small), QUICK_REPEATS),
        Command(ONE_RUN, (*report, one_run), QUICK_REPEATS),
        Command(EXAMPLES, (FINALRANK, "report", "-q", EXAMPLE), QUICK_REPEATS),
        Command(VERSION, (FINALRANK, "--version"), QUICK_REPEATS),
        Command(BARE, (sys.executable, "-c", "pass"), QUICK_REPEATS),
        Command(PANDAS, (sys.executable, "-c", "import pandas"), QUICK_REPEATS),
    ]


def measure(measured: list[Command], rounds: int, folder: str) -> dict[str, Figure]:
    """Run the commands in turn, round by round; keeps the first round's output in the folder."""
    samples: dict[str, list[tuple[float, float]]] = {command.name: [] for command in measured}
    for command in measured:
        _once(command, folder, _output(folder, command.name))
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for command in measured:
            for _ in range(command.repeats):
                samples[command.name].append(_once(command, folder, os.devnull))
    return {
        name: Figure(tuple(wall for wall, _ in pairs), tuple(peak for _, peak in pairs))
        for name, pairs in samples.items()
    }


def _once(command: Command, folder: str, output: str) -> tuple[float, float]:
    """Wall time in seconds and peak memory in MB of the whole process, with its children."""
    with open(output, "wb") as stdout:
        started = time.perf_counter()
        # In a folder of its own, so that no finalrank.toml is found from the working folder up.
        process = subprocess.Popen(command.argv, stdout=stdout, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command.argv)
    # macOS counts in bytes, Linux in units of 1024 of them.
    return wall, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def _output(folder: str, name: str) -> str:
    return os.path.join(folder, "".join(filter(str.isalnum, name)) + ".out")


def beyond_start_up(figures: dict[str, Figure], name: str) -> float:
    """Median wall time in seconds of a report, less that of a tree of one run."""
    return figures[name].wall - figures[ONE_RUN].wall


def per_artifact(figures: dict[str, Figure], name: str, artifacts: int) -> float:
    """Microseconds beyond start-up for each artifact more than the tree of one run has."""
    return 1e6 * beyond_start_up(figures, name) / (artifacts - ARTIFACTS_PER_RUN)


def targets(figures: dict[str, Figure], artifacts: int, small: int) -> list[Target]:
    """Each promise with its figure."""

    @cache
    def wall(name: str) -> float:
        return figures[name].wall if name in figures else float("nan")

    ratios = [
        ("report beyond start-up / find \\| cat", beyond_start_up(figures, REPORT), FIND, 1.5),
        ("report / DuckDB", wall(REPORT), DUCKDB, 1 / 3),
        ("report, datasets and folds / report", wall(OVER_DATASETS), REPORT, 3),
        ("report examples/runs / import pandas", wall(EXAMPLES), PANDAS, 1.5),
        ("report, CSV logs / pandas.read_csv in a loop", wall(LAST_ROWS), PANDAS_LOGS, 2),
        ("report, best rows of them / the same", wall(BEST_ROWS), PANDAS_LOGS, 2),
    ]
    growth = per_artifact(figures, REPORT, artifacts) / per_artifact(figures, SMALL, small)
    return [
        *(
            Target(what, seconds / wall(other) if other in figures else None, 0, limit, "x")
            for what, seconds, other, limit in ratios
        ),
        Target("peak memory of report", max(figures[REPORT].peaks), 0, 250, "MB"),
        Target("--evidence, examples/runs", wall(EXAMPLES_EVIDENCE) - wall(EXAMPLES), 0, 0.5, "s"),
        Target("--evidence, 10,000 runs", wall(EVIDENCE), 0, 10, "s"),
        Target("its peak memory", max(figures[EVIDENCE].peaks), 0, 500, "MB"),
        Target("--evidence, 30 runs x 500 cases x 3 metrics", wall(BY_CASE), 0, 2, "s"),
        Target("--version beyond a bare python", 1000 * (wall(VERSION) - wall(BARE)), 0, 60, "ms"),
        Target("time per artifact, large tree / small tree", growth, 0.7, 1.3, "x"),
    ]


def print_figures(figures: dict[str, Figure]) -> None:
    """Print a row for each command; the ratio is to find | cat, or else to the report."""
    basis = FIND if FIND in figures else REPORT
    print(f"| command | median s | min..max s | x {basis} | peak MB |\n|---|---:|---:|---:|---:|")
    for name, figure in figures.items():
        spread = f"{min(figure.walls):.3f}..{max(figure.walls):.3f}"
        ratio = figure.wall / figures[basis].wall
        print(f"| {name} | {figure.wall:.3f} | {spread} | {ratio:.2f} | {max(figure.peaks):.0f} |")


def print_derived(figures: dict[str, Figure], artifacts: int, small: int) -> None:
    """Print what follows from the medians: work beyond start-up, and its growth."""
    print("\n| beyond start-up | s | us per artifact |\n|---|---:|---:|")
    for name, size in ((SMALL, small), (REPORT, artifacts)):
        each = per_artifact(figures, name, size)
        print(f"| {size} artifacts | {beyond_start_up(figures, name):.3f} | {each:.1f} |")


def print_targets(promises: list[Target]) -> None:
    """Print what was promised and what was measured."""
    print("\n| target | measured | limit | |\n|---|---:|---:|---|")
    for target in promises:
        limit = f"{target.low:g}..{target.high:g}" if target.low else f"<= {target.high:.3g}"
        measured = "-" if target.measured is None else f"{target.measured:.2f} {target.unit}"
        print(f"| {target.what} | {measured} | {limit} {target.unit} | {target.verdict} |")


def agreement(outputs: dict[str, str]) -> str:
    """Whether the outputs rank the same artifacts of the same runs in the same order."""
    orders = {name: list(_order(path)) for name, path in outputs.items()}
    own = orders.pop(REPORT)
    lines = [f"\nWinner: {own[0][0]} ({own[0][1]}), of {len(own)} runs."]
    for name, order in orders.items():
        same_winner = "the same winner" if order[0] == own[0] else f"DISAGREES: {order[0]} wins"
        same_order = "the same artifacts in the same order" if order == own else "ANOTHER ORDER"
        lines.append(f"{name}: {same_winner}, {same_order}.")
    return "\n".join(lines)


def _order(path: str) -> Iterator[tuple[str, str]]:
    with open(path, encoding="utf-8") as file:
        report: dict[str, Any] = json.load(file)
    for run in report["runs"]:
        yield run["run"], run["source"]


def machine() -> str:
    """Name in one line what was measured with."""
    packages = []
    for name in ("finalrank", "pandas", "duckdb"):
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            packages.append(f"no {name}")
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}; Python {platform.python_version()}, {', '.join(packages)}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure finalrank beside its peers.")
    parser.add_argument("--artifacts", type=int, default=100_000, help="size of the large tree")
    parser.add_argument("--small", type=int, default=10_000, help="size of the small tree")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS, help="default: all")
    parser.add_argument("--keep", metavar="DIR", help="make the trees here, and use them again")
    args = parser.parse_args()
    if args.rounds < 1 or min(args.artifacts, args.small) <= ARTIFACTS_PER_RUN:
        parser.error(f"at least 1 round, and trees of more than {ARTIFACTS_PER_RUN} artifacts")
    if any(size % ARTIFACTS_PER_RUN for size in (args.artifacts, args.small)):
        parser.error(f"a run has {ARTIFACTS_PER_RUN} artifacts: give a multiple of that")
    return args


if __name__ == "__main__":
    sys.exit(main())
