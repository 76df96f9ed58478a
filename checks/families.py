"""Check that finalrank reads the metrics files of other projects, with a configuration a layout.

python checks/families.py REAL_FOLDER [--index INDEX.tsv]

REAL_FOLDER has a folder a project; INDEX.tsv, by default the one beside it, has the family of each
file. checks/families has the configurations, and in index.toml which one reads which file, and
where each of its figures sits in there. `finalrank explain PROJECT --config FILE -f json` then must
tell these very figures, and call every other metric of the configuration missing: they are looked
up in the file by plain Python, with nothing of finalrank. Prints what became of each family, and
names each file that is not read with its reason. Exits 1 when a figure is wrong, a configuration is
longer than promised, or too few of the files that hold metrics are read.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

CONFIGURATIONS = Path(__file__).resolve().parent / "families"
TABLE = CONFIGURATIONS / "index.toml"
COMMAND = (sys.executable, "-m", "finalrank", "explain", "-f", "json", "-q")

# What is promised.
MOST_LINES, LONGEST_LINE = 10, 100
LEAST_SHARE = 0.98
# A mean, or a percentage as a share, may differ in its last digit.
TOLERANCE = 1e-12
# Why an artifact is left out although all that it holds is read: its primary metric is zero.
READ_ALL_THE_SAME = "zero-primary"

# A place in the table: the steps to a figure, or what is made of the figures there.
Place = str | dict[str, str]


@dataclass(frozen=True)
class Layout:
    """Files that one configuration reads, and the place of each figure in them."""

    config: str
    files: str  # a glob over paths below REAL_FOLDER
    places: dict[str, Place]  # by the metric's key


@dataclass
class Told:
    """A file that holds metrics, and what finalrank told of it."""

    path: str  # below REAL_FOLDER
    family: str
    layout: Layout | None
    reason: str | None = "no configuration is for this file"  # None where it is read
    wrong: list[str] = field(default_factory=list)

    @property
    def project(self) -> str:
        """The first folder of the path."""
        return self.path.partition("/")[0]

    @property
    def source(self) -> str:
        """The path below the project."""
        return self.path.partition("/")[2]

    @property
    def right(self) -> bool:
        """Whether it was read, with the figures that it holds."""
        return self.reason is None and not self.wrong


def main() -> int:
    """Read every file with its configuration, and print what became of them."""
    args = _arguments()
    families = read_index(args.index)
    layouts, without = read_table()
    paths = sorted(
        path.relative_to(args.folder).as_posix()
        for path in args.folder.rglob("*")
        if path.is_file()
    )
    files = [
        Told(path, families.get(path, "not in the index"), layout_of(path, layouts))
        for path in paths
        if path not in without
    ]
    failures = [*faults_of_configurations(layouts), *faults_of_table(layouts, without, paths)]
    with tempfile.TemporaryDirectory(prefix="finalrank-families-") as temporary:
        for number, (config, group) in enumerate(calls(files)):
            explain(config, group, args.folder, Path(temporary, str(number)))
    failures += [f"{told.path}: {wrong}" for told in files for wrong in told.wrong]
    print_table(files)
    print_reasons(files, without)
    share = sum(told.right for told in files) / max(len(files), 1)
    if share < LEAST_SHARE:
        failures.append(f"{share:.1%} of the files that hold metrics are read: too few")
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


def read_index(index: Path) -> dict[str, str]:
    """The family of each file, by its path."""
    with index.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["family"] for row in csv.DictReader(file, delimiter="\t")}


def read_table() -> tuple[list[Layout], dict[str, str]]:
    """The layouts, and the files without metrics with the reason for each."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    without: dict[str, str] = table.pop("without-metrics")
    layouts = [
        Layout(config, files, places)
        for config, rows in table.items()
        for files, places in rows.items()
    ]
    return layouts, without


def layout_of(path: str, layouts: list[Layout]) -> Layout | None:
    """The layout that a file has, or None."""
    return next((layout for layout in layouts if fnmatchcase(path, layout.files)), None)


def faults_of_configurations(layouts: list[Layout]) -> Iterator[str]:
    """What is wrong with the configurations themselves."""
    paths = {path.stem: path for path in sorted(CONFIGURATIONS.glob("*.toml")) if path != TABLE}
    for path in paths.values():
        lines = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.strip() and not line.startswith("#")
        ]
        if len(lines) > MOST_LINES:
            yield f"{path.name}: has {len(lines)} lines, more than {MOST_LINES}"
        if max(map(len, lines)) > LONGEST_LINE:
            yield f"{path.name}: has a line of more than {LONGEST_LINE} characters"
    for name in paths.keys() ^ {layout.config for layout in layouts}:
        yield f"{name}.toml: stands in {TABLE.name} alone, or is missing there"


def faults_of_table(
    layouts: list[Layout], without: dict[str, str], paths: list[str]
) -> Iterator[str]:
    """What is wrong with the table, given the files that there are."""
    for path in paths:
        rows = sum(fnmatchcase(path, layout.files) for layout in layouts) + (path in without)
        if rows > 1:
            yield f"{path}: {TABLE.name} has {rows} rows for this file"
    for files in (*without, *(layout.files for layout in layouts)):
        if not any(path == files or fnmatchcase(path, files) for path in paths):
            yield f"{files}: there is no such file"


