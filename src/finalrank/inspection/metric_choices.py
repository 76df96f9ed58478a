"""Which numbers are metrics, as somebody says who knows; a name alone tells which way is better."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from finalrank.errors import UsageError
from finalrank.inspection.numbers import Inspection, Numbers, tokens
from finalrank.model.ranking import PLACE_COLUMNS
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# How many places are offered where a metric is missing at its own.
_OFFERS = 3
# Words for what is better when it is less.
_LOWER = re.compile(
    "loss|error|err|hd|hd95|hausdorff|assd|asd|distance|wer|cer|perplexity|ppl|nll|r?mse|mae"
)
# Words that say how a number was made, not what it is.
_HOW = re.compile(
    "mean|avg|average|median|min|max|std|best|overall|total|value|score|test|val|train|[0-9]+"
)


class Choice(NamedTuple):
    """A number that is a metric, and which way it is better."""

    numbers: Numbers
    higher_is_better: bool
    guessed: bool = False


def guess(numbers: Numbers) -> Choice:
    """The choice of a number whose name alone says which way it is better."""
    names = [name for name in reversed(numbers.parts) if name is not None]
    telling = ([word for word in tokens(name) if not _HOW.fullmatch(word)] for name in names)
    words = next(filter(None, telling), [])
    return Choice(numbers, not any(map(_LOWER.fullmatch, words)), guessed=True)


def chosen(names: Sequence[str], found: Inspection) -> list[Numbers]:
    """The numbers at the places that were named; raises UsageError where there is none."""
    known = {row.keys: row for row in found.numbers} | {row.path: row for row in found.numbers}
    for name in names:
        if name not in known:
            same = [row.path for row in found.numbers if row.name == name][:3]
            hint = did_you_mean(name, known)
            if same:
                hint = "; did you mean " + " or ".join(f'"{visible(path)}"' for path in same) + "?"
            hint = hint or "; `finalrank inspect` lists what there is"
            raise UsageError(f'--metric: there is no number at "{visible(name)}"{hint}')
    return list({known[name].path: known[name] for name in names}.values())


def offers_for(choice: Choice, choices: Sequence[Choice], found: Inspection) -> list[Numbers]:
    """Places of the same last name, in files where this metric is missing; a file's shortest."""
    row = choice.numbers
    files = set(row.sources)
    # What a run is made of is settled by the names of the primary's files.
    names = names_of(choices[0].numbers)
    taken = {choice.numbers.path for choice in choices}
    offers = []
    for other in sorted(found.numbers, key=lambda other: (len(other.parts), other.path)):
        if (
            other.name == row.name
            and other.path not in taken
            and files.isdisjoint(other.sources)
            and not names.isdisjoint(names_of(other))
        ):
            offers.append(other)
            files.update(other.sources)
    return offers[:_OFFERS]


def names_of(row: Numbers) -> set[str]:
    """The names of its files, without their folders."""
    return {source.rpartition("/")[2] for source in row.sources}


def metric_keys(rows: Sequence[Numbers]) -> list[str]:
    """A short name for each: the last key on its way, and more of them until they differ."""
    keys: list[str] = []
    for row in rows:
        names = [word for part in row.parts if part and (word := _word(part))]
        same = [other for other in rows if other.name == row.name]
        size = 1 if len(same) == 1 and names and not names[-1].isdigit() else 2
        while size < len(names) and "_".join(names[-size:]) in keys:
            size += 1
        key = stem = "_".join(names[-size:]) or "value"
        count = 2
        while key in keys or key in PLACE_COLUMNS:
            key, count = f"{stem}_{count}", count + 1
        keys.append(key)
    return keys


def _word(part: str) -> str:
    return re.sub(r"\W+", "_", part).strip("_")
