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
    """Shows on a terminal how far a long scan is."""
    seen = not quiet and sys.stderr is not None and sys.stderr.isatty()
    return _with_progress if seen else iter


def _with_progress(artifacts: Iterable[Artifact | Problem]) -> Iterator[Artifact | Problem]:
    """The artifacts, and a bar on standard error as soon as they take their time."""
    started = time.monotonic()
    rest = iter(artifacts)
    for artifact in rest:
        yield artifact
        if time.monotonic() - started > _PATIENCE:
            break
    else:
        return
    # How many there are is known only at the end: the bar shows the count.
    with click.progressbar(rest, label="Reading artifacts", show_pos=True, file=sys.stderr) as bar:
        yield from bar
