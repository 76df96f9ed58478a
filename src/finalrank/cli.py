"""The command line: options -> pipeline -> write. Only rooms named after it know click."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

import click

from finalrank import __version__
from finalrank.cli_command import Group, heed_signals, moment, named
from finalrank.cli_progress import watched
from finalrank.clock import now
from finalrank.errors import FinalrankError, NothingToRank, OutputError, UsageError
from finalrank.names import visible
from finalrank.publish import Call, publish, targets_of
from finalrank.render import FORMATS
from finalrank.tables import EXPLAIN_FORMATS
from finalrank.write import STDOUT, encoded, write


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples="""\
  finalrank report runs/                      the page, on standard output
  finalrank report runs/ -o final.md -o final.json
  finalrank explain runs/ --run unet_seed_42  why this artifact, why not that run
""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """From a folder of experiment runs to one page of clean final results."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(UsageError.exit_status)


def run() -> NoReturn:
    """The console script: `main`, and out at once."""
    heed_signals()
    # To free a hundred thousand artifacts one by one takes a tenth of the whole time.
    alive: list[object] = []
    status = main(alive=alive)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError, ValueError):  # closed, or its reader has left
            stream.flush()
    os._exit(status)


def main(args: list[str] | None = None, alive: list[object] | None = None) -> int:
    """Run the command line; returns the exit status. The one place where errors are shown.

    What a command made is added to `alive`, for a caller that has no use for the time to free it.
    """
    # Nothing here makes cycles worth collecting, and a collection walks every artifact again.
    gc.disable()
    alive = [] if alive is None else alive
    try:
        return cli.main(args, prog_name="finalrank", standalone_mode=False, obj=alive) or 0
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        message = " ".join(error.format_message().split()).rstrip(".")
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "finalrank"
        _say(f"finalrank: {visible(message)}; see `{command} -h`")
        return UsageError.exit_status
    except FinalrankError as error:
        _say(f"finalrank: {error}", *getattr(error, "__notes__", ()))
        return error.exit_status
    except OSError as error:
        # click's own help and version, on a full disk; any other has a file's name, and is a bug.
        if error.filename is not None or error.errno != errno.ENOSPC:
            raise
        _say("finalrank: standard output: cannot be written: no space left on device")
        return OutputError.exit_status


def _say(*lines: str) -> None:
    with suppress(OSError):  # closed or full: there is nobody left to tell
        for line in lines:
            click.echo(line, err=True)


@contextmanager
def _told_all_the_same(summary: list[str]) -> Iterator[None]:
    """Have the summary follow the error where there is nothing to rank."""
    try:
        yield
    except NothingToRank as error:
        for line in summary:
            error.add_note(line)
        raise


_runs = click.argument("runs", default="runs", metavar="[RUNS]", callback=named)
_config = click.option(
    "--config",
    metavar="FILE",
    callback=named,
    help="Configuration to use, instead of the finalrank.toml in RUNS, or the nearest one (or "
    "pyproject.toml with [tool.finalrank]) from the working folder upwards.",
)
_quiet = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="No progress and no account of the artifacts; problems stay.",
)


@cli.command(
    examples="""\
  finalrank report runs/
  finalrank report runs/ -o final.md -o final.json -o final.csv
  finalrank report runs/ -o final.md --check      is the page up to date?
  finalrank report runs/ -f json | jq -r '.runs[0].run'
""",
)
@_runs
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    callback=named,
    multiple=True,
    help="File to write, in the format of its suffix; may be repeated. `-` is standard output.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Format of standard output, and of files whose suffix names none.  [default: md]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is out of date.")
@click.option(
    "--if-changed",
    is_flag=True,
    help="Leave a file alone if only its time would change.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if there was any problem.")
@click.option("--baseline", metavar="RUN", help="The run to compare with.")
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="How many runs the summary shows."
)
@click.option("--template", metavar="FILE", callback=named, help="Jinja template for the Markdown.")
@click.option(
    "--generated-at",
    metavar="TIME",
    callback=moment,
    help="Time to print, in ISO 8601; else SOURCE_DATE_EPOCH (in UTC), else now.",
)
@_config
@_quiet
@click.pass_context
def report(ctx: click.Context, /, **options: Any) -> None:
    """Write the report on the folder RUNS (default: runs).

    Problems, and one line that accounts for every artifact, go to standard error.

    Exit status: 0 done; 1 the answer is no (--check, --strict, nothing to rank); 2 wrong usage or
    configuration.
    """
    call = Call(**options)
    targets = targets_of(call)
    generated_at = call.generated_at or now()

    from finalrank.account import account, problem_line
    from finalrank.configfile import load_settings
    from finalrank.pipeline import build, survey

    settings = load_settings(call.runs, call.config).replaced(baseline=call.baseline, top=call.top)
    found = survey(call.runs, settings, watched(call.quiet))
    problems = found.problems
    _say(*map(problem_line, problems))
    summary = [] if call.quiet else [account(found, settings)]
    with _told_all_the_same(summary):
        result = build(found, settings, generated_at)
    ctx.obj.append((found, result))
    stale = publish(result, targets, call)
    _say(*stale, *summary)
    ctx.exit(1 if stale or (call.strict and problems) else 0)


@cli.command(
    examples="""\
  finalrank explain runs/
  finalrank explain runs/ --run unet_seed_42
  finalrank explain runs/ -f json | jq -r '.[] | select(.verdict == "excluded") | .source'
""",
)
@_runs
@click.option("--run", "only", metavar="NAME", help="Explain this run alone.")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(EXPLAIN_FORMATS)),
    default="text",
    show_default=True,
    help="Format of the explanation.",
)
@_config
@_quiet
def explain(runs: str, only: str | None, form: str, config: str | None, quiet: bool) -> None:
    """Tell what became of every artifact below RUNS, and why.

    Of each run: which artifact stands for it and by how much it won, which siblings it has, and
    what is left out for which reason.
    """
    from finalrank.account import account, nothing_to_rank, problem_line
    from finalrank.configfile import load_settings
    from finalrank.pipeline import explained, survey

    settings = load_settings(runs, config)
    found = survey(runs, settings, watched(quiet), with_siblings=True)
    rows = explained(found, settings, only)
    of_interest = {row.source for row in rows} if only else None
    _say(
        *(problem_line(p) for p in found.problems if of_interest is None or p.source in of_interest)
    )
    summary = [] if quiet else [account(found, settings)]
    with _told_all_the_same(summary):
        if not rows:
            raise NothingToRank(nothing_to_rank(found, settings))
    write([(STDOUT, encoded(EXPLAIN_FORMATS[form](rows, settings)))])
    _say(*summary)


@cli.command(
    examples="""\
  finalrank schema > finalrank.schema.json
""",
)
def schema() -> None:
    """Print the JSON Schema of `finalrank report -f json`."""
    from finalrank.summary import json_schema

    write([(STDOUT, encoded(json_schema()))])
