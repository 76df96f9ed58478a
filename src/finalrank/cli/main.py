"""The command line: the table of commands, and the one place where errors are shown."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

import click

from finalrank import __version__
from finalrank.cli.command import Group, install_signal_handlers
from finalrank.cli.config import config
from finalrank.cli.explain import explain
from finalrank.cli.init import init
from finalrank.cli.inspect import inspect
from finalrank.cli.messages import echo_err
from finalrank.cli.report import report
from finalrank.cli.schema import schema
from finalrank.errors import FinalrankError, OutputError, UsageError
from finalrank.text.escape import visible

# A row a command. Each is imported whatever is called: what it needs to run waits until it does.
COMMANDS = (report, explain, inspect, init, config, schema)


@click.group(
    cls=Group,
    commands=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples="""\
  finalrank report runs/                       the page, on standard output
  finalrank report runs/ -o final.md -o final.json
  finalrank explain runs/ --run unet_seed_42   why this artifact, and no other
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
    """Run the command line, and end the process without freeing its memory."""
    install_signal_handlers()
    # To free a hundred thousand artifacts one by one takes a tenth of the whole time.
    alive: list[object] = []
    status = main(alive=alive)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError, ValueError):  # closed, or its reader has left
            stream.flush()
    os._exit(status)


def main(args: list[str] | None = None, alive: list[object] | None = None) -> int:
    """Run the command line with `args`, or those of the process, and return the exit status.

    This is the one place where errors are shown. A command adds its large values to `alive`: a
    caller that then ends the process saves the time to free them.
    """
    # A collection walks every artifact again, and there are no cycles worth collecting.
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
        echo_err(f"finalrank: {visible(message)}; see `{command} -h`")
        return UsageError.exit_status
    except FinalrankError as error:
        echo_err(f"finalrank: {error}", *getattr(error, "__notes__", ()))
        return error.exit_status
    except MemoryError:
        echo_err(
            "finalrank: not enough memory: lower evidence.resamples, evidence.weightings or "
            "scan.max_bytes, or narrow what is read (--include)"
        )
        return FinalrankError.exit_status
    except OSError as error:
        # click's own help and version, on a full disk; any other has a file's name, and is a bug.
        if error.filename is not None or error.errno != errno.ENOSPC:
            raise
        echo_err("finalrank: standard output: cannot be written: no space left on device")
        return OutputError.exit_status
