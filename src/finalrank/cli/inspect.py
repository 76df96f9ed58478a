"""`finalrank inspect`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from finalrank.cli.command import Command, non_empty_path
from finalrank.cli.options import echo_err
from finalrank.errors import NothingToRank
from finalrank.output.write import STDOUT, encoded, write
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.inspection.numbers import Inspection


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
    found = inspected(paths or ("runs",))

    from finalrank.inspection.table import to_json, to_text

    write([(STDOUT, encoded((to_json if as_json else to_text)(found)))])


def inspected(paths: Sequence[str]) -> Inspection:
    """What is in the files, problems told; raises NothingToRank where there is no number."""
    from finalrank.decide.tally import problem_line
    from finalrank.inspection.numbers import inspect

    found = inspect(paths)
    echo_err(*map(problem_line, found.problems))
    if not found.numbers:
        where = visible(" ".join(paths))
        seen = "there is no number in any file" if found.files else "no *.json could be read"
        raise NothingToRank(f"{where}: {seen}: name the folder or the files that hold metrics")
    return found
