"""What click does not do: help that opens with examples, and one line for Ctrl-C."""

from __future__ import annotations

import signal
from typing import Any, NoReturn

import click

from finalrank.errors import Interrupted


class Command(click.Command):
    """A command whose help opens with examples."""

    def __init__(self, *args: Any, examples: str, **kwargs: Any) -> None:
        """Keep the examples, which are indented lines of commands."""
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what click writes."""
        formatter.write(f"Examples:\n{self.examples}\n")
        super().format_help(ctx, formatter)


class Group(Command, click.Group):
    """A group of commands whose help opens with examples, as theirs does."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command.

        Raises Interrupted on Ctrl-C, where click would print a blank line and its own message.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Interrupted(*(stop.args or [signal.SIGINT])) from None


def install_signal_handlers() -> None:
    """Treat SIGTERM (a batch system) and SIGHUP (a closing terminal) as Ctrl-C."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # A signal that is ignored, as `nohup` has SIGHUP, stays ignored.
        if number and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)
