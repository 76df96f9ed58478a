"""What makes the values of a run hard to compare with those of others, flag by flag.

Test sets are compared by `decide.testsets`; the bounds and their sources are in `formulas`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, starmap
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field

from finalrank.config.tables.metrics import Kind, Metric
from finalrank.decide import testsets
from finalrank.evidence import formulas
from finalrank.model.artifact import CaseCounts

# In the order in which the page and the JSON have them.
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
_ORDER = {kind: place for place, kind in enumerate(get_args(FlagKind))}
_COUNTS = ("cases", "positives", "negatives")  # in the order of CaseCounts.size
# A value that is below the least attainable one by no more than this was only rounded.
_TOLERANCE = 1e-9


class MeasuredRun(NamedTuple):
    """A kept run: its metrics, and what it was tested on."""

    run: str
    values: Mapping[str, float | None]  # by metric key
    test_set: CaseCounts | None  # its counts are not negative
    fell_back: bool = False  # it was to be chosen by its validation sidecar, and has none


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that makes a run's figures hard to compare, with the numbers that say so."""

    kind: FlagKind
    runs: Annotated[list[str], Field(description="One, or all that have identical figures")]
    metric: Annotated[str | None, Field(description="The metric it is about")]
    test_set: CaseCounts | None
    figures: Annotated[
        dict[str, int | float], Field(description="Numbers that it rests on, by name")
    ]


def flags_of(
    runs_on: Mapping[CaseCounts | None, Sequence[MeasuredRun]],
    metrics: Sequence[Metric],
    reference: CaseCounts | None,
    min_class_size: int,
) -> list[Flag]:
    """Return all flags by kind, then by run, then in the order of the metrics.

    `runs_on` has the runs by their test set. Each test set is compared with the `reference`; None
    is to flag no run for its test set. Fewer positives or negatives than `min_class_size` are few.
    """
    runs = sorted((run for on_it in runs_on.values() for run in on_it), key=lambda run: run.run)
    flags = [
        *_identical(runs, metrics),
        *(_flag("no-validation", run, {}) for run in runs if run.fell_back),
    ]
    for test_set, on_it in runs_on.items():
        for kind, figures in _of_counts(test_set, reference, min_class_size):
            flags += [_flag(kind, run, figures) for run in on_it]
        flags += _unattainable(test_set, on_it, metrics)
        if test_set is None or test_set.positives is None:
            flags += _single_positives(on_it, metrics)
    return sorted(flags, key=lambda flag: (_ORDER[flag.kind], flag.runs[0]))


def _flag(
    kind: FlagKind, run: MeasuredRun, figures: dict[str, float], metric: str | None = None
) -> Flag:
    return Flag(kind, [run.run], metric, run.test_set, figures)


def _of_counts(
    test_set: CaseCounts | None, reference: CaseCounts | None, min_class_size: int
) -> Iterator[tuple[FlagKind, dict[str, float]]]:
    """Yield each kind of flag that the counts of a test set call for, with its figures."""
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
        cases = {} if test_set.cases is None else {"cases": test_set.cases}
        yield "missing-predictions", {"missing_predictions": test_set.missing_predictions, **cases}


def _differing(counts: Mapping[str, int | None], reference: CaseCounts) -> dict[str, float]:
    """Return the counts that differ from those of the reference, with these, by name."""
    figures: dict[str, float] = {}
    for (name, count), expected in zip(counts.items(), reference.size, strict=True):
        if count is not None and expected is not None and count != expected:
            figures |= {name: count, f"reference_{name}": expected}
    return figures


def _unattainable(
    test_set: CaseCounts | None, runs: Sequence[MeasuredRun], metrics: Sequence[Metric]
) -> Iterator[Flag]:
    """Yield a flag for each average precision that is less than any ranking of the cases has."""
    if test_set is None or test_set.positives is None or test_set.negatives is None:
        return
    # Of contradictory counts at least one is wrong, and so would be the bound.
    if testsets.contradictory(test_set):
        return
    least = formulas.least_average_precision(test_set.positives, test_set.negatives)
    for metric in _of_kind(metrics, "average-precision"):
        for run in runs:
            value = run.values.get(metric.key)
            if value is not None and 0 <= value < least - _TOLERANCE:
                figures = {"value": value, "least": least}
                yield _flag("unattainable", run, figures, metric.key)


def _single_positives(runs: Sequence[MeasuredRun], metrics: Sequence[Metric]) -> Iterator[Flag]:
    """Yield a flag for each run whose values are those of one positive among its cases.

    A run has one flag at most: its cases are the same for every pair of metrics.
    """
    pairs = [
        (ap.key, auc.key)
        for ap in _of_kind(metrics, "average-precision")
        for auc in _of_kind(metrics, "roc-auc")
    ]
    for run in runs:
        for ap_key, auc_key in pairs:
            ap, auc = run.values.get(ap_key), run.values.get(auc_key)
            if ap is None or auc is None:
                continue
            single = formulas.single_positive(ap, auc)
            if single and _may_have(run.test_set, single.negatives):
                figures: dict[str, float] = {"rank": single.rank, "negatives": single.negatives}
                yield _flag("single-positive", run, figures, ap_key)
                break


def _may_have(test_set: CaseCounts | None, negatives: int) -> bool:
    """Return whether no known count contradicts one positive and so many negatives."""
    return not testsets.differs(test_set, CaseCounts(negatives + 1, 1, negatives))


def _identical(runs: Sequence[MeasuredRun], metrics: Sequence[Metric]) -> Iterator[Flag]:
    """Yield a flag for each set of runs that have the same value, or none, of every metric."""
    keys = [metric.key for metric in metrics]
    by_values: dict[tuple[float | None, ...], list[MeasuredRun]] = defaultdict(list)
    for run in runs:
        by_values[tuple(map(run.values.get, keys))].append(run)
    for values, same_values in by_values.items():
        present = len(values) - values.count(None)
        for same in _on_compatible_sets(same_values) if present else ():
            test_sets = {run.test_set for run in same}
            yield Flag(
                kind="identical",
                runs=[run.run for run in same],
                metric=None,
                test_set=test_sets.pop() if len(test_sets) == 1 else None,
                figures={"runs": len(same), "metrics": present},
            )


def _on_compatible_sets(runs: Sequence[MeasuredRun]) -> Iterator[Sequence[MeasuredRun]]:
    """Yield each two or more of the runs whose test sets may be one and the same.

    Test sets may be the same if no count that both state differs: the same values on cases that are
    known to be others are a coincidence.
    """
    test_sets = dict.fromkeys(run.test_set for run in runs)
    done = set()
    for test_set in test_sets:
        compatible = frozenset(
            other for other in test_sets if not testsets.differs(other, test_set)
        )
        # An unknown test set is compatible with two that differ from each other; all of them
        # together are not one test set.
        if compatible in done or any(starmap(testsets.differs, combinations(compatible, 2))):
            continue
        done.add(compatible)
        on_them = [run for run in runs if run.test_set in compatible]
        if len(on_them) > 1:
            yield on_them


def _of_kind(metrics: Sequence[Metric], kind: Kind) -> list[Metric]:
    return [metric for metric in metrics if metric.kind == kind]
