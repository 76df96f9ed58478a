"""`finalrank init`."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import TYPE_CHECKING

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import echo_err, echo_problems, looks_like
from finalrank.cli.options import non_empty_path
from finalrank.errors import NothingToRank, UsageError
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.inspection.draft.choices import Choice
    from finalrank.inspection.numbers import Inspection

# How many paths can be chosen from: more would run off the terminal.
_MAX_CHOICES = 100


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
    help="A metric, as `finalrank inspect` shows it; may be repeated. The first is primary. With "
    "`:lower` or `:higher` behind it, which way is better.",
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
    from finalrank.config.files import FILE_NAME
    from finalrank.output.write import STDOUT, encoded, write
    from finalrank.scan.folders.roots import check_folder

    check_folder(runs)
    target = output or os.path.join(runs, FILE_NAME)
    _check_target(target, runs, force)
    if not metrics and not _at_a_terminal():
        look = visible(f"finalrank inspect {shlex.quote(runs)}")
        raise UsageError(f"--metric is missing: choose a path that `{look}` shows")

    from finalrank.inspection.draft.choices import chosen
    from finalrank.inspection.draft.draft import draft
    from finalrank.inspection.numbers import inspect
    from finalrank.inspection.table import no_numbers

    inspection = inspect([runs])
    echo_problems(inspection.problems)
    if not inspection.numbers:
        raise NothingToRank(no_numbers(inspection, [runs]))
    choices = chosen(metrics, inspection) if metrics else _asked(inspection)
    made = draft(choices, inspection, runs)
    # Somebody may have made the file while the user was asked.
    _check_target(target, runs, force)
    write([(target, encoded(made.text))])
    echo_err(*made.remarks)
    if inspection.preset:
        command = f"finalrank report {shlex.quote(runs)} --preset {inspection.preset}"
        echo_err(f"{looks_like(inspection.preset)}: `{visible(command)}` needs no configuration")
    if target != STDOUT:
        config = f" --config {shlex.quote(target)}" if output else ""
        echo_err(visible(f"{target}: written; next: finalrank report {shlex.quote(runs)}{config}"))


def _check_target(target: str, runs: str, force: bool) -> None:
    """Raise UsageError for a file that is read, or is there, unless `force`; or OutputError."""
    from finalrank.inspection.files import is_readable
    from finalrank.output.write import STDOUT, check_writable
    from finalrank.scan.folders.local_paths import real_path

    if target == STDOUT:
        return
    if not force and os.path.lexists(target):
        raise UsageError(
            f"{visible(target)}: is there already: --force writes over it, -o FILE elsewhere"
        )
    check_writable([target])
    real = real_path(target)
    name = os.path.basename(real)
    if is_readable(name) and real.startswith(os.path.join(real_path(runs), "")):
        raise UsageError(
            f"{visible(target)}: is one of the files that are read: choose another with -o FILE"
        )


def _at_a_terminal() -> bool:
    """Tell whether somebody can be asked."""
    streams = (sys.stdin, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams)


def _asked(inspection: Inspection) -> list[Choice]:
    """Ask which numbers are the metrics, and for each whether more is better."""
    from finalrank.inspection.draft.choices import guess
    from finalrank.inspection.paths import shown
    from finalrank.inspection.table import cuts, table

    rows = inspection.numbers[:_MAX_CHOICES]
    echo_err(table(rows, numbered=True), *cuts(rows), "")
    if more := inspection.numbers[_MAX_CHOICES:]:
        echo_err(f"{len(more)} more: see `finalrank inspect`, and use --metric", "")

    def choices_of(answer: str) -> list[Choice]:
        """Return a guess a chosen row; click asks again after the error."""
        places = re.findall(r"[^\s,]+", answer)
        wrong = [p for p in places if not (p.isdecimal() and 1 <= int(p) <= len(rows))]
        if wrong or not places:
            raise click.UsageError(f"write numbers from 1 to {len(rows)}, such as 1 2")
        return [guess(rows[place - 1]) for place in dict.fromkeys(map(int, places))]

    try:
        choices = click.prompt("Your metrics, the primary first", value_proc=choices_of, err=True)
        return [
            choice._replace(
                higher_is_better=click.confirm(
                    f"{shown(choice.numbers.path)}: is more better?",
                    default=choice.higher_is_better,  # None: there must be an answer
                    err=True,
                ),
                said=True,
            )
            for choice in choices
        ]
    except click.Abort:  # Ctrl-C, or Ctrl-D
        raise KeyboardInterrupt from None
