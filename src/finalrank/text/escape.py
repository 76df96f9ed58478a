"""How a name from a file system is shown, never as markup nor as a command, and what it tells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# How the name of a table ends.
TABLES = (".csv", ".json")
# DEL, C1, the two Unicode line ends and the bidirectional controls.
_CONTROLS = "\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Those, C0, and what Python makes of bytes that are not UTF-8 (lone surrogates).
_UNPRINTABLE = re.compile(f"[\x00-\x1f{_CONTROLS}\ud800-\udfff]")
# What acts in running text as Markdown has it; within a word, `_` does not.
_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<![^\W_])_|_(?![^\W_])")
# C0 has escapes in JSON itself.
_UNSAFE_JSON = re.compile(f"[{_CONTROLS}]")
_UNSAFE_BEGINNINGS = (b"\x7f", b"\xc2", b"\xd8", b"\xe2")  # in UTF-8
# In a table file, a line break or a tab is part of the name.
_UNSAFE_CELL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_CONTROLS}]")
# What a spreadsheet takes for the beginning of a formula, and the mark that says it is none.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
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


def prose(name: str) -> str:
    """The name within running text or a table: nothing in it is Markdown."""
    return visible(_MARKUP.sub(r"\\\g<0>", name))


def cell(name: str) -> str:
    r"""The name as text in a spreadsheet: never a formula, nor a terminal command.

    What could be taken for a formula has a `'` in front, and so has a name that begins with `'`:
    without one leading `'` each is as it was. Control characters but line breaks and tabs are
    escapes, as in `visible`.
    """
    text = _UNSAFE_CELL.sub(_escape, name)
    return f"'{text}" if text.startswith(_FORMULA) else text


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


def stem(file_name: str) -> str:
    """The file name without its `.json` or `.csv`."""
    for suffix in (".json", ".csv"):
        if file_name.endswith(suffix):
            return file_name[: -len(suffix)]
    return file_name


def twin_names(
    file_name: str, test: str, twins: Iterable[str], suffixes: Iterable[str] | None = TABLES
) -> list[str]:
    """The names that a twin may have: `test` replaced, a suffix of `suffixes` (None: its own)."""
    own = stem(file_name)
    if not test or test not in own:
        return []
    ends = (file_name[len(own) :],) if suffixes is None else tuple(suffixes)
    # Once: the rest of the name says which of several artifacts it is.
    names = [own.replace(test, twin, 1) + end for twin in twins for end in ends]
    return [name for name in dict.fromkeys(names) if name != file_name]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "a" or "b"?`, or nothing where no known name comes near."""
    # Only an error needs it, and every command would wait for its import.
    import difflib

    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)
    if not near:
        return ""
    return "; did you mean " + " or ".join(f'"{visible(candidate)}"' for candidate in near) + "?"
