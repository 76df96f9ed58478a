"""What is known of a metric by its name: which way it is better, its range, its kind.

A name that is not known, or that says two things, is left to whoever asked: nothing is guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Better = Literal["higher", "lower"]


class Metric(NamedTuple):
    """A row of the table `metrics.tsv`."""

    name: str  # the usual one
    better: Better
    low: float  # its natural range
    high: float
    percentage: bool  # whether people write it as a percentage, too
    # share, correlation, score (better when higher, but for what says otherwise); distance, loss,
    # error, time, count, rate (per second).
    kind: str
    field: str
    source: str  # where it is defined


class Word(NamedTuple):
    """What a name says of the numbers under it."""

    metric: Metric | None  # None: the name is not known, or says two things
    is_figure: bool = True  # False for what is no metric: a count of epochs, a seed, an SD


# A metric that a key names: its first word, the one behind its last, and the metric.
_Hit = tuple[int, int, Metric]
_UNKNOWN, _NO_FIGURE = Word(None), Word(None, is_figure=False)

# As the last word of a name, these say what the number is, whatever stands before them.
_LAST_WORD = frozenset(("loss", "error", "distance", "time", "count", "rate"))
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z0-9])")
_ONE_MINUS = re.compile(r"\s*(?:1|one)[\s_]*(?:-|minus)", re.IGNORECASE)
_NUMBER = re.compile(r"p?\d+[a-z]{0,2}")
_LONGEST = 120


class _Words(NamedTuple):
    """The words of `words.toml`, which says what each is."""

    how: frozenset[str]
    no_metric: frozenset[str]
    turned: frozenset[str]
    counters: frozenset[str]
    alone: frozenset[str]


@cache
def _known_words() -> _Words:
    text = Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
    return _Words(**{name: frozenset(words.split()) for name, words in tomllib.loads(text).items()})


@cache
def metrics() -> tuple[Metric, ...]:
    """Return all rows of the table."""
    return tuple(dict.fromkeys(_spellings().values()))


def find(parts: Sequence[str]) -> Word:
    """Return what the keys that lead to a number say of it: `["results", "mean", "Dice"]`.

    The last key that says what the number measures counts.
    """
    for place, part in enumerate(reversed(parts)):
        word = _word_of(part[:_LONGEST])
        if word is not None and not (place and word == _NO_FIGURE):
            return word
    return _UNKNOWN


@lru_cache(maxsize=4096)
def _word_of(part: str) -> Word | None:
    """Return what one key says; None where it says nothing of what is measured."""
    if whole := _spellings().get(_folded(part)):
        return Word(whole)
    if _ONE_MINUS.match(part):
        return _UNKNOWN
    words = _words(part)
    hits = _hits(words)
    covered = {place for start, end, _ in hits for place in range(start, end)}
    rest = {word for place, word in enumerate(words) if place not in covered}
    known = _known_words()
    is_count = not hits and rest & (known.counters | known.no_metric)
    if (hits and rest & known.no_metric) or (is_count and not re.search(r"\d", part)):
        return _NO_FIGURE
    if rest & known.turned:
        return _UNKNOWN
    return _chosen(hits, words) if hits else None


def _chosen(hits: Sequence[_Hit], words: Sequence[str]) -> Word:
    """Return what the metrics in a key say together: of `dice_loss` the loss, which is last."""
    longest = max(hits, key=lambda hit: hit[1] - hit[0])[2]
    last = max(hits, key=lambda hit: hit[1])
    content = [place for place, word in enumerate(words) if not _is_how(word)]
    if last[2].kind in _LAST_WORD and content and last[1] > content[-1]:
        return Word(last[2])
    return Word(longest) if len({hit[2].better for hit in hits}) == 1 else _UNKNOWN


def _hits(words: Sequence[str]) -> list[_Hit]:
    """Return the names of metrics in a key, longest first, that share no word."""
    hits: list[_Hit] = []
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            end = start + length
            if any(start < other_end and end > other for other, other_end, _ in hits):
                continue
            others = [*words[:start], *words[end:]]
            alone = all(map(_is_how, others))
            if metric := _spelt("".join(words[start:end]), alone=alone, whole=length > 1):
                hits.append((start, end, metric))
    return _before_at(hits, words)


def _before_at(hits: list[_Hit], words: Sequence[str]) -> list[_Hit]:
    """Return the hits without those that say where another is taken: of `recall@fpr95` recall."""
    places = [place for place, word in enumerate(words) if word == "at"]
    before = [hit for hit in hits if places and hit[1] <= places[0]]
    return before or hits


def _spelt(name: str, *, alone: bool, whole: bool) -> Metric | None:
    """Return the metric of a spelling; unless it is `whole`, without what a number says there."""
    without_unit = re.sub(r"(?<=\d)[a-z]{1,2}$", "", name)
    shorter = () if whole else (without_unit, re.sub(r"\d+$", "", without_unit))
    for spelling in (name, *shorter):
        metric = _spellings().get(spelling)
        if metric and (alone or spelling not in _known_words().alone):
            return metric
    return None


def _is_how(word: str) -> bool:
    return word in _known_words().how or _NUMBER.fullmatch(word) is not None


def _words(part: str) -> list[str]:
    """Return the words of a key in lower case: of `valLoss` two, of `mAP@0.5` mAP, 0 and 5."""
    spaced = _HUMP.sub(" ", part.replace("@", " at "))
    return re.findall(r"[a-z0-9+]+", spaced.lower())


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9+]", "", name.replace("@", "at").lower())


@cache
def _spellings() -> dict[str, Metric]:
    """Return the rows by each of their spellings, without case and separators."""
    text = Path(__file__).with_name("metrics.tsv").read_text(encoding="utf-8")
    table: dict[str, Metric] = {}
    for line in text.splitlines()[1:]:
        name, better, low, high, percentage, kind, field, source, spellings = line.split("\t")
        metric = Metric(
            name,
            "lower" if better == "lower" else "higher",
            float(low),
            float(high),
            percentage == "yes",
            kind,
            field,
            source,
        )
        for spelling in (name, *spellings.split(", ")):
            table[_folded(spelling)] = metric
    return table
