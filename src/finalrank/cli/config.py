"""`finalrank config`."""

from __future__ import annotations

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import configuration
from finalrank.cli.options import config_option, preset_option, runs_argument


@click.command(
    cls=Command,
    examples="""\
  finalrank config runs/
  finalrank config --preset nnunet-v2 > finalrank.toml    a preset, to change it
""",
)
@runs_argument
@preset_option
@config_option
def config(runs: tuple[str, ...], preset: str | None, config: str | None) -> None:
    """Print the configuration in force.

    It is that of the folders RUNS (default: runs). A comment says where each value came from, and
    the whole is a finalrank.toml that means the same.
    """
    from finalrank.config.effective import effective
    from finalrank.output.write import write_stdout

    layers, settings = configuration(runs, config, preset)
    write_stdout(effective(settings, layers))
