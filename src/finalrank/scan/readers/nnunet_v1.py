"""The reader of the summary.json of nnU-Net v1."""

from __future__ import annotations

import math
from typing import Any

from finalrank.scan.readers.interface import Reader
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json

# The labels that nnU-Net v1 does not average over either: background, those to ignore, and "mean".
_NOT_FOREGROUND = frozenset({"0", "-1", "99", "mean"})


def nnunet_v1(data: bytes) -> Any:
    """Return the JSON document, with the mean of each score over the labels in `foreground_mean`.

    Raises Unreadable.
    """
    document = parse_json(data)
    means = _foreground_mean(document)
    if not means or "foreground_mean" in document:
        return document
    if isinstance(document, DuplicateKeyDict):
        return DuplicateKeyDict([*document.pairs, ("foreground_mean", means)])
    return document | {"foreground_mean": means}


def _foreground_mean(document: Any) -> dict[str, float]:
    """Return the mean of each score over the foreground labels that have a finite one."""
    results = document.get("results") if isinstance(document, dict) else None
    labels = results.get("mean") if isinstance(results, dict) else None
    numbers: dict[str, list[float]] = {}
    for label, scores in labels.items() if isinstance(labels, dict) else ():
        if label in _NOT_FOREGROUND or not isinstance(scores, dict):
            continue
        for name, value in scores.items():
            if isinstance(value, float) and math.isfinite(value):
                numbers.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in numbers.items()}


READER = Reader("nnunet-v1", nnunet_v1, artifact="json")
