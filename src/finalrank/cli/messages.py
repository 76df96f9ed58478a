"""Lines on standard error: problems, summaries and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from finalrank.errors import NothingToRank

if TYPE_CHECKING:
    from finalrank.model.artifact import Problem


def echo_err(*lines: str) -> None:
    """Print the lines on standard error."""
    with suppress(OSError):  # closed or full: nobody could be told of that either
        for line in lines:
            click.echo(line, err=True)


def echo_problems(problems: Iterable[Problem]) -> None:
    """Print a line a problem on standard error."""
    from finalrank.decide.tally import problem_line

    echo_err(*map(problem_line, problems))


@contextmanager
def summary_after_error(summary: list[str]) -> Iterator[None]:
    """Have the lines of the summary follow the error where there is nothing to rank."""
    try:
        yield
    except NothingToRank as error:
        for line in summary:
            error.add_note(line)
        raise
