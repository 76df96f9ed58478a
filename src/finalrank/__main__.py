"""`python -m finalrank`, and the console script."""

import os
from typing import NoReturn


def run() -> NoReturn:
    """Run the command line; Ctrl-C is one line from the first import on."""
    try:
        from finalrank.cli import run

        run()
    except KeyboardInterrupt:
        os.write(2, b"finalrank: interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    run()
