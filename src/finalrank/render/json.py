"""The summary as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finalrank.text.json_text import json_text

if TYPE_CHECKING:
    from finalrank.report.assemble import Document


def to_json(document: Document) -> str:
    """The summary, schema version 1; every number at full precision."""
    return json_text(document.report)
