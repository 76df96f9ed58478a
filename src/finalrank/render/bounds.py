"""How large what a template makes may become: a number, a text or a list, and all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from jinja2.exceptions import SecurityError

# Items of one text or list that an operation makes of small ones, and bits of a number.
MAX_SIZE = 1_000_000
# Characters that a template may make in all, of which an item of a list takes some: five pages of a
# hundred thousand runs.
MAX_TOTAL = 300_000_000
_ITEM = 10
_SIZED_TYPES = (str, bytes, list, tuple, dict)
# What takes a width, a count or a number of digits: a number among its arguments is a size.
_SIZED = {
    *("center", "ljust", "rjust", "zfill", "expandtabs", "to_bytes"),
    *("indent", "wordwrap", "batch", "slice", "round"),
}
# A list whose length nobody knows has, at most, as many items as Jinja's `range` gives.
_MOST_ITEMS = 100_000
# A width in a format, such as `%99999d` or `{:>99999}`, that is long or is itself an argument.
_WIDE = re.compile(r"%[^%a-zA-Z]*(?:\d{5}|\*)|\{[^{}]*:[^{}]*(?:\d{5}|\{)")


class Spent:
    """Counts what a template makes.

    Every method raises SecurityError where that is too much.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._total = 0
        # By their identity, the lists that were counted, and their sizes: one may be in another.
        self._counted: dict[int, tuple[Any, int]] = {}

    def made(self, value: Any) -> Any:
        """Count a text, a list with all that is in it, or a number, and return it.

        A list of twice the same list takes no memory, and is twice as long as a text.
        """
        if isinstance(value, int):
            _check("a number", value.bit_length())
        elif isinstance(value, _SIZED_TYPES):
            size = self._size(value)
            self._total += size
            if self._total > MAX_TOTAL:
                raise SecurityError("the texts and lists that it makes are too large together")
            if not isinstance(value, str | bytes):
                self._counted[id(value)] = (value, size)
        return value

    def _size(self, value: Any) -> int:
        if isinstance(value, str | bytes):
            return len(value)
        if id(value) in self._counted:
            return self._counted[id(value)][1]
        held = value.values() if isinstance(value, dict) else value
        inner = sum(self._size(item) for item in held if isinstance(item, _SIZED_TYPES))
        return _ITEM * len(value) + inner

    def joined(self, parts: Iterable[Any]) -> str:
        """Return the parts as one text, as Jinja joins what a template prints."""
        return "".join([self.made(str(part)) for part in parts])

    def checked(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter that makes nothing too large."""

        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            # Some are given the environment first.
            own = args[1:] if hasattr(function, "jinja_pass_arg") else args
            check_call(name, own, kwargs)
            return self.made(function(*args, **kwargs))

        return call


def check_call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise SecurityError where a filter or a method of a text would make something too large.

    The first of `args` is the text.
    """
    values = (*args, *kwargs.values())
    if name in _SIZED:
        for value in values:
            if isinstance(value, int):
                _check(f"the result of {name}", value)
    elif name in ("format", "format_map") and values:
        _check_format(values[0])
    elif name == "replace" and all(isinstance(value, str) for value in values[:3]):
        text, old, new, *_ = [*values, "", "", ""]
        _check("the result of replace", len(text) + text.count(old) * len(new), MAX_TOTAL)
    elif name == "join" and len(values) > 1:
        # The list is before the text between its items in a filter, and behind it in a method.
        sizes = [len(value) if hasattr(value, "__len__") else _MOST_ITEMS for value in values]
        _check("the result of join", sizes[0] * sizes[1], MAX_TOTAL)


def check_operation(operator: str, left: Any, right: Any) -> None:
    """Raise SecurityError where `left operator right` would be too large, without computing it."""
    what = f"the result of {operator}"
    numbers = isinstance(left, int) and isinstance(right, int)
    if operator == "**" and numbers:
        _check(what, left.bit_length() * max(right, 0))
    elif operator == "*" and numbers:
        _check(what, left.bit_length() + right.bit_length())
    elif operator == "*":
        repeated, times = (left, right) if hasattr(left, "__len__") else (right, left)
        if hasattr(repeated, "__len__"):
            _check(what, len(repeated) * times)
    elif operator == "%" and isinstance(left, str | bytes):
        _check_format(left)


def _check_format(text: Any) -> None:
    if _WIDE.search(text.decode("latin-1") if isinstance(text, bytes) else str(text)):
        raise SecurityError("the result of a format is too large")


def _check(what: str, size: int, most: int | None = None) -> None:
    if size > (MAX_SIZE if most is None else most):
        raise SecurityError(f"{what} is too large")
