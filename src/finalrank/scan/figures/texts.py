"""The number that a text holds, for metrics whose files have texts."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_FIGURE = re.compile(
    rf"\s*(?P<mean>{_NUMBER})\s*(?P<of_mean>%?)"
    rf"(?:\s*(?:±|\+-|\+/-)\s*(?P<sd>{_NUMBER})\s*(?P<of_sd>%?))?\s*",
    re.ASCII,
)


def number_in_text(text: str, *, sd: bool, scale: float) -> float | None:
    """Return the number that a text is: `0.83`, `84.1%`, `0.71 ± 0.02`; None where it is none.

    A percentage is a share: `84.1%` is 0.841, whatever `scale` is, by which any other number is
    multiplied. `sd`: what stands behind ± counts, in the unit of the mean where it has none.
    """
    match = _FIGURE.fullmatch(text)
    part = match and match["sd" if sd else "mean"]
    if not match or not part:
        return None
    is_share = match["of_sd"] or match["of_mean"]
    # As decimals, which people write: in floats, 84.1 / 100 is 0.8409999999999999.
    try:
        return float(Decimal(part) * (Decimal("0.01") if is_share else Decimal(repr(scale))))
    except ArithmeticError:  # it is far too large
        return None
