"""How a place in a file is written in a metric's `keys`."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Sequence

from finalrank.config.keys import BrokenKey, expression
from finalrank.text.escape import visible

# A step down: into an object by its key, into a list by None, whatever the index.
Part = str | None

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Of a list's items, those that are finite numbers.
_FINITE = "[?type(@)=='number' && abs(@) < `1e309`]"


def path_of(parts: tuple[Part, ...], taken: Container[str]) -> str:
    """The place as an expression; a key at the top as it is, if it can be."""
    name = parts[0]
    if len(parts) == 1 and name is not None and _is_literal(name):
        return name
    return _apart(_expression(parts, "[]"), taken)


def _is_literal(name: str) -> bool:
    """Whether a key at the top can be written as it is, and seen in a table."""
    if not name or name != name.strip() or visible(name) != name:
        return False
    try:
        expression(name)
    except BrokenKey:
        return False
    return True


def _apart(text: str, taken: Container[str]) -> str:
    """The expression, spelt otherwise while a key of a file is the same: that would go first."""
    while text in taken:
        text = f"({text})"
    return text


def _expression(parts: Sequence[Part], step: str) -> str:
    text = ""
    for part in parts:
        text += step if part is None else f"{'.' if text else ''}{_identifier(part)}"
    return text


def _identifier(name: str) -> str:
    if _BARE.fullmatch(name):
        return name
    return json.dumps(name, ensure_ascii=visible(name) != name)


def mean_of(parts: tuple[Part, ...], taken: Container[str], *, alone: bool) -> str:
    """The mean of the numbers below a list; `alone` if nothing else stands beside them."""
    return _apart(f"avg({_expression(parts, '[]') if alone else _careful(parts)})", taken)


def _careful(parts: tuple[Part, ...]) -> str:
    """An expression for these numbers, and nothing else that stands beside them."""
    last = len(parts) - parts[::-1].index(None)
    tail = _expression(parts[last:], "") or "@"
    # A list of its own keeps each of them as it is through the flattening.
    kept = f"{_expression(parts[:last], '[*]')}.[{tail}]{'[]' * parts.count(None)}"
    return f"{kept} | {_FINITE}"
