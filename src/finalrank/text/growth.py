"""How far a parsed JMESPath expression can make a value grow."""

from __future__ import annotations

from math import prod
from typing import Any

# Far more than any expression that somebody wrote.
_MOST_NODES, _MOST_COPIES = 500, 1_000
# A text in a text has a `\` before each quote, and two before each `\`.
_OF_FUNCTION = {"to_string": 2}


def fault_of_growth(parsed: Any) -> str | None:
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
