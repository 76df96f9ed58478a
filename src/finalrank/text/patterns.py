"""Regular expressions that a user wrote: searched within a time, and none that is too large."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import process_time
from typing import Any, Protocol

from finalrank.errors import ConfigError
from finalrank.text.escape import visible

# Far longer than any that somebody wrote, and more than `regex` can hold when it writes them out.
LONGEST, _MOST = 2_000, 10_000
# So many seconds may all searches of an expression take, and so many more for each search.
_SECONDS, _MORE = 0.5, 50e-6
_SHOWN = 60
# What an expression is made of: an escape, a set, a count, a bracket, any other character.
_TOKENS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+),?(\d*)\}|.", re.DOTALL)


class Match(Protocol):
    """What a search finds: a match of `re` or of `regex`."""

    def __getitem__(self, group: str, /) -> Any:
        """Return the text of a group; None where it has no part in the match."""

    def span(self, group: str, /) -> tuple[int, int]:
        """Return where a group begins and ends; -1 and -1 where it has no part."""

    def start(self) -> int:
        """Return where the match begins."""

    def end(self) -> int:
        """Return where it ends."""

    def group(self) -> Any:
        """Return its text."""


Search = Callable[[str], Match | None]


def fault_of_size(pattern: str) -> str | None:
    """Return what is wrong with the size of an expression; None where nothing is."""
    if len(pattern) > LONGEST:
        return f"has {len(pattern)} characters"
    return "repeats too much" if _written_out(pattern) > _MOST else None


def _written_out(pattern: str) -> int:
    """Return how many parts an expression has when every `{n}` is written out."""
    sizes, last = [0], 0
    for token in _TOKENS.finditer(pattern):
        if token[0] == "(":
            sizes.append(0)
            continue
        if token[0] == ")" and len(sizes) > 1:
            last = sizes.pop()
        elif token[1]:
            times = max(int(token[1]), int(token[2] or 0), 1)
            sizes[-1] += last * (times - 1)
            last *= times
            continue
        else:
            last = 1
        sizes[-1] += last
    return sum(sizes)


def searcher(pattern: str, setting: str, trusted: str = "") -> Search:
    """Return the search for a valid expression in a text, which takes linear time or an error.

    The setting that it is of stands in the error. What equals `trusted` is searched without bounds.
    The searches raise ConfigError when they take far longer, all together, than any takes that does
    not try the same text again and again.
    """
    if pattern == trusted:
        return re.compile(pattern).search
    # It takes as long to import as to read a hundred files; `re` cannot be stopped.
    import regex

    find = regex.compile(pattern).search
    left = _SECONDS

    def search(text: str) -> Match | None:
        nonlocal left
        left += _MORE
        begin = process_time()
        try:
            return find(text, timeout=max(left, 0.001))
        except TimeoutError:
            shown = visible(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
            raise ConfigError(
                f'{setting}: takes too long on "{shown}": write it without a repeat in a repeat, '
                "such as (a+)+"
            ) from None
        finally:
            left -= process_time() - begin

    return search
