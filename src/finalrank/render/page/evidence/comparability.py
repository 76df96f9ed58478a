"""The part on test sets: which ones there are, and which runs stand out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from finalrank.decide.testsets import describe_test_set
from finalrank.render.number_format import fixed, plural
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.render.page.wording import listing

if TYPE_CHECKING:
    from finalrank.evidence.comparability import Comparability
    from finalrank.evidence.flags import Flag
    from finalrank.evidence.model import Evidence, Rules
    from finalrank.model.artifact import CaseCounts
    from finalrank.report.labels import MetricLabel
    from finalrank.report.model import Report

# A test set with more runs is shown with their number alone.
_MOST_NAMED = 5


class _FlagWords(NamedTuple):
    short: str  # in a count of them
    meaning: str  # before the runs that have it
    separator: str  # between these


_FLAGS = {
    "different-test-set": _FlagWords(
        "another test set",
        "Tested on another set than the reference, so that the figures cannot be compared with the "
        "others'",
        "; ",
    ),
    "unknown-test-set": _FlagWords(
        "unknown test set",
        "States no count that the reference states, so that nothing is known to compare",
        ", ",
    ),
    "contradictory-counts": _FlagWords(
        "contradictory counts",
        "Counts that contradict each other, as positives and negatives are not all cases, or more",
        "; ",
    ),
    "few-cases": _FlagWords(
        "few cases",
        "Fewer than {min_class_size} positives or negatives, so that one case moves the figures",
        "; ",
    ),
    "missing-predictions": _FlagWords("missing predictions", "Cases without a prediction", ", "),
    "unattainable": _FlagWords(
        "unattainable value",
        "Below what the worst possible ranking of these cases reaches, so that the value or the "
        "counts are wrong, or it is another area than the average precision",
        "; ",
    ),
    "single-positive": _FlagWords(
        "figures of a single positive", "Could be the figures of a single positive", "; "
    ),
    "identical": _FlagWords(
        "figures of another run",
        "Identical figures to the last digit, as of one result under two names",
        "; ",
    ),
}


@dataclass(frozen=True, slots=True)
class UsedTestSet:
    """A test set, and the runs that were tested on it."""

    share: str  # `9 of 12 runs`
    test_set: CaseCounts
    is_reference: bool
    runs: list[str]  # empty where they are many


@dataclass(frozen=True, slots=True)
class FlaggedRuns:
    """Runs that stand out, and the figures that say so."""

    runs: list[str]
    detail: str  # what follows their names


@dataclass(frozen=True, slots=True)
class FlagLine:
    """All runs that stand out in one way."""

    meaning: str
    separator: str  # between the flagged runs
    flagged: Truncated  # of FlaggedRuns, those of the best places first


@dataclass(frozen=True, slots=True)
class TestSetSummary:
    """What is told of the test sets."""

    used: Truncated  # of UsedTestSet, most runs first
    flags: list[FlagLine]
    folds: Truncated  # of GroupRow: folds of a cross-validation have cases of their own
    clear: str  # what no run is known to be or to have
    runs: int  # kept runs, the members of a group each
    flagged: int  # how many of them stand out
    kinds: list[tuple[str, int]]  # how many stand out in one way
    podium: list[str]  # those of the podium that stand out


def test_set_summary(
    report: Report, results: Evidence, labels: Mapping[str, MetricLabel], top: int
) -> TestSetSummary:
    """Return what is told of the test sets; the podium are the first `top` runs."""
    # How a run was chosen says nothing of its cases, and is told with what was chosen.
    raised = [flag for flag in results.comparability.flags if flag.kind != "no-validation"]
    by_kind = _by_kind(raised, report)
    runs = results.comparability.runs
    flagged = {run for flag in raised for run in flag.runs}
    return TestSetSummary(
        used=_used(results.comparability, results.rules, runs),
        flags=[_flag_line(kind, flags, labels, results) for kind, flags in by_kind.items()],
        folds=at_most([group for group in results.groups.groups if group.kind == "fold"]),
        clear=listing(_clear(results, runs, by_kind), ", or "),
        runs=runs,
        flagged=len(flagged),
        kinds=[
            (_FLAGS[kind].short, len({run for flag in flags for run in flag.runs}))
            for kind, flags in by_kind.items()
        ],
        podium=[run.run for run in report.runs[:top] if flagged & {*run.members}],
    )


def _by_kind(flags: Sequence[Flag], report: Report) -> dict[str, list[Flag]]:
    """Return the flags of each kind, those of the best places first."""
    place_of = {member: run.rank for run in report.runs for member in run.members}
    by_kind: dict[str, list[Flag]] = {}
    for flag in sorted(flags, key=lambda flag: min(place_of[run] for run in flag.runs)):
        by_kind.setdefault(flag.kind, []).append(flag)
    return {kind: by_kind[kind] for kind in dict.fromkeys(flag.kind for flag in flags)}


def _used(comparability: Comparability, rules: Rules, runs: int) -> Truncated:
    """Return the test sets; none is the reference where they are not compared."""
    reference = None if rules.test_set == "ignore" else comparability.reference
    cut = at_most(comparability.test_sets)
    lines = [
        UsedTestSet(
            share=f"{len(used.runs)} of {plural(runs, 'run')}",
            test_set=used.test_set,
            is_reference=used.test_set == reference,
            runs=used.runs if len(used.runs) <= _MOST_NAMED else [],
        )
        for used in cut.shown
    ]
    return replace(cut, shown=lines)


def _flag_line(
    kind: str, flags: Sequence[Flag], labels: Mapping[str, MetricLabel], results: Evidence
) -> FlagLine:
    words, cut = _FLAGS[kind], at_most(flags)
    return FlagLine(
        meaning=words.meaning.format(min_class_size=results.rules.fewest),
        separator=words.separator,
        flagged=replace(
            cut, shown=[FlaggedRuns(flag.runs, flag_detail(flag, labels)) for flag in cut.shown]
        ),
    )


def flag_detail(flag: Flag, labels: Mapping[str, MetricLabel]) -> str:
    """Return ` (40 cases, 3 positives, 37 negatives)`: the figures that a flag rests on."""
    figures = flag.figures
    metric = labels[flag.metric] if flag.metric else None
    if flag.kind in ("different-test-set", "contradictory-counts", "few-cases"):
        return f" ({describe_test_set(flag.test_set)})"
    if flag.kind == "missing-predictions":
        cases = f" of {figures['cases']}" if "cases" in figures else ""
        return f" ({figures['missing_predictions']}{cases})"
    if flag.kind == "unattainable" and metric:
        value, least = (fixed(figures[name], metric.digits) for name in ("value", "least"))
        test_set = describe_test_set(flag.test_set)
        return f" ({metric.label} {value}, at least {least} with {test_set})"
    if flag.kind == "single-positive" and metric:
        rank, negatives = figures["rank"], figures["negatives"]
        place = f"as if it came in place {rank} before or among {negatives} negatives"
        return f" ({metric.label} = 1/{rank}, {place})"
    return ""


def _clear(results: Evidence, runs: int, raised: Collection[str]) -> list[str]:
    """Return what no run is known to be or to have, of what the files say anything about.

    `runs` is the number of kept runs, `raised` are the kinds of flags that any of them has.
    """
    comparability, rules = results.comparability, results.rules
    sets = [used.test_set for used in comparability.test_sets]
    counts_classes = any((s.positives, s.negatives) != (None, None) for s in sets)
    stating = comparability.counting_predictions
    compared = comparability.reference and rules.test_set != "ignore"
    of_all = f" (which {stating} of {runs} state)" if stating < runs else ""
    small = f"is on fewer than {rules.fewest} positives or negatives"
    told = [
        ("is on another test set than the reference", compared, "different-test-set"),
        (small, counts_classes, "few-cases"),
        (f"lacks predictions{of_all}", stating, "missing-predictions"),
        ("has the figures of another run on cases that may be the same", True, "identical"),
    ]
    return [words for words, is_known, kind in told if is_known and kind not in raised]
