"""Databases as MLflow makes them, as far as runs and their figures go."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


def database(path: Path, rows: dict[str, list[Any]], metric: str = "dice") -> None:
    """A tracking store: of each run its name, status, stage, and figures as (value, is_nan)."""
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
        "CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, lifecycle_stage TEXT,"
        " experiment_id INTEGER, start_time BIGINT);"
        "CREATE TABLE latest_metrics (key TEXT, value DOUBLE, timestamp BIGINT, step BIGINT,"
        " is_nan BOOLEAN, run_uuid TEXT);"
        "CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);"
        "CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);"
        "INSERT INTO experiments VALUES (0, 'Default');"
    )
    for run, (name, status, stage, value, is_nan) in rows.items():
        row = (run, name, status, stage, 0, 1)
        connection.execute("INSERT INTO runs VALUES (?,?,?,?,?,?)", row)
        figure = (metric, value, 1, 1, is_nan, run)
        connection.execute("INSERT INTO latest_metrics VALUES (?,?,?,?,?,?)", figure)
    connection.commit()
    connection.close()
