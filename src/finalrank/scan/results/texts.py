"""The text that a factor's value is, whatever type a file gives it."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str | None:
    """Return the value of a factor as a text; None where it is none, or no plain value.

    Numbers are written as people write them: 42, 0.001, 1e-05.
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    # Dates and times of YAML and TOML; lists and objects are no text of their own.
    return None if value is None or isinstance(value, list | dict | set) else str(value)


def is_plain(value: Any) -> bool:
    """Return whether a value can be that of a factor."""
    return not isinstance(value, list | dict | set)
