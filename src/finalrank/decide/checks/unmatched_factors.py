"""Factors that the user's own file names and no result has a value of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from finalrank.config.load import Layer
from finalrank.config.settings import Settings
from finalrank.config.tables.factors import Factor
from finalrank.model.artifact import Artifact, Problem
from finalrank.model.factors import Factors
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# From a file of factors (empty: the artifact itself) to the names that one could be looked up by.
NamesBeside = Callable[[str], Iterable[str]]


class WatchedFactors:
    """Those of the user's own factors of which no result had a value yet."""

    def __init__(self, own: Sequence[Layer], settings: Settings) -> None:
        """Take the own ones of the layers that make the settings."""
        of_rows = [layer.origin for layer in own if layer.table.get("factors")]
        of_groups = [layer.origin for layer in own if _has_run(layer)]
        rows = {factor.key for factor in settings.factors}
        self._waiting: dict[str, tuple[Factor, str]] = {}
        for factor in settings.all_factors:
            origins, place = (of_rows, "factors") if factor.key in rows else (of_groups, "scan.run")
            if origins:
                self._waiting[factor.key] = (factor, f"{visible(origins[-1])}: {place}")

    def __bool__(self) -> bool:
        """Return whether any is waited for."""
        return bool(self._waiting)

    def saw(self, entry: Artifact | Problem) -> None:
        """Take note of the factors that a result has, and of those that are told as a problem."""
        if isinstance(entry, Problem):
            self._waiting.pop(entry.place or "", None)
        elif entry.factors:
            for key, (factor, _) in [*self._waiting.items()]:
                if _has(entry.factors, factor):
                    del self._waiting[key]

    def lines(self, names_in: NamesBeside) -> list[str]:
        """Return a line for each that no result has, with the nearest name."""
        lines = []
        for factor, place in self._waiting.values():
            names = list(names_in(factor.from_))
            hints = (did_you_mean(source, names) for source in factor.sources)
            hint = next(filter(None, hints), "")
            lines.append(f'{place}: "{visible(factor.key)}" has no value in any result{hint}')
        return lines


def _has_run(layer: Layer) -> bool:
    scan = layer.table.get("scan")
    return isinstance(scan, dict) and bool(scan.get("run"))


def _has(factors: Factors, factor: Factor) -> bool:
    """Return whether a result has a value of a factor, or one that is told as missing."""
    return factor.role in factors.unknown or factors.text(factor.key, factor.role) is not None
