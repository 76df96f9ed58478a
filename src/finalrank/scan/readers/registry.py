"""From an artifact's bytes to a mapping, one small function per kind of file. Never shows them."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from finalrank.scan.readers.json import Repeating, Unreadable, document, refuse_wide

# What nnU-Net v1 does not average over either: background, labels to ignore, and the mean itself.
_NOT_FOREGROUND = frozenset({"0", "-1", "99", "mean"})
# As Python, NumPy and C write a number; float() alone would take 1_0 and other scripts' digits.
_NUMBER = re.compile(
    r"[-+]?(?:\d+(?:\.\d*)?(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf(?:inity)?)",
    re.ASCII | re.IGNORECASE,
)


def _nnunet_v1(data: bytes) -> Any:
    """The JSON document, and in `foreground_mean` the mean of each score over the labels."""
    found = document(data)
    means = _foreground_mean(found)
    if not means or "foreground_mean" in found:
        return found
    if isinstance(found, Repeating):
        return Repeating([*found.pairs, ("foreground_mean", means)])
    return found | {"foreground_mean": means}


def _foreground_mean(found: Any) -> dict[str, float]:
    results = found.get("results") if isinstance(found, dict) else None
    labels = results.get("mean") if isinstance(results, dict) else None
    numbers: dict[str, list[float]] = {}
    for label, scores in labels.items() if isinstance(labels, dict) else ():
        if label in _NOT_FOREGROUND or not isinstance(scores, dict):
            continue
        for name, value in scores.items():
            if isinstance(value, float) and math.isfinite(value):
                numbers.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in numbers.items()}


def _lightning(data: bytes) -> dict[str, float | str]:
    """The last cell that is not empty of each column of a CSV file whose name begins with `test`.

    The rows of training and validation leave these cells empty; a later test counts, not an older.
    """
    rows = csv_rows(data)
    _, header = next(rows, ("", []))
    if len(header) == 1 and re.search(r"[;\t{\[]", header[0]):
        raise Unreadable("line 1", "is no table of comma-separated values: see scan.reader")
    if all(not name or number_in(name) is not None for name in header):
        raise Unreadable("line 1", "does not name the columns: is it the file of a CSVLogger?")
    columns = [
        (place, name) for place, name in enumerate(header) if name.lower().startswith("test")
    ]
    if len({name for _, name in columns}) < len(columns):
        raise Unreadable("line 1", "names a column twice: keep one of them")
    found: dict[str, float | str] = {}
    for line, row in rows:
        if len(row) != len(header):
            more = "more" if len(row) > len(header) else "fewer"
            raise Unreadable(
                line, f"has {more} cells than the first line: was it cut off, or joined?"
            )
        for place, name in columns:
            if cell := row[place]:
                number = number_in(cell)
                found[name] = cell if number is None else number
    return found


def csv_rows(data: bytes) -> Iterator[tuple[str, list[str]]]:
    """The rows of a CSV file that are not blank, each with its place."""
    text = _text(data)
    if not text.strip():
        raise Unreadable(None, "is empty: was the test stopped before it wrote its metrics?")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            if row:
                yield f"line {rows.line_num}", [cell.strip() for cell in row]
    except csv.Error:
        reason = "is not CSV: a quote is out of place, or a cell is far too long"
        raise Unreadable(f"line {rows.line_num}", reason) from None


def _text(data: bytes) -> str:
    if (place := data.find(b"\0")) >= 0:
        refuse_wide(data)
        reason = "has NUL bytes: is it text? Did the disk or the job fail while it was written?"
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = error.start
            reason = "is not UTF-8 text: save it as UTF-8"
    line = data.count(b"\n", 0, place) + 1
    raise Unreadable(f"line {line}", reason)


def number_in(text: str) -> float | None:
    """The number that a text is, as programs write it; None where it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def _mlflow(data: bytes) -> dict[str, float]:
    """The latest value of each metric of a run: of each file of its folder `metrics`.

    The bytes are those of all files, in order of their names: name, NUL, content, NUL.
    """
    *parts, rest = data.split(b"\0")
    if rest or len(parts) % 2:
        raise Unreadable(None, "holds a file with NUL bytes: did the disk or the job fail?")
    found = {}
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        if (value := _latest(content)) is not None:
            found[name.decode("utf-8", "surrogateescape")] = value
    return found


def _latest(content: bytes) -> float | None:
    """The value of the highest step, of its last time, of its last line."""
    best: float | None = None
    latest: tuple[float, float] = (-math.inf, -math.inf)
    for line in content.decode("ascii", "replace").splitlines():
        # Old versions write no step; new ones can write a data set after it.
        fields = [*line.split(), "0"]
        try:
            moment = int(fields[2]), int(fields[0])
        except (IndexError, ValueError):
            continue
        number = number_in(fields[1])
        if number is not None and moment >= latest:
            latest, best = moment, number
    return best


READERS: dict[str, Callable[[bytes], Any]] = {
    "json": document,
    "nnunet-v1": _nnunet_v1,
    "lightning": _lightning,
    "mlflow": _mlflow,
}
# Those whose artifact is JSON, in which more than metrics can be found.
JSON_READERS = frozenset({"json", "nnunet-v1"})
# Those whose artifact is a folder: they are given the bytes of all its files.
FOLDER_READERS = frozenset({"mlflow"})
