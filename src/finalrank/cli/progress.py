"""How far a long scan is, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from finalrank.model.artifact import Artifact, Problem

# Seconds that a scan may take before it shows how far it is.
_PATIENCE = 1.0


def with_progress_bar(
    quiet: bool,
) -> Callable[[Iterable[Artifact | Problem]], Iterable[Artifact | Problem]]:
    """Return a function that passes artifacts on, and on a terminal shows how many there were."""
    seen = not quiet and sys.stderr is not None and sys.stderr.isatty()
    return _with_progress if seen else iter


def _with_progress(artifacts: Iterable[Artifact | Problem]) -> Iterator[Artifact | Problem]:
    """Yield the artifacts, with a bar on standard error once they take longer than _PATIENCE."""
    started = time.monotonic()
    rest = iter(artifacts)
    for artifact in rest:
        yield artifact
        if time.monotonic() - started > _PATIENCE:
            break
    else:
        return
    # The scan finds files while it reads them, so that the total is unknown: the bar shows a count.
    with click.progressbar(rest, label="Reading artifacts", show_pos=True, file=sys.stderr) as bar:
        yield from bar
