"""The report as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finalrank.report.assemble import Document


def to_json(document: Document, template: str | None = None) -> str:
    """Return the report as JSON, schema version 2, every number at full precision.

    `template` is always None: JSON takes no template.
    """
    from finalrank.text.json_text import json_text

    return json_text(document.report)
