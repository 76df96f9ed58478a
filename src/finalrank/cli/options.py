"""Arguments and options that several commands share, and the checks of their values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import inf
from typing import Any, TypeVar

import click

from finalrank.text.escape import visible


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


def metric_tables(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[dict[str, Any], ...]:
    """Return the rows of `[[metrics]]` that the option says, the first of which is primary."""
    rows: list[dict[str, Any]] = []
    for text in value:
        key, _, direction = text.rpartition(":")
        if not key or direction not in ("higher", "lower"):
            shown = visible(text)
            ways = f'write "{shown}:higher" or "{shown}:lower"'
            raise click.BadParameter(f'"{shown}" does not say which way is better: {ways}')
        # What is outside of a range is a mistake; of this metric nobody has said what is.
        row = {"key": key, "higher_is_better": direction == "higher", "range": [-inf, inf]}
        rows.append(row | {"primary": not rows})
    return tuple(rows)


metric_option = click.option(
    "--metric",
    "metrics",
    metavar="KEY:higher|lower",
    multiple=True,
    callback=metric_tables,
    help="A metric to rank by, in the place of those of the configuration, as in val_loss:lower; "
    "may be repeated. The first is primary.",
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
    options = (quiet_option, config_option, preset_option, metric_option)
    for option in (*options, exclude_option, include_option):
        command = option(command)
    return command
