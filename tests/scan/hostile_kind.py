"""A kind of hostile entry: how it is made, and what is to become of it."""

from __future__ import annotations

from collections.abc import Callable
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


# Worse than every good one.
DICE = '"dice_pos": 0.01'


def document(inside: str = DICE) -> bytes:
    """A metrics file with these members."""
    return f'{{"note": "{MARK}", {inside}}}'.encode()


VALID = document()
LOW = VALID[:-1].decode()  # an object that is still open


# What can lie in a file


def content(data: bytes | Callable[[], bytes]) -> Make:
    """A file with these bytes; those that are many are made when they are needed."""
    return lambda folder: (folder / FILE).write_bytes(data() if callable(data) else data)


def beside(member: str) -> Make:
    """A good enough primary metric, and one member more."""
    return content(document(f"{DICE}, {member}"))


ROC = "roc_auc_presence"


# What can lie there in place of a file


def put_file(folder: Path, source: str, data: bytes = VALID) -> None:
    path = folder / source
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
