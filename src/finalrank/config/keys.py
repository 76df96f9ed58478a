"""How a value is looked up in a file: by a key, or by a JMESPath expression.

The language of the expressions: https://jmespath.org/specification.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from finalrank.text.expressions import BrokenKey, parsed_expression

# From a decoded file to a value in it and the key or expression that found it; both may be None.
Find = Callable[[Any], tuple[Any, str | None]]

# What JMESPath raises for some files beside its own errors.
_UNWORKABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def finder(keys: Sequence[str], missing: Collection[str] = ()) -> Find:
    """Return the function that finds the first of the keys that has a value in a file.

    A key is looked up as it is at the top of the file, and else as an expression. Null, a number
    that is not finite, and the texts in `missing` are no values.
    """
    steps = [(key, search_by(key)) for key in keys]

    def find(document: Any) -> tuple[Any, str | None]:
        for key, search in steps:
            if isinstance(document, dict) and key in document:
                value = document[key]
            else:
                value = search(document) if search else None
            if not (
                value is None
                or (isinstance(value, float) and not math.isfinite(value))
                or (isinstance(value, str) and value in missing)
            ):
                return value, key
        return None, None

    return find


def lookup(key: str) -> Callable[[Any], Any]:
    """Return the function from a decoded file to what it has at a key, of whatever type.

    It is looked up as it is at the top of the file, and else as an expression; None is nothing.
    """
    search = search_by(key)

    def look_up(document: Any) -> Any:
        if isinstance(document, dict) and key in document:
            return document[key]
        return search(document) if search else None

    return look_up


def search_by(key: str) -> Callable[[Any], Any] | None:
    """Return the search by an expression, and None for any other key.

    Unlike `expression`, it takes a key that is meant as an expression and broken for a name, as a
    metric's own key may look like one.
    """
    try:
        return expression(key)
    except BrokenKey:
        return None


def expression(key: str) -> Callable[[Any], Any] | None:
    """Return the search by the key as an expression; None where it can only be a name.

    Raises BrokenKey for one that is meant as an expression, and is none.
    """
    parsed = parsed_expression(key)
    if parsed is None:
        return None
    return _searching(lambda visit, document: _plain(visit(parsed, document)))


def list_of_mean(key: str) -> Callable[[Any], Any] | None:
    """Return the search for the list that a key takes the mean of, None where it takes none.

    It does where its outermost call is `avg`. Of what stands in the list, nulls are kept, which
    JMESPath would leave out: a case without a value is a case.
    """
    try:
        parsed = parsed_expression(key)
    except BrokenKey:
        return None
    if parsed is None:
        return None
    if (parsed["type"], parsed.get("value")) != ("function_expression", "avg"):
        return None
    (argument,) = parsed["children"]
    return _searching(lambda visit, document: _with_nulls(argument, document, visit))


def _searching(look_up: Callable[[Callable[[Any, Any], Any], Any], Any]) -> Callable[[Any], Any]:
    """Return the search that finds nothing where `look_up` cannot work in a file."""
    from jmespath.exceptions import JMESPathError
    from jmespath.visitor import TreeInterpreter

    visit = TreeInterpreter().visit

    def search(document: Any) -> Any:
        try:
            return look_up(visit, document)
        # Such as the mean of what is not there. Other errors depend on the file: a text that is
        # compared with a number, or infinity that is rounded.
        except (JMESPathError, *_UNWORKABLE):
            return None

    return search


def _with_nulls(node: Any, document: Any, visit: Callable[[Any, Any], Any]) -> Any:
    """Return what a node of a parsed expression finds, with the nulls of its own projections."""
    kind, children = node["type"], node["children"]
    if kind not in ("flatten", "projection", "value_projection", "filter_projection"):
        return visit(node, document)
    base = _with_nulls(children[0], document, visit)
    if kind == "value_projection" and isinstance(base, dict):
        base = list(base.values())
    if not isinstance(base, list):
        return None
    held = {"type": "literal", "children": [], "value": base}
    if kind == "flatten":
        return visit({**node, "children": [held]}, document)
    if kind == "filter_projection":
        itself = {"type": "identity", "children": []}
        base = visit({**node, "children": [held, itself, children[2]]}, document)
    return [visit(children[1], item) for item in base]


def _plain(value: Any) -> Any:
    """Return a result as a decoded file holds it: numbers as floats, None for what is no JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, bool | float | str | list | dict) else None
