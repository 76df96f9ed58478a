"""The reader of mlflow.db, the SQLite database in which MLflow keeps runs by default."""

from __future__ import annotations

import math
from contextlib import closing
from typing import TYPE_CHECKING, Any

from finalrank.scan.readers.foreign import explained
from finalrank.scan.readers.interface import Reader, Unreadable

if TYPE_CHECKING:
    import sqlite3

_MAGIC = b"SQLite format 3\0"
# MLflow writes an infinite value as the largest that a database of its can hold.
_INFINITE = 1.7976931348623157e308
# A run is over when it takes so many steps of the database: a file may be made to take forever.
_STEPS, _MOST_CALLS = 100_000, 2_000
_RUNS = """
SELECT runs.run_uuid, runs.name, runs.status, runs.lifecycle_stage, experiments.name
FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id
ORDER BY experiments.name, runs.start_time, runs.run_uuid
"""
_METRICS = "SELECT run_uuid, key, value, is_nan FROM latest_metrics"
_PARAMS = "SELECT run_uuid, key, value FROM params"
_TAGS = "SELECT run_uuid, value FROM tags WHERE key = 'mlflow.runName'"


def mlflow_db(data: bytes) -> dict[str, Any]:
    """Return the runs of a database: `{"runs": [{"name": ..., "metrics": {...}, ...}]}`.

    Of each metric the latest value counts, as MLflow has it. The status is in lower case, and
    `deleted` for a run that is in the trash. The bytes are read, and never the file: nothing can be
    written. Raises Unreadable.
    """
    import sqlite3

    if not data.startswith(_MAGIC):
        raise explained(Unreadable(None, "is no SQLite database"), data)
    # A journal of its own beside the file cannot be seen from its bytes: what it has is not read.
    plain = data[:18] + b"\x01\x01" + data[20:]
    with closing(sqlite3.connect(":memory:")) as database:
        calls = 0

        def too_long() -> int:
            nonlocal calls
            calls += 1
            return calls > _MOST_CALLS

        database.set_progress_handler(too_long, _STEPS)
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        try:
            database.deserialize(plain)
            return {"runs": _runs(database)}
        except (sqlite3.Error, OverflowError, ValueError):
            raise Unreadable(
                None,
                "is no database of MLflow, or was cut off: has it the tables of a tracking store?",
            ) from None


def _runs(database: sqlite3.Connection) -> list[dict[str, Any]]:
    names = dict(database.execute(_TAGS).fetchall())
    runs: dict[str, dict[str, Any]] = {}
    for run_id, name, status, stage, experiment in database.execute(_RUNS):
        runs[run_id] = {
            "id": run_id,
            "name": name or names.get(run_id) or run_id,
            "experiment": experiment,
            "status": "deleted" if stage == "deleted" else str(status).lower(),
            "metrics": {},
            "params": {},
        }
    for run_id, key, value, is_nan in database.execute(_METRICS):
        if run_id in runs:
            runs[run_id]["metrics"][key] = _number(value, is_nan=bool(is_nan))
    for run_id, key, text in database.execute(_PARAMS):
        if run_id in runs:
            runs[run_id]["params"][key] = text
    return list(runs.values())


def _number(value: Any, *, is_nan: bool) -> float | None:
    if is_nan:
        return math.nan
    if not isinstance(value, int | float):
        return None
    return math.copysign(math.inf, value) if abs(value) >= _INFINITE else float(value)


READER = Reader("mlflow-db", mlflow_db, artifact="table")
