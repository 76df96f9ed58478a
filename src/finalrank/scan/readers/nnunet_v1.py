"""nnU-Net v1's summary.json."""

from __future__ import annotations

import math
from typing import Any

from finalrank.scan.readers.json import DuplicateKeyDict, parse_json

# What nnU-Net v1 does not average over either: background, labels to ignore, and the mean itself.
_NOT_FOREGROUND = frozenset({"0", "-1", "99", "mean"})


def nnunet_v1(data: bytes) -> Any:
    """The JSON document, and in `foreground_mean` the mean of each score over the labels."""
    found = parse_json(data)
    means = _foreground_mean(found)
    if not means or "foreground_mean" in found:
        return found
    if isinstance(found, DuplicateKeyDict):
        return DuplicateKeyDict([*found.pairs, ("foreground_mean", means)])
    return found | {"foreground_mean": means}


def _foreground_mean(found: Any) -> dict[str, float]:
    results = found.get("results") if isinstance(found, dict) else None
    labels = results.get("mean") if isinstance(results, dict) else None
    numbers: dict[str, list[float]] = {}
    for label, scores in labels.items() if isinstance(labels, dict) else ():
        if label in _NOT_FOREGROUND or not isinstance(scores, dict):
            continue
        for name, value in scores.items():
            if isinstance(value, float) and math.isfinite(value):
                numbers.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in numbers.items()}
