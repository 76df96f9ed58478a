"""What explain tells of a tree with metrics of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

LOWER = {"higher_is_better": False, "range": [0, 1000]}


def metric(key: str = "dice", **settings: Any) -> str:
    """A table `[[metrics]]`; the first of them is primary unless it says otherwise."""
    rows = {"key": key, **settings}
    return "[[metrics]]\n" + "".join(f"{name} = {toml(rows[name])}\n" for name in rows)


def primary(key: str = "dice", **settings: Any) -> str:
    return metric(key, primary=True, **settings)


def toml(value: Any) -> str:
    # Python writes these as TOML does, and JSON does not.
    if isinstance(value, float | list) and "inf" in str(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
def explain(finalrank: Finalrank, tree: Tree) -> Any:
    """Explains files, given by run, under a configuration."""

    def run(config: str, files: dict[str, Any], *args: object) -> Done:
        root = tree({f"{name}/test_metrics.json": said for name, said in files.items()})
        Path("the.toml").write_text(config, encoding="utf-8")
        return finalrank("explain", root, "--config", "the.toml", *(args or ("-f", "json")))

    return run


@pytest.fixture
def value(explain: Any) -> Any:
    """The value of `dice` in one file, and its problems without the path."""

    def read(config: str, said: Any) -> tuple[float | None, list[str]]:
        done = explain(config, {"a": said})
        source = "a/test_metrics.json: "
        # What the configuration asks for in vain has no source.
        problems = [line.removeprefix(source) for line in done.problems if line.startswith(source)]
        return done.json[0]["metrics"]["dice"], problems

    return read


def refused(done: Done, *parts: str) -> list[str]:
    """The lines below the first, which is the one that says what is wrong."""
    assert (done.status, done.bytes) == (2, b"")
    first, *others = done.err.splitlines()
    for part in ("finalrank: the.toml: ", *parts):
        assert part in first
    return others
