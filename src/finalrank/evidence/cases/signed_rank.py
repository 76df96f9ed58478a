"""Tests of the runs against the baseline, case by case.

- Wilcoxon 1945, Biometrics Bulletin 1:80-83: the signed-rank test.
- Holm 1979, Scandinavian Journal of Statistics 6:65-70: p-values adjusted for their number.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from finalrank.evidence.ranking.table import Floats

# Up to so many differences the exact distribution is used.
_EXACT_UP_TO = 50
# Differences are rounded to so many decimals before they are compared, if most values are between 1
# and 10, and in proportion otherwise: values that were rounded in a file have differences that are
# equal but for their last bits.
_DECIMALS = 12
# The least power of ten that differences are divided by. The next one is a float with fewer digits,
# and much smaller ones are 0.
_LEAST_POWER = -307


def signed_rank(values: Floats, base: int) -> list[float]:
    """Return the two-sided p-value of Wilcoxon's signed-rank test of each run against run `base`.

    `values` (runs, cases) has no NaN. Differences of 0 are left out; without any other p is 1. The
    p-value is exact for up to 50 differences, else by the normal distribution with a correction for
    ties (Wilcoxon 1945).
    """
    wilcoxon = _scipy()
    sizes = np.sort(np.abs(values[values != 0]))
    usual = sizes[(len(sizes) - 1) // 2] if len(sizes) else 1.0
    power = max(math.floor(math.log10(usual)) - _DECIMALS, _LEAST_POWER)
    p_values = []
    # A quotient that overflows becomes infinite, which is in order: it ranks above all others.
    with np.errstate(over="ignore"):
        differences = np.rint((values - values[base]) / 10.0**power)
    for row in differences:
        present = row[row != 0]
        ties = len(np.unique(np.abs(present))) < len(present)
        method = "exact" if len(present) <= _EXACT_UP_TO else "approx"
        if ties and method == "exact":
            p_values.append(_exact_with_ties(present))
        elif len(present):
            p_values.append(float(wilcoxon(present, method=method).pvalue))
        else:
            p_values.append(1.0)
    return p_values


def _exact_with_ties(differences: Floats) -> float:
    """Return the exact two-sided p-value of differences (cases,) that are not 0, some with ties.

    It is over all combinations of signs, which are equally likely under the null hypothesis. SciPy
    goes through them one by one, for up to 13 differences alone; here the distribution of the sum
    of positive ranks is built rank by rank. Ranks are averaged over ties, and doubled here, so that
    they are whole numbers.
    """
    sizes = np.abs(differences)
    order = np.sort(sizes)
    # The first and the last rank of equal sizes: their sum is twice the average.
    ranks = np.searchsorted(order, sizes) + 1 + np.searchsorted(order, sizes, side="right")
    probabilities = np.ones(1)  # of each sum, from 0
    for rank in ranks.tolist():
        probabilities = (np.pad(probabilities, (0, rank)) + np.pad(probabilities, (rank, 0))) / 2
    positive = int(ranks[differences > 0].sum())
    tail = min(positive, int(ranks.sum()) - positive)
    return min(2 * float(probabilities[: tail + 1].sum()), 1.0)


def _scipy() -> Any:
    """Return `scipy.stats.wilcoxon`, which takes a second to import, and so only when needed."""
    # A module of NumPy's that SciPy imports reads this variable, and fails if it is no number.
    epoch = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        from scipy.stats import wilcoxon
    finally:
        if epoch is not None:
            os.environ["SOURCE_DATE_EPOCH"] = epoch
    return wilcoxon


def holm(p: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number, in the same order, each at most 1 (Holm 1979).

    The k-th least of n p-values becomes n - k + 1 times itself, or the adjusted one before it if
    that is larger.
    """
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted = [1.0] * len(p)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min((len(p) - rank) * p[index], 1.0))
        adjusted[index] = least
    return adjusted
