"""The reader of the summary.json of nnU-Net v1."""

from __future__ import annotations

import math
from typing import Any

from finalrank.scan.readers.interface import Reader
from finalrank.scan.readers.json import DuplicateKeyDict, made_of_both, parse_json
from finalrank.scan.readers.nnunet_v2 import no_case_has

# The labels that nnU-Net v1 does not average over either: background, those to ignore, and "mean".
_NOT_FOREGROUND = frozenset({"0", "-1", "99", "mean"})


def nnunet_v1(data: bytes) -> Any:
    """Return the JSON document, with the mean of each score over the labels in `foreground_mean`.

    Raises Unreadable.
    """
    document = parse_json(data)
    if isinstance(document, DuplicateKeyDict):
        means = made_of_both(document, lambda document: _with_means({}, document))
        return DuplicateKeyDict([*document.pairs, *means.pairs])
    return _with_means(document, document)


def _with_means(known: Any, document: Any) -> Any:
    means = _foreground_mean(document)
    return (
        known | {"foreground_mean": means} if means and "foreground_mean" not in document else known
    )


def _foreground_mean(document: Any) -> dict[str, float]:
    """Return the mean of each score over the foreground labels; NaN where one of them is.

    A mean over fewer labels would be compared with means over all of them.
    """
    numbers: dict[str, list[float]] = {}
    for scores in _foreground(document).values():
        for name, value in scores.items():
            if isinstance(value, float) and not math.isinf(value):
                numbers.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in numbers.items()}


def _foreground(document: Any) -> dict[str, dict[str, Any]]:
    """Return the scores of each foreground label."""
    results = document.get("results") if isinstance(document, dict) else None
    labels = results.get("mean") if isinstance(results, dict) else None
    return {
        label: scores
        for label, scores in (labels.items() if isinstance(labels, dict) else ())
        if label not in _NOT_FOREGROUND and isinstance(scores, dict)
    }


def why_nan(document: Any) -> str | None:
    """Say which foreground labels no case has."""
    return no_case_has(_foreground(document))


READER = Reader("nnunet-v1", nnunet_v1, artifact="json", why_nan=why_nan)