def calls(files: Iterable[Told]) -> Iterator[tuple[str, list[Told]]]:
    """What each call of finalrank reads: the files of a project with the same configuration."""

    def call(told: Told) -> tuple[str, str]:
        return told.project, told.layout.config if told.layout else ""

    for (_, config), group in groupby(sorted(files, key=call), key=call):
        if config:
            yield config, list(group)


def explain(config: str, files: list[Told], folder: Path, temporary: Path) -> None:
    """Have finalrank explain a copy of the files, and note what it told of each."""
    for told in files:
        copy = temporary / told.path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / told.path, copy)
    # In a folder of its own, so that no other configuration is found from there up.
    done = subprocess.run(
        [*COMMAND, "--config", os.fspath(CONFIGURATIONS / f"{config}.toml"), files[0].project],
        cwd=temporary,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    rows = json.loads(done.stdout) if done.returncode == 0 else []
    row_of = {row["source"]: row for row in rows}
    failed = done.stderr.splitlines()[-1:] if done.returncode else []
    for told in files:
        if told.source in row_of:
            compare(told, row_of[told.source], json.loads((folder / told.path).read_bytes()))
        else:
            told.reason = failed[0] if failed else "is not found with this configuration"


def compare(told: Told, row: dict[str, Any], data: Any) -> None:
    """Note whether the file was read, and where it holds another figure than was told."""
    read = row["reason"] in (None, READ_ALL_THE_SAME)
    told.reason = None if read else f"{row['reason']}: {row['detail']}"
    places = told.layout.places if told.layout else {}
    for key in sorted(row["metrics"].keys() | places.keys()):
        try:
            figure = figure_at(places[key], data) if key in places else math.nan
        except (IndexError, ValueError) as error:
            told.wrong.append(f"{TABLE.name}: {key}: {error}")
            continue
        value = row["metrics"].get(key)
        value = math.nan if value is None else value
        both_missing = math.isnan(value) and math.isnan(figure)
        if not both_missing and not math.isclose(value, figure, rel_tol=TOLERANCE):
            told.wrong.append(f"{key} is {figure:.17g} in the file, and {value:.17g} was told")


def figure_at(place: Place, data: Any) -> float:
    """The figure at a place, NaN where it is missing; ValueError where the table is wrong."""
    ((name, steps),) = [("only", place)] if isinstance(place, str) else place.items()
    figures = list(figures_at(steps.split("/"), data))
    if not figures:
        raise ValueError(f"there is nothing at {steps}")
    return OPERATIONS[name](figures)


def figures_at(steps: list[str], data: Any) -> Iterator[float]:
    """The numbers that the steps lead to: keys of objects, indexes of lists, and globs of both."""
    if not steps:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise ValueError(f"{data!r:.40} is no number")
        yield float(data)
        return
    step, *rest = steps
    if isinstance(data, dict):
        inner = [value for key, value in data.items() if fnmatchcase(key, step)]
    else:
        inner = data if step == "*" else [data[int(step)]]
    for value in inner:
        yield from figures_at(rest, value)


def only(figures: list[float]) -> float:
    """The one figure that there is."""
    (figure,) = figures
    return figure


def mean(figures: list[float]) -> float:
    """The mean of the figures that are there: that of a class without cases is NaN."""
    return fmean(figure for figure in figures if not math.isnan(figure))


OPERATIONS: dict[str, Callable[[list[float]], float]] = {
    "only": only,
    "mean": mean,
    "max": max,
    "percent": lambda figures: only(figures) / 100,
}


def print_table(files: list[Told]) -> None:
    """Print how many files of each family hold metrics, are read, and are read right."""
    rows = [
        (family, list(group))
        for family, group in groupby(
            sorted(files, key=lambda told: told.family), key=lambda told: told.family
        )
    ]
    print("| family | configurations | files | read | right |\n|---|---:|---:|---:|---:|")
    for name, group in (*rows, ("all", files)):
        configs = len({told.layout.config for told in group if told.layout})
        read = sum(told.reason is None for told in group)
        print(f"| {name} | {configs} | {len(group)} | {read} | {sum(t.right for t in group)} |")


def print_reasons(files: list[Told], without: dict[str, str]) -> None:
    """Print each file that is not read or has nothing to read, and the share of the others."""
    print()
    for told in files:
        if told.reason is not None:
            print(f"Not read: {told.path}: {told.reason}")
    for path, why in without.items():
        print(f"Holds no metrics: {path}: {why}")
    right, all_files = sum(told.right for told in files), len(files) + len(without)
    print(f"\nRead right: {right} of the {len(files)} files that hold metrics", end="")
    print(f" ({right / max(len(files), 1):.1%}), {all_files} files in all.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Try finalrank on the layouts of other projects.")
    parser.add_argument("folder", type=Path, metavar="REAL_FOLDER", help="has a folder a project")
    parser.add_argument("--index", type=Path, metavar="FILE", help="has the family of each file")
    args = parser.parse_args()
    args.index = args.index or args.folder.resolve().parent / "INDEX.tsv"
    if not args.folder.is_dir():
        parser.error(f"{args.folder}: there is no such folder")
    if not args.index.is_file():
        parser.error(f"{args.index}: there is no such file; name the index with --index")
    return args


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough, such as `head`, is no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
