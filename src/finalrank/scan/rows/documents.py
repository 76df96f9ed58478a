"""From a file's bytes to the document in which figures are looked up: rows are chosen here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from finalrank.config.keys import lookup
from finalrank.config.settings import Settings
from finalrank.config.tables.rows import EACH
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.registry import READERS
from finalrank.scan.readers.rows import Rows
from finalrank.scan.rows.best import best_of
from finalrank.scan.rows.long_tables import last_of_pairs, wide_rows
from finalrank.scan.rows.shapes import rows_of

# From the bytes of an artifact and its name to its document. Raises Unreadable.
ReadDocument = Callable[[bytes, str], Any]
# So many rows of one file can be results.
_MOST_RESULTS = 100_000


def document_reader(settings: Settings) -> ReadDocument:
    """Return the function that reads an artifact, and of its rows, if it has any, those that count.

    By `scan.row`: of each column the last value, or one row, as an object; or each row, in a list.
    """
    scan = settings.scan
    reader = READERS[scan.reader]
    find = lookup(scan.table.rows) if scan.table.rows else None
    choose = _chooser(settings)

    def read(data: bytes, name: str) -> Any:
        document = reader.document(data, name)
        if isinstance(document, Rows):
            return choose(document, {})
        around = document if isinstance(document, dict) else {}
        if find is None:
            return [document] if scan.row == EACH and around else document
        return choose(rows_of(find(document), scan.table.rows), around)

    return read


def _chooser(settings: Settings) -> Callable[[Rows, dict[str, Any]], Any]:
    """Return the function from rows, and the object around them, to what counts of them."""
    scan, table = settings.scan, settings.scan.table
    best = settings.best_row
    if scan.row == EACH:
        identity = [table.run, table.dataset]
        identity += [key for factor in settings.factors_in_files for key in factor.sources]

        def each(rows: Rows, around: dict[str, Any]) -> Any:
            plain = {k: v for k, v in around.items() if not isinstance(v, dict | list)}
            wide = (
                wide_rows(rows, table, [key for key in identity if key]) if table.metric else rows
            )
            results = [{**plain, **row} for row in islice(wide, _MOST_RESULTS + 1)]
            if len(results) > _MOST_RESULTS:
                raise Unreadable(None, f"has over {_MOST_RESULTS:,} rows: see scan.row")
            return results

        return each
    if best:
        return lambda rows, around: {**around, **best_of(rows, *best)}
    if table.metric:
        return lambda rows, around: {**around, **last_of_pairs(rows, table)}
    return lambda rows, around: {**around, **rows.last()} if around else rows.last()
