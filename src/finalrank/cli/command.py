"""What our commands do otherwise than click's: help opens with examples, Ctrl-C is one line."""

from __future__ import annotations

import signal
from datetime import datetime
from typing import Any, NoReturn

import click

from finalrank.errors import Interrupted


def parse_time(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """A time in ISO 8601, with `T` or a space."""
    try:
        return datetime.fromisoformat(value) if value is not None else None
    except ValueError:
        raise click.BadParameter("write a time such as 2026-02-15T08:14:41") from None


def non_empty_path(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """A path as it is given; only an empty one is refused, which no message could name."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("the name is empty")
    return value


def folders_or_default(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """The runs folders, or the one that stands for none."""
    return non_empty_path(ctx, param, value) or ("runs",)


class Command(click.Command):
    """A command whose help opens with examples."""

    def __init__(self, *args: Any, examples: str, **kwargs: Any) -> None:
        """Keep the examples: indented lines of calls."""
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what click writes."""
        formatter.write(f"Examples:\n{self.examples}\n")
        super().format_help(ctx, formatter)


class Group(Command, click.Group):
    """A group whose help opens with examples, and that of its commands."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Ctrl-C is an error like others, where click would print a blank line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Interrupted(*(stop.args or [signal.SIGINT])) from None


def install_signal_handlers() -> None:
    """Have a batch system's or a closing terminal's signal end a command as Ctrl-C does."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored, as below nohup, stays ignored.
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)
