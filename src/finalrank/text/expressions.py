"""JMESPath expressions that a user wrote: parsed, and refused with what is wrong with one.

The language: https://jmespath.org/specification.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from math import prod
from typing import Any

from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# An error shows so many characters of a key.
_LONGEST = 200
# What is a name, and never needs to be parsed.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What is in a key only if an expression is meant. Other keys that are no expression are names, such
# as `acc,none`, `aupro_0.3` or `metrics/mAP50(B)`.
_MEANT = re.compile(r"[][{}\"'`|?*]|^\.|\.$|\.\d+\.[A-Za-z_]")
# Far more than any expression that somebody wrote.
_MOST_NODES, _MOST_COPIES = 500, 1_000
# A text in a text has a `\` before each quote, and two before each `\`.
_OF_FUNCTION = {"to_string": 2}


class BrokenKey(ValueError):  # noqa: N818 - it is a verdict
    """A key that is meant as an expression, and is not a valid one; a note points at the place."""

    def __init__(self, key: str, place: int | None, reason: str) -> None:
        """Keep the place, an index into the key, or None where there is none to point at."""
        shown = key if len(key) <= _LONGEST else f"{key[:_LONGEST]}..."
        super().__init__(f'"{shown}" is no JMESPath expression: {reason}')
        if len(key) > _LONGEST:
            return
        if place is not None and visible(key) == key:
            self.add_note(f"  {key}\n  {' ' * place}^")


def parsed_expression(key: str) -> Any:
    """Return the key as a parsed expression, None where it can only be a name.

    Raises BrokenKey for one that is meant as an expression, and is none.
    """
    if _NAME.match(key):
        return None
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        with warnings.catch_warnings():
            # Literals of an old form are allowed.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            parsed = jmespath.compile(key).parsed
    except JMESPathError as error:
        if _is_meant(key):
            place = getattr(error, "lex_position", None)
            raise BrokenKey(key, place, _reason(key, place)) from None
        return None
    except RecursionError:
        raise BrokenKey(key, None, "it is nested too deep") from None
    if growth := _fault_of_growth(parsed):
        raise BrokenKey(key, None, growth)
    if fault := _first_fault(key, parsed):
        place, reason, certain = fault
        if certain or _is_meant(key):
            raise BrokenKey(key, place, reason)
        return None
    return parsed


def _reason(key: str, place: int | None) -> str:
    if place is None or place >= len(key.rstrip()):
        return "it ends too early: is a bracket or a quote missing?"
    return (
        f"""unexpected "{key[place]}" at its character {place + 1}: names of more than letters, """
        f"""digits and _ have double quotes, as in 'results."1".dice' or '"{key}"'"""
    )


def _is_meant(key: str) -> bool:
    """Return whether the key has what only an expression has, such as a call of a function."""
    from jmespath.functions import Functions

    calls = re.findall(r"(\w+)\s*\(", key)
    return bool(_MEANT.search(key)) or any(name in Functions.FUNCTION_TABLE for name in calls)


def _first_fault(key: str, parsed: Any) -> tuple[int, str, bool] | None:
    try:
        return next(_faults(key, parsed), None)
    except RecursionError:
        raise BrokenKey(key, None, "it is nested too deep") from None


def _faults(key: str, node: Any) -> Iterator[tuple[int, str, bool]]:
    """Yield the wrong calls of functions: the place, what is wrong, whether a call is surely meant.

    `node` is a node of the parsed expression.
    """
    from jmespath.functions import Functions

    for child in node["children"]:
        if isinstance(child, dict):  # the children of a slice are numbers
            yield from _faults(key, child)
    if node["type"] != "function_expression":
        return
    name, known = node["value"], Functions.FUNCTION_TABLE
    call = re.search(rf"(?<!\w){re.escape(name)}\s*\(", key)
    place = call.start() if call else 0
    if name not in known:
        suggestion = did_you_mean(name, known)
        hint = suggestion or "; avg, max, min, sum and length are some"
        yield place, f"there is no function {name}{hint}", bool(suggestion)
        return
    signature = known[name]["signature"]
    variadic = any(argument.get("variadic") for argument in signature)
    if len(node["children"]) != len(signature) and not variadic:
        plural = "s" * (len(signature) != 1)
        yield place, f"{name} takes {len(signature)} argument{plural}", True


def _fault_of_growth(parsed: Any) -> str | None:
    """Return why an expression could take for ever; None where it takes linear time."""
    nodes = 0
    waiting = [parsed]
    while waiting:
        nodes += 1
        waiting += _children(waiting.pop())
    if nodes > _MOST_NODES:
        return "it is too long: write a shorter one"
    if _copies(parsed) > _MOST_COPIES:
        return "it copies a value again and again: write a shorter one"
    return None


def _children(node: Any) -> list[Any]:
    """Return the expressions in a node: the children of a slice are numbers."""
    return [child for child in node["children"] if isinstance(child, dict)]


def _copies(node: Any) -> int:
    """Return how often, at most, the result of an expression has each part of what it is given."""
    below = [_copies(child) for child in _children(node)]
    if not below:
        return 1
    kind = node["type"]
    if kind in ("multi_select_list", "multi_select_dict", "function_expression"):
        return sum(below) * _OF_FUNCTION.get(str(node.get("value")), 1)
    if kind in ("comparator", "and_expression", "or_expression", "not_expression"):
        return max(below)
    # One takes what the other gives.
    return prod(below)
