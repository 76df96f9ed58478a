"""Why an artifact is left out: the reasons that are no filter rule's name."""

from __future__ import annotations

from collections.abc import Iterable

EXCLUDED, NOT_INCLUDED = "excluded", "not-included"
UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY = "unreadable", "missing-primary", "zero-primary"
LOW_PRIMARY = "low-primary"  # in the place of a zero, where more than zeros are left out
NO_DATASET, NO_SPLIT, NO_FOLD, NO_SEED = "no-dataset", "no-split", "no-fold", "no-seed"
OTHER_SPLIT, PART_OF_FOLDS = "other-split", "part-of-folds"
TEST_SET, INCOMPLETE = "test-set", "incomplete"
STATUS = "status"
# Asked before the filter rules, and after them, in this order.
FIRST_REASONS = (EXCLUDED, NOT_INCLUDED)
LAST_REASONS = (
    *(STATUS, UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY, LOW_PRIMARY),
    *(NO_DATASET, NO_SPLIT, NO_FOLD, NO_SEED, OTHER_SPLIT, PART_OF_FOLDS),
    *(TEST_SET, INCOMPLETE),
)
# A member that is left out for one of these was there, and failed: its group lacks it.
FAILED = (UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY, LOW_PRIMARY, NO_FOLD, NO_SEED)
# How problems begin that are none of a value: the key is spelt otherwise, or given twice.
OTHER_SPELLING, GIVEN_TWICE = "is missing, but there is", "is given more than once"


def reasons_in_order(rules: Iterable[str]) -> list[str]:
    """Return all reasons in the order in which they are asked; `rules` are the filter rules'."""
    return [*FIRST_REASONS, *rules, *LAST_REASONS]
