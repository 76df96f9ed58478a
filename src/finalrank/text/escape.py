"""Names from a file system made safe to show: never markup, nor commands to a terminal."""

from __future__ import annotations

import re

# DEL, C1, the two Unicode line ends and the bidirectional controls.
CONTROLS = "\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Those, C0, and lone surrogates, which Python makes of bytes that are not UTF-8.
_UNPRINTABLE = re.compile(f"[\x00-\x1f{CONTROLS}\ud800-\udfff]")
_CONTROL = re.compile(f"[\x00-\x1f{CONTROLS}]")
# What is markup in running text (CommonMark, GFM); `_` within a word is not.
_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<![^\W_])_|_(?![^\W_])")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape(match: re.Match[str]) -> str:
    """Return the escape of the one character that was matched."""
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(name: str) -> str:
    r"""Return the name with every control character escaped: `\n`, `\x1b`, `\u202e`, `\xff`."""
    return name if name.isascii() and name.isprintable() else _UNPRINTABLE.sub(escape, name)


def without_controls(text: str) -> str:
    """Return a text with every control character escaped, and all else as it is."""
    return _CONTROL.sub(escape, text)


def code(name: str) -> str:
    """Return the name as a Markdown code span, with any backticks (CommonMark 0.31, 6.1)."""
    text = visible(name)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    fence = "`" * (longest + 1)
    return f"{fence}{pad}{text}{pad}{fence}"


def code_cell(name: str) -> str:
    r"""Return the name as a code span in a table, where `|` is `\|` (GFM 0.29, 4.10)."""
    return code(name).replace("|", r"\|")


def prose(name: str) -> str:
    """Return the name for running text or a table, with all Markdown in it escaped."""
    return visible(_MARKUP.sub(r"\\\g<0>", name))
