"""Small words that depend on numbers, and the phrases of the page's first paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from finalrank.model.ranking import RankedRun
from finalrank.report.labels import MetricLabel
from finalrank.report.presentation import Presentation

# How the artifact of a run was chosen, by `select.by`.
_CHOICES = {"newest": "the newest", "complete-first": "the most complete", "validation": "one"}
_DEFAULT_CHOICE = "one best"


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


def recommended_for(
    ranked: Sequence[MetricLabel], primary: MetricLabel, runs: Sequence[RankedRun], alone: bool
) -> str:
    """Return what the page says that the recommended run, the first of `runs`, has.

    `ranked` are the ranked metrics, `alone` is whether no other run is equal to it.
    """
    if len(ranked) == 1:
        return f"best {primary.short}"
    used = [m.key for m in ranked if any(run.metrics[m.key] is not None for run in runs)]
    has_all = all(runs[0].metrics[key] is not None for key in used)
    return "strongest combined profile" if alone and has_all else "best mean rank"


def artifact_noun(names_say_test: bool) -> str:
    """Return what the page calls an artifact."""
    return "test artifact" if names_say_test else "artifact"


def exclusions(rules: Sequence[str], lowest: float | None, zeros: bool, primary: str) -> str:
    """Return `dev/smoke artifacts and zero-Dice outputs`: what the filter leaves out, if anything.

    `rules` are the names of the rules in force, `lowest` is the primary metric that leaves an
    artifact out, `zeros` says whether that is a zero, `primary` is the metric's short label.
    """
    by_name = f"{'/'.join(rules)} artifacts" if rules else ""
    by_value = f"outputs with {primary} of at most {lowest:g}" if lowest is not None else ""
    if zeros:
        by_value = f"zero-{primary} outputs"
    return " and ".join(filter(None, [by_name, by_value]))


def kept_artifacts(
    chosen_by: str, noun: str, selecting: str, some_fell_back: bool, *, is_primary: bool = True
) -> str:
    """Return `one best test artifact per run kept`: how the artifact of a run was chosen.

    `chosen_by` is `select.by`, `selecting` the metric that chooses, which the primary one need not
    be; `some_fell_back` says whether a run has no validation metrics.
    """
    kept = f"{_CHOICES.get(chosen_by, _DEFAULT_CHOICE)} {noun} per run kept"
    if chosen_by == "validation":
        where = " where there is one" if some_fell_back else ""
        return f"{kept}, chosen by its validation {selecting}{where}"
    return kept if is_primary or chosen_by == "newest" else f"{kept}, chosen by its {selecting}"


def filtering(layout: Presentation) -> str:
    """Return what was excluded and what was kept, as the page's first sentence tells it."""
    primary, by_path = layout.primary.short, layout.left_out_by_path
    excluded = exclusions(layout.rules, layout.lowest, layout.zeros, primary)
    noun, fell_back = artifact_noun(layout.tests), bool(layout.chosen_on_test)
    is_primary = layout.selecting.key == layout.primary.key
    kept = kept_artifacts(
        layout.chosen_by, noun, layout.selecting.short, fell_back, is_primary=is_primary
    )
    parts = [
        excluded and f"excluded {excluded}",
        by_path and f"{by_path} {agree(by_path, 'artifact', 'artifacts')} left out by path",
        kept,
    ]
    return "; ".join(str(part) for part in parts if part)
