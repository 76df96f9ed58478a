"""Arguments and options that several commands share, and the checks of their values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click


def non_empty_path(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Return the path or paths as they are; refuse an empty one, which no message could name."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("the name is empty")
    return value


def folders_or_default(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the folders, or the default one where none is given."""
    return non_empty_path(ctx, param, value) or ("runs",)


def parse_time(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Return the time that an ISO 8601 text with `T` or a space says."""
    try:
        return datetime.fromisoformat(value) if value is not None else None
    except ValueError:
        raise click.BadParameter("write a time such as 2026-02-15T08:14:41") from None


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
    help="Read only what has a path like this; may be repeated.",
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
    """Add the options that say what to read and how, for a command that reads artifacts."""
    for option in (quiet_option, config_option, preset_option, exclude_option, include_option):
        command = option(command)
    return command
