"""`finalrank init`."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import TYPE_CHECKING

import click

from finalrank.cli.command import Command, non_empty_path
from finalrank.cli.inspect import inspected
from finalrank.cli.options import echo_err
from finalrank.errors import UsageError
from finalrank.output.write import STDOUT, check_writable, encoded, write
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.inspection.metric_choices import Choice
    from finalrank.inspection.numbers import Inspection


# So many paths can be asked about; more would run off the terminal.
_ASKED = 100


@click.command(
    cls=Command,
    examples="""\
  finalrank init runs/                 asks which numbers are your metrics
  finalrank init runs/ --metric test.dice --metric test.hd95
""",
)
@click.argument("runs", default="runs", metavar="[RUNS]", callback=non_empty_path)
@click.option(
    "--metric",
    "metrics",
    metavar="PATH",
    multiple=True,
    help="A metric, as `finalrank inspect` shows it; may be repeated. The first is primary.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    callback=non_empty_path,
    help="File to write, instead of the finalrank.toml in RUNS.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def init(runs: str, metrics: tuple[str, ...], output: str | None, force: bool) -> None:
    """Write a finalrank.toml to start from.

    It is for the folder RUNS (default: runs), and has a comment on each line.
    """
    from finalrank.config.load import FILE_NAME
    from finalrank.scan.roots import check_folder

    check_folder(runs)
    target = output or os.path.join(runs, FILE_NAME)
    _check_target(target, force)
    if not metrics and not _at_a_terminal():
        look = visible(f"finalrank inspect {shlex.quote(runs)}")
        raise UsageError(f"--metric is missing: choose a path that `{look}` shows")
    found = inspected((runs,))

    from finalrank.inspection.metric_choices import chosen, guess
    from finalrank.inspection.scaffold import remarks, starter

    choices = [guess(row) for row in chosen(metrics, found)] if metrics else _asked(found)
    page = starter(choices, found)
    # It may have been made while we were asking.
    _check_target(target, force)
    write([(target, encoded(page))])
    echo_err(*remarks(choices, found))
    if target != STDOUT:
        config = f" --config {shlex.quote(target)}" if output else ""
        echo_err(visible(f"{target}: written; next: finalrank report {shlex.quote(runs)}{config}"))


def _check_target(target: str, force: bool) -> None:
    if target == STDOUT:
        return
    if not force and os.path.lexists(target):
        raise UsageError(
            f"{visible(target)}: is there already: --force writes over it, -o FILE elsewhere"
        )
    check_writable([target])


def _at_a_terminal() -> bool:
    streams = (sys.stdin, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def _asked(found: Inspection) -> list[Choice]:
    """The metrics that somebody chooses from a list."""
    from finalrank.inspection.metric_choices import guess
    from finalrank.inspection.table import table

    rows = found.numbers[:_ASKED]
    echo_err(table(rows, numbered=True), "")
    if len(found.numbers) > _ASKED:
        echo_err(
            f"{len(found.numbers) - _ASKED} more: see `finalrank inspect`, and use --metric", ""
        )

    def chosen(answer: str) -> list[int]:
        places = re.findall(r"[^\s,]+", answer)
        wrong = [p for p in places if not (p.isdecimal() and 1 <= int(p) <= len(rows))]
        if wrong or not places:
            raise click.UsageError(f"write numbers from 1 to {len(rows)}, such as 1 2")
        return list(dict.fromkeys(map(int, places)))

    try:
        places = click.prompt("Your metrics, the primary first", value_proc=chosen, err=True)
        choices = [guess(rows[place - 1]) for place in places]
        return [
            choice._replace(
                higher_is_better=click.confirm(
                    f"{visible(choice.numbers.path)}: is more better?",
                    default=choice.higher_is_better,
                    err=True,
                ),
                guessed=False,
            )
            for choice in choices
        ]
    except click.Abort:  # Ctrl-C, or Ctrl-D
        raise KeyboardInterrupt from None
