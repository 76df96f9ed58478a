"""The one error of whatever reads an artifact."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - it is a verdict
    """A candidate that gives no JSON object: the place and the reason of its problem."""

    def __init__(self, place: str | None, reason: str) -> None:
        """Keep the place (line and column, or None for the whole file) and the reason."""
        super().__init__(reason)
        self.place = place
        self.reason = reason
