"""Tests of the runs against the baseline, case by case: Wilcoxon 1945, adjusted by Holm 1979."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from finalrank.evidence.ranking.table import Floats

# Of so few differences every combination of signs is counted.
_EXACT_UP_TO = 50
# Differences that agree in so many decimals, of which the values of most cases have one before the
# point, are equal.
_DECIMALS = 12
# A float has no smaller power of ten.
_LEAST_POWER = -307


def signed_rank(values: Floats, base: int) -> list[float]:
    """The two-sided p of Wilcoxon's signed-rank test (1945) of each run (runs, cases) against one.

    Differences of zero are left out, and where there is nothing else p is 1. Exact for up to 50,
    else by the normal distribution with a correction for ties.
    """
    wilcoxon = _scipy()
    sizes = np.sort(np.abs(values[values != 0]))
    usual = sizes[(len(sizes) - 1) // 2] if len(sizes) else 1.0
    power = max(math.floor(math.log10(usual)) - _DECIMALS, _LEAST_POWER)
    p = []
    with np.errstate(over="ignore"):  # what is infinitely larger than most is larger
        differences = np.rint((values - values[base]) / 10.0**power)
    for row in differences:
        present = row[row != 0]
        ties = len(np.unique(np.abs(present))) < len(present)
        method = "exact" if len(present) <= _EXACT_UP_TO else "approx"
        if ties and method == "exact":
            p.append(_exact_of_ties(present))
        elif len(present):
            p.append(float(wilcoxon(present, method=method).pvalue))
        else:
            p.append(1.0)
    return p


def _exact_of_ties(differences: Floats) -> float:
    """Over all combinations of signs, which scipy counts one by one, and of up to 13 alone.

    The probability of each sum of positive ranks, which are averaged over ties and so halves.
    """
    sizes = np.abs(differences)
    order = np.sort(sizes)
    # The first and the last rank that equal ones take: twice their mean.
    ranks = np.searchsorted(order, sizes) + 1 + np.searchsorted(order, sizes, side="right")
    shares = np.ones(1)
    for rank in ranks.tolist():
        shares = (np.pad(shares, (0, rank)) + np.pad(shares, (rank, 0))) / 2
    positive = int(ranks[differences > 0].sum())
    tail = min(positive, int(ranks.sum()) - positive)
    return min(2 * float(shares[: tail + 1].sum()), 1.0)


def _scipy() -> Any:
    # It takes a second to import. A module of numpy's that it imports reads the variable, and fails
    # where that is no number.
    epoch = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        from scipy.stats import wilcoxon
    finally:
        if epoch is not None:
            os.environ["SOURCE_DATE_EPOCH"] = epoch
    return wilcoxon


def holm(p: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number (Holm 1979): at most 1, and in their order."""
    order = sorted(range(len(p)), key=p.__getitem__)
    adjusted = [1.0] * len(p)
    least = 0.0
    for rank, index in enumerate(order):
        least = max(least, min((len(p) - rank) * p[index], 1.0))
        adjusted[index] = least
    return adjusted
