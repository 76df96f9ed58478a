"""JSON as text that no terminal acts on, whatever names are in it."""

from __future__ import annotations

import re
from typing import Any

from finalrank.text.escape import CONTROLS

# Those of C0 are always escaped in JSON.
_UNSAFE_JSON = re.compile(f"[{CONTROLS}]")
_UNSAFE_BEGINNINGS = (b"\x7f", b"\xc2", b"\xd8", b"\xe2")  # in UTF-8
# Lone surrogates, which a writer may refuse; and NUL, which marks what stands for one.
_NO_JSON = re.compile("[\0\ud800-\udfff]")
_JSON_ESCAPE = re.compile(r"\\(?:u0000|.)")


def safe_json(data: bytes) -> str:
    r"""Return JSON as text, with what a terminal would act on as escapes such as `\u202e`."""
    text = data.decode()
    # Mostly there is none, and to search for their first bytes is a hundred times faster.
    if not any(byte in data for byte in _UNSAFE_BEGINNINGS):
        return text
    return _UNSAFE_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def encodable(value: Any) -> Any:
    """Return strings, lists and dicts for a JSON writer that refuses lone surrogates.

    Each surrogate, and NUL itself, is replaced by a NUL and its four hexadecimal digits; `restored`
    makes escapes of these.
    """
    if isinstance(value, str):
        return _NO_JSON.sub(lambda match: f"\0{ord(match[0]):04x}", value)
    if isinstance(value, list):
        return [encodable(item) for item in value]
    if isinstance(value, dict):
        return {key: encodable(item) for key, item in value.items()}
    return value


def restored(json_text: str) -> str:
    r"""Return JSON text with what `encodable` replaced as escapes such as `\udcff`."""
    return _JSON_ESCAPE.sub(lambda match: r"\u" if match[0] == r"\u0000" else match[0], json_text)


def json_text(value: object) -> str:
    r"""Return a value or a pydantic model as JSON, indented by two spaces.

    Bytes of names that are not UTF-8 are escapes such as `\udcff`, and so are characters that a
    terminal would act on: names are read back exactly, and are safe to print.
    """
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = safe_json(to_json(value, indent=2, inf_nan_mode="null"))
    except PydanticSerializationError:  # a name is not UTF-8
        plain = encodable(to_jsonable_python(value, inf_nan_mode="null"))
        text = restored(safe_json(to_json(plain, indent=2)))
    return text + "\n"
