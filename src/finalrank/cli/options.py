"""What several commands share: arguments, options, and lines on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import click

from finalrank.cli.command import folders_or_default, non_empty_path
from finalrank.errors import NothingToRank


def echo_err(*lines: str) -> None:
    """Tell on standard error."""
    with suppress(OSError):  # closed or full: there is nobody left to tell
        for line in lines:
            click.echo(line, err=True)


@contextmanager
def summary_after_error(summary: list[str]) -> Iterator[None]:
    """Have the summary follow the error where there is nothing to rank."""
    try:
        yield
    except NothingToRank as error:
        for line in summary:
            error.add_note(line)
        raise


runs_argument = click.argument("runs", nargs=-1, metavar="[RUNS]...", callback=folders_or_default)
config_option = click.option(
    "--config",
    metavar="FILE",
    callback=non_empty_path,
    help="Configuration to use, instead of the finalrank.toml in RUNS, or the nearest one (or "
    "pyproject.toml with [tool.finalrank]) from the working folder upwards.",
)
preset_option = click.option(
    "--preset", metavar="NAME", help="Layout to start from, such as nnunet-v2, huggingface, mlflow."
)
include_option = click.option(
    "--include",
    metavar="GLOB",
    multiple=True,
    help="Leave out what has no path like this; may be repeated.",
)
exclude_option = click.option(
    "--exclude", metavar="GLOB", multiple=True, help="Leave out what has a path like this."
)
quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="No progress and no account of the artifacts; problems stay.",
)

F = TypeVar("F", bound=Callable[..., object])


def shared_options(command: F) -> F:
    """What to read and how, for a command that reads artifacts."""
    for option in (quiet_option, config_option, preset_option, exclude_option, include_option):
        command = option(command)
    return command
