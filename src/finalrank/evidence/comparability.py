"""Whether the runs were tested on the same cases, and which figures cannot be right.

What makes test sets the same is in `testsets`, the bounds and their sources are in `formulas`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, starmap
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field

from finalrank.config.metrics import Kind, Metric
from finalrank.decide import testsets
from finalrank.evidence import formulas
from finalrank.model.artifact import CaseCounts

Rule = Literal["flag", "exclude", "ignore"]

# In the order in which they are told.
FlagKind = Literal[
    "different-test-set",
    "unknown-test-set",
    "contradictory-counts",
    "few-cases",
    "missing-predictions",
    "unattainable",
    "single-positive",
    "identical",
    "no-validation",
]


# Flags of one kind come by run, then in the order of the metrics.
_ORDER = {kind: place for place, kind in enumerate(get_args(FlagKind))}
_COUNTS = ("cases", "positives", "negatives")  # as in CaseCounts.size
# What is less than the least attainable by no more is rounding.
_TOLERANCE = 1e-9


class MeasuredRun(NamedTuple):
    """A kept run: its figures, and what it was tested on."""

    run: str
    values: Mapping[str, float | None]  # by metric key
    test_set: CaseCounts | None
    fell_back: bool = False  # it was to be chosen by its validation sidecar, and has none


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that makes a run's figures hard to compare, with the numbers that say so."""

    kind: FlagKind
    runs: Annotated[list[str], Field(description="One, or all that have identical figures")]
    metric: Annotated[str | None, Field(description="The metric it is about")]
    test_set: CaseCounts | None
    figures: Annotated[dict[str, int | float], Field(description="What it rests on, by name")]


@dataclass(frozen=True, slots=True)
class SharedTestSet:
    """A test set and the runs that were tested on it."""

    test_set: CaseCounts
    runs: list[str]


@dataclass(frozen=True, slots=True)
class Comparability:
    """Whether the runs were tested on the same cases."""

    reference: Annotated[CaseCounts | None, Field(description="What others are compared with")]
    reference_run: Annotated[str | None, Field(description="The baseline; null: most common")]
    test_sets: Annotated[list[SharedTestSet], Field(description="Most runs first")]
    counting_predictions: Annotated[
        int, Field(description="Runs that say how many predictions are missing")
    ]
    flags: list[Flag]


def comparability(
    kept: Sequence[MeasuredRun],
    metrics: Sequence[Metric],
    reference: CaseCounts | None,
    reference_run: str | None,
    rule: Rule,
    min_class_size: int,
) -> Comparability:
    """The test sets of the kept runs, and all that makes figures hard to compare.

    The reference is what `testsets.reference` says, and whose it is. With the rule "ignore" no run
    is flagged for having another. Fewer positives or negatives than `min_class_size` are few.
    Counts are not negative.
    """
    runs = sorted(kept, key=lambda tested: tested.run)
    by_set: dict[CaseCounts | None, list[MeasuredRun]] = defaultdict(list)
    for tested in runs:
        by_set[tested.test_set].append(tested)
    compared = None if rule == "ignore" else reference
    flags = [
        *_identical(runs, metrics),
        *(_flag("no-validation", tested, {}) for tested in runs if tested.fell_back),
    ]
    for test_set, group in by_set.items():
        for kind, figures in _of_counts(test_set, compared, min_class_size):
            flags += [_flag(kind, tested, figures) for tested in group]
        flags += _unattainable(test_set, group, metrics)
        if test_set is None or test_set.positives is None:
            flags += _single_positives(group, metrics)
    flags.sort(key=lambda flag: (_ORDER[flag.kind], flag.runs[0]))
    counting = sum(
        t.test_set is not None and t.test_set.missing_predictions is not None for t in runs
    )
    return Comparability(reference, reference_run, _shared(by_set), counting, flags)


def _shared(by_set: Mapping[CaseCounts | None, Sequence[MeasuredRun]]) -> list[SharedTestSet]:
    # Test sets that differ in their missing predictions alone are the same.
    by_size: dict[CaseCounts, list[str]] = defaultdict(list)
    for test_set, group in by_set.items():
        if test_set is not None and testsets.known(test_set):
            by_size[CaseCounts(*test_set.size)] += [tested.run for tested in group]
    shared = [SharedTestSet(test_set, sorted(runs)) for test_set, runs in by_size.items()]
    return sorted(
        shared,
        key=lambda one: (-len(one.runs), [-(count or 0) for count in one.test_set.size], one.runs),
    )


