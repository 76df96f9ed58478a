"""The metrics folder of a run in MLflow's file store."""

from __future__ import annotations

import math

from finalrank.scan.readers.csv import number_in
from finalrank.scan.unreadable import Unreadable


def mlflow(data: bytes) -> dict[str, float]:
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
