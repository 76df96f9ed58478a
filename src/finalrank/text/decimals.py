"""What a number looks like with so many decimals."""

from __future__ import annotations


def prints_as_zero(number: float, digits: int) -> bool:
    """Return whether a number has no digit but 0 with so many decimals."""
    return abs(number) < 10.0**-digits and not float(f"{number:.{digits}f}")
