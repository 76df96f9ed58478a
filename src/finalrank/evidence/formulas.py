"""Standard errors, intervals and bounds of metrics that follow from values and counts alone.

`auc` is an area under the ROC curve and `ap` an average precision, both from 0 to 1; `positives`
and `negatives` are numbers of cases, and `z` is in standard errors. The sources:

- Hanley & McNeil 1982, Radiology 143:29-36: the standard error of an area under the ROC curve.
- Boyd, Eng & Page 2013, ECML PKDD, LNCS 8190:451-466: an interval for an average precision.
- Boyd, Santos Costa, Davis & Page 2012, "Unachievable region in precision-recall space and its
  effect on empirical evaluation", ICML: the least average precision that any ranking has.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

# Up to so many terms a sum is added up term by term: as fast as its closed form, and more exact.
_FEW_TERMS = 64
# From this number on, three terms of the asymptotic series of a harmonic number are exact to 1e-10.
_SERIES_FROM = 20
# A file may state any count. Counts are limited to this, so that no number computed of them and a
# probability overflows.
_LARGEST = 10**300
# How far a number may be from the one that was meant because of the type that it was computed in:
# double precision, or single precision, as by PyTorch.
_PRECISIONS = (1e-12, 1e-7)
# Numbers of decimals that a value may have been rounded to in its file.
_ROUNDED = (6, 5, 4)


class Interval(NamedTuple):
    """A standard error on the scale of the value, and the ends of the interval around it."""

    standard_error: float
    low: float
    high: float


class SinglePositive(NamedTuple):
    """The rank of the only positive among all cases, from 1, and the number of negatives."""

    rank: int
    negatives: int


def z(confidence: float) -> float:
    """Return how many standard errors an interval reaches to either side: 1.96 for 0.95.

    That is the quantile of the normal distribution for a `confidence` between 0 and 1.
    """
    return NormalDist().inv_cdf((1 + confidence) / 2)


def auc_standard_error(auc: float, positives: int, negatives: int) -> float:
    """Return the standard error of an area under the ROC curve (Hanley & McNeil 1982).

    It is the root of `(A(1-A) + (P-1)(Q1-A^2) + (N-1)(Q2-A^2)) / (PN)`, where A is `auc`,
    `Q1 = A/(2-A)` and `Q2 = 2A^2/(1+A)`. There is at least one positive and one negative.
    """
    return math.sqrt(auc * (1 - auc)) * _auc_factor(auc, positives, negatives)


def auc_interval(auc: float, positives: int, negatives: int, z: float) -> Interval:
    """Return the interval of an area under the ROC curve by Hanley & McNeil's standard error.

    It is symmetric on the logit scale, where the standard error is `SE/(A(1-A))` by the delta
    method, and so stays within 0 to 1. `auc` is neither 0 nor 1.
    """
    width = z * _auc_factor(auc, positives, negatives) / math.sqrt(auc * (1 - auc))
    return Interval(auc_standard_error(auc, positives, negatives), *_logit_interval(auc, width))


def ap_interval(ap: float, positives: int, z: float) -> Interval:
    """Return the logit interval of an average precision (Boyd, Eng & Page 2013).

    On the logit scale the standard error is `1 / sqrt(P a(1-a))`, where a is `ap` and P the number
    of positives. The standard error that is returned is on the scale of `ap`: by the delta method
    it is that times the slope `a(1-a)`, so `sqrt(a(1-a) / P)`. `ap` is neither 0 nor 1.
    """
    spread, count = math.sqrt(ap * (1 - ap)), _limited(positives)
    width = z / (spread * math.sqrt(count))
    return Interval(spread / math.sqrt(count), *_logit_interval(ap, width))


def least_average_precision(positives: int, negatives: int) -> float:
    """Return the least average precision that a ranking of the cases can have (Boyd et al. 2012).

    It is that of the ranking with all negatives first, `(1/P) * sum_{i=1..P} i/(i+N)`, here within
    1e-9 for any counts, in bounded time. Without a positive there is no average precision: then 0.
    """
    # Counts too large for a float are divided by one number: only their ratio matters then.
    divisor = 1 + (positives + negatives) // _LARGEST
    positives, negatives = positives // divisor, negatives // divisor
    if positives < 1:
        return 0.0
    if positives <= _FEW_TERMS:
        return math.fsum(i / (i + negatives) for i in range(1, positives + 1)) / positives
    # i/(i+N) is 1 - N/(i+N), and the reciprocals are a difference of harmonic numbers.
    least = 1 - negatives / positives * _reciprocals(negatives, positives)
    return min(max(least, 0.0), 1.0)


def single_positive(ap: float, auc: float) -> SinglePositive | None:
    """Return the rank of the positive and the number of negatives if there was one positive alone.

    With one positive at rank r and N negatives, `ap = 1/r` and `auc = 1 - (r-1)/N`. None if no
    whole numbers r and N give these values, as exact as they are stated. Three more cases are None,
    as they prove nothing: r = 1, which is any perfect ranking, whatever the counts; `auc` = 0.5,
    which is that of a model that cannot tell the cases apart; and r or N so large that some whole
    numbers would fit any values.
    """
    rounded = (
        0.5 * 10.0**-digits
        for digits in _ROUNDED
        if ap == round(ap, digits) and auc == round(auc, digits)
    )
    for precision in (*_PRECISIONS, *rounded):
        if fitting := _single_positive_within(ap, auc, precision):
            return fitting
    return None


def _single_positive_within(ap: float, auc: float, precision: float) -> SinglePositive | None:
    """Return the only positive by values that are within `precision` of the exact ones."""
    # Neighbouring values, 1/r and 1/(r+1) or (r-1)/N and (r-1)/(N+1), must be further apart than
    # the precision, or some would always fit. A NaN fails all comparisons.
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


def _limited(count: int) -> float:
    return float(min(count, _LARGEST))


def _auc_factor(auc: float, positives: int, negatives: int) -> float:
    """Return Hanley & McNeil's standard error divided by the root of `A(1-A)`.

    `Q1 - A^2` is `A(1-A)` times `(1-A)/(2-A)`, and `Q2 - A^2` is `A(1-A)` times `A/(1+A)`. So no
    difference of nearly equal numbers is computed near 0 and 1, where the published sum can be
    less than 0.
    """
    p, n = _limited(positives), _limited(negatives)
    total = 1 / p / n + (1 - 1 / p) / n * (1 - auc) / (2 - auc) + (1 - 1 / n) / p * auc / (1 + auc)
    return math.sqrt(total)


def _logit_interval(value: float, width: float) -> tuple[float, float]:
    """Return the ends of `value` -+ `width`, which is on the logit scale, on that of the value."""
    logit = math.log(value) - math.log1p(-value)
    # Rounding in the two transformations must not leave the value outside of its own interval.
    return min(_expit(logit - width), value), max(_expit(logit + width), value)


def _expit(logit: float) -> float:
    odds = math.exp(-abs(logit))  # exp(abs(logit)) would overflow for a large logit
    return (1 if logit >= 0 else odds) / (1 + odds)


def _reciprocals(start: int, terms: int) -> float:
    """Return `1/(start+1) + ... + 1/(start+terms)`, of more terms than `_SERIES_FROM`."""
    first, last = max(start, _SERIES_FROM), start + terms
    head = math.fsum(1 / i for i in range(start + 1, first + 1))
    return head + math.log1p((last - first) / first) + _harmonic_tail(last) - _harmonic_tail(first)


def _harmonic_tail(n: float) -> float:
    """Return the n-th harmonic number less `log(n)` and Euler's constant, by its series."""
    return 1 / (2 * n) - 1 / (12 * n) / n + 1 / (120 * n) / n / n / n
