"""A metric as it is configured."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from finalrank.config.types import SETTINGS, Expression, Keys, Range, Strings, Text
from finalrank.model.ranking import RUN_COLUMNS
from finalrank.text.suggest import did_you_mean

# How a metric is computed, where finalrank can compute an interval from that.
Kind = Literal["", "roc-auc", "average-precision"]


class Metric(BaseModel):
    """A row of `[[metrics]]`: where its value is found, its name, and which way it is better."""

    model_config = SETTINGS

    key: str = Field(min_length=1, description="Its name in every output")
    keys: Keys = Field(
        (),
        description="Where it stands in a file, tried in order: keys or JMESPath expressions",
    )
    one_key: bool = Field(
        False, description="Of `keys`, the first that any run of a dataset has counts there alone"
    )
    label: Text = Field(
        default_factory=lambda row: row.get("key", ""), description="Column heading (its key)"
    )
    short: Text = Field(
        default_factory=lambda row: row.get("label", ""),
        description="Name in running text (its label)",
    )
    task: Text = Field("", description='The word in "Final Segmentation Ranking"')
    primary: bool = Field(
        False, description="Decides first, and selects the artifact of a run; one metric is primary"
    )
    ranked: bool = Field(True, description="Counts in the combined ranking, and has a table")
    higher_is_better: bool = Field(True, description="False for a loss or a distance")
    scale: float = Field(
        1.0,
        gt=0,
        allow_inf_nan=False,
        description="What a value is multiplied by: 0.01 for percentages",
    )
    text: bool = Field(
        False,
        description='Whether a text that holds a number is read: "0.83", "84.1%" (as 0.841), '
        '"0.71 ± 0.02" or "0.71 +- 0.02" (as their mean)',
    )
    sd: bool = Field(
        False, description="With `text`, what stands behind the ± is read, and not the mean"
    )
    range: Range = Field((0.0, 1.0), description="What is outside is a problem, and missing")
    digits: int = Field(4, ge=0, le=15, description="Decimals on the page")
    columns: Strings = Field((), description="Metrics beside it in its table")
    kind: Kind = Field(
        "", description='What the evidence may compute of it: "roc-auc" or "average-precision"'
    )
    cases: Expression = Field(
        "", description="JMESPath of its values by case, where the artifact itself has them"
    )

    @field_validator("range")
    @classmethod
    def _ordered(cls, bounds: tuple[float, float]) -> tuple[float, float]:
        if not bounds[0] < bounds[1]:
            raise ValueError("write the smaller bound first, such as [0, 1]")
        return bounds

    @model_validator(mode="after")
    def _sd_of_a_text(self) -> Metric:
        if self.sd and not self.text:
            raise ValueError("`sd` is read from a text: set `text = true`, too")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys by which its value is looked up in a file, in order."""
        return self.keys or (self.key,)

    @property
    def worst(self) -> float | None:
        """The infinite value that is the worst there is, None where the range has a bound there."""
        worst = -math.inf if self.higher_is_better else math.inf
        return worst if worst in self.range else None

    @property
    def sign(self) -> int:
        """The factor (1 or -1) that makes a lower value a better one."""
        return -1 if self.higher_is_better else 1


def checked_metrics(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """Return the metrics; raise ValueError where they are no valid list of metrics.

    One is primary, and ranked; keys differ; columns are keys.
    """
    keys = [metric.key for metric in metrics]
    for metric in metrics:
        if metric.key in RUN_COLUMNS:
            raise ValueError(f'the key "{metric.key}" is a column of every table: it is no metric')
        if keys.count(metric.key) > 1:
            raise ValueError(f'the key "{metric.key}" is given twice: keep one of them')
        for column in metric.columns:
            if column not in keys:
                hint = did_you_mean(column, keys)
                raise ValueError(f'column "{column}" of "{metric.key}" is no metric\'s key{hint}')
    primary = [metric for metric in metrics if metric.primary]
    if len(primary) != 1:
        number = "no metric" if not primary else "more than one metric"
        raise ValueError(f"{number} is primary: give exactly one `primary = true`")
    if not primary[0].ranked:
        raise ValueError(
            f'"{primary[0].key}" is primary, so it must be ranked: delete `ranked = false`'
        )
    return metrics
