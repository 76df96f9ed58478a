"""Run every command on a runs folder whose configuration somebody hostile wrote.

python checks/hostile_configs.py [NAME ...]

Each of the configurations below, or each NAME of them, lies in turn as finalrank.toml in a
stranger's runs folder. Every command must then end within two seconds and 200 MB, without a
traceback or a raw control character. Prints the costliest, and exits 1 when one breaks that.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SECONDS, MEGABYTES = 2.0, 200
COMMANDS = {
    "report": ("report", "--evidence"),
    "explain": ("explain",),
    "inspect": ("inspect",),
    "init": ("init", "-o", "-", "--metric", "dice"),
    "config": ("config",),
}
# But for line breaks and tabs, which a table has.
RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
ORDERS = r"\u001b]0;x\u0007\u001b[31m\u202e\u009b"
METRIC = '[[metrics]]\nkey = "dice"\nprimary = true\n'
FACTOR = '[[factors]]\nkey = "site"\n'
RUN = "a" * 40


def _large() -> Iterator[tuple[str, str]]:
    yield "unknown tables", "".join(f"[t{i}]\n" for i in range(10_000))
    yield "unknown keys", "".join(f"k{i} = 1\n" for i in range(10_000))
    yield "some unknown tables", "".join(f"[t{i}]\n" for i in range(4_900))
    yield "some unknown keys", "".join(f"filter.k{i} = 1\n" for i in range(4_900))
    for place in ("", "filter.rules.", "scan.", "runs.", "evidence."):
        yield f"dotted key {place}", place + ".".join("a" * 40_000) + " = 1\n"
        yield f"short dotted key {place}", place + ".".join("a" * 490) + " = 1\n"
        yield f"dotted table {place}", f"[{place}" + ".".join("a" * 40_000) + "]\n"
    yield "lists in lists", "a = " + "[" * 40_000 + "]" * 40_000
    yield "tables in tables", "a = " + "{a=" * 5_000 + "1" + "}" * 5_000
    for size in (100_000, 5_000_000):
        yield f"text of {size}", f'title = "{"x" * size}"\n{METRIC}'
        yield f"name of {size}", f'"{"x" * size}" = 1\n'
        yield f"metric of {size}", f'[[metrics]]\nkey = "{"x" * size}"\nprimary = true\n'
        yield f"bytes of {size}", "#" * size
        yield f"number of {size}", f"top = {'9' * size}\n"
    for size in (400, 2_400, 100_000):
        many = range(size)
        yield f"{size} metrics", METRIC + "".join(f'[[metrics]]\nkey = "m{i}"\n' for i in many)
        yield f"{size} factors", METRIC + "".join(f'[[factors]]\nkey = "f{i}"\n' for i in many)
        rules = "".join(f'[filter.rules.r{i}]\ntokens = ["t{i}"]\n' for i in many)
        yield f"{size} rules", METRIC + rules
        notes = "".join(f'[runs."*n{i}*"]\nprotocol = "t{i}"\n' for i in many)
        yield f"{size} notes", METRIC + notes
        texts = ", ".join(f'"*a*a*a*a*a*a*b{i}"' for i in many)
        for setting in ("scan.patterns", "scan.include", "scan.exclude", "scan.missing"):
            yield f"{size} {setting}", f"{setting} = [{texts}]\n{METRIC}"
        keys = ", ".join(f'"k{i}[*].a | [0]"' for i in many)
        yield f"{size} keys", f"{METRIC}keys = [{keys}]\n"
    yield "digits", f"{METRIC}digits = 1000000000\n"
    yield "folds", f"rank.folds = 1000000000\n{METRIC}"
    yield "resamples", f"evidence.resamples = 1000000000\n{METRIC}"
    yield "weightings", f"evidence.weightings = 1000000000\n{METRIC}"


def _expressions() -> Iterator[tuple[str, str]]:
    patterns = {
        "repeats": r"^(?P<{}>(a|a)*)\.$",
        "repeats in repeats": r"^(?P<{}>(a+)+)\.$",
        "written out": "(?P<{}>" + "(" * 10 + "a?" + "){{9}}" * 10 + ")",
        "written out far": "(?P<{}>((a{{65535}}){{65535}}))",
        "optional": "^(?P<{}>" + "(a?)" * 30 + "a" * 30 + r")\.$",
        "backwards": r"^(?P<{}>(a*)(a*)(a*)(a*)(a*)(a*)(a*)(a*))\.\2\3\4$",
        "long": "(?P<{}>" + "a" * 100_000 + ")",
        "brackets": "(?P<{}>" + "(" * 5_000 + ")" * 5_000 + ")",
    }
    for name, pattern in patterns.items():
        yield f"{name} in scan.run", f"scan.run = '{pattern.format('run')}'\n{METRIC}"
        yield f"{name} in members", f"rank.members = '{pattern.format('kind')}'\n{METRIC}"
        groups = pattern.format("dataset") + "(?P<run>x?)"
        yield f"{name} in a factor", f"scan.run = '{groups}'\n{METRIC}"
    expressions = {
        "copies": "x | [@, @]" + " | [@, @]" * 40,
        "objects": "{a: @, b: @}" + " | {a: @, b: @}" * 40,
        "flat": "x[]" + " | [*].[@, @][]" * 40,
        "texts": "to_string(@)" + " | to_string([@])" * 40,
        "joined": "join(',', [to_string(@), to_string(@)])" + " | join(@, [@, @, @])" * 30,
        "deep": ".".join("a" * 4_000),
        "brackets": "(" * 3_000 + "a" + ")" * 3_000,
        "or": " || ".join("a" * 2_000),
    }
    for name, text in expressions.items():
        yield f"{name} in keys", f'{METRIC}keys = ["{text}"]\n'
        yield f"{name} in results", f'scan.results = ["{text}"]\nscan.name = "@index"\n{METRIC}'
        yield f"{name} in a factor", f'{METRIC}{FACTOR}keys = ["{text}"]\n'
        yield f"{name} in cases", f'{METRIC}cases = "{text}"\n'


def _orders() -> Iterator[tuple[str, str]]:
    yield (
        "orders in texts",
        (
            f'title = "{ORDERS}"\nbaseline.match = "a"\nbaseline.label = "{ORDERS}"\n'
            f'recommendation.title = "{ORDERS}"\n{METRIC}label = "{ORDERS}"\n'
            f'[runs."{RUN}"]\nprotocol = "{ORDERS}"\nkey_feature = "{ORDERS}"\n'
        ),
    )
    for setting in ("preset", "baseline.run", "scan.name", "rank.split", "select.metric", "none"):
        yield f"orders in {setting}", f'{setting} = "{ORDERS}"\n{METRIC}'
    for setting in ("scan.patterns", "scan.include", "scan.exclude", "scan.results"):
        yield f"orders in {setting}", f'{setting} = ["{ORDERS}"]\n{METRIC}'
    for setting in ("scan.run", "rank.members"):
        yield f"orders in {setting}", f'{setting} = "(?P<run>{ORDERS}"\n{METRIC}'
    yield "orders in a metric", f'{METRIC}[[metrics]]\nkey = "{ORDERS}"\n'
    yield "orders in a factor", f'{METRIC}[[factors]]\nkey = "{ORDERS}"\nfrom = "{ORDERS}"\n'
    yield "orders in a rule", f'{METRIC}[filter.rules."{ORDERS}"]\ntokens = ["aaa"]\n'
    yield "orders in a run", f'{METRIC}[runs."{ORDERS}"]\nprotocol = "x"\n'
    yield "raw orders", 'title = "\x1b[31m"\n'
    yield "orders in TOML", "\x1b[31m = [\n"


def _paths() -> Iterator[tuple[str, str]]:
    for path in ("/etc/passwd", "../../../etc/passwd", "/dev/zero", ".", "a/../..", "link", "pipe"):
        yield f"factor from {path}", f'{METRIC}{FACTOR}from = "{path}"\n'
        yield f"preset {path}", f'preset = "{path}"\n'
        yield f"sidecars {path}", f'sidecars.cases = ["{path}"]\n{METRIC}'


CONFIGS: dict[str, str] = dict([*_large(), *_expressions(), *_orders(), *_paths()])


def make_runs(top: Path) -> Path:
    """Make a small runs folder, with what a hostile configuration may look for in it."""
    runs = top / "runs"
    for run in (RUN, f"{RUN}.b", "seed_1", "seed_2"):
        (runs / run).mkdir(parents=True)
        (runs / run / "test_metrics.json").write_text('{"dice": 0.5, "x": [1, [2, 3]], "a": {}}')
    (runs / RUN / "link").symlink_to("/dev/zero")
    if hasattr(os, "mkfifo"):
        os.mkfifo(runs / RUN / "pipe")
    return runs


def _run(runs: Path, command: tuple[str, ...]) -> tuple[str, float, float]:
    """Return what is wrong, if anything, the seconds and the megabytes that a command took."""
    name, *options = command
    with tempfile.TemporaryFile() as out:
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "finalrank", name, str(runs), *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds, megabytes = time.perf_counter() - begin, usage.ru_maxrss / 1024
        out.seek(0)
        text = out.read().decode("utf-8", "backslashreplace")
    faults = [
        f"status {status}" if os.waitstatus_to_exitcode(status) not in (0, 1, 2) else "",
        "a traceback" if "Traceback" in text else "",
        "a raw control character" if RAW.search(text) else "",
        f"{seconds:.1f} s" if seconds > SECONDS else "",
        f"{megabytes:.0f} MB" if megabytes > MEGABYTES else "",
    ]
    return ", ".join(filter(None, faults)), seconds, megabytes


def main(names: list[str]) -> int:
    """Run all commands on all configurations."""
    bad = 0
    costs: list[tuple[float, float, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = make_runs(Path(folder))
        for name in names or CONFIGS:
            (runs / "finalrank.toml").write_text(CONFIGS[name])
            for command in COMMANDS.values():
                fault, seconds, megabytes = _run(runs, command)
                costs.append((seconds, megabytes, f"{command[0]}: {name}"))
                if fault:
                    bad += 1
                    print(f"{command[0]}: {name}: {fault}")
    print(f"{len(costs)} commands on {len(names or CONFIGS)} configurations, {bad} at fault")
    for seconds, megabytes, what in sorted(costs, reverse=True)[:5]:
        print(f"{seconds:5.2f} s  {megabytes:4.0f} MB  {what}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
