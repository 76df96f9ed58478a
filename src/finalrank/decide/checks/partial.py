"""What must be told of figures: means over a part of a list, and NaN in the place of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from finalrank.model.artifact import Artifact, Averaged, Remarks
from finalrank.model.ranking import GroupedRun, Partial, RankedRun


def partial_figures(kept: Iterable[Artifact]) -> dict[str, dict[str, Partial]]:
    """Return, by run and metric, what the means over a part of a list are taken over.

    A list is compared with the longest that any kept artifact of the same fold has of the metric,
    and a cross-validation with cross-validations: folds have as many cases as they have.
    """
    averaged = [
        (artifact, artifact.remarks.averaged)
        for artifact in kept
        if artifact.remarks and artifact.remarks.averaged
    ]
    longest: Counter[tuple[str | None, str]] = Counter()
    for artifact, means in averaged:
        for key, mean in means.items():
            place = _fold(artifact), key
            longest[place] = max(longest[place], mean.of)
    partial = {}
    for artifact, means in averaged:
        fold = _fold(artifact)
        if parts := {
            key: _partial(mean, longest[fold, key])
            for key, mean in means.items()
            if mean.values < longest[fold, key]
        }:
            partial[artifact.run] = parts
    return partial


def _fold(artifact: Artifact) -> str | None:
    return artifact.factors.fold if artifact.factors else None


def _partial(mean: Averaged, longest: int) -> Partial:
    return Partial(mean.values, longest, mean.nan, mean.null)


def with_remarks(runs: Sequence[RankedRun], kept: Sequence[Artifact]) -> list[RankedRun]:
    """Return the ranked runs with what must be told of their figures, from the kept artifacts."""
    remarks = {artifact.run: artifact.remarks for artifact in kept if artifact.remarks}
    if not remarks:
        return [*runs]
    partial = partial_figures(kept)
    run_of = {artifact.source: artifact.run for artifact in kept}

    def told(run: RankedRun) -> RankedRun:
        whole = run.group.cross_validation if isinstance(run, GroupedRun) else None
        averaged = [run_of[whole]] if whole else run.members
        nan = _nan_of(run.members, remarks)
        return replace(run, partial=_of_members(averaged, partial), nan=nan)

    return [run if remarks.keys().isdisjoint(run.members) else told(run) for run in runs]


def _nan_of(members: Sequence[str], remarks: Mapping[str, Remarks]) -> dict[str, int]:
    """Count the NaN that stood in the place of numbers of a row, by metric."""
    counts: Counter[str] = Counter()
    for member in members:
        if member in remarks:
            counts.update(remarks[member].nan)
    return dict(counts)


def _of_members(
    members: Sequence[str], partial: Mapping[str, Mapping[str, Partial]]
) -> dict[str, Partial]:
    """Return the partial figures of a row: of its only run, or those of its members together."""
    together: dict[str, Partial] = {}
    for member in members:
        for key, own in partial.get(member, {}).items():
            other = together.get(key, Partial(0, 0, 0, 0))
            together[key] = Partial(
                own.values + other.values,
                own.of + other.of,
                own.nan + other.nan,
                own.null + other.null,
            )
    return together
