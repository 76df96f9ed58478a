"""JSON as text that no terminal acts on, whatever names are in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from finalrank.text.escape import CONTROLS

if TYPE_CHECKING:
    pass


# C0 has escapes in JSON itself.
_UNSAFE_JSON = re.compile(f"[{CONTROLS}]")


_UNSAFE_BEGINNINGS = (b"\x7f", b"\xc2", b"\xd8", b"\xe2")  # in UTF-8


_NO_JSON = re.compile("[\0\ud800-\udfff]")


_JSON_ESCAPE = re.compile(r"\\(?:u0000|.)")


def safe_json(data: bytes) -> str:
    r"""JSON as text in which what a terminal would act on is an escape, such as `\u202e`."""
    text = data.decode()
    # Mostly there is none, and to look for the bytes that begin one is a hundred times faster.
    if not any(byte in data for byte in _UNSAFE_BEGINNINGS):
        return text
    return _UNSAFE_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def encodable(value: Any) -> Any:
    """Strings, lists and dicts for a JSON writer that refuses lone surrogates.

    In place of each, and of NUL itself, stand a NUL and its four hexadecimal digits; `restored`
    brings them back.
    """
    if isinstance(value, str):
        return _NO_JSON.sub(lambda match: f"\0{ord(match[0]):04x}", value)
    if isinstance(value, list):
        return [encodable(item) for item in value]
    if isinstance(value, dict):
        return {key: encodable(item) for key, item in value.items()}
    return value


def restored(json_text: str) -> str:
    r"""JSON text in which what `encodable` replaced is an escape again, such as `\udcff`."""
    return _JSON_ESCAPE.sub(lambda match: r"\u" if match[0] == r"\u0000" else match[0], json_text)


def json_text(value: object) -> str:
    r"""Any model as JSON, indented by two; bytes that are not UTF-8 as escapes such as `\udcff`.

    So are the characters that a terminal would act on: names come back exactly, and do nothing.
    """
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = safe_json(to_json(value, indent=2, inf_nan_mode="null"))
    except PydanticSerializationError:  # a name is not UTF-8
        plain = encodable(to_jsonable_python(value, inf_nan_mode="null"))
        text = restored(safe_json(to_json(plain, indent=2)))
    return text + "\n"
