"""How figures look on the page: numbers become text here, last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finalrank.text.decimals import prints_as_zero

if TYPE_CHECKING:
    from finalrank.model.groups import Spread
    from finalrank.model.ranking import Delta, GroupMean, RankedRun
    from finalrank.report.labels import MetricLabel

MISSING = "-"
# Values that differ by so many percent, or fewer, are equal.
_ROUNDING = 1e-7
# A smaller p-value says no more than this.
_LEAST_P = 0.0001


def fixed(number: float | None, digits: int = 4, significant: int = 0) -> str:
    """Return `0.3837`; never `-0.0000`; `-` where missing.

    With `significant` digits, what is not 0 and would print so is `5.0e-09`.
    """
    if number is None:
        return MISSING
    if significant and number and prints_as_zero(number, digits):
        return f"{number:.{significant - 1}e}"
    return f"{number:z.{digits}f}"


def figure(run: RankedRun, metric: MetricLabel) -> str:
    """Return `0.3837`: a run's metric; of seeds or folds with SD and number."""
    value, part = run.metrics[metric.key], run.partial.get(metric.key)
    digits, significant = metric.digits, metric.significant
    # A mean over a part of a list says over how much of it.
    told = f" ({part.values} of {part.of})" if part else ""
    group: GroupMean | None = getattr(run, "group", None)
    spread = group.metrics[metric.key] if group else None
    lacks = run.incomplete.get(metric.key)
    if group is None or spread is None:
        return fixed(value, digits, significant) + (f" ({lacks})" if lacks else "") + told
    if group.cross_validation:
        of = lacks.removesuffix(" folds") if lacks else f"{spread.n} of {group.expected}"
        folds = f"{group.kind}s {_with_sd(spread.mean, spread, digits, significant)}, {of}"
        return f"{fixed(value, digits, significant)} ({folds})" + told
    return mean_of_members(value, spread, group.kind, digits, lacks, significant) + told


def factor(run: RankedRun, key: str) -> str:
    """Return the values of a factor behind a run's row: `0.01`, `8, 16`; `-` where missing."""
    return ", ".join(run.factors.get(key, ())) or MISSING


def mean_of_members(
    mean: float | None,
    spread: Spread,
    kind: str,
    digits: int,
    lacks: str | None = None,
    significant: int = 0,
) -> str:
    """Return `0.3769 +- 0.0011 (n=3 seeds)`; of a single member without SD.

    `kind` is what the members are: "seed", "fold"; `lacks` is what the mean is not over. Of
    `significant` digits see `fixed`.
    """
    return f"{_with_sd(mean, spread, digits, significant)} (n={lacks or plural(spread.n, kind)})"


def _with_sd(mean: float | None, spread: Spread, digits: int, significant: int) -> str:
    sd = f" +- {fixed(spread.sd, digits, significant)}" if spread.sd is not None else ""
    return f"{fixed(mean, digits, significant)}{sd}"


def signed(delta: Delta, digits: int = 4) -> str:
    """Return `+0.2770 (+259.40%)`; `-` for what is missing.

    What would print as no difference, and is more than a rounding, is `-5.0e-09 (-2.5e-06%)`.
    """
    absolute, percent = delta.absolute, delta.percent
    if absolute is None:
        return f"{MISSING} ({MISSING})"
    if (percent is not None and abs(percent) <= _ROUNDING) or not prints_as_zero(absolute, digits):
        share = MISSING if percent is None else f"{percent:+z.2f}%"
        return f"{absolute:+z.{digits}f} ({share})"
    share = MISSING if percent is None else f"{_signed_digits(percent, 2)}%"
    return f"{_signed_digits(absolute, digits)} ({share})"


def _signed_digits(number: float, digits: int) -> str:
    """Return a number with its sign, and two significant digits where it would print as 0."""
    if number and prints_as_zero(number, digits):
        return f"{number:+.1e}"
    return f"{number:+z.{digits}f}"


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
