"""What an artifact was tested on: which test set is the reference, and which ones differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from finalrank.model.artifact import CaseCounts, Reference


def known(test_set: CaseCounts | None) -> bool:
    """Return whether the test set has a count of cases, positives or negatives."""
    return test_set is not None and any(count is not None for count in test_set.size)


def contradictory(test_set: CaseCounts) -> bool:
    """Return whether positives and negatives add up to another number than that of the cases.

    Of one of the two alone: whether it is more than all cases.
    """
    cases, *parts = test_set.size
    counts = [count for count in parts if count is not None]
    if cases is None or not counts:
        return False
    return sum(counts) > cases or (len(counts) == 2 and sum(counts) < cases)


def most_common(test_sets: Iterable[CaseCounts | None]) -> CaseCounts | None:
    """Return the test set of most runs, of equally common ones the larger; None if none is known.

    Counts that contradict each other do not count.
    """
    counts = Counter(
        t.size for t in test_sets if t is not None and known(t) and not contradictory(t)
    )
    if not counts:
        return None
    # An unknown count (-1) sorts below a count of 0, so that no two test sets have the same key.
    best = max(counts, key=lambda s: (counts[s], *(-1 if count is None else count for count in s)))
    return CaseCounts(*best)


def reference(
    tested: Mapping[str, CaseCounts | None], baseline: str | None, members: Collection[str]
) -> Reference:
    """Return the test set that others are compared with, and the baseline if it is its.

    `tested` has the test set of each run; `members` are the baseline's run, or those of its group.
    Where they state no counts, the most common test set of all runs is the reference.
    """
    if own := most_common(tested.get(run) for run in members):
        return own, baseline
    return most_common(tested.values()), None


def differs(one: CaseCounts | None, other: CaseCounts | None) -> bool | None:
    """Return whether a count that both state is not the same; None if they state none in common."""
    if one is None or other is None:
        return None
    pairs = [
        (first, second)
        for first, second in zip(one.size, other.size, strict=True)
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
