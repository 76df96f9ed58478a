"""`finalrank schema`."""

from __future__ import annotations

import click

from finalrank.cli.command import Command


@click.command(
    cls=Command,
    examples="""\
  finalrank schema > finalrank.schema.json
""",
)
def schema() -> None:
    """Print the JSON Schema of the JSON output."""
    from finalrank.output.write import write_stdout
    from finalrank.report.schema import json_schema

    write_stdout(json_schema())
