"""How a place in a file is written in a metric's `keys`: as a JMESPath expression."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Sequence

from finalrank.config.keys import expression
from finalrank.text.escape import visible
from finalrank.text.expressions import BrokenKey

# A step down from the top of a file: the key of an object, or None for any item of a list.
Part = str | None

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# So many characters of a path are shown where it need not be whole: in a table, every other row
# would be padded to its width.
_WIDEST = 100
_CUT = " ... "
# Keeps of a list's items those that are finite numbers.
_FINITE = "[?type(@)=='number' && abs(@) < `1e309`]"


def path_of(parts: tuple[Part, ...], top_keys: Container[str]) -> str:
    """Return an expression for a place; a key at the top of a file as it is, if it can be.

    `top_keys` are the keys at the top of the files: none is the same as the expression.
    """
    name = parts[0]
    if len(parts) == 1 and name is not None and _is_literal(name):
        return name
    return _unlike(_expression(parts, "[]"), top_keys)


def _is_literal(name: str) -> bool:
    """Return whether a key at the top can be written as it is, and seen in a table."""
    if not name or name != name.strip() or visible(name) != name:
        return False
    try:
        expression(name)
    except BrokenKey:
        return False
    return True


def _unlike(text: str, top_keys: Container[str]) -> str:
    """Return the expression, in parentheses if a key at the top is the same text.

    The key would be found before the expression is tried.
    """
    while text in top_keys:
        text = f"({text})"
    return text


def _expression(parts: Sequence[Part], step: str) -> str:
    """Join the parts; `step` is written for any item of a list: `[]`, or `[*]`."""
    text = ""
    for part in parts:
        text += step if part is None else f"{'.' if text else ''}{spelt(part)}"
    return text


def spelt(name: Part) -> str:
    """Return a step of a path as an expression has it, without the dot before it."""
    if name is None:
        return "[]"
    if _BARE.fullmatch(name):
        return name
    return json.dumps(name, ensure_ascii=visible(name) != name)


def mean_of(parts: tuple[Part, ...], top_keys: Container[str], *, alone: bool) -> str:
    """Return an expression for the mean of the numbers at a place in a list.

    `alone`: nothing else stands at the place, so that no other values must be kept out of the
    mean. `top_keys` are as in `path_of`.
    """
    numbers = _expression(parts, "[]") if alone else _numbers_alone(parts)
    return _unlike(f"avg({numbers})", top_keys)


def _numbers_alone(parts: tuple[Part, ...]) -> str:
    """Return an expression for the finite numbers at a place, and nothing else that stands there.

    For `folds[].dice` it is ``folds[*].[dice][] | [?type(@)=='number' && abs(@) < `1e309`]``.
    """
    last = len(parts) - parts[::-1].index(None)
    tail = _expression(parts[last:], "") or "@"
    # Each value is put into a list of its own: flattening takes off that list, not one that is
    # the value itself.
    wrapped = f"{_expression(parts[:last], '[*]')}.[{tail}]{'[]' * parts.count(None)}"
    return f"{wrapped} | {_FINITE}"


def is_long(path: str) -> bool:
    """Return whether `shown` leaves out the middle of a path."""
    return len(visible(path)) > _WIDEST


def shown(path: str) -> str:
    """Return a path as a person reads it: a long one without its middle."""
    text = visible(path)
    if len(text) <= _WIDEST:
        return text
    # The last keys say what the numbers measure.
    end = (_WIDEST - len(_CUT)) // 2
    return text[: _WIDEST - len(_CUT) - end] + _CUT + text[-end:]
