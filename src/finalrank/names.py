"""How a name from a file system is shown: never as markup, nor as a terminal command."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# C0, DEL, C1, the two Unicode line ends, the bidirectional controls, and what
# Python makes of bytes that are not UTF-8 (lone surrogates).
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_NO_JSON = re.compile("[\0\ud800-\udfff]")
_JSON_ESCAPE = re.compile(r"\\(?:u0000|.)")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(name: str) -> str:
    r"""The name with every control character as an escape: `\n`, `\x1b`, `\u202e`, `\xff`."""
    return name if name.isascii() and name.isprintable() else _UNPRINTABLE.sub(_escape, name)


def code(name: str) -> str:
    """The name as a Markdown code span, whatever backticks it holds (CommonMark 0.31, 6.1)."""
    text = visible(name)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    fence = "`" * (longest + 1)
    return f"{fence}{pad}{text}{pad}{fence}"


def code_cell(name: str) -> str:
    r"""The name as a code span in a table, where `|` is `\|` (GFM 0.29, 4.10)."""
    return code(name).replace("|", r"\|")


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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "a" or "b"?`, or nothing where no known name comes near."""
    # Only an error needs it, and every command would wait for its import.
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return "; did you mean " + " or ".join(f'"{visible(candidate)}"' for candidate in near) + "?"
