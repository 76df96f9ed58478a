"""What an artifact was tested on: which test set is the reference, and which ones differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import compress, product

from finalrank.model.artifact import CaseCounts


def known(test_set: CaseCounts | None) -> bool:
    """Return whether the test set has a count of cases, positives or negatives."""
    return test_set is not None and any(count is not None for count in test_set.size)


def contradictory(test_set: CaseCounts) -> bool:
    """Return whether positives and negatives add up to another number than that of the cases.

    If only one of the two is known: whether it exceeds the number of cases.
    """
    cases, *parts = test_set.size
    counts = [count for count in parts if count is not None]
    if cases is None or not counts:
        return False
    return sum(counts) > cases or (len(counts) == 2 and sum(counts) < cases)


def reference(test_sets: Iterable[CaseCounts | None]) -> CaseCounts | None:
    """Return the test set with which most runs agree in what both know; None if none is known.

    Of those with which equally many agree, it is the larger one. Counts that contradict each other
    do not count.
    """
    counts: Counter[CaseCounts] = Counter()
    # Thousands of runs have a handful of test sets.
    for test_set, runs in Counter(test_sets).items():
        if test_set is not None and known(test_set) and not contradictory(test_set):
            counts[replace(test_set, missing_predictions=None)] += runs
    agreeing = _agreeing(counts)
    return max(counts, key=lambda one: (agreeing[one], *_size_key(one)), default=None)


def _agreeing(counts: Mapping[CaseCounts, int]) -> Counter[CaseCounts]:
    """Return with how many runs each test set agrees in what both know.

    Test sets that know the same things are compared as one, so that thousands of them take no time.
    """
    knowing: dict[tuple[bool, ...], list[CaseCounts]] = {}
    for test_set in counts:
        knowing.setdefault(tuple(what is not None for what in test_set.known), []).append(test_set)
    agreeing: Counter[CaseCounts] = Counter()
    for (one, own), (other, others) in product(knowing.items(), repeat=2):
        both = [is_known and other_is for is_known, other_is in zip(one, other, strict=True)]
        if not any(both):
            continue
        runs: Counter[tuple[object, ...]] = Counter()
        for test_set in others:
            runs[tuple(compress(test_set.known, both))] += counts[test_set]
        for test_set in own:
            agreeing[test_set] += runs[tuple(compress(test_set.known, both))]
    return agreeing


def _size_key(test_set: CaseCounts) -> tuple[int | str, ...]:
    # An unknown count (-1) sorts below a count of 0, so that no two test sets have the same key.
    counts = (-1 if count is None else count for count in test_set.size)
    return (*counts, test_set.names or "")


def pooled(test_sets: Sequence[CaseCounts | None]) -> CaseCounts | None:
    """Return the test set that folds make together; a count that one does not state is unknown."""
    known_sets = [test_set for test_set in test_sets if test_set is not None]
    if not known_sets or len(known_sets) < len(test_sets):
        return None
    columns = zip(*(test_set.size for test_set in known_sets), strict=True)
    sums = [
        None if any(count is None for count in column) else sum(count or 0 for count in column)
        for column in columns
    ]
    cases, positives, negatives = sums
    counts = CaseCounts(cases, positives, negatives)
    return counts if known(counts) else None


def differs(one: CaseCounts | None, other: CaseCounts | None) -> bool | None:
    """Return whether what both state is not the same; None if they state nothing in common."""
    if one is None or other is None:
        return None
    pairs = [
        (first, second)
        for first, second in zip(one.known, other.known, strict=True)
        if first is not None and second is not None
    ]
    return any(first != second for first, second in pairs) if pairs else None


def is_small(test_set: CaseCounts | None, min_class_size: int) -> bool:
    """Return whether the test set has fewer positives or negatives than `min_class_size`."""
    counts = (test_set.positives, test_set.negatives) if test_set else ()
    return any(count is not None and count < min_class_size for count in counts)


def describe_test_set(test_set: CaseCounts | None) -> str:
    """Say what a test set holds: `40 cases, 1 positive, 39 negatives`, without unknown counts."""
    if test_set is None or not known(test_set):
        return "an unknown test set"
    words = (("case", "cases"), ("positive", "positives"), ("negative", "negatives"))
    return ", ".join(
        f"{count} {one if count == 1 else many}"
        for count, (one, many) in zip(test_set.size, words, strict=True)
        if count is not None
    )
