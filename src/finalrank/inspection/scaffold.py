"""The text of a first finalrank.toml, with comments for a newcomer to read and to change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from glob import escape
from itertools import takewhile

from finalrank.inspection.metric_choices import Choice, metric_keys, names_of, offers_for
from finalrank.inspection.numbers import Inspection, Numbers, format_number
from finalrank.text.escape import visible

# If there are more file names than this, they are written as one pattern with a `*`.
_NAMES = 6
# Words in the name of a metric that is a mean over classes: it has no positives and negatives.
_OF_CLASSES = frozenset({"macro", "micro", "weighted", "mean", "ovr", "ovo"})
_HEAD = """\
# What `finalrank report` makes of this folder. Written by `finalrank init`: change what you like.

# title = "Clean Final Results"

[scan]
# The names of the files that hold the metrics; a `*` in a name stands for anything.
patterns = {patterns}
"""
_PARENT = """\
# A run is a file's folder; write "file" for each file to be a run of its own.
# run = "parent"
"""
_FILE = """\
# Each file is a run of its own, as some folder holds several. Write "parent" for a folder to be
# a run, which its best file stands for.
run = "file"
"""
_FOOT = """\

# Files with the words dev, debug, smoke or scan in their names are left out. For more:
# [filter.rules.draft]
# tokens = ["draft", "old"]

# What the runs are compared with, if anything.
# [baseline]
# run = "NAME"

# The heading above what to take forward.
# [recommendation]
# title = "Recommendation"
"""


def remarks(choices: Sequence[Choice], inspection: Inspection) -> list[str]:
    """Return a line on each chosen metric that some files do not have at its place."""
    keys = metric_keys([choice.numbers for choice in choices])
    primary = set(choices[0].numbers.sources)
    lines = []
    for choice, key in zip(choices, keys, strict=True):
        sources = choice.numbers.sources
        if primary.isdisjoint(sources):
            lines.append(
                f"{key}: in no file that has {keys[0]}: a run is ranked by the numbers of one file"
            )
        elif offers_for(choice, choices, inspection):
            lines.append(
                f"{key}: in {len(sources)} of {len(inspection.files)} files; others may have it at "
                "another place, which stands in the file as a comment"
            )
    return lines


def starter(choices: Sequence[Choice], inspection: Inspection) -> str:
    """Return the text of a finalrank.toml with these metrics, the first of which is primary."""
    primary = choices[0].numbers
    per_folder = Counter(source.rpartition("/")[0] for source in primary.sources)
    # A file at the top is a run of its own anyway.
    is_crowded = any(count > 1 for folder, count in per_folder.items() if folder)
    text = _HEAD.format(patterns=_list(_patterns(names_of(primary)))) + (
        _FILE if is_crowded else _PARENT
    )
    keys = metric_keys([choice.numbers for choice in choices])
    for choice, key in zip(choices, keys, strict=True):
        offers = offers_for(choice, choices, inspection)
        text += _metric(choice, key, choice is choices[0], offers, len(inspection.files))
    return text + _FOOT


def _metric(choice: Choice, key: str, primary: bool, offers: list[Numbers], files: int) -> str:
    """Return the table of a metric; `files` is the number of all files that were read."""
    row = choice.numbers
    lines = [
        "",
        f"# In {len(row.sources)} of {files} files, "
        f"from {format_number(row.low)} to {format_number(row.high)}.",
        "[[metrics]]",
        f"key = {_string(key)}  # its name in every output",
        *_keys(row, offers),
        f"label = {_string(key)}  # the heading of its column",
    ]
    if primary:
        lines.append("primary = true  # chooses the file that stands for a run; one metric is it")
    lines.append("ranked = true  # false: shown, and not counted in the ranking")
    better = "true" if choice.higher_is_better else "false"
    check = "check this, it is a guess by the name" if choice.guessed else "as you said"
    if choice.higher_is_better:
        check = "false for a loss or a distance"
    lines.append(f"higher_is_better = {better}  # {check}")
    if kind := _kind(key):
        lines.append(f'kind = "{kind}"  # a guess by the name; has an interval with --evidence')
    if row.looks_like == "percentage?":
        lines.append("scale = 0.01  # it looks like a percentage; delete this line if it is none")
    elif row.low < 0:
        lines.append("range = [-inf, inf]  # what is outside is a mistake, and missing")
    elif row.high > 1 + 1e-9:
        lines.append("range = [0, inf]  # what is outside is a mistake, and missing")
    return "\n".join(lines) + "\n"


def _kind(key: str) -> str | None:
    """Return the `kind` of a metric of a binary classification, if its name says so."""
    words = {*re.findall("[a-z]+", key.lower())}
    if words & _OF_CLASSES:
        return None
    if {"roc", "auc"} <= words or words & {"auroc", "rocauc"}:
        return "roc-auc"
    return "average-precision" if {"average", "precision"} <= words else None


def _keys(row: Numbers, offers: list[Numbers]) -> list[str]:
    """Return the lines of `keys`: the place of a metric, and other places as comments."""
    lines = [
        "# Where it stands in a file: of several places, the first that is there.",
        "keys = [",
        f"    {_string(row.keys)},",
    ]
    for offer in offers:
        files = len(offer.sources)
        where = "1 other file has" if files == 1 else f"{files} other files have"
        lines += [
            f"    # {where} a number here; if it is the same metric, take off the #:",
            f"    # {_string(offer.keys)},",
        ]
    return [*lines, "]"]


def _patterns(files: set[str]) -> list[str]:
    """Return globs for file names: one for each name, or one for all where they are many."""
    names = sorted(files)
    if len(names) <= _NAMES:
        return list(dict.fromkeys(map(_glob, names)))
    start = re.sub("[A-Za-z0-9]*$", "", _beginning(names))
    end = re.sub("^[A-Za-z0-9]*", "", _beginning([name[::-1] for name in names])[::-1])
    pattern = f"{_glob(start)}*{_glob(end)}"
    return [pattern if all(fnmatchcase(name, pattern) for name in names) else "*.json"]


def _beginning(names: Sequence[str]) -> str:
    """Return what all of the names begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


def _glob(name: str) -> str:
    """Return a glob for the name, with `?` (any character) for one that cannot be shown."""
    return "".join("?" if visible(letter) != letter else escape(letter) for letter in name)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_string, texts))}]"


def _string(text: str) -> str:
    """Return the text as a string of TOML, if possible without escapes.

    A JSON string is a string in TOML, too.
    """
    if ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
