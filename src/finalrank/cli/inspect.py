"""`finalrank inspect`."""

from __future__ import annotations

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import echo_err, echo_problems, looks_like
from finalrank.cli.options import non_empty_path
from finalrank.errors import NothingToRank


@click.command(
    cls=Command,
    examples="""\
  finalrank inspect runs/
  finalrank inspect runs/unet/test_results.json
  finalrank inspect runs/ --json | jq -r '.numbers[].keys'
""",
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...", callback=non_empty_path)
@click.option("--json", "as_json", is_flag=True, help="All that was found, as an object.")
def inspect(paths: tuple[str, ...], as_json: bool) -> None:
    """Tell which numbers are in files.

    PATHS are files, or folders (default: runs), of which each file that a reader knows is read:
    JSON, JSON lines, CSV, TSV, YAML, TOML. A list is one path, `losses[]`; of a table that is a
    history, the last values are shown. What it looks like is a guess; which metric it is goes by
    its name. Where `keys` in finalrank.toml need another spelling than the path, the last column
    has it.
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
        if preset := inspection.preset:
            echo_err(f"{looks_like(preset)}: try `finalrank report` with --preset {preset}")
