"""The filter rules that look inside: which of them are true of a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from finalrank.config.keys import lookup

# From a decoded file, or a result in it, to the names of the rules that are true of it.
Conditions = Callable[[Any], tuple[str, ...]]


def condition_finder(expressions: Mapping[str, str]) -> Conditions | None:
    """Return the function that says which expressions are true; None where there are none.

    `expressions` are by the names of their rules. True is what JMESPath holds for true: not false,
    not null, no empty text, list or object. One that cannot work in a file is not.
    """
    if not expressions:
        return None
    finds = [(name, lookup(expression)) for name, expression in expressions.items()]

    def holding(document: Any) -> tuple[str, ...]:
        return tuple(name for name, find in finds if _is_true(find(document)))

    return holding


def _is_true(value: Any) -> bool:
    # Unlike in Python, a number is true, and 0 is, too.
    return value is not None and value is not False and value not in ("", [], {})
