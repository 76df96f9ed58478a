"""Tests of the runs against the baseline, case by case: Wilcoxon 1945, adjusted by Holm 1979."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from finalrank.evidence.bootstrap import settled
from finalrank.evidence.tables import Floats

# So many differences that do not tie, or that do, have an exact p: every combination of signs is
# counted.
_EXACT_UP_TO = 50
_TIED_UP_TO = 13


def signed_rank(differences: Floats) -> list[float]:
    """The two-sided p of Wilcoxon's signed-rank test (1945) of each row of (comparisons, cases).

    The differences are those of values of a grid. Zeros are left out, and where there is nothing
    else p is 1. Exact for up to 50 that do not tie and up to 13 that do, else by the normal
    distribution with a correction for ties.
    """
    permutation_method, wilcoxon = _scipy()
    p = [1.0] * len(differences)
    tied: dict[int, Floats] = {}
    for index, row in enumerate(settled(differences, 2)):
        present = row[row != 0]
        ties = len(np.unique(np.abs(present))) < len(present)
        if ties and len(present) <= _TIED_UP_TO:
            tied[index] = present
        elif len(present):
            method = "approx" if ties or len(present) > _EXACT_UP_TO else "exact"
            p[index] = float(wilcoxon(present, method=method).pvalue)
    if tied:
        # All at once, as to count takes half a second. Zeros, which fill the rows, change nothing.
        width = max(map(len, tied.values()))
        rows = np.array([np.pad(row, (0, width - len(row))) for row in tied.values()])
        every = permutation_method(n_resamples=2**width, batch=2**10)
        found = np.asarray(wilcoxon(rows, axis=1, method=every).pvalue)
        for index, value in zip(tied, found.tolist(), strict=True):
            p[index] = value
    return p


def _scipy() -> tuple[Any, Any]:
    # It takes a second to import. A module of numpy's that it imports reads the variable, and fails
    # where that is no number.
    epoch = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        from scipy.stats import PermutationMethod, wilcoxon
    finally:
        if epoch is not None:
            os.environ["SOURCE_DATE_EPOCH"] = epoch
    return PermutationMethod, wilcoxon


def holm(p: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number (Holm 1979): at most 1, and in their order."""
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted = [1.0] * len(p)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min((len(p) - rank) * p[index], 1.0))
        adjusted[index] = least
    return adjusted
