"""What our commands do otherwise than click's: help opens with examples, Ctrl-C is one line."""

from __future__ import annotations

from typing import Any

import click

from finalrank.errors import Interrupted


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
        except KeyboardInterrupt:
            raise Interrupted("interrupted; nothing was left half written") from None
