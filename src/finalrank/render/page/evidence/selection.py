"""The part on selection: what was chosen by looking at the test set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finalrank.render.page.truncate import Truncated, at_most

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence, Rules
    from finalrank.model.ranking import RankedRun
    from finalrank.report.labels import MetricLabel

_MOST_ROWS = 25


@dataclass(frozen=True, slots=True)
class SelectionSummary:
    """What is told of the choice of one artifact a run."""

    metric: MetricLabel  # the primary one
    choices: Truncated  # of ArtifactChoice, largest advantage first
    nothing: str  # where there was no choice: which runs have one artifact
    how: str  # by what the artifacts were chosen
    best_of_group: str  # by what the best of seeds or folds was chosen; empty: it was not
    given_up: Truncated  # of BetterSibling
    on_test: int  # choices by test metrics
    winner_on_test: bool  # whether the winner's is one


def selection_summary(
    results: Evidence, primary: MetricLabel, selecting: MetricLabel, winner: RankedRun
) -> SelectionSummary:
    """Return what is told of the choice of one artifact a run."""
    selection, rules = results.selection, results.rules
    on_test = [choice.run for choice in selection.choices if choice.on_test]
    return SelectionSummary(
        metric=primary,
        choices=at_most(selection.choices, _MOST_ROWS),
        nothing="the one run" if selection.runs == 1 else f"each of the {selection.runs} runs",
        how=how_chosen(rules.select, selecting.label, len(on_test), selecting.key == primary.key),
        best_of_group=how_best_chosen(rules, primary.label),
        given_up=at_most(selection.given_up, _MOST_ROWS),
        on_test=len(on_test),
        winner_on_test=not {*winner.members}.isdisjoint(on_test),
    )


def how_chosen(rule: str, selecting: str, on_test: int, is_primary: bool = True) -> str:
    """Return by what the artifacts were chosen.

    `rule` is `select.by`, `selecting` the label of the metric that chooses, `on_test` how many
    choices looked at test metrics. Any metric but the primary one may be of another set.
    """
    figure = f"test {selecting}" if is_primary else selecting
    by_rule = {
        "validation": (
            f"by the validation {selecting} where there is one; {on_test or 'none'} of them by "
            "test metrics"
        ),
        "newest": "by the name of the file",
        "complete-first": f"by how many metrics they have, then by their {figure}",
    }
    return by_rule.get(rule, f"by their {figure}")


def how_best_chosen(rules: Rules, primary: str) -> str:
    """Return by what the best of seeds or folds is chosen; empty where all are ranked."""
    if rules.groups != "best":
        return ""
    complete = "how many metrics it has, then by " if rules.missing == "complete" else ""
    return f"{complete}its test {primary}"
