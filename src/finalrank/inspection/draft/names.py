"""What the paths of files say: patterns for their names, runs, and the factors in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import escape
from typing import NamedTuple

from finalrank.text.escape import visible
from finalrank.text.filenames import stem

_SPLITS = "training|train|validation|valid|val|evaluation|eval|testing|test|holdout|dev"
_EDGE = r"(?<![A-Za-z0-9])"
# What in a path is a factor: the word, and its value.
_TOKENS = (
    (
        "fold",
        re.compile(rf"{_EDGE}(?:cv_?)?fold[-_ ]?(?P<value>\d+)(?![A-Za-z0-9])", re.IGNORECASE),
    ),
    ("seed", re.compile(rf"{_EDGE}seed[-_ ]?(?P<value>\d+)(?![A-Za-z0-9])", re.IGNORECASE)),
    ("split", re.compile(rf"{_EDGE}(?P<value>{_SPLITS})(?![A-Za-z0-9])", re.IGNORECASE)),
)
_EXPRESSIONS = {
    "fold": r"(?:cv_?)?fold[-_ ]?(?P<fold>\d+)",
    "seed": r"seed[-_ ]?(?P<seed>\d+)",
    "split": rf"(?P<split>{_SPLITS})",
}
# What tells one file from the next and says nothing: dates, counts, hashes.
_CHANGING = re.compile(rf"{_EDGE}(?=[0-9a-f]*\d)[0-9a-f]{{6,}}(?![A-Za-z0-9])|\d+")
_MARK = "\0"


class Paths(NamedTuple):
    """What is written into `[scan]` for the paths of files, and what is to be told of it."""

    patterns: tuple[str, ...]
    run: str  # "parent", "file" or a regular expression
    factors: tuple[str, ...] = ()  # those that the expression gives
    told: str = ""


def paths_of(sources: Sequence[str], others: Iterable[str]) -> Paths:
    """Return patterns and runs for the files with the primary metric; `others` are without."""
    names = sorted({_name(source) for source in sources})
    patterns = patterns_for(names, {_name(other) for other in others} - {*names})
    roles = [role for role, token in _TOKENS if len(_values(token, sources)) > 1]
    if roles and (rule := _rule(sources, roles)):
        values = ", ".join(
            f"{role} {_some(_values(dict(_TOKENS)[role], sources))}" for role in roles
        )
        return Paths(patterns, rule, tuple(roles), f"{values}: taken from the paths (scan.run)")
    told = f"the paths seem to name a {' and a '.join(roles)}: see scan.run" if roles else ""
    per_folder = Counter(source.rpartition("/")[0] for source in sources)
    # A file at the top is a run of its own anyway.
    is_crowded = any(count > 1 for folder, count in per_folder.items() if folder)
    if is_crowded and (dataset := _datasets(sources)):
        return dataset._replace(patterns=patterns)
    return Paths(patterns, "file" if is_crowded else "parent", told=told)


def without_nested(sources: Sequence[str]) -> list[str]:
    """Return the files without those that lie below a folder that has one of another name itself.

    They say once more what the others say, as an `analysis/summary.json` below `metrics.json`.
    """
    folders: dict[str, set[str]] = {}
    for source in sources:
        folder, _, name = source.rpartition("/")
        folders.setdefault(folder, set()).add(name)
    nested = {source: _is_below(source, folders) for source in sources}
    # Names of which one file is no such are those of runs.
    runs = {_name(source) for source, is_nested in nested.items() if not is_nested}
    return [source for source in sources if _name(source) in runs]


def _is_below(source: str, folders: Mapping[str, set[str]]) -> bool:
    folder, _, name = source.rpartition("/")
    while folder:
        folder = folder.rpartition("/")[0]
        if folder and folders.get(folder, {name}) - {name}:
            return True
    return False


def _name(source: str) -> str:
    return source.rpartition("/")[2]


def _values(token: re.Pattern[str], sources: Iterable[str]) -> set[str]:
    """Return the values of a factor, the last in each path."""
    found = (list(token.finditer(source)) for source in sources)
    return {matches[-1]["value"].lower() for matches in found if matches}


def values_in_paths(sources: Sequence[str]) -> dict[str, set[str]]:
    """Return the values of each factor of which the paths have more than one."""
    found = {role: _values(token, sources) for role, token in _TOKENS}
    return {role: values for role, values in found.items() if len(values) > 1}


def _some(values: set[str]) -> str:
    ordered = sorted(values, key=lambda value: (len(value), value))
    return ", ".join(ordered[:5]) + (" ..." if len(ordered) > 5 else "")


def _rule(sources: Sequence[str], roles: Sequence[str]) -> str | None:
    """Return the expression that finds run and factors in all of the paths, None if none does."""
    tails = {_tail(source, roles) for source in sources}
    if len(tails) != 1 or None in tails:
        return None
    (tail,) = (tail for tail in tails if tail is not None)
    rule = rf"^(?P<run>.*?)[-_./ ]*{tail}$"
    matches = [re.search(rule, source) for source in sources]
    # The word for a split may stand in a run's name, too.
    if not all(match and _is_apart(match, roles) for match in matches):
        return None
    return rule


def _is_apart(match: re.Match[str], roles: Sequence[str]) -> bool:
    return all(match[role] for role in roles)


def _tail(source: str, roles: Sequence[str]) -> str | None:
    """Return the end of a path from its first factor on, as an expression; None if one lacks."""
    spans = []
    for role, token in _TOKENS:
        if role in roles:
            matches = list(token.finditer(source))
            if not matches:
                return None
            spans.append((matches[-1].start(), matches[-1].end(), role))
    spans.sort()
    text, end = "", spans[0][0]
    for start, stop, role in spans:
        text += _literal(source[end:start]) + _EXPRESSIONS[role]
        end = stop
    return text + _literal(source[end:])


def _literal(text: str) -> str:
    """Return a text as an expression, in which numbers, dates and hashes may be others."""
    parts = re.split(f"({_CHANGING.pattern})", text)
    return "".join(r"[0-9a-f]+" if n % 2 else re.escape(part) for n, part in enumerate(parts))


def _datasets(sources: Sequence[str]) -> Paths | None:
    """Return the paths of files that have the names of datasets: the same in most folders."""
    folders: dict[str, set[str]] = {}
    for source in sources:
        folder, _, name = source.rpartition("/")
        folders.setdefault(folder, set()).add(name)
    several = [names for names in folders.values() if len(names) > 1]
    counts = Counter(name for names in several for name in names)
    recurring = [name for name, count in counts.items() if 2 * count > len(several)]
    if len(several) < 2 or 2 * len(several) <= len(folders) or len(recurring) < len(counts):
        return None
    suffix = re.escape(_name(sources[0])[len(stem(_name(sources[0]))) :])
    some = ", ".join(sorted(map(stem, recurring))[:3])
    return Paths(
        (),
        rf"^(?P<run>.+)/(?P<dataset>[^/]+){suffix}$",
        ("dataset",),
        f"{some} ... are in most folders, and taken for datasets (scan.run): write "
        'run = "parent" if they are versions of one result',
    )


def patterns_for(names: Sequence[str], others: set[str]) -> tuple[str, ...]:
    """Return globs that find all of the names, and the like of them, and none of the others."""
    split = _TOKENS[-1][1]
    has_splits = len(_values(split, names)) > 1
    shapes = sorted({_shape(name, has_splits=has_splits) for name in names})
    for candidates in ((_common(shapes),), tuple(shapes)):
        found = all(_is_found(name, candidates) for name in names)
        if candidates[0] and found and not any(_is_found(other, candidates) for other in others):
            return candidates
    return tuple(dict.fromkeys(map(_glob, names)))


def _is_found(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _shape(name: str, *, has_splits: bool) -> str:
    """Return a glob for names like this one: numbers, dates, hashes may differ, and splits."""
    own = stem(name)
    shape = _TOKENS[-1][1].sub(_MARK, own) if has_splits else own
    parts = re.split(f"({_CHANGING.pattern})", shape)
    globs = [_changing(part) if n % 2 else _starred(part) for n, part in enumerate(parts)]
    return re.sub(r"\*(?:[-_. ]*\*)+", "*", "".join(globs)) + _glob(name[len(own) :])


def _changing(part: str) -> str:
    """Return a glob for a number, or for a hash, which need not begin with a digit."""
    return "[0-9]*" if part.isdigit() else "*"


def _starred(text: str) -> str:
    return "*".join(map(_glob, text.split(_MARK)))


def _common(shapes: Sequence[str]) -> str:
    """Return one glob for several: what all begin and end with, at the edges of words."""
    if len(shapes) == 1:
        return shapes[0]
    start = _whole_words(shapes)
    end = _whole_words([shape[::-1] for shape in shapes])[::-1]
    # Of `metrics.json` and `test_metrics.json`, the shorter is the end of the longer.
    shortest = min(map(len, shapes))
    if len(start) + len(end) > shortest:
        start = ""
    if len(end) >= shortest:
        end = re.sub(r"^[^A-Za-z0-9]+", "", end)
    return f"{start.partition('*')[0]}*{end.rpartition('*')[2]}" if "." in end else ""


def _whole_words(shapes: Sequence[str]) -> str:
    """Return what all shapes begin with, without a part of a word at its end."""
    same = _beginning(shapes)
    is_whole = all(len(shape) == len(same) or not shape[len(same)].isalnum() for shape in shapes)
    return same if is_whole else re.sub(r"[A-Za-z0-9]*$", "", same)


def _beginning(names: Sequence[str]) -> str:
    """Return what all of the names begin with."""
    low, high = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), None)
    return low[: len(low) if same is None else same]


def _glob(name: str) -> str:
    """Return a glob for the name, with `?` (any character) for one that cannot be shown."""
    return "".join("?" if visible(letter) != letter else escape(letter) for letter in name)