def _of_counts(
    test_set: CaseCounts | None, reference: CaseCounts | None, min_class_size: int
) -> Iterator[tuple[FlagKind, dict[str, float]]]:
    differs = testsets.differs(test_set, reference)
    if reference is not None and differs is None:
        yield "unknown-test-set", {}
    if test_set is None:
        return
    counts = dict(zip(_COUNTS, test_set.size, strict=True))
    if reference is not None and differs:
        yield "different-test-set", _differing(counts, reference)
    if testsets.contradictory(test_set):
        yield "contradictory-counts", {k: c for k, c in counts.items() if c is not None}
    if testsets.is_small(test_set, min_class_size):
        few = {
            name: count
            for name in ("positives", "negatives")
            if (count := counts[name]) is not None and count < min_class_size
        }
        yield "few-cases", {**few, "fewest": min_class_size}
    if test_set.missing_predictions:
        of = {} if test_set.cases is None else {"cases": test_set.cases}
        yield "missing-predictions", {"missing_predictions": test_set.missing_predictions, **of}


def _differing(counts: Mapping[str, int | None], reference: CaseCounts) -> dict[str, float]:
    figures: dict[str, float] = {}
    for (name, count), expected in zip(counts.items(), reference.size, strict=True):
        if count is not None and expected is not None and count != expected:
            figures |= {name: count, f"reference_{name}": expected}
    return figures


def _unattainable(
    test_set: CaseCounts | None, group: Sequence[MeasuredRun], metrics: Sequence[Metric]
) -> Iterator[Flag]:
    if test_set is None or test_set.positives is None or test_set.negatives is None:
        return
    if testsets.contradictory(test_set):  # one of the two is wrong
        return
    least = formulas.least_average_precision(test_set.positives, test_set.negatives)
    for metric in _of_kind(metrics, "average-precision"):
        for tested in group:
            value = tested.values.get(metric.key)
            if value is not None and 0 <= value < least - _TOLERANCE:
                figures = {"value": value, "least": least}
                yield _flag("unattainable", tested, figures, metric.key)


def _single_positives(group: Sequence[MeasuredRun], metrics: Sequence[Metric]) -> Iterator[Flag]:
    pairs = [
        (ap.key, auc.key)
        for ap in _of_kind(metrics, "average-precision")
        for auc in _of_kind(metrics, "roc-auc")
    ]
    for tested in group:
        for ap_key, auc_key in pairs:
            ap, auc = tested.values.get(ap_key), tested.values.get(auc_key)
            if ap is None or auc is None:
                continue
            found = formulas.single_positive(ap, auc)
            if found and _can_have(tested.test_set, found.negatives):
                figures: dict[str, float] = {"rank": found.rank, "negatives": found.negatives}
                yield _flag("single-positive", tested, figures, ap_key)
                break  # the cases of a run have one such reading


def _can_have(test_set: CaseCounts | None, negatives: int) -> bool:
    """Whether one positive and so many negatives are what a test set says of itself."""
    one = CaseCounts(negatives + 1, 1, negatives)
    return not testsets.differs(test_set, one)


def _identical(runs: Sequence[MeasuredRun], metrics: Sequence[Metric]) -> Iterator[Flag]:
    keys = [metric.key for metric in metrics]
    alike: dict[tuple[float | None, ...], list[MeasuredRun]] = defaultdict(list)
    for tested in runs:
        alike[tuple(map(tested.values.get, keys))].append(tested)
    for values, group in alike.items():
        present = len(values) - values.count(None)
        for some in _on_like_cases(group) if present else ():
            test_sets = {tested.test_set for tested in some}
            yield Flag(
                kind="identical",
                runs=[tested.run for tested in some],
                metric=None,
                test_set=test_sets.pop() if len(test_sets) == 1 else None,
                figures={"runs": len(some), "metrics": present},
            )


def _on_like_cases(group: Sequence[MeasuredRun]) -> Iterator[Sequence[MeasuredRun]]:
    """Those of a group, two at least, whose test sets may be one.

    On other cases the same figures are a coincidence; on unknown ones they may be the same.
    """
    test_sets = dict.fromkeys(tested.test_set for tested in group)
    found = set()
    for test_set in test_sets:
        alike = frozenset(other for other in test_sets if not testsets.differs(other, test_set))
        # An unknown one is like two that differ.
        if alike in found or any(starmap(testsets.differs, combinations(alike, 2))):
            continue
        found.add(alike)
        some = [tested for tested in group if tested.test_set in alike]
        if len(some) > 1:
            yield some


def _of_kind(metrics: Sequence[Metric], kind: Kind) -> list[Metric]:
    return [metric for metric in metrics if metric.kind == kind]


def _flag(
    kind: FlagKind, tested: MeasuredRun, figures: dict[str, float], metric: str | None = None
) -> Flag:
    return Flag(kind, [tested.run], metric, tested.test_set, figures)
