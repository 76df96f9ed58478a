"""A page taken apart: its tables, its spans, and names as they ought to be shown."""

from __future__ import annotations

from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

BIDI = [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]


def expected(name: str) -> str:
    """The visible form of a name, as docs/contract.md, section 7, has it."""
    shown = []
    for char in name:
        code = ord(char)
        if char in "\n\r\t":
            shown.append({"\n": r"\n", "\r": r"\r", "\t": r"\t"}[char])
        elif code < 0x20 or 0x7F <= code <= 0x9F:
            shown.append(f"\\x{code:02x}")
        elif code in (0x2028, 0x2029) or code in BIDI:
            shown.append(f"\\u{code:04x}")
        elif 0xDC80 <= code <= 0xDCFF:
            shown.append(f"\\x{code - 0xDC00:02x}")
        else:
            shown.append(char)
    return "".join(shown)


def tables(page: str) -> list[tuple[list[str], list[list[Token]]]]:
    """Header texts and, row by row, the cells of every table, as a Markdown reader sees them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    found: list[tuple[list[str], list[list[Token]]]] = []
    for before, token in pairwise(tokens):
        if before.type == "table_open":
            found.append(([], []))
        elif before.type == "th_open":
            found[-1][0].append(token.content)
        elif before.type == "tr_open" and token.type == "td_open":
            found[-1][1].append([])
        elif before.type == "td_open":
            found[-1][1][-1].append(token)
    return found


def span(cell: Token) -> str:
    """The text of a cell that is one code span and no more."""
    assert cell.children is not None
    (child,) = cell.children
    assert child.type == "code_inline"
    return child.content


# Numbers


def rows_of(page: str, heading: str) -> list[list[str]]:
    """The cells below the heading that begins like this."""
    table = page.split(f"\n## {heading}")[1].split("\n\n")[1].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


# Sections that come and go

DICE = {"dice_pos": 0.5}
