"""The row that is best in a column: validation chooses, and the test is reported."""

from __future__ import annotations

import math
from typing import Any

from finalrank.scan.figures.find import is_number
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.rows import Rows


def best_of(rows: Rows, column: str, sign: int) -> dict[str, Any]:
    """Return the row with the best value of a column, of equal ones the first.

    `sign` is 1 where lower is better, -1 where higher is. Raises Unreadable where no row has a
    finite value of the column.
    """
    best: Any = None
    least = math.inf
    for value, row in rows.with_value(column):
        if is_number(value) and sign * value < least and math.isfinite(value):
            best, least = row, sign * value
    if best is None:
        raise Unreadable("scan.row", f"no row has a value of `{column}`, by which one is chosen")
    return rows.as_object(best)
