"""Runs without a valid artifact that a reader will miss, and the true reason why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from heapq import nsmallest

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.decide.filter import IN_FILE_NAME, IN_RUN_NAME
from finalrank.decide.results.structure import split_of
from finalrank.model.artifact import LeftOut
from finalrank.model.ranking import NotableExclusion
from finalrank.model.reasons import (
    FIRST_REASONS,
    GIVEN_TWICE,
    INCOMPLETE,
    LOW_PRIMARY,
    MISSING_PRIMARY,
    OTHER_SPELLING,
    OTHER_SPLIT,
    STATUS,
    TEST_SET,
    ZERO_PRIMARY,
)
from finalrank.model.survey import Survey

# A run without a valid artifact is worth a line where it is better than the last on the podium,
# or would have found a place free.
_PODIUM = 3
# What is left out for these has a line of its own.
_TOLD_ELSEWHERE = (TEST_SET, INCOMPLETE)


def notable_exclusions(survey: Survey, settings: Settings) -> tuple[NotableExclusion, ...]:
    """Return the runs without a valid artifact that a reader will miss, by name.

    They would be on a metric's podium, have figures of another split alone, or a primary metric
    that stands in a file and is no value.
    """
    valid = {artifact.method for artifact in survey.kept}
    valid |= survey.valid.keys()
    left_out: dict[str, list[LeftOut]] = {}
    for row in survey.left_out:
        if row.artifact.method not in valid and row.artifact.run not in valid:
            left_out.setdefault(row.artifact.method, []).append(row)
    bars = [(metric.key, metric.sign, _bar(survey, metric)) for metric in settings.ranked]
    return tuple(
        NotableExclusion(
            run,
            sorted(row.artifact.file_name for row in rows),
            None if _is_by_file_names(rows) else _true_reason(rows, settings),
        )
        for run, rows in sorted(left_out.items())
        if any(_reaches(row, bars) or row.verdict.reason == OTHER_SPLIT for row in rows)
        or _has_no_value(rows, settings)
    )


def _reaches(row: LeftOut, bars: Sequence[tuple[str, int, float]]) -> bool:
    """Return whether a metric would have reached the podium."""
    if row.verdict.reason in _TOLD_ELSEWHERE:
        return False
    values = row.artifact.metrics
    return any((value := values[key]) is not None and sign * value < bar for key, sign, bar in bars)


def _has_no_value(rows: Sequence[LeftOut], settings: Settings) -> bool:
    """Return whether the primary metric stands in a file as what is no value, and nothing else."""
    dropped = {
        *FIRST_REASONS,
        *settings.filter.rules,
        STATUS,
        ZERO_PRIMARY,
        LOW_PRIMARY,
        *_TOLD_ELSEWHERE,
    }
    return not any(row.verdict.reason in dropped for row in rows) and any(
        row.verdict.reason == MISSING_PRIMARY and _fault(row, settings) for row in rows
    )


def _fault(row: LeftOut, settings: Settings) -> str | None:
    """Return what stands in the place of an artifact's primary metric and is no value, if any."""
    key, remarks = settings.primary.key, row.artifact.remarks
    if row.artifact.metrics[key] is None and remarks and remarks.nan.get(key):
        reason = remarks.because.get(key)
        return f"is NaN, as {reason}" if reason else "is NaN"
    faults = [problem.reason for problem in row.artifact.problems if problem.place == key]
    of_values = (fault for fault in faults if not fault.startswith((OTHER_SPELLING, GIVEN_TWICE)))
    # What to do about it is told on standard error.
    return next((fault.partition(": ")[0] for fault in of_values), None)


def _is_by_file_names(rows: Sequence[LeftOut]) -> bool:
    """Return whether a rule's word in the file name dropped each artifact."""
    return all(row.verdict.detail.endswith(IN_FILE_NAME) for row in rows)


def _true_reason(rows: Sequence[LeftOut], settings: Settings) -> str:
    """Return why a run is left out: what dropped its first artifact that any rule but a file's did.

    One whose primary metric stands there and is no value goes before one that has none.

    `the word "regression" is in its name (filter.rules.dev)`, `only validation figures`.
    """
    verdicts = [row for row in rows if not row.verdict.detail.endswith(IN_FILE_NAME)] or rows
    row = next((row for row in verdicts if _fault(row, settings)), verdicts[0])
    reason, detail = row.verdict
    for end in (IN_RUN_NAME, IN_FILE_NAME):
        if detail.endswith(end):
            return f"the word {detail.removesuffix(end)} is in its name (filter.rules.{reason})"
    if reason == OTHER_SPLIT:
        factors = row.artifact.factors
        split = split_of(factors.split) if factors else None
        return f"only {split} figures" if split else "only figures of an unknown split"
    if reason == MISSING_PRIMARY and (fault := _fault(row, settings)):
        return f"its {settings.primary.short} {fault}"
    return detail


def _bar(survey: Survey, metric: Metric) -> float:
    """Return the third-best kept value as a cost (less is better); infinite where there is none."""
    key, sign = metric.key, metric.sign
    values = [artifact.metrics[key] for artifact in survey.kept]
    podium = nsmallest(_PODIUM, [sign * value for value in values if value is not None])
    return podium[-1] if len(podium) == _PODIUM else math.inf
