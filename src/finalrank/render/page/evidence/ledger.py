"""The part on what was left out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finalrank.render.number_format import plural
from finalrank.render.page.wording import agree

if TYPE_CHECKING:
    from finalrank.evidence.model import LedgerRow
    from finalrank.report.labels import MetricLabel
    from finalrank.report.model import Counts
    from finalrank.report.presentation import Presentation


@dataclass(frozen=True, slots=True)
class LedgerSummary:
    """What is told of the artifacts that were left out."""

    left_out: str  # how many
    siblings: str  # how many more are valid but not chosen; empty: none
    reasons: list[tuple[str, int]]  # how many for each reason
    columns: list[MetricLabel]  # the metrics that the page shows
    rows: list[LedgerRow]
    unseen: list[str]  # folders into which nobody looked


def ledger_summary(rows: list[LedgerRow], counts: Counts, layout: Presentation) -> LedgerSummary:
    """Return what is told of the artifacts that were left out."""
    return LedgerSummary(
        left_out=how_many_left_out(len(rows), counts.artifacts_found),
        siblings=how_many_siblings(counts.artifacts_valid - counts.runs_valid),
        reasons=list(Counter(row.reason for row in rows).items()),
        columns=list(dict.fromkeys(c for _, columns in layout.tables for c in columns)),
        rows=rows,
        unseen=[*layout.unlisted, *layout.not_entered],
    )


def how_many_left_out(left_out: int, of_all: int) -> str:
    """Return `3 of 16 artifacts were left out`."""
    return f"{left_out} of {plural(of_all, 'artifact')} {agree(left_out, 'was', 'were')} left out"


def how_many_siblings(siblings: int) -> str:
    """Return `2 more are siblings`; empty where there are none."""
    if not siblings:
        return ""
    return f"{siblings} more {agree(siblings, 'is a sibling', 'are siblings')}"
