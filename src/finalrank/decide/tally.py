"""The lines on standard error: problems, and one that accounts for every candidate."""

from __future__ import annotations

from collections import Counter

from finalrank.config.settings import Settings
from finalrank.model.artifact import Problem
from finalrank.model.reasons import (
    INCOMPLETE,
    LOW_PRIMARY,
    MISSING_PRIMARY,
    ZERO_PRIMARY,
    reasons_in_order,
)
from finalrank.model.survey import Survey
from finalrank.text.escape import visible


def tally(survey: Survey, settings: Settings) -> str:
    """Account for every candidate: `50 artifacts: 22 ranked, 14 siblings, 14 left out (scan 7)`.

    Scripts read this line: its words never change.
    """
    valid, kept, left_out = sum(survey.valid.values()), len(survey.kept), len(survey.left_out)
    reasons = f" ({_reasons(survey, settings)})" if left_out else ""
    found = valid + left_out
    of_files = survey.files is not None and survey.files != found
    what = f"results of {survey.files} artifacts" if of_files else "artifacts"
    return f"{found} {what}: {kept} ranked, {valid - kept} siblings, {left_out} left out{reasons}"


def nothing_to_rank(survey: Survey, settings: Settings) -> str:
    """Say why there is nothing to rank, and what to try."""
    root = visible(survey.root)
    if not survey.left_out:
        patterns = visible(" or ".join(settings.scan.patterns))
        return (
            f"{root}: no file is named {patterns}: check the folder; for files of other names see "
            "`finalrank inspect`, and set scan.patterns in finalrank.toml"
        )
    counted = f"{root}: nothing to rank, all left out ({_reasons(survey, settings)})"
    reasons = {row.verdict.reason for row in survey.left_out}
    if MISSING_PRIMARY in reasons and reasons.isdisjoint((ZERO_PRIMARY, LOW_PRIMARY)):
        wanted = f'"{visible(settings.primary.key)}"'
        if settings.filter.require == "any":
            wanted = "ranked metric"
        return (
            f"{counted}: no usable {wanted} anywhere; see what is there by `finalrank inspect`, "
            "and name your metrics in finalrank.toml"
        )
    if INCOMPLETE in reasons:
        nowhere = ", ".join(visible(key) for key in _nowhere(survey, settings))
        lacks = f"no artifact has {nowhere}" if nowhere else "no run has every ranked metric"
        return f'{counted}: {lacks}; rank the others (ranked), or set rank.missing = "available"'
    return f"{counted}: `finalrank explain` says why for each"


def _nowhere(survey: Survey, settings: Settings) -> list[str]:
    """Return the ranked metrics that no artifact has of those left out as incomplete."""
    values = [row.artifact.metrics for row in survey.left_out if row.verdict.reason == INCOMPLETE]
    keys = [metric.key for metric in settings.ranked]
    return [key for key in keys if all(metrics[key] is None for metrics in values)]


def problem_line(problem: Problem) -> str:
    """Say what is wrong: `a/test_metrics.json: dice_pos: is a text, not a number: ...`."""
    place = f"{visible(problem.place)}: " if problem.place else ""
    return f"{visible(problem.source)}: {place}{problem.reason}"


def _reasons(survey: Survey, settings: Settings) -> str:
    """Count the reasons: `scan 7, dev 4`, by count, then in the order of the rules."""
    counts = Counter(row.verdict.reason for row in survey.left_out)
    order = reasons_in_order(settings.filter.rules)
    reasons = sorted((r for r in order if counts[r]), key=lambda reason: -counts[reason])
    return ", ".join(f"{visible(reason)} {counts[reason]}" for reason in reasons)
