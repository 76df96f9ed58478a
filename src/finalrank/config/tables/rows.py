"""Where the rows of a table stand, what its columns are, and which rows count."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, model_validator

from finalrank.config.types import Expression, Section

LAST, EACH, BEST = "last", "each", "best:"
_DIRECTIONS = {":higher": -1, ":lower": 1}


class BestRow(NamedTuple):
    """`scan.row = "best:COLUMN"`: the column, and which way it is better if that is said."""

    column: str
    sign: int | None  # 1: lower is better; -1: higher; None: as the metric of that name says


def _row_rule(rule: str) -> str:
    if rule in (LAST, EACH) or (rule.startswith(BEST) and rule != BEST):
        return rule
    raise ValueError('write "last", "each", or "best:COLUMN", such as "best:val_loss"')


# Which rows of a table or a log count.
Row = Annotated[str, AfterValidator(_row_rule)]


def best_row(rule: str) -> BestRow | None:
    """Return the column by which `scan.row` chooses a row; None where it does not."""
    if not rule.startswith(BEST):
        return None
    column = rule.removeprefix(BEST)
    for ending, sign in _DIRECTIONS.items():
        if column.endswith(ending):
            return BestRow(column.removesuffix(ending), sign)
    return BestRow(column, None)


class Columns(Section):
    """`scan.table`: what the columns of a table are, where a row is of one run among several."""

    rows: Expression = Field(
        "",
        description="Where the rows stand in a JSON, YAML or TOML file: JMESPath to a list of "
        "objects, or to an object of lists, a column each",
    )
    run: str = Field("", description="Column of the run's name: each row is then a result")
    dataset: str = Field("", description="Column of the dataset")
    metric: str = Field(
        "", description="Column of the metric's name, in a table with a row a value"
    )
    value: str = Field("", description="Column of the metric's value, in such a table")

    @model_validator(mode="after")
    def _both_or_none(self) -> Columns:
        if bool(self.metric) != bool(self.value):
            missing, given = ("value", "metric") if self.metric else ("metric", "value")
            raise ValueError(f"names the column of `{given}` alone: name that of `{missing}`, too")
        return self
