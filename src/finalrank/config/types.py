"""The types of settings, with the checks of what an author wrote."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from warnings import catch_warnings, simplefilter

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from finalrank.config.keys import expression
from finalrank.text.escape import without_controls
from finalrank.text.patterns import LONGEST, fault_of_size


def _on_one_line(text: str) -> str:
    return without_controls(re.sub(r"[\r\n\t]+", " ", text.strip("\r\n\t")))


# The author's own Markdown, on one line and without orders to a terminal.
Text = Annotated[str, AfterValidator(_on_one_line)]
# A list from TOML, kept as a tuple; its items are still checked strictly.
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Range = Annotated[tuple[float, float], Field(strict=False)]
# The names of the rows of `scan.readers.registry.READERS`: a test holds the two together.
ReaderName = Literal[
    "auto",
    "json",
    "jsonl",
    "csv",
    "yaml",
    "toml",
    "nnunet-v1",
    "nnunet-v2",
    "huggingface",
    "lm-eval",
    "lightning",
    "mlflow",
    "mlflow-db",
]
SETTINGS = ConfigDict(frozen=True, extra="forbid", strict=True)


class FaultAt(ValueError):  # noqa: N818 - it is a verdict
    """A mistake that shows only where tables are seen together, with its own place."""

    def __init__(self, place: tuple[str, ...], reason: str) -> None:
        """Keep the place: the keys that lead to it."""
        super().__init__(reason)
        self.place = place


def _valid_expression(key: str) -> str:
    if key:
        expression(key)
    return key


def _valid_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        if not key:
            raise ValueError("a key is empty: write where the value stands in a file")
        expression(key)
    return keys


# A JMESPath expression, or a name; may be empty.
Expression = Annotated[str, AfterValidator(_valid_expression)]
# Several, which are tried in order; none is empty.
Keys = Annotated[Strings, AfterValidator(_valid_keys)]


# An error shows so many characters of a regular expression.
_SHOWN = 200


def with_group(rule: str, group: str, hint: str) -> str:
    """Return the regular expression; raise ValueError where it is none, or has no such group.

    One of which Python warns that its meaning will change is refused, too.
    """
    shown = rule if len(rule) <= _SHOWN else f"{rule[:_SHOWN]}..."
    try:
        with catch_warnings():
            simplefilter("error", FutureWarning)
            # What is far too long takes minutes.
            groups = re.compile(rule if len(rule) <= LONGEST else "").groupindex
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f'"{shown}" is no regular expression ({error}): {hint}') from None
    if fault := fault_of_size(rule):
        raise ValueError(f'"{shown}" {fault}: write a shorter regular expression')
    if group not in groups:
        raise ValueError(f'"{shown}" has no group (?P<{group}>...): {hint}')
    return rule


class Section(BaseModel):
    """A table: frozen, and strict about its keys and types."""

    model_config = SETTINGS
