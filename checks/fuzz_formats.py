"""Fuzz the readers of tables, logs, YAML, TOML and MLflow's database against a second reading.

python checks/fuzz_formats.py [--seconds 60] [--seed N]

Documents are made at random, written by other programs (the csv, json and sqlite3 modules, PyYAML,
tomlkit), read by those again, and by finalrank: the values must be the same, to the last bit. Then
the bytes are broken at random: what comes out is a document or one line that shows nothing of the
file, within a time. Prints a line of counts a reader. A failure prints the smallest bytes that it
was shrunk to and exits 1; the same seed finds it again.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import tomlkit
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.registry import READERS
from finalrank.scan.readers.rows import Rows

# Stands wherever a file has words of its own: no message may show it.
MARKER = "Qzq"
EXAMPLES_A_ROUND = 150
# Seconds that reading a few hundred bytes may take.
PATIENCE = 10.0

NAMES = st.sampled_from(["dice", "hd95", "val loss", f"{MARKER}", "a.b", "é", "epoch"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
TEXTS = st.sampled_from([MARKER, "yes", "1:30", "012", "1_000", "2024-01-02", "null", "~", "0x1F"])
ROWS = st.lists(st.dictionaries(NAMES, NUMBERS | TEXTS, min_size=1), min_size=1, max_size=6)
VALUES = st.recursive(
    NUMBERS | TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
DOCUMENTS = st.dictionaries(NAMES, VALUES, min_size=1)
CHANGES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 4), st.binary(max_size=4)), max_size=3
)


class Broken(Exception):  # noqa: N818 - it is a finding
    """A property that does not hold for these bytes."""


def plain(value: Any) -> Any:
    """Return a value as finalrank has it: whole numbers as floats."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def of_csv(rows: list[dict[str, Any]]) -> tuple[bytes, Any]:
    """Write a table, and read it by the csv module: of each column the last cell."""
    # Two columns, of which the second is a number, are a name and a value where there is no header.
    names = ["step", *dict.fromkeys(name for row in rows for name in row)]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({"step": place, **row} for place, row in enumerate(rows))
    wanted: dict[str, Any] = {}
    for row in csv.DictReader(io.StringIO(text.getvalue())):
        wanted |= {name: _number_or_text(cell) for name, cell in row.items() if cell}
    return text.getvalue().encode(), wanted


def _number_or_text(cell: str) -> float | str:
    try:
        return cell if "_" in cell else float(cell)
    except ValueError:
        return cell


def of_jsonl(rows: list[dict[str, Any]]) -> tuple[bytes, Any]:
    """Write an object a line, and take the last value of each key by the json module."""
    lines = [json.dumps(row) for row in rows]
    wanted: dict[str, Any] = {}
    for line in lines:
        wanted |= plain(json.loads(line))
    return "\n".join(lines).encode(), wanted


def of_yaml(document: dict[str, Any]) -> tuple[bytes, Any]:
    """Write YAML, and read it by PyYAML's own safe loader, which quotes what is a text."""
    text = yaml.safe_dump(document, allow_unicode=True)
    return text.encode(), plain(yaml.safe_load(text))


def of_toml(document: dict[str, Any]) -> tuple[bytes, Any]:
    """Write TOML, and read it by another parser than that of the standard library."""
    text = tomlkit.dumps(document)
    return text.encode(), plain(tomlkit.parse(text).unwrap())


def of_database(rows: list[dict[str, Any]]) -> tuple[bytes, Any]:
    """Make a tracking store with a run a row, and the figures that it is to give."""
    numbers = [{k: v for k, v in row.items() if not isinstance(v, str)} for row in rows]
    with sqlite3.connect(":memory:") as store:
        store.executescript(
            "CREATE TABLE experiments (experiment_id, name);"
            "CREATE TABLE runs (run_uuid, name, status, lifecycle_stage, experiment_id,"
            " start_time);"
            "CREATE TABLE latest_metrics (run_uuid, key, value DOUBLE, is_nan);"
            "CREATE TABLE params (run_uuid, key, value); CREATE TABLE tags (run_uuid, key, value);"
        )
        for place, row in enumerate(numbers):
            run = (str(place), f"r{place}", "FINISHED", "active", 0, place)
            store.execute("INSERT INTO runs VALUES (?,?,?,?,?,?)", run)
            for key, value in row.items():
                figure = (str(place), key, value, 0)
                store.execute("INSERT INTO latest_metrics VALUES (?,?,?,?)", figure)
        store.commit()
        data = store.serialize()
    store.close()
    largest = sys.float_info.max
    return data, [
        {
            key: math.copysign(math.inf, value) if abs(value) >= largest else float(value)
            for key, value in row.items()
        }
        for row in numbers
    ]


def read(name: str, data: bytes) -> Any:
    """Read the bytes as finalrank does; of rows, the last value of each column."""
    document = READERS[name].decode(data)
    if name == "mlflow-db":
        return [run["metrics"] for run in document["runs"]]
    return document.last() if isinstance(document, Rows) else document


def check(name: str, data: bytes, wanted: Any, changes: list[tuple[int, int, bytes]]) -> str:
    """Check a file as it was written, and broken; returns what became of the broken one."""
    found = read(name, data)
    if repr(found) != repr(wanted) and found != wanted:
        raise Broken(f"{name}: {data!r}: {found!r}, not {wanted!r}")
    for at, length, what in changes:
        data = data[:at] + what + data[at + length :]
    start = time.monotonic()
    try:
        read(name, data)
        outcome = "accepted"
    except Unreadable as refusal:
        outcome = "refused"
        told = f"{refusal.place} {refusal.reason}"
        if MARKER in told or "\n" in told or not refusal.reason:
            raise Broken(f"{name}: {data!r}: {told!r}") from None
    if time.monotonic() - start > PATIENCE:
        raise Broken(f"{name}: {data!r}: takes over {PATIENCE} seconds")
    return outcome


TARGETS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], tuple[bytes, Any]]]] = {
    "csv": (ROWS, of_csv),
    "jsonl": (ROWS, of_jsonl),
    "yaml": (DOCUMENTS, of_yaml),
    "toml": (DOCUMENTS, of_toml),
    "mlflow-db": (ROWS, of_database),
}


def fuzz(name: str, number: int) -> Counter[str]:
    """Try a round of examples of one reader."""
    documents, write = TARGETS[name]
    outcomes: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=EXAMPLES_A_ROUND,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(documents, CHANGES)
    def each(document: Any, changes: list[tuple[int, int, bytes]]) -> None:
        data, wanted = write(document)
        outcomes[check(name, data, wanted, changes)] += 1

    each()
    return outcomes


def main() -> int:
    """Fuzz every reader in turn, until the time is over; each has one round at least."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end, number = time.monotonic() + options.seconds, options.seed
    counts: dict[str, Counter[str]] = {name: Counter() for name in TARGETS}
    while number == options.seed or time.monotonic() < end:
        for name in TARGETS:
            try:
                counts[name] += fuzz(name, number)
            except Broken as finding:
                print(f"seed {number}: {finding}")
                return 1
        number += 1
    for name, outcomes in counts.items():
        print(f"{name}: {sum(outcomes.values())} tried, {outcomes['refused']} broken ones refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
