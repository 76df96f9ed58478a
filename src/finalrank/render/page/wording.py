"""Small words that depend on numbers, and the phrases of the page's first paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from finalrank.report.presentation import MetricLabel, Presentation

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


def artifact_noun(names_say_test: bool) -> str:
    """Return what the page calls an artifact."""
    return "test artifact" if names_say_test else "artifact"


def exclusions(rules: Sequence[str], excludes_zeros: bool, primary: str) -> str:
    """Return `dev/smoke artifacts and zero-Dice outputs`: what the filter leaves out, if anything.

    `rules` are the names of the rules in force, `primary` is the primary metric's short label.
    """
    by_name = f"{'/'.join(rules)} artifacts" if rules else ""
    by_zero = f"zero-{primary} outputs" if excludes_zeros else ""
    return " and ".join(filter(None, [by_name, by_zero]))


def kept_artifacts(chosen_by: str, noun: str, primary: str, some_fell_back: bool) -> str:
    """Return `one best test artifact per run kept`: how the artifact of a run was chosen.

    `chosen_by` is `select.by`; `some_fell_back` says whether a run has no validation metrics.
    """
    kept = f"{_CHOICES.get(chosen_by, _DEFAULT_CHOICE)} {noun} per run kept"
    if chosen_by != "validation":
        return kept
    where = " where there is one" if some_fell_back else ""
    return f"{kept}, chosen by its validation {primary}{where}"


def filtering(layout: Presentation) -> str:
    """Return what was excluded and what was kept, as the page's first sentence tells it."""
    primary, by_path = layout.primary.short, layout.left_out_by_path
    excluded = exclusions(layout.rules, layout.zeros, primary)
    noun, fell_back = artifact_noun(layout.tests), bool(layout.chosen_on_test)
    parts = [
        excluded and f"excluded {excluded}",
        by_path and f"{by_path} {agree(by_path, 'artifact', 'artifacts')} left out by path",
        kept_artifacts(layout.chosen_by, noun, primary, fell_back),
    ]
    return "; ".join(str(part) for part in parts if part)
