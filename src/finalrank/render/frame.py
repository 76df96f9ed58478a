"""The ranking as a DataFrame. Pandas lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finalrank.render.csv import table, text_columns

if TYPE_CHECKING:
    import pandas as pd

    from finalrank.report.model import Report


def to_frame(report: Report) -> pd.DataFrame:
    """Return the table of the CSV as a DataFrame of a row a run; missing is NaN.

    Every column that a metric has is of float64, also where all of it is missing.
    """
    import pandas as pd

    from finalrank.model.ranking import RUN_COLUMNS

    header, rows = table(report)
    texts = text_columns(report)
    # Pandas would take a column in which every value is missing for one of objects.
    numbers = {head: float for head in header[len(RUN_COLUMNS) :] if head not in texts}
    return pd.DataFrame(rows, columns=header).astype(numbers)
