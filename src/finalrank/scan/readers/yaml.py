"""The reader of YAML, by safe loading alone: no object of any class is made.

Numbers are those of JSON, and exponents without a point; what YAML 1.1 alone takes for a number
(`1:30`, `012`, `1_000`) is a text, as other programs have it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, whole_number
from finalrank.scan.readers.utf8 import decode_utf8

# YAML is parsed a hundred times slower than JSON.
_MOST_BYTES = 1024 * 1024
# Each level takes several calls of the parser, of which there may be a thousand.
_MAX_DEPTH = 100
# So many values has a file when what it repeats by an alias is counted each time.
_MOST_VALUES = 1_000_000
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
    # `1e-3`, which people write; PyYAML writes the hash 12e45678 of a commit without quotes.
    r"|[0-9]{1,2}[eE][-+]?[0-9]{1,2}|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)


def parse_yaml(data: bytes) -> Any:
    """Return what YAML holds, as JSON would have it. Raises Unreadable."""
    import yaml

    if len(data) > _MOST_BYTES:
        raise Unreadable(None, f"is over {_MOST_BYTES} bytes of YAML: write it as JSON")
    text = decode_utf8(data)
    loader = _loader()
    try:
        _check_size(text, loader)
        return _plain(yaml.load(text, Loader=loader))  # noqa: S506 - it is a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1} column {mark.column + 1}" if mark else None
        raise Unreadable(place, "is not YAML that can be loaded safely") from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise Unreadable(None, "is not YAML that can be loaded safely") from None


def _check_size(text: str, loader: Any) -> None:
    """Raise Unreadable for YAML that is too deep, or far larger than it is written.

    An alias stands for all that its anchor holds; a merge of mappings is one, too.
    """
    import yaml

    sizes: dict[str, int] = {}  # of what each anchor holds
    open_nodes: list[tuple[str | None, int]] = []  # anchor, and size so far
    total = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        # Of what is not closed yet, there is no size: it would hold itself.
        size = (
            sizes.get(event.anchor or "", _MOST_VALUES) if isinstance(event, yaml.AliasEvent) else 1
        )
        total += size
        if total > _MOST_VALUES:
            raise Unreadable(None, "has aliases that make it far too large: write out what counts")
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            if len(open_nodes) > _MAX_DEPTH:
                raise Unreadable(None, f"is nested over {_MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.ScalarEvent) and event.anchor:
            sizes[event.anchor] = 1


@cache
def _loader() -> Any:
    """Return the class that loads: that of libyaml, if it is there, with the numbers of JSON."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """A safe loader that knows which keys are given twice."""

    numbers = {f"{_TAG}int", f"{_TAG}float"}
    Loader.yaml_implicit_resolvers = {
        first: [row for row in rows if row[0] not in numbers]
        for first, rows in base.yaml_implicit_resolvers.items()
    }
    for tag, pattern in ((f"{_TAG}int", _INT), (f"{_TAG}float", _FLOAT)):
        whole = re.compile(f"(?:{pattern.pattern})$")
        Loader.add_implicit_resolver(tag, whole, list("-+.0123456789"))
    Loader.add_constructor(f"{_TAG}int", lambda loader, node: whole_number(node.value))
    Loader.add_constructor(f"{_TAG}map", _mapping)
    return Loader


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    """Make an object, whose keys are texts, and which knows which of them are given twice."""
    own = [key.value for key, _ in node.value if key.tag != f"{_TAG}merge"]
    loader.flatten_mapping(node)
    pairs = [
        (
            str(key.value) if hasattr(key, "value") and isinstance(key.value, str) else "",
            loader.construct_object(value, deep=True),
        )
        for key, value in node.value
    ]
    return dict(pairs) if len({*own}) == len(own) else DuplicateKeyDict(pairs)


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it: times as texts, a set as the list of its members."""
    if isinstance(value, DuplicateKeyDict):
        return DuplicateKeyDict((key, _plain(item)) for key, item in value.pairs)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set):
        return sorted(map(str, value))
    if value is None or isinstance(value, bool | float | str):
        return value
    return str(value)


READER = Reader("yaml", parse_yaml, artifact="json")
