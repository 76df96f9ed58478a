"""The results that one document holds: itself, or the elements that `scan.results` finds in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from finalrank.config.keys import lookup
from finalrank.config.tables.factors import AT_INDEX, AT_KEY
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.results.texts import text_of


class Element(NamedTuple):
    """One result in a document, and where it stands in it."""

    value: Any
    key: str | None = None  # that it stands under, in an object
    place: str | None = None  # in a list, from 0
    name: str | None = None  # what `scan.name` says that it is called
    label: str = ""  # what tells it from the others of its file; empty where it is the whole


Find = Callable[[Element, Any], Any]


def elements_reader(results: Sequence[str], name: str) -> Callable[[Any], list[Element]]:
    """Return the function from a document to the results in it.

    `results` are the expressions of `scan.results`, `name` is `scan.name`. The function raises
    Unreadable where the document has none.
    """
    if not results:
        return lambda document: [Element(document)]
    finds = [(expression, lookup(expression)) for expression in results]
    find_name = place_finder([name]) if name else None

    def elements(document: Any) -> list[Element]:
        found: list[Element] = []
        for expression, find in finds:
            found += _elements(find(document), expression)
        if not found:
            raise Unreadable(None, "has no results where scan.results looks for them")
        if find_name:
            found = [
                element._replace(name=text_of(find_name(element, document))) for element in found
            ]
        return list(_labelled(found))

    return elements


def _elements(value: Any, expression: str) -> Iterator[Element]:
    """Yield the elements of a list or an object. Raises Unreadable for what holds no results."""
    if value is None:
        return
    if isinstance(value, dict):
        # Of an expression such as `{all: all}`, null is what is not there.
        pairs = [Element(each, key=key) for key, each in value.items() if each is not None]
    elif isinstance(value, list):
        pairs = [Element(each, place=str(place)) for place, each in enumerate(value)]
    else:
        pairs = []
    if not any(isinstance(element.value, dict) for element in pairs):
        if isinstance(value, list | dict) and not pairs:
            return
        raise Unreadable(
            "scan.results",
            f"`{expression}` finds no list or object of results: each must be an object",
        )
    yield from pairs


def _labelled(elements: Sequence[Element]) -> Iterator[Element]:
    """Yield the elements with labels that tell them apart: name, key or place in the list."""
    labels = [element.name or element.key or element.place or "" for element in elements]
    several = Counter(labels)
    seen: Counter[str] = Counter()
    for element, label in zip(elements, labels, strict=True):
        seen[label] += 1
        told = f"{label}.{seen[label]}" if several[label] > 1 else label
        yield element._replace(label=told)


def place_finder(keys: Sequence[str]) -> Find:
    """Return the function that finds the first of the keys that an element or its document has.

    `@key` and `@index` are the place of the element; other keys are sought in the element first,
    then in the document.
    """
    finds = [None if key in (AT_KEY, AT_INDEX) else lookup(key) for key in keys]

    def find(element: Element, document: Any) -> Any:
        for key, find in zip(keys, finds, strict=True):
            if find is None:
                value = element.key if key == AT_KEY else element.place
            else:
                value = find(element.value)
                if value is None and element.value is not document:
                    value = find(document)
            if value is not None:
                return value
        return None

    return find
