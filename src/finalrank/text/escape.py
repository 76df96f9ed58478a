"""How a name from a file system is shown, never as markup nor as a command, and what it tells."""

from __future__ import annotations

import re

# DEL, C1, the two Unicode line ends and the bidirectional controls.
CONTROLS = "\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Those, C0, and what Python makes of bytes that are not UTF-8 (lone surrogates).
_UNPRINTABLE = re.compile(f"[\x00-\x1f{CONTROLS}\ud800-\udfff]")
# What acts in running text as Markdown has it; within a word, `_` does not.
_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<![^\W_])_|_(?![^\W_])")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape(match: re.Match[str]) -> str:
    """The escape of the one character that was matched."""
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(name: str) -> str:
    r"""The name with every control character as an escape: `\n`, `\x1b`, `\u202e`, `\xff`."""
    return name if name.isascii() and name.isprintable() else _UNPRINTABLE.sub(escape, name)


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


def prose(name: str) -> str:
    """The name within running text or a table: nothing in it is Markdown."""
    return visible(_MARKUP.sub(r"\\\g<0>", name))
