"""Help that opens with examples."""

from __future__ import annotations

from typing import Any

import click


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
