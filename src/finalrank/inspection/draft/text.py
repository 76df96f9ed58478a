"""The text of a first finalrank.toml, with comments for a newcomer to read and to change."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from finalrank.inspection.draft.choices import Choice
from finalrank.inspection.draft.circumstances import Offer
from finalrank.inspection.draft.names import Paths
from finalrank.inspection.draft.within import FactorDraft, Within
from finalrank.inspection.numbers import Numbers, format_number

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
_EXPRESSION = """\
# The run is the group `run` of this expression over a path; the other groups are factors.
run = {run}
"""
_FOOT = """\

# Files with the words {words} in their names are left out. For more:
# [filter.rules.draft]
# tokens = ["draft", "old"]
{off}
# What the runs are compared with, if anything.
{baseline}
# The heading above what to take forward.
# [recommendation]
# title = "Recommendation"
"""
_DEFAULT_WORDS = {"dev": "dev, debug", "smoke": "smoke", "scan": "scan"}


_PRESET = """\
# What `finalrank report` makes of this folder. Written by `finalrank init`: change what you like.

# title = "Clean Final Results"

# The layout of these files: `finalrank config --preset {preset}` says what it means. The metrics
# below are in the place of its own.
preset = {text}
"""


def head_of_preset(preset: str) -> str:
    """Return the beginning of a configuration that a preset is laid under."""
    return _PRESET.format(preset=preset, text=string(preset))


def head(paths: Paths, within: Within) -> str:
    """Return the table `[scan]`."""
    text = _HEAD.format(patterns=_list(paths.patterns))
    if paths.run == "parent":
        text += _PARENT
    else:
        text += _FILE if paths.run == "file" else _EXPRESSION.format(run=string(paths.run))
    if within.row == "last":
        text += (
            "# Of a history, the last value of each metric counts. For the row that is best in a\n"
            '# column, and all metrics from it: row = "best:val_loss:lower"\n'
        )
    if within.row:
        text += f"row = {string(within.row)}\n"
    if within.table:
        pairs = ", ".join(f"{key} = {string(value)}" for key, value in within.table)
        text += (
            f"# Where the rows of a table stand, and what its columns are.\ntable = {{ {pairs} }}\n"
        )
    if within.results:
        text += f"# Each item, or key, of this is a result.\nresults = {_list([within.results])}\n"
    if within.name:
        text += f"name = {string(within.name)}  # what it is called\n"
    return text


def factors(found: Sequence[FactorDraft], offers: Sequence[Offer]) -> str:
    """Return the tables `[[factors]]`, and as comments those that could be."""
    text = ""
    for factor in found:
        text += (
            f"\n# The {factor.role} that a figure is of.\n[[factors]]\nkey = {string(factor.key)}\n"
            f"role = {string(factor.role)}\nkeys = [{string(factor.place)}]\n"
        )
    if offers:
        text += "\n# What differs between the trainings; for a column of it, take off the #. With\n"
        text += '# role = "variant", runs that differ in it are different runs.\n'
    for offer in offers:
        key = re.sub(r"\W+", "_", offer.place.replace('"', "")).strip("_")
        text += (
            f"# [[factors]]  # {', '.join(offer.examples)}\n# key = {string(key)}\n"
            f"# keys = [{string(offer.place)}]\n# from = {string(offer.file)}\n"
        )
    return text


def metric(
    choice: Choice, key: str, place: str, *, primary: bool, offers: Sequence[Numbers], files: int
) -> str:
    """Return the table of a metric; `files` is the number of all files that were read.

    `place` is where it stands, `offers` are other places at which it may.
    """
    row = choice.numbers
    lines = [
        "",
        f"# In {len(row.sources)} of {files} files, "
        f"from {format_number(row.low)} to {format_number(row.high)}.",
        "[[metrics]]",
        f"key = {string(key)}  # its name in every output",
        *_keys(place, offers),
        f"label = {string(choice.label)}  # the heading of its column",
    ]
    if primary:
        lines.append("primary = true  # chooses the file that stands for a run; one metric is it")
    lines.append("ranked = true  # false: shown, and not counted in the ranking")
    lines.append(_direction(choice))
    if kind := _kind(key):
        lines.append(f'kind = "{kind}"  # a guess by the name; has an interval with --evidence')
    return "\n".join([*lines, *_range(row)]) + "\n"


def _direction(choice: Choice) -> str:
    better = "false" if choice.higher_is_better is False else "true"
    if choice.said:
        told = "as you said"
    elif choice.higher_is_better is None:
        told = "CHECK THIS: nobody knows which way is better; it is not in the table of metrics"
    else:
        metric = choice.numbers.word.metric
        told = f"{metric.name}: the {metric.better}, the better" if metric else ""
    return f"higher_is_better = {better}  # {told}"


def _range(row: Numbers) -> list[str]:
    """Return the lines on the range and the scale of a metric."""
    if row.looks_like == "percentage?":
        return ["scale = 0.01  # it looks like a percentage; delete this line if it is none"]
    known = row.word.metric
    low = known.low if known else -1e999 if row.low < 0 else 0.0
    high = known.high if known else 1e999 if row.high > 1 + 1e-9 or row.low < 0 else 1.0
    if (low, high) == (0, 1):
        return []
    bounds = ", ".join(
        format_number(bound) if abs(bound) < 1e999 else str(bound) for bound in (low, high)
    )
    return [f"range = [{bounds}]  # what is outside is a mistake, and missing"]


def foot(off: Sequence[str], baseline: str) -> str:
    """Return the end: rules that are switched off, and the baseline, if a run is called so."""
    words = ", ".join(text for name, text in _DEFAULT_WORDS.items() if name not in off)
    why = "# Switched off: it would leave out half of the files, or more.\n"
    switched = "".join(f"{why}[filter.rules.{name}]\ntokens = []\n" for name in off)
    run = f"[baseline]\nmatch = {string(baseline)}  # a part of its name\n" if baseline else ""
    text = _FOOT.format(
        words=" and ".join(words.rsplit(", ", 1)) if words else "draft and old",
        off=f"\n{switched}" if switched else "",
        baseline=run or '# [baseline]\n# run = "NAME"\n',
    )
    return text.replace(" dev, debug, smoke and scan ", " dev, debug, smoke or scan ")


def _kind(key: str) -> str | None:
    """Return the `kind` of a metric of a binary classification, if its name says so."""
    words = {*re.findall("[a-z]+", key.lower())}
    if words & _OF_CLASSES:
        return None
    if {"roc", "auc"} <= words or words & {"auroc", "rocauc"}:
        return "roc-auc"
    return "average-precision" if {"average", "precision"} <= words else None


def _keys(place: str, offers: Sequence[Numbers]) -> list[str]:
    """Return the lines of `keys`: the place of a metric, and other places as comments."""
    lines = [
        "# Where it stands in a file: of several places, the first that is there.",
        "keys = [",
        f"    {string(place)},",
    ]
    for offer in offers:
        files = len(offer.sources)
        where = "1 other file has" if files == 1 else f"{files} other files have"
        lines += [
            f"    # {where} a number here; if it is the same metric, take off the #:",
            f"    # {string(offer.keys)},",
        ]
    return [*lines, "]"]


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(string, texts))}]"


def string(text: str) -> str:
    """Return the text as a string of TOML, if possible without escapes.

    A JSON string is a string in TOML, too.
    """
    if ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)
