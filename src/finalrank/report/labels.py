"""A metric as a page shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from finalrank.config.tables.metrics import Metric
from finalrank.model.ranking import RankedRun
from finalrank.report.digits import parting_digits


@dataclass(frozen=True, slots=True)
class MetricLabel:
    """A metric as a page shows it: plain data, with no way to a model's methods.

    `label` and `short` are the author's own text, or the key where the author gave none.
    """

    key: str
    label: str
    short: str
    task: str
    higher_is_better: bool
    digits: int  # decimals of its figures
    ranked: bool
    range: tuple[float | None, float | None]  # what its values may be; None: no bound
    significant: int = 0  # digits of what is not 0 and would print so; 0: it may


def label_of(metric: Metric, runs: Sequence[RankedRun]) -> MetricLabel:
    """Return the label of a metric whose figures are those of the runs."""
    figures = (run.metrics[metric.key] for run in runs) if metric.ranked else ()
    return MetricLabel(
        metric.key,
        metric.label,
        metric.short,
        metric.task,
        metric.higher_is_better,
        metric.digits,
        metric.ranked,
        finite_range(metric),
        parting_digits(figures, metric.digits),
    )


def finite_range(metric: Metric) -> tuple[float | None, float | None]:
    """Return the bounds of a metric's values; None for one that is infinite."""
    low, high = (bound if math.isfinite(bound) else None for bound in metric.range)
    return low, high
