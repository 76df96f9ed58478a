"""The errors that finalrank raises on purpose; each is shown as one line that says what to do.

FinalrankError          exit status 2
├── UsageError          the call is wrong: RUNS, an option, a run that does not exist
├── ConfigError         a configuration file is wrong
├── TemplateError       a Markdown template is wrong
├── OutputError         an output cannot be written
├── Interrupted         exit status 128 and the signal's number
└── NothingToRank       exit status 1: there is no valid artifact
"""

from __future__ import annotations


class FinalrankError(Exception):
    """Base of every error raised on purpose; its text is one line."""

    exit_status = 2


class UsageError(FinalrankError):
    """The command or function was called in a way that cannot work."""


class ConfigError(FinalrankError):
    """A configuration file cannot be read, or is not valid."""


class TemplateError(FinalrankError):
    """A template cannot be read or rendered."""


class OutputError(FinalrankError):
    """An output cannot be written."""


class NothingToRank(FinalrankError):  # noqa: N818 - an answer, not a fault
    """No artifact in the runs folder is valid."""

    exit_status = 1


class Interrupted(FinalrankError):  # noqa: N818 - a wish, not a fault
    """A signal asked the command to stop, from the user or from a scheduler."""

    def __init__(self, signal: int) -> None:
        """Set the exit status that a shell gives a command which the signal ended."""
        super().__init__("interrupted; nothing was left half written")
        self.exit_status = 128 + signal
