"""The ranking as a DataFrame. Pandas lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finalrank.render.csv import table

if TYPE_CHECKING:
    import pandas as pd

    from finalrank.report.model import Report


def to_frame(report: Report) -> pd.DataFrame:
    """The table of the CSV as a DataFrame; missing is NaN."""
    import pandas as pd

    from finalrank.model.ranking import PLACE_COLUMNS

    header, rows = table(report)
    # A column of nothing but missing values is one of numbers all the same.
    numbers = dict.fromkeys(header[len(PLACE_COLUMNS) :], float)
    return pd.DataFrame(rows, columns=header).astype(numbers)
