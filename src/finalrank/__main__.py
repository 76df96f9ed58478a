"""`python -m finalrank`, and the console script."""

import os
import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line; Ctrl-C is one line from the first import on."""
    try:
        _use_utf8()
        from finalrank.cli.main import run

        run()
    except KeyboardInterrupt as stop:
        os.write(2, b"finalrank: interrupted\n")
        os._exit(128 + (stop.args or [2])[0])


def _use_utf8() -> None:
    """Start again in Python's UTF-8 mode, which is a file name's own in every locale.

    Python 3.15 is always in it; before, a name is another text in a Latin-1 or an ASCII locale.
    """
    if sys.getfilesystemencoding() != "utf-8" and "utf8" not in sys._xoptions:
        again = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
        os.execv(sys.executable, again)  # noqa: S606 - ourselves


if __name__ == "__main__":
    run()
