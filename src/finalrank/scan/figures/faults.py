"""What is wrong with a metric in a file, in plain words that show no content."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from finalrank.config.tables.metrics import Metric
from finalrank.model.reasons import OTHER_SPELLING
from finalrank.scan.figures.texts import number_in_text
from finalrank.text.escape import visible
from finalrank.text.unicode_forms import are_twins, composed, form_of

# A value may be outside its range by so much, or by this share of a bound above 1: in single
# precision an AUPRC of 1 can be 1.0000001.
_TOLERANCE = 1e-6
# Characters of a key that people write for one another.
SEPARATORS = "-_. "


def folded(key: str) -> str:
    """Return the key without what people spell differently."""
    return composed(key).translate(dict.fromkeys(map(ord, SEPARATORS))).lower()


def near_miss(document: Any, names: list[str]) -> str | None:
    """Say of a missing metric that one of its keys, `names`, is there in another spelling.

    None where it is not: then the metric is missing, and that is no fault.
    """
    if not names or not isinstance(document, dict) or any(name in document for name in names):
        return None
    wanted, longest = {folded(name) for name in names}, 2 * max(map(len, names))
    near = [name for name in document if len(name) <= longest and folded(name) in wanted]
    if not near:
        return None
    other = min(near)
    form = any(are_twins(other, name) for name in names) and f" (in Unicode form {form_of(other)})"
    return f"{OTHER_SPELLING} `{visible(other)}`{form or ''}: spell the key the same in both places"


def range_fault(value: object, number: float | None, metric: Metric) -> str | None:
    """Say what is wrong with a value; `number` is what `scaled` makes of it. None: nothing."""
    if number is None:
        hint = _text_hint(value, metric) if isinstance(value, str) else ""
        if metric.keys and isinstance(value, list):
            hint = ": take one, as in `folds[-1]`, or the mean, `avg(folds)`"
        return f"is {described(value)}, not a number{hint}"
    low, high = metric.range
    if number == metric.worst:
        return None
    if math.isinf(number) and number in (low, high):
        return "is infinite on its better side, which is no result"
    if math.isfinite(number) and low - _slack(low) <= number <= high + _slack(high):
        return None
    return f"is outside its range from {low:g} to {high:g}{_range_hint(number, metric)}"


def _text_hint(text: str, metric: Metric) -> str:
    """Return what to do about a text in the place of a number."""
    if number_in_text(text, sd=False, scale=1) is None:
        return ": write it as a number"
    if metric.text:
        return ": it has no ± with an SD"
    return ": write it as a number, or set text = true"


def _range_hint(number: float, metric: Metric) -> str:
    """Return what a number above a range from 0 to 1 may be, and what to do about it."""
    if metric.range != (0, 1) or number <= 1:
        return ""
    if not metric.higher_is_better:
        return ": a loss or a distance? Set range = [0, inf]"
    if metric.scale == 1 and number <= 100:
        return ": a percentage? Divide it by 100, or set scale = 0.01"
    return ""


def _slack(bound: float) -> float:
    """Return by how much a value may be beyond a bound."""
    return _TOLERANCE * max(1.0, abs(bound)) if math.isfinite(bound) else 0.0


def scaled(value: object, scale: float) -> float | None:
    """Return the value times `scale`; None where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # As decimals, which people write: in floats, 81.1 * 0.01 is 0.8109999999999999.
    return float(value) if scale == 1 else float(Decimal(repr(value)) * Decimal(repr(scale)))


def described(value: object) -> str:
    """Say what kind of JSON value it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "a number")


def in_list(stranger: object) -> str:
    """Say that a list that a mean is taken of holds what is no number."""
    return f"has {described(stranger)} in its list, which the mean leaves out: write a number"
