"""What an artifact was tested on: which test set is the reference, and which ones differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from finalrank.model.artifact import CaseCounts, Reference


def known(test_set: CaseCounts | None) -> bool:
    """Whether it says on how many cases, positives or negatives."""
    return test_set is not None and any(count is not None for count in test_set.size)


def contradictory(test_set: CaseCounts) -> bool:
    """Whether its positives and negatives are not all its cases, or more than these."""
    cases, *parts = test_set.size
    counts = [count for count in parts if count is not None]
    if cases is None or not counts:
        return False
    return sum(counts) > cases or (len(counts) == 2 and sum(counts) < cases)


def most_common(test_sets: Iterable[CaseCounts | None]) -> CaseCounts | None:
    """The one with most runs, of equal ones the larger; None where none is known.

    Counts that contradict each other are those of no test set.
    """
    counts = Counter(
        t.size for t in test_sets if t is not None and known(t) and not contradictory(t)
    )
    if not counts:
        return None
    # Unknown is less than none: no two have the same key.
    best = max(counts, key=lambda s: (counts[s], *(-1 if count is None else count for count in s)))
    return CaseCounts(*best)


def reference(
    tested: Mapping[str, CaseCounts | None], baseline: str | None, members: Collection[str]
) -> Reference:
    """The test set that others are compared with, and the baseline if it is its.

    `tested` is by run; `members` are the baseline's run, or those of its group. Where they say
    nothing, the most common one counts.
    """
    if own := most_common(tested.get(run) for run in members):
        return own, baseline
    return most_common(tested.values()), None


def differs(one: CaseCounts | None, other: CaseCounts | None) -> bool | None:
    """Whether a count that both have is another; None where there is no such count."""
    if one is None or other is None:
        return None
    pairs = [
        (first, second)
        for first, second in zip(one.size, other.size, strict=True)
        if first is not None and second is not None
    ]
    return any(first != second for first, second in pairs) if pairs else None


def is_small(test_set: CaseCounts | None, min_class_size: int) -> bool:
    """Whether it has fewer positives or negatives than that."""
    counts = (test_set.positives, test_set.negatives) if test_set else ()
    return any(count is not None and count < min_class_size for count in counts)


def describe_test_set(test_set: CaseCounts | None) -> str:
    """`40 cases, 1 positive, 39 negatives`; what is unknown is left out."""
    if test_set is None or not known(test_set):
        return "an unknown test set"
    words = (("case", "cases"), ("positive", "positives"), ("negative", "negatives"))
    return ", ".join(
        f"{count} {one if count == 1 else many}"
        for count, (one, many) in zip(test_set.size, words, strict=True)
        if count is not None
    )
