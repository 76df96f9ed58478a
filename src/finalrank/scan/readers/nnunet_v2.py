"""The reader of nnU-Net v2's summary.json: plain JSON, and why a mean over classes is NaN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finalrank.scan.readers.interface import Reader
from finalrank.scan.readers.json import parse_json
from finalrank.text.escape import visible

# A sentence names so many classes, and counts the others.
_NAMED = 3


def why_nan(document: Any) -> str | None:
    """Say which classes no case has: their scores are NaN, and so is the mean over the classes."""
    means = document.get("mean") if isinstance(document, dict) else None
    return no_case_has(means) if isinstance(means, dict) else None


def no_case_has(means: Mapping[str, Any]) -> str | None:
    """Return `no case has class 3` of the mean scores by class; None where each has a case."""
    empty = [
        visible(name)
        for name, scores in means.items()
        if isinstance(scores, dict) and any(value != value for value in scores.values())
    ]
    if not empty:
        return None
    more = f" and {len(empty) - _NAMED} more" if len(empty) > _NAMED else ""
    classes = "class" if len(empty) == 1 else "the classes"
    return f"no case has {classes} {', '.join(empty[:_NAMED])}{more}"


READER = Reader("nnunet-v2", parse_json, artifact="json", why_nan=why_nan)
