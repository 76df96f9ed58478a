"""How figures look on the page: numbers become text here, last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finalrank.model.groups import Spread
    from finalrank.model.ranking import Delta, GroupMean, RankedRun
    from finalrank.report.presentation import MetricLabel

MISSING = "-"
# A smaller p-value says no more than this.
_LEAST_P = 0.0001


def fixed(number: float | None, digits: int = 4) -> str:
    """Return `0.3837`; never `-0.0000`; `-` where missing."""
    return MISSING if number is None else f"{number:z.{digits}f}"


def figure(run: RankedRun, metric: MetricLabel) -> str:
    """Return `0.3837`: a run's metric; of seeds or folds with SD and number."""
    value = run.metrics[metric.key]
    group: GroupMean | None = getattr(run, "group", None)
    spread = group.metrics[metric.key] if group else None
    if group is None or spread is None:
        return fixed(value, metric.digits)
    return mean_of_members(value, spread, group.kind, metric.digits)


def mean_of_members(mean: float | None, spread: Spread, kind: str, digits: int) -> str:
    """Return `0.3769 +- 0.0011 (n=3 seeds)`; of a single member without SD.

    `kind` is what the members are: "seed", "fold".
    """
    sd = f" +- {fixed(spread.sd, digits)}" if spread.sd is not None else ""
    return f"{fixed(mean, digits)}{sd} (n={plural(spread.n, kind)})"


def signed(delta: Delta, digits: int = 4) -> str:
    """Return `+0.2770 (+259.40%)`; `-` for what is missing."""
    absolute = MISSING if delta.absolute is None else f"{delta.absolute:+z.{digits}f}"
    percent = MISSING if delta.percent is None else f"{delta.percent:+z.2f}%"
    return f"{absolute} ({percent})"


def plus(number: float | None, digits: int = 4) -> str:
    """Return `+0.2229`; `-` where missing."""
    return MISSING if number is None else f"{number:+z.{digits}f}"


def whole(number: int | None) -> str:
    """Return `107`; `-` where missing."""
    return MISSING if number is None else str(number)


def plural(count: int, noun: str) -> str:
    """Return `1 run`, `3 runs`."""
    return f"{count} {noun}{'s' * (count != 1)}"


def rank(number: float) -> str:
    """Return `2`, `1.5`: a rank that is whole has no decimals."""
    return f"{number:g}" if number < 1e5 else f"{number:.1f}".removesuffix(".0")


def interval(bounds: tuple[float | None, float | None], digits: int = 4) -> str:
    """Return `[0.8613, 0.9398]`; `-` where missing."""
    low, high = bounds
    return (
        MISSING if low is None or high is None else f"[{fixed(low, digits)}, {fixed(high, digits)}]"
    )


def percent(share: float, digits: int = 0) -> str:
    """Return `95 %`; what is not all or nothing is not shown as that: `> 99.9 %`, `< 0.1 %`."""
    shown, least = f"{share * 100:.{digits}f}", 10.0**-digits
    if share < 1 and float(shown) == 100:
        return f"> {100 - least:.{digits}f} %"
    if share > 0 and float(shown) == 0:
        return f"< {least:.{digits}f} %"
    return f"{shown} %"


def p_value(p: float | None) -> str:
    """Return `0.0312`, `< 0.0001`; `-` where missing."""
    return f"< {_LEAST_P}" if p is not None and p < _LEAST_P else fixed(p)
