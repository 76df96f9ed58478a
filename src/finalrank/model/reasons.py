"""Why an artifact is left out: the reasons that are no filter rule's name."""

from __future__ import annotations

from collections.abc import Iterable

EXCLUDED, NOT_INCLUDED = "excluded", "not-included"
UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY = "unreadable", "missing-primary", "zero-primary"
TEST_SET, INCOMPLETE = "test-set", "incomplete"
# Asked before the filter rules, and after them, in this order.
FIRST_REASONS = (EXCLUDED, NOT_INCLUDED)
LAST_REASONS = (UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY, TEST_SET, INCOMPLETE)


def reasons_in_order(rules: Iterable[str]) -> list[str]:
    """Return all reasons in the order in which they are asked; `rules` are the filter rules'."""
    return [*FIRST_REASONS, *rules, *LAST_REASONS]
