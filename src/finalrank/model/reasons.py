"""Why an artifact is left out: the reasons that are no filter rule's name."""

from __future__ import annotations

# The reasons that are not a filter rule's name.
EXCLUDED, NOT_INCLUDED = "excluded", "not-included"


UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY = "unreadable", "missing-primary", "zero-primary"


TEST_SET, INCOMPLETE = "test-set", "incomplete"


# In the order in which they are told, before and behind the filter rules.
FIRST_REASONS, LAST_REASONS = (
    (EXCLUDED, NOT_INCLUDED),
    (UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY, TEST_SET, INCOMPLETE),
)
