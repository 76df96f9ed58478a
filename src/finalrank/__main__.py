"""`python -m finalrank`."""

from finalrank.cli import run

run()
