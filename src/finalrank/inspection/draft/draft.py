"""A first finalrank.toml for what an inspection found, and what it is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from finalrank.inspection.draft import text
from finalrank.inspection.draft.choices import Choice, metric_keys, offers_for
from finalrank.inspection.draft.circumstances import (
    baseline_in,
    factors_in_files,
    offers_beside,
    rules_to_switch_off,
    test_cases,
)
from finalrank.inspection.draft.names import paths_of, without_nested
from finalrank.inspection.draft.within import Within, within
from finalrank.inspection.layouts import KEEPING_KEYS, is_of
from finalrank.inspection.numbers import Inspection, Numbers
from finalrank.text.escape import visible


class Draft(NamedTuple):
    """The text of a configuration, and a line on each thing that its author should check."""

    text: str
    remarks: tuple[str, ...]


def draft(choices: Sequence[Choice], inspection: Inspection, top: str) -> Draft:
    """Return a configuration with these metrics, the first of which is primary.

    `top` is the runs folder. Raises UsageError where nothing says what a metric's list is of.
    """
    primary = choices[0].numbers
    if inspection.preset and _fits(inspection.preset, primary):
        written = text.head_of_preset(inspection.preset)
        written += _metrics(choices, Within(), inspection)
        return Draft(written, tuple(_remarks(choices, inspection)))
    sources = without_nested(sorted(primary.sources))
    rows = within(choices, inspection)
    paths = paths_of(sources, [file for file in inspection.files if file not in {*sources}])
    known = {*paths.factors, *(factor.role for factor in rows.factors)}
    found = [
        *rows.factors,
        *(f for f in factors_in_files(sources, inspection) if f.role not in known),
    ]
    off, dropped = rules_to_switch_off(sources)
    offers = offers_beside(top, sources) if rows.name == "" else []
    written = text.head(paths, rows)
    if cases := test_cases(primary, inspection):
        written += (
            f"\n# How many cases a run was tested on.\n[test_set]\ncases = [{text.string(cases)}]\n"
        )
    written += _metrics(choices, rows, inspection)
    written += text.factors(found, offers) + text.foot(off, baseline_in(sources))
    lines = (rows.told, paths.told, *dropped, *_offered(offers))
    told = [visible(line) for line in lines if line]
    return Draft(written, (*_remarks(choices, inspection), *told))


def _fits(preset: str, primary: Numbers) -> bool:
    """Return whether a preset reads all files of a metric, and finds it where it stands."""
    return preset in KEEPING_KEYS and all(is_of(preset, source) for source in primary.sources)


def _metrics(choices: Sequence[Choice], rows: Within, inspection: Inspection) -> str:
    keys = metric_keys([choice.numbers for choice in choices])
    files = len(inspection.files)
    return "".join(
        text.metric(
            choice,
            key,
            rows.keys_of(choice),
            primary=choice is choices[0],
            offers=offers_for(choice, choices, inspection),
            files=files,
        )
        for choice, key in zip(choices, keys, strict=True)
    )


def _offered(offers: Sequence[object]) -> list[str]:
    number = "1 setting differs" if len(offers) == 1 else f"{len(offers)} settings differ"
    return [f"{number} between the trainings: see the comments on factors"] if offers else []


def _remarks(choices: Sequence[Choice], inspection: Inspection) -> list[str]:
    """Return a line on each metric that some files lack, or whose direction nobody knows."""
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
        if choice.higher_is_better is None:
            lines.append(
                f"{key}: which way is better is not known, and taken for higher: say "
                f'--metric "{visible(choice.numbers.path)}:lower", or :higher'
            )
        if _is_of_training(choice):
            lines.append(f"{key}: its name says that it is a figure of the training set")
    return lines


def _is_of_training(choice: Choice) -> bool:
    names = [part for part in choice.numbers.parts if part is not None]
    return any(name.lower().startswith("train") for name in names)
