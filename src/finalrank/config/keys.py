"""How a value is looked up in a file: by a key, or by a JMESPath expression.

The language of the expressions: https://jmespath.org/specification.html
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from finalrank.text.escape import visible
from finalrank.text.growth import fault_of_growth
from finalrank.text.suggest import did_you_mean

# From a decoded file to a value in it and the key or expression that found it; both may be None.
Find = Callable[[Any], tuple[Any, str | None]]

# What JMESPath raises for some files beside its own errors.
_UNWORKABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# An error shows so many characters of a key.
_LONGEST = 200
# What is a name, and never needs to be parsed.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What is in a key only if an expression is meant. Other keys that are no expression are names, such
# as `acc,none`, `aupro_0.3` or `metrics/mAP50(B)`.
_MEANT = re.compile(r"[][{}\"'`|?*]|^\.|\.$|\.\d+\.[A-Za-z_]")


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
    if _NAME.match(key):
        return None
    parsed = _parsed(key)
    if parsed is None:
        return None
    return _searching(lambda visit, document: _plain(visit(parsed, document)))


def list_of_mean(key: str) -> Callable[[Any], Any] | None:
    """Return the search for the list that a key takes the mean of, None where it takes none.

    It does where its outermost call is `avg`. Of what stands in the list, nulls are kept, which
    JMESPath would leave out: a case without a value is a case.
    """
    try:
        parsed = None if _NAME.match(key) else _parsed(key)
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


def _parsed(key: str) -> Any:
    """Return the key as a parsed expression, None where it can only be a name.

    Raises BrokenKey for one that is meant as an expression, and is none.
    """
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
    if growth := fault_of_growth(parsed):
        raise BrokenKey(key, None, growth)
    if fault := _first_fault(key, parsed):
        place, reason, certain = fault
        if certain or _is_meant(key):
            raise BrokenKey(key, place, reason)
        return None
    return parsed


def _plain(value: Any) -> Any:
    """Return a result as a decoded file holds it: numbers as floats, None for what is no JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, bool | float | str | list | dict) else None


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
