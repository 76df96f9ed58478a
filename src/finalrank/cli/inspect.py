"""`finalrank inspect`."""

from __future__ import annotations

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import echo_err, echo_problems
from finalrank.cli.options import non_empty_path
from finalrank.errors import NothingToRank


@click.command(
    cls=Command,
    examples="""\
  finalrank inspect runs/
  finalrank inspect runs/unet/test_results.json
  finalrank inspect runs/ --json | jq -r '.[].keys'
""",
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...", callback=non_empty_path)
@click.option("--json", "as_json", is_flag=True, help="A list of objects, one a path.")
def inspect(paths: tuple[str, ...], as_json: bool) -> None:
    """Tell which numbers are in files.

    PATHS are files, or folders (default: runs), of which each `*.json` is read. A list is one
    path, `losses[]`. What it looks like is a guess. Where `keys` in finalrank.toml need another
    spelling than the path, the last column has it.
    """
    from finalrank.inspection.numbers import inspect
    from finalrank.inspection.table import cuts, no_numbers, to_json, to_text
    from finalrank.output.write import write_stdout

    paths = paths or ("runs",)
    inspection = inspect(paths)
    echo_problems(inspection.problems)
    if not inspection.numbers:
        raise NothingToRank(no_numbers(inspection, paths))
    write_stdout((to_json if as_json else to_text)(inspection))
    if not as_json:
        echo_err(*cuts(inspection.numbers))
