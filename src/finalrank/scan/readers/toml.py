"""The reader of TOML."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.utf8 import decode_utf8

# The parser of the standard library takes time that grows with the square of a dotted key's length.
_MOST_BYTES, _MOST_DOTS = 1024 * 1024, 100


def parse_toml(data: bytes) -> Any:
    """Return what TOML holds, with every number as a float and every time as a text.

    Raises Unreadable.
    """
    if len(data) > _MOST_BYTES:
        raise Unreadable(None, f"is over {_MOST_BYTES} bytes of TOML: write it as JSON")
    text = decode_utf8(data)
    if any(part.count(".") > _MOST_DOTS for part in re.split(r"[][{}=,\n]", text)):
        raise Unreadable(None, f"has a key or a text with over {_MOST_DOTS} dots: write it as JSON")
    try:
        return _plain(tomllib.loads(text))
    except RecursionError:
        raise Unreadable(None, "is nested too deep: is it a metrics file?") from None
    except (tomllib.TOMLDecodeError, ValueError):
        raise Unreadable(None, "is not TOML") from None


def _plain(value: Any) -> Any:
    """Return a value as JSON would have it. The parser's own limit keeps it from being deep."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool | float | str):
        return value
    return float(value) if isinstance(value, int) else str(value)


READER = Reader("toml", parse_toml, artifact="json")
