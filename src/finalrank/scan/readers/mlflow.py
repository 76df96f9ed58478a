"""The reader of the folder `metrics` of a run in MLflow's file store."""

from __future__ import annotations

import math

from finalrank.scan.readers.csv import number_in
from finalrank.scan.readers.interface import Reader, Unreadable


def mlflow(data: bytes) -> dict[str, float]:
    """Return the latest value of each metric of a run: of each file of its folder `metrics`.

    The bytes are those of all files, in order of their names: name, NUL, content, NUL. Raises
    Unreadable.
    """
    *parts, rest = data.split(b"\0")
    if rest or len(parts) % 2:
        raise Unreadable(None, "holds a file with NUL bytes: did the disk or the job fail?")
    values = {}
    for name, content in zip(parts[::2], parts[1::2], strict=True):
        if (value := _latest(content)) is not None:
            values[name.decode("utf-8", "surrogateescape")] = value
    return values


def _latest(content: bytes) -> float | None:
    """Return the value of the highest step; of that, of the latest time; of that, the last line's.

    A line of the file is `timestamp value step`; one that is not is left out.
    """
    value: float | None = None
    latest: tuple[float, float] = (-math.inf, -math.inf)
    for line in content.decode("ascii", "replace").splitlines():
        # Old versions of MLflow write no step; new ones can write a data set after it.
        fields = [*line.split(), "0"]
        try:
            step_and_time = int(fields[2]), int(fields[0])
        except (IndexError, ValueError):
            continue
        number = number_in(fields[1])
        if number is not None and step_and_time >= latest:
            latest, value = step_and_time, number
    return value


READER = Reader("mlflow", mlflow, artifact="folder")
