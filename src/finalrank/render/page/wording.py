"""Words that depend on numbers and on metrics."""

from __future__ import annotations

from collections.abc import Sequence

from finalrank.report.presentation import MetricLabel


def agree(count: int, singular: str, plural: str) -> str:
    """Return the form of a word that goes with a count: `1 is`, `2 are`."""
    return singular if count == 1 else plural


def listing(items: Sequence[str], last: str = " and ") -> str:
    """Return `a, b and c`; `last` stands before the last of several."""
    *others, final = items or [""]
    return f"{', '.join(others)}{last}{final}" if others else final


def directed(metric: MetricLabel) -> str:
    """Return a metric's label, with its direction where less of it is better."""
    return metric.label if metric.higher_is_better else f"{metric.label} (lower is better)"
