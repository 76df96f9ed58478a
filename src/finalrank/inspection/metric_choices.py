"""The numbers that the user chose as metrics: what they are called, and which way is better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from finalrank.errors import UsageError
from finalrank.inspection.numbers import Inspection, Numbers, tokens
from finalrank.inspection.paths import shown
from finalrank.model.ranking import RUN_COLUMNS
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# So many paths, those in most files, are compared with one that is not there.
_CANDIDATES = 10_000
# So many characters has a path that is offered: nobody would look at a longer one.
_LONGEST_OFFER = 500
# So many other places are offered for a metric that some files do not have at its own.
_OFFERS = 3
# Words in the name of a metric that is better when it is lower.
_LOWER = re.compile(
    "loss|error|err|hd|hd95|hausdorff|assd|asd|distance|wer|cer|perplexity|ppl|nll|r?mse|mae"
)
# Words that say how a number was computed, and not what it measures.
_HOW = re.compile(
    "mean|avg|average|median|min|max|std|best|overall|total|value|score|test|val|train|[0-9]+"
)


class Choice(NamedTuple):
    """The numbers at one place as a metric, and which way it is better."""

    numbers: Numbers
    higher_is_better: bool
    guessed: bool = False  # `higher_is_better` is a guess by the name


def guess(numbers: Numbers) -> Choice:
    """Guess by its name which way a metric is better: by the last key that says what it is."""
    names = [name for name in reversed(numbers.parts) if name is not None]
    words_of_each = ([word for word in tokens(name) if not _HOW.fullmatch(word)] for name in names)
    words = next(filter(None, words_of_each), [])
    return Choice(numbers, not any(map(_LOWER.fullmatch, words)), guessed=True)


def chosen(names: Sequence[str], inspection: Inspection) -> list[Numbers]:
    """Return the numbers at the places that `--metric` names, each by its path or its `keys`.

    Raises UsageError where there is none.
    """
    rows = inspection.numbers
    known = {row.keys: row for row in rows} | {row.path: row for row in rows}
    for name in names:
        if name not in known:
            same = [row.path for row in rows if row.name == name][:3]
            hint = did_you_mean(name, islice(known, _CANDIDATES))
            if same:
                hint = "; did you mean " + " or ".join(f'"{shown(path)}"' for path in same) + "?"
            hint = hint or "; `finalrank inspect` lists what there is"
            raise UsageError(f'--metric: there is no number at "{visible(name)}"{hint}')
    return list({known[name].path: known[name] for name in names}.values())


def offers_for(choice: Choice, choices: Sequence[Choice], inspection: Inspection) -> list[Numbers]:
    """Return other places at which files without the metric may have it: of the same last key.

    Short paths come first, and each adds a file. The first of `choices` is the primary metric.
    """
    row = choice.numbers
    files = set(row.sources)
    # Only files with the names of those that have the primary metric will be read.
    names = names_of(choices[0].numbers)
    taken = {choice.numbers.path for choice in choices}
    offers = []
    for other in sorted(inspection.numbers, key=lambda other: (len(other.parts), other.path)):
        if (
            other.name == row.name
            and other.path not in taken
            and len(other.keys) <= _LONGEST_OFFER
            and files.isdisjoint(other.sources)
            and not names.isdisjoint(names_of(other))
        ):
            offers.append(other)
            files.update(other.sources)
    return offers[:_OFFERS]


def names_of(row: Numbers) -> set[str]:
    """Return the names of the files that have the numbers, without their folders."""
    return {source.rpartition("/")[2] for source in row.sources}


def metric_keys(rows: Sequence[Numbers]) -> list[str]:
    """Return a short name for each: the last key of its path, or as many as make it differ."""
    keys: list[str] = []
    for row in rows:
        names = [word for part in row.parts if part and (word := _word(part))]
        same = [other for other in rows if other.name == row.name]
        size = 1 if len(same) == 1 and names and not names[-1].isdigit() else 2
        while size < len(names) and "_".join(names[-size:]) in keys:
            size += 1
        key = stem = "_".join(names[-size:]) or "value"
        count = 2
        while key in keys or key in RUN_COLUMNS:
            key, count = f"{stem}_{count}", count + 1
        keys.append(key)
    return keys


def _word(part: str) -> str:
    return re.sub(r"\W+", "_", part).strip("_")
