"""What figures and counts alone say: standard errors, intervals, the least average precision.

An `auc` and an `ap` are probabilities, counts are of cases, and `z` is in standard errors.

- Hanley & McNeil 1982, Radiology 143:29-36: the standard error of an area under the ROC curve.
- Boyd, Eng & Page 2013, ECML PKDD: an interval for an average precision.
- Boyd, Santos Costa, Davis & Page 2012, ICML: no ranking has less than the least one.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

# A sum of so many terms is as quick as its closed form, and more exact.
_FEW_TERMS = 64
# From here on three terms of the series of a harmonic number are exact to 1e-10.
_SERIES_FROM = 20
# A file may claim any count: no product of these with a probability leaves the floats.
_LARGEST = 10**300
# How far a double and a single (as PyTorch writes them) may be from the number that was meant.
_PRECISIONS = (1e-12, 1e-7)
# Decimals that figures may have been rounded to.
_ROUNDED = (6, 5, 4)


class Interval(NamedTuple):
    """A standard error on the scale of the figure, and the ends of the interval around it."""

    standard_error: float
    low: float
    high: float


class SinglePositive(NamedTuple):
    """Where the only positive stands in the ranking of all cases, and among how many negatives."""

    rank: int
    negatives: int


def z(confidence: float) -> float:
    """How many standard errors an interval reaches to either side: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def auc_standard_error(auc: float, positives: int, negatives: int) -> float:
    """The standard error of 0 <= auc <= 1 by at least one case of each (Hanley & McNeil 1982).

    Theirs is the root of `(A(1-A) + (P-1)(Q1-A^2) + (N-1)(Q2-A^2)) / (PN)`, where `Q1 = A/(2-A)`
    and `Q2 = 2A^2/(1+A)`.
    """
    return math.sqrt(auc * (1 - auc)) * _auc_factor(auc, positives, negatives)


def auc_interval(auc: float, positives: int, negatives: int, z: float) -> Interval:
    """The interval of 0 < auc < 1 by that error, on the logit scale: it stays within 0 to 1."""
    width = z * _auc_factor(auc, positives, negatives) / math.sqrt(auc * (1 - auc))
    return Interval(auc_standard_error(auc, positives, negatives), *_around(auc, width))


def ap_interval(ap: float, positives: int, z: float) -> Interval:
    """The interval of 0 < ap < 1 on the logit scale (Boyd, Eng & Page 2013, their logit interval).

    `1 / sqrt(P a(1-a))` is the error of the logit. The standard error is that times `a(1-a)`, the
    slope (delta method): `sqrt(a(1-a) / P)`.
    """
    spread, count = math.sqrt(ap * (1 - ap)), _count(positives)
    return Interval(spread / math.sqrt(count), *_around(ap, z / (spread * math.sqrt(count))))


def least_average_precision(positives: int, negatives: int) -> float:
    """The average precision of the ranking with all negatives first (Boyd et al. 2012).

    `(1/P) * sum_{i=1..P} i/(i+N)`, within 1e-9 of it for any counts, in bounded time. Without a
    positive there is no average precision: 0.
    """
    # Of more cases than a float can count, the proportion alone matters.
    excess = 1 + (positives + negatives) // _LARGEST
    positives, negatives = positives // excess, negatives // excess
    if positives < 1:
        return 0.0
    if positives <= _FEW_TERMS:
        return math.fsum(i / (i + negatives) for i in range(1, positives + 1)) / positives
    # i/(i+N) is 1 - N/(i+N), and the reciprocals are a difference of harmonic numbers.
    share = 1 - negatives / positives * _reciprocals(negatives, positives)
    return min(max(share, 0.0), 1.0)


def single_positive(ap: float, auc: float) -> SinglePositive | None:
    """What the figures are if one case was positive: `ap = 1/r` and `auc = 1 - (r-1)/N`.

    Both are whole numbers. No signature are r = 1 (perfect figures, whatever the counts), an area
    of one half (that of a model that tells nothing apart), and numbers so large that some would
    fit any figures.
    """
    rounded = (
        0.5 * 10.0**-digits
        for digits in _ROUNDED
        if ap == round(ap, digits) and auc == round(auc, digits)
    )
    precisions = (*_PRECISIONS, *rounded)
    return next((found for each in precisions if (found := _signature(ap, auc, each))), None)


def _signature(ap: float, auc: float, precision: float) -> SinglePositive | None:
    # The reciprocals of whole numbers must be far enough apart for one of them to be hit by
    # meaning. A NaN is in no range.
    if not (4 * precision < ap < 1 and 0 <= auc < 1 and auc != 0.5):
        return None
    rank = round(1 / ap)
    above = rank - 1
    negatives = round(above / (1 - auc))
    if not (1 <= above <= negatives and 4 * precision * negatives**2 < above):
        return None
    if 4 * precision * rank**2 >= 1:
        return None
    fits = abs(ap - 1 / rank) <= precision and abs(1 - above / negatives - auc) <= precision
    return SinglePositive(rank, negatives) if fits else None


def _count(count: int) -> float:
    return float(min(count, _LARGEST))


def _auc_factor(auc: float, positives: int, negatives: int) -> float:
    # Q1 - A^2 and Q2 - A^2 with A(1-A) taken out: (1-A)/(2-A) and A/(1+A). So nothing cancels
    # near 0 and 1, where the sum as it is printed can be less than 0.
    p, n = _count(positives), _count(negatives)
    total = 1 / p / n + (1 - 1 / p) / n * (1 - auc) / (2 - auc) + (1 - 1 / n) / p * auc / (1 + auc)
    return math.sqrt(total)


def _around(value: float, width: float) -> tuple[float, float]:
    logit = math.log(value) - math.log1p(-value)
    # Rounding on the way there and back shall not part a value from its own interval.
    return min(_expit(logit - width), value), max(_expit(logit + width), value)


def _expit(logit: float) -> float:
    odds = math.exp(-abs(logit))  # of a large logit, the other exponential overflows
    return (1 if logit >= 0 else odds) / (1 + odds)


def _reciprocals(start: int, terms: int) -> float:
    # 1/(start+1) + ... + 1/(start+terms), where there are more terms than _SERIES_FROM.
    first, last = max(start, _SERIES_FROM), start + terms
    head = math.fsum(1 / i for i in range(start + 1, first + 1))
    return head + math.log1p((last - first) / first) + _tail(last) - _tail(first)


def _tail(n: float) -> float:
    # What the n-th harmonic number has beyond log(n) and Euler's constant.
    return 1 / (2 * n) - 1 / (12 * n) / n + 1 / (120 * n) / n / n / n
