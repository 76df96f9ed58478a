"""Tests of the runs against the baseline, case by case: Wilcoxon 1945, adjusted by Holm 1979."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from finalrank.evidence.bootstrap import settled
from finalrank.evidence.tables import Floats

# Differences of which every combination of signs is counted.
_EXACT_UP_TO = 50


def signed_rank(differences: Floats) -> list[float]:
    """The two-sided p of Wilcoxon's signed-rank test (1945) of each row of (comparisons, cases).

    The differences are those of values of a grid. Zeros are left out, and where there is nothing
    else p is 1. Exact for up to 50 that do not tie, else by the normal distribution with a
    correction for ties, as R has it.
    """
    # It takes a second to import.
    from scipy.stats import wilcoxon

    p = []
    for row in settled(differences, 2):
        present = row[row != 0]
        ties = len(np.unique(np.abs(present))) < len(present)
        method: Literal["exact", "approx"]
        method = "exact" if len(present) <= _EXACT_UP_TO and not ties else "approx"
        p.append(float(wilcoxon(present, method=method).pvalue) if len(present) else 1.0)
    return p


def holm(p: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number (Holm 1979): at most 1, and in their order."""
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted = [1.0] * len(p)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min((len(p) - rank) * p[index], 1.0))
        adjusted[index] = least
    return adjusted
