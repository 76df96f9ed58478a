"""The one clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from finalrank.errors import UsageError


def now() -> datetime:
    """Return the time that a report prints: SOURCE_DATE_EPOCH in UTC, else the local time.

    It has no offset: only one that somebody gave is printed.

    Raises UsageError where SOURCE_DATE_EPOCH is no number of seconds
    (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.now()
    try:
        return datetime.fromtimestamp(int(epoch), UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        raise UsageError("SOURCE_DATE_EPOCH: write a number of seconds since 1970") from None
