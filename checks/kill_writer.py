"""Kill `finalrank report` at random moments, and count what became of the files it was to replace.

python checks/kill_writer.py [--kills 200] [--runs 2000] [--seed 1] [--tmpfs]

Three outputs hold something old, a report of many runs is to replace them, and SIGKILL ends it. Of
five kills one comes anywhere, two while the new files are written, and two while they take their
places. A file that is neither the old one nor the new one is a part of one: the exit status is 1
if there was any. Several files cannot change at one instant, so a few outputs may be mixed: some
old, some new, each of them whole.

With --tmpfs (root alone, on Linux) the report is written to a small disk that is full, too: the old
files must stay, with exit status 2 and one line.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

OUTPUTS = ("page.md", "all.json", "table.csv")
OLD = b"This is old.\n" * 100
# When a kill comes: somewhere after there are so many hidden files beside the outputs.
MOMENTS = {"anywhere": 0, "while writing": 1, "while replacing": len(OUTPUTS)}
TURNS = ("anywhere", *["while writing"] * 2, *["while replacing"] * 2)
CALIBRATIONS = 11
DISK_KIB = 64


@dataclass(slots=True)
class Tally:
    """What was found after the kills of one kind: outputs all old, all new, mixed, or in part."""

    kills: int = 0
    too_late: int = 0
    hidden: int = 0
    ends: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Trial:
    """A report to be written again and again over the same old outputs."""

    folder: Path
    new: dict[str, bytes]

    def start(self) -> subprocess.Popen[bytes]:
        """Put the old outputs in place, and start the report that is to replace them."""
        for name in OUTPUTS:
            (self.folder / name).write_bytes(OLD)
        return subprocess.Popen(command(self.folder), cwd=self.folder.parent)

    def hidden(self) -> list[str]:
        """Names of the hidden files beside the outputs."""
        return [name for name in os.listdir(self.folder) if name.startswith(".")]

    def wait_for(self, hidden: int, process: subprocess.Popen[bytes]) -> None:
        """Wait until there are so many hidden files, or the process has ended."""
        while len(self.hidden()) < hidden and process.poll() is None:
            pass

    def end(self) -> str:
        """What the outputs are: `old`, `new`, `mixed` or `part`."""
        found = set()
        for name in OUTPUTS:
            data = (self.folder / name).read_bytes()
            found.add({OLD: "old", self.new[name]: "new"}.get(data, "part"))
        if "part" in found:
            return "part"
        return found.pop() if len(found) == 1 else "mixed"

    def clean(self) -> int:
        """Delete the hidden files; returns how many there were."""
        names = self.hidden()
        for name in names:
            (self.folder / name).unlink()
        return len(names)


def main() -> int:
    """Make the tree, kill the reports, and print what was found."""
    args = _arguments()
    with tempfile.TemporaryDirectory(prefix="finalrank-kill-") as temporary:
        top = Path(temporary)
        make_runs(top / "runs", args.runs)
        folder = top / "outputs"
        folder.mkdir()
        subprocess.run(command(folder), cwd=top, check=True)
        trial = Trial(folder, {name: (folder / name).read_bytes() for name in OUTPUTS})
        lasts = {moment: calibrated(trial, hidden) for moment, hidden in MOMENTS.items()}
        tallies = kill(trial, args.kills, lasts, random.Random(args.seed))
        print_tallies(tallies, lasts)
        faults = sum(tally.ends["part"] for tally in tallies.values())
        if args.tmpfs:
            faults += full_disk(top)
    return 1 if faults else 0


def make_runs(root: Path, runs: int) -> None:
    """Make a folder of so many runs."""
    for number in range(runs):
        folder = root / f"run_{number:05}"
        folder.mkdir(parents=True)
        metrics = {"dice_pos": (number + 1) / (runs + 1), "roc_auc_presence": 0.5}
        (folder / "test_metrics.json").write_text(json.dumps(metrics))


def command(folder: Path) -> list[str]:
    """Command that writes the report on the runs below the working folder."""
    report = [sys.executable, "-m", "finalrank", "report", "-q", "--generated-at", "2001-01-01"]
    return [*report, *(arg for name in OUTPUTS for arg in ("-o", str(folder / name)))]


def calibrated(trial: Trial, hidden: int) -> float:
    """Seconds from the first sight of so many hidden files to their end."""
    lasts = []
    for _ in range(CALIBRATIONS):
        with trial.start() as process:
            trial.wait_for(hidden, process)
            started = time.perf_counter()
            while trial.hidden() if hidden else process.poll() is None:
                pass
            lasts.append(time.perf_counter() - started)
        if process.returncode or trial.end() != "new" or trial.clean():
            raise SystemExit("kill_writer: the report cannot be written even if nobody kills it")
    return median(lasts)


def kill(
    trial: Trial, kills: int, lasts: dict[str, float], draw: random.Random
) -> dict[str, Tally]:
    """Kill so many reports, in turn at each moment."""
    tallies = {moment: Tally() for moment in MOMENTS}
    for number in range(kills):
        moment = TURNS[number % len(TURNS)]
        with trial.start() as process:
            trial.wait_for(MOMENTS[moment], process)
            _pause(draw.uniform(0, lasts[moment]))
            process.kill()
        if process.returncode not in (0, -signal.SIGKILL):
            raise SystemExit(f"kill_writer: the report ended by itself: {process.returncode}")
        tally = tallies[moment]
        tally.kills += 1
        tally.too_late += process.returncode == 0
        tally.ends[trial.end()] += 1
        tally.hidden += trial.clean()
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {kills}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return tallies


def _pause(seconds: float) -> None:
    # A sleep would be late by more than a replacement takes.
    ends = time.perf_counter() + seconds
    while (left := ends - time.perf_counter()) > 0:
        if left > 0.01:
            time.sleep(left - 0.01)


def print_tallies(tallies: dict[str, Tally], lasts: dict[str, float]) -> None:
    """Print a row for each kind of kill, and the sums."""
    print("| killed | within ms | kills | too late | old | new | mixed | part | hidden files |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for moment, tally in tallies.items():
        print(_row(moment, f"{1000 * lasts[moment]:.1f}", tally))
    total = Tally(
        sum(tally.kills for tally in tallies.values()),
        sum(tally.too_late for tally in tallies.values()),
        sum(tally.hidden for tally in tallies.values()),
        sum((tally.ends for tally in tallies.values()), Counter()),
    )
    print(_row("all", "", total))


def _row(name: str, within: str, tally: Tally) -> str:
    ends = [tally.ends[end] for end in ("old", "new", "mixed", "part")]
    cells = [name, within, tally.kills, tally.too_late, *ends, tally.hidden]
    return f"| {' | '.join(map(str, cells))} |"


def full_disk(top: Path) -> int:
    """Write the report to a small disk that is full; returns the number of faults."""
    disk = top / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0 or not _mounted(disk):
        print("\nsmall disk: skipped: it cannot be mounted here")
        return 0
    try:
        for name in OUTPUTS:
            (disk / name).write_bytes(OLD)
        # Nothing of a page fits; then a part of one does.
        return sum(_refused(disk, top, spared) for spared in (0, DISK_KIB // 4))
    finally:
        subprocess.run(["umount", disk], check=True)


def _mounted(disk: Path) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k", "tmpfs", str(disk)]
    return subprocess.run(mount, capture_output=True, check=False).returncode == 0


def _refused(disk: Path, top: Path, spared: int) -> bool:
    """Whether anything is wrong with how the report fails with so many KiB to spare."""
    with open(disk / "filler", "wb", buffering=0) as filler:
        filler.write(bytes(1024 * DISK_KIB))  # as much of it as fits
        filler.truncate(max(0, os.fstat(filler.fileno()).st_size - 1024 * spared))
    done = subprocess.run(command(disk), cwd=top, capture_output=True, check=False)
    same = all((disk / name).read_bytes() == OLD for name in OUTPUTS)
    litter = len(set(os.listdir(disk)) - {*OUTPUTS, "filler"})
    lines = done.stderr.decode().splitlines()
    good = done.returncode == 2 and len(lines) == 1 and same and not litter
    print(
        f"\nsmall disk, {spared} KiB free: {'ok' if good else 'FAILED'}: status {done.returncode}, "
        f"old files {'intact' if same else 'LOST'}, {litter} hidden files, {len(lines)} line(s):"
    )
    print("\n".join(f"    {line}" for line in lines))
    return not good


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill the writer, and count what is left.")
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="default: 200")
    parser.add_argument("--runs", type=int, default=2000, metavar="N", help="in the report (2000)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of the moments (1)")
    parser.add_argument("--tmpfs", action="store_true", help="fill a small disk, too (root alone)")
    args = parser.parse_args()
    if min(args.kills, args.runs) < 1:
        parser.error("at least 1 kill, and 1 run")
    return args


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough, such as `head`, is no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
