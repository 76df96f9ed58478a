"""What is a candidate, by what explain tells."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from conftest import Done, Finalrank

VALID = '{"dice_pos": 0.5}'
posix = pytest.mark.skipif(sys.platform == "win32", reason="made of what only POSIX has")


def candidates(done: Done) -> dict[str, tuple[str, str | None]]:
    """Run and reason of every candidate, by source, as `explain -f json` tells."""
    assert done.status == 0
    return {row["source"]: (row["run"], row["reason"]) for row in done.json}


@pytest.fixture
def found(finalrank: Finalrank) -> Callable[[object], dict[str, tuple[str, str | None]]]:
    return lambda root: candidates(finalrank("explain", root, "-f", "json"))


Found = Callable[[object], dict[str, tuple[str, str | None]]]
