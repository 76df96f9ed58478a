"""What else a first configuration says: factors in files and beside them, test cases, rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from finalrank.config.sections import DEFAULT_RULES
from finalrank.inspection.draft.names import values_in_paths
from finalrank.inspection.draft.within import FactorDraft
from finalrank.inspection.lists import folded
from finalrank.inspection.numbers import Inspection, Numbers
from finalrank.inspection.paths import path_of, spelt
from finalrank.scan.folders.local import read
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.results.beside import decode_beside
from finalrank.scan.results.texts import is_plain, text_of
from finalrank.text.filenames import stem

# Files in which a training says how it was set up, of the nearest folder that has one.
_SETUPS = (
    *(".hydra/config.yaml", "hparams.yaml", "config.yaml", "args.yaml", "params.yaml"),
    *("config.json", "args.json", "params.json", "hparams.json"),
)
_MOST_RUNS, _MOST_OFFERS, _LONGEST, _DEEPEST = 100, 8, 40, 4
_LARGEST_SETUP = 256 * 1024
# Of more runs than these, a text at the top that differs in each is a name.
_ALL_DIFFER = 3
# Names of a count of cases.
_CASES = re.compile(
    "(?:n|num|number|total|test)_?(?:of_)?(?:test_?)?(?:samples|cases|images|examples|subjects|"
    "patients|scans|volumes)|(?:samples|cases|images|examples)_?(?:count|total)?|n_?test|test_?size",
    re.IGNORECASE,
)


class Offer(NamedTuple):
    """A setting beside the artifacts that differs between runs."""

    file: str
    place: str
    examples: tuple[str, ...]


def factors_in_files(sources: Sequence[str], inspection: Inspection) -> list[FactorDraft]:
    """Return the factors that stand in the files themselves, and differ between them."""
    values: dict[tuple[str, str], set[str]] = {}
    for source in sources:
        held = inspection.contents.get(source)
        for place, text in (held.texts if held else {}).items():
            values.setdefault(place, set()).add(text)
    found: dict[str, FactorDraft] = {}
    for (role, key), texts in values.items():
        if len(texts) > 1 and role not in found:
            found[role] = FactorDraft(role, role, spelt(key))
    return list(found.values())


def factor_values(inspection: Inspection) -> dict[str, list[str]]:
    """Return the values of each factor that the paths of files, or the files, seem to give."""
    values = values_in_paths(inspection.files)
    for held in inspection.contents.values():
        for (role, _), text in held.texts.items():
            values.setdefault(role, set()).add(text)
    return {
        role: sorted(texts, key=lambda text: (len(text), text)) for role, texts in values.items()
    }


def test_cases(primary: Numbers, inspection: Inspection) -> str:
    """Return where the count of test cases stands: beside the primary metric, or at the top."""
    for row in inspection.numbers:
        beside = row.parts[:-1] in (primary.parts[:-1], ())
        if beside and None not in row.parts and _CASES.fullmatch(row.name) and row.low >= 1:
            return path_of(row.parts, ())
    return ""


def rules_to_switch_off(sources: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the name rules that would drop what looks like models, and a line on all that drop.

    They would where they drop half of the files, or more.
    """
    off, told = [], []
    for name, rule in DEFAULT_RULES.items():
        dropped = [source for source in sources if _has_word(source, rule.tokens, rule.where)]
        if not dropped:
            continue
        if 2 * len(dropped) >= len(sources):
            off.append(name)
            told.append(
                f"{len(dropped)} of {len(sources)} files have the word of the rule {name} in "
                "their names: it is switched off (filter.rules)"
            )
        else:
            told.append(
                f"{len(dropped)} of {len(sources)} files are left out by the rule {name}, "
                f"such as {dropped[0]} (filter.rules)"
            )
    return off, told


def _has_word(source: str, tokens: Sequence[str], where: str) -> bool:
    folder, _, name = source.rpartition("/")
    text = f"{folder} {stem(name)}" if where == "path" else stem(name)
    return not {word.lower() for word in re.findall("[A-Za-z0-9]+", text)}.isdisjoint(tokens)


def baseline_in(sources: Sequence[str]) -> str:
    """Return the word by which one of the runs is called the baseline, empty where none is."""
    folders = {source.rpartition("/")[0].lower() or stem(source).lower() for source in sources}
    for word in ("baseline", "nnunet"):
        having = sum(word in folder.rpartition("/")[2] for folder in folders)
        if 0 < having < len(folders):
            return word
    return ""


def offers_beside(top: str, sources: Sequence[str]) -> list[Offer]:
    """Return the settings of trainings that differ between runs, of files beside the artifacts."""
    top = f"{top.rstrip('/')}/"
    folders = list(dict.fromkeys(source.rpartition("/")[0] for source in sources))[:_MOST_RUNS]
    for file in _SETUPS:
        read_ones = [setup for folder in folders if (setup := _setup(top, folder, file))]
        if len(read_ones) > 1:
            offers = list(_differing(file, read_ones))
            return sorted(offers, key=lambda offer: (offer.place.count("."), offer.place))[
                :_MOST_OFFERS
            ]
    return []


def _setup(top: str, folder: str, file: str) -> dict[str, str]:
    """Return the plain values of a file in a folder or above it, by their keys."""
    here = folder
    while True:
        path = f"{here}/{file}" if here else file
        try:
            return dict(_values(decode_beside(read(top, path, False, _LARGEST_SETUP), path), ()))
        except Unreadable:
            if not here:
                return {}
            here = here.rpartition("/")[0]


def _values(value: Any, parts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and len(parts) < _DEEPEST:
        for key, item in value.items():
            yield from _values(item, (*parts, str(key)))
    elif parts and is_plain(value) and (text := text_of(value)) and len(text) <= _LONGEST:
        yield path_of(parts, ()), text


def _differing(file: str, setups: Sequence[Mapping[str, str]]) -> Iterator[Offer]:
    for place in setups[0]:
        values = [setup[place] for setup in setups if place in setup]
        distinct = tuple(dict.fromkeys(values))
        # What differs everywhere is a name, a path or a time.
        if (
            len(values) == len(setups)
            and len(distinct) > 1
            and not _is_name(place, distinct, values)
        ):
            yield Offer(file, place, distinct[:3])


def _is_name(place: str, distinct: Sequence[str], values: Sequence[str]) -> bool:
    above, _, key = place.rpartition(".")
    last = folded(key)
    if any(word in last for word in ("dir", "path", "time", "date", "output")) or last == "id":
        return True
    # A name of the whole is the run's; that of its model or its data is a setting.
    if "name" in last and not above:
        return True
    is_setting = bool(above) or all(map(_is_number, distinct))
    return len(distinct) == len(values) > _ALL_DIFFER and not is_setting


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text) is not None
