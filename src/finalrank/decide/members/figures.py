"""The figures of a group: over its seeds, over its folds, or of a cross-validation over these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from finalrank.model.artifact import Artifact, Values
from finalrank.model.factors import FOLD, SEED
from finalrank.model.groups import Figures, Spread, spread


class Coverage(NamedTuple):
    """Over how many of how many a figure is."""

    has: int
    of: int

    @property
    def lacks(self) -> bool:
        """Whether there should be more."""
        return self.has < self.of


def figures_over(
    members: Sequence[Values], kind: str, expected: int, stands: Artifact | None = None
) -> Figures:
    """Return the means over the members' figures, each with what it lacks.

    With a cross-validation that `stands`, its figures are the group's, and the members' spread is
    beside them.
    """
    spreads = _spreads(members)
    if stands:
        lacks = {
            key: in_words(cover, FOLD) for key, cover in whole_coverage(stands, expected).items()
        }
        return Figures(stands.metrics, spreads, lacks, stands, expected)
    metrics: Values = {key: over.mean if over else None for key, over in spreads.items()}
    lacks = {
        key: in_words(Coverage(over.n, expected), kind)
        for key, over in spreads.items()
        if over and over.n < expected
    }
    return Figures(metrics, spreads, lacks, None, expected)


def whole_coverage(whole: Artifact, expected: int) -> dict[str, Coverage]:
    """Return what a result over all folds lacks, by metric; nothing where it does not say."""
    over = whole.factors.over if whole.factors else None
    if over is None or len(over) >= expected:
        return {}
    covered = Coverage(len(over), expected)
    return {key: covered for key, value in whole.metrics.items() if value is not None}


def over_seeds(
    seeds: Sequence[tuple[Sequence[Artifact], Artifact | None]], folds: int, expected: int
) -> Figures:
    """Return the means over seeds, of each its folds and the cross-validation that stands for it.

    `folds` and `expected` are how many folds and seeds there should be.
    """
    of_each = [
        figures_over([member.metrics for member in members], FOLD, folds, stands)
        if stands or _has_folds(members)
        else Figures(members[0].metrics, {}, {})
        for members, stands in seeds
    ]
    whole = figures_over([figures.metrics for figures in of_each], SEED, expected)
    lacks = dict(whole.lacks)
    for key in whole.metrics:
        short = [told for figures in of_each if (told := figures.lacks.get(key))]
        if short:
            lacks[key] = ", ".join([*([lacks[key]] if key in lacks else []), min(short)])
    return Figures(whole.metrics, whole.spreads, lacks, None, expected)


def in_words(coverage: Coverage, kind: str) -> str:
    """Return `2 of 5 folds`."""
    return f"{coverage.has} of {coverage.of} {kind}{'s' * (coverage.of != 1)}"


def _has_folds(members: Sequence[Artifact]) -> bool:
    return any(member.factors and member.factors.fold is not None for member in members)


def _spreads(members: Sequence[Values]) -> Mapping[str, Spread | None]:
    keys = members[0] if members else {}
    return {key: spread([v for m in members if (v := m[key]) is not None]) for key in keys}
