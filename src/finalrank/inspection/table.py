"""An inspection as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from finalrank.inspection.draft.circumstances import factor_values
from finalrank.inspection.lists import Kind, Listed
from finalrank.inspection.numbers import Inspection, Numbers, format_number
from finalrank.inspection.paths import is_long, shown
from finalrank.registry.lookup import Word
from finalrank.text.escape import visible
from finalrank.text.json_text import json_text

# So many file names are written; the rest is counted.
_NAMES = 8
# What a list is, in words.
_WORDS: dict[Kind, str] = {
    "curve": "a history",
    "runs": "a run each",
    "pairs": "a value each",
    "folds": "a fold each",
    "seeds": "a seed each",
    "datasets": "a dataset each",
    "cases": "a case each",
    "classes": "a class each",
    "": "of what, nothing says",
}
# So many rows has a table.
_ROWS = 2000
_WHOLE = "`finalrank inspect --json` has"


def to_text(inspection: Inspection) -> str:
    """Return a line on the files that were read, a table with a row a path, and what else is told.

    That is on lists, and on the factors that paths and files seem to give.
    """
    more = [*_list_lines(inspection), *_factor_lines(inspection)]
    text = f"{_files_line(inspection.files)}\n\n{table(inspection.numbers[:_ROWS])}\n"
    return text + ("\n" + "\n".join(more) + "\n" if more else "")


def _list_lines(inspection: Inspection) -> list[str]:
    """Return a line for each list of objects, and for tables: how long it is, and what it is."""
    lines = []
    for path, found in _lists(inspection).items():
        lengths = [listed.length for listed in found]
        low, high = min(lengths), max(lengths)
        rows = f"{low} to {high}" if low < high else f"{low}"
        kinds = sorted({_WORDS[listed.kind] for listed in found})
        where = f"{shown(path)}: a list" if path else "tables"
        files = f"{len(found)} {'file' if len(found) == 1 else 'files'}"
        lines.append(f"{where} of {rows} rows in {files}: {' or '.join(kinds)}")
    return lines[:_NAMES]


def _lists(inspection: Inspection) -> dict[str, list[Listed]]:
    found: dict[str, list[Listed]] = {}
    for held in inspection.contents.values():
        for listed in held.lists:
            found.setdefault(listed.path, []).append(listed)
    return found


def _factor_lines(inspection: Inspection) -> list[str]:
    """Return a line for each factor that paths or files seem to give, with some of its values."""
    lines = []
    for role, values in factor_values(inspection).items():
        more = " ..." if len(values) > _NAMES else ""
        lines.append(f"{role}: {', '.join(map(visible, values[:_NAMES]))}{more}")
    return lines


def cuts(rows: Sequence[Numbers]) -> list[str]:
    """Return a line on the rows that the table of `to_text` leaves out, and one on cut paths."""
    lines = []
    if more := len(rows[_ROWS:]):
        lines.append(f"{more} more {'path' if more == 1 else 'paths'}: {_WHOLE} all")
    long = sum(is_long(row.path) or is_long(row.keys) for row in rows[:_ROWS])
    if long:
        paths, them = ("path is", "it") if long == 1 else ("paths are", "them")
        lines.append(f"{long} {paths} cut in the middle: {_WHOLE} {them} whole")
    return lines


def to_json(inspection: Inspection) -> str:
    """Return all that was found as an object: `numbers` has one for each path."""
    lists = [
        {"path": listed.path, "source": source, "rows": listed.length, "kind": listed.kind}
        for source, held in inspection.contents.items()
        for listed in held.lists
    ]
    rest = {
        "files": list(inspection.files),
        "lists": lists,
        "factors": factor_values(inspection),
        "preset": inspection.preset,
    }
    # A row at a time: the values of all of them take several times the memory of the text.
    rows = (json_text([_as_json(row)])[2:-3] for row in inspection.numbers)
    return '{\n"numbers": [\n' + ",\n".join(rows) + "\n],\n" + json_text(rest)[2:]


def _as_json(row: Numbers) -> dict[str, object]:
    return {
        "path": row.path,
        "keys": row.keys,
        "files": len(row.sources),
        "min": row.low,
        "max": row.high,
        "example": row.example,
        "example_source": row.sources.first,
        "looks_like": row.looks_like,
        "metric": row.word.metric.name if row.word.metric else None,
        "better": row.word.metric.better if row.word.metric else None,
        "is_figure": row.word.is_figure,
    }


def table(rows: Sequence[Numbers], *, numbered: bool = False) -> str:
    """Return a table with a row a path; if `numbered`, the rows are numbered from 1."""
    from tabulate import tabulate

    first = ["Number"] if numbered else []
    cells = [
        [
            *([str(place)] if numbered else []),
            shown(row.path),
            str(len(row.sources)),
            *map(format_number, (row.low, row.high, row.example)),
            row.looks_like,
            _known(row.word),
            shown(row.keys) if row.keys != row.path else "",
        ]
        for place, row in enumerate(rows, 1)
    ]
    headers = ["Path", "Files", "Minimum", "Maximum", "Example", "Looks like", "Metric", "In keys"]
    text = tabulate(
        cells,
        headers=[*first, *headers],
        disable_numparse=True,
        colalign=[*("right" for _ in first), "left", *["right"] * 4, "left", "left", "left"],
    )
    return "\n".join(line.rstrip() for line in text.splitlines())


def _known(word: Word) -> str:
    """Return what is known of a metric by its name: `Dice (higher)`; nothing of an unknown one."""
    if word.metric:
        return f"{word.metric.name} ({word.metric.better})"
    return "" if word.is_figure else "no metric"


def no_numbers(inspection: Inspection, paths: Sequence[str]) -> str:
    """Return why there is no number in the paths, and what to do."""
    seen = "there is no number in any file" if inspection.files else "no file that could be read"
    where = visible(" ".join(paths))
    return f"{where}: {seen}: name the folder or the files that hold metrics"


def _files_line(files: Sequence[str]) -> str:
    """Count the files by name: `10 files: test_results.json 6, metrics.json 4`."""
    counts = Counter(source.rpartition("/")[2] for source in files)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    items = [f"{visible(name)} {counts[name]}" for name in names[:_NAMES]]
    if len(names) > _NAMES:
        items.append(f"and {len(names) - _NAMES} more names")
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}: {', '.join(items)}"
