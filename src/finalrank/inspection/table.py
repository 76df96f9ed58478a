"""An inspection as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from finalrank.inspection.numbers import Inspection, Numbers, format_number
from finalrank.inspection.paths import is_long, shown
from finalrank.text.escape import visible
from finalrank.text.json_text import json_text

# So many file names are written; the rest is counted.
_NAMES = 8
# So many rows has a table.
_ROWS = 2000
_WHOLE = "`finalrank inspect --json` has"


def to_text(inspection: Inspection) -> str:
    """Return a line on the files that were read, then a table with a row a path."""
    return f"{_files_line(inspection.files)}\n\n{table(inspection.numbers[:_ROWS])}\n"


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
    """Return a list of objects, one a path."""
    # A row at a time: the values of all of them take several times the memory of the text.
    rows = (json_text([_as_json(row)])[2:-3] for row in inspection.numbers)
    return "[\n" + ",\n".join(rows) + "\n]\n"


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
            shown(row.keys) if row.keys != row.path else "",
        ]
        for place, row in enumerate(rows, 1)
    ]
    headers = ["Path", "Files", "Minimum", "Maximum", "Example", "Looks like", "In keys"]
    text = tabulate(
        cells,
        headers=[*first, *headers],
        disable_numparse=True,
        colalign=[*("right" for _ in first), "left", *["right"] * 4, "left", "left"],
    )
    return "\n".join(line.rstrip() for line in text.splitlines())


def no_numbers(inspection: Inspection, paths: Sequence[str]) -> str:
    """Return why there is no number in the paths, and what to do."""
    seen = "there is no number in any file" if inspection.files else "no *.json could be read"
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
