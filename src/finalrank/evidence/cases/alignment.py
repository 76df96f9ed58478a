"""Which cases runs are compared on: they are matched by name, and what does not fit is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, NamedTuple

from pydantic import Field

from finalrank.config.metrics import Metric
from finalrank.model.artifact import CaseValues


class SharedCases(NamedTuple):
    """A metric, the runs that are compared on it, by name, and the cases that they all have."""

    metric: Metric
    runs: list[str]
    cases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the cases of a run fit those that all are compared on."""

    run: str
    source: Annotated[str, Field(description="Where the values stand")]
    cases: Annotated[int, Field(description="How many it has")]
    missing: Annotated[int, Field(description="Of the reference, how many it lacks")]
    extra: Annotated[int, Field(description="How many the reference lacks")]
    used: Annotated[bool, Field(description="False: too few in common")]
    unused: Annotated[list[str], Field(description="Metrics compared here of which it has too few")]


def mean_of(members: Sequence[CaseValues], source: str) -> CaseValues:
    """The values of a group of runs: of each case that all have, the mean over its members.

    Of folds, which have cases of their own, those of all.
    """
    metrics = frozenset().union(*(member.values for member in members))
    found = {key: _mean([member.values.get(key, {}) for member in members]) for key in metrics}
    return CaseValues(source, {key: found[key] for key in sorted(found) if found[key]})


def _mean(members: Sequence[Mapping[str, float]]) -> dict[str, float]:
    held = Counter(case for member in members for case in member)
    wanted = 1 if max(held.values(), default=0) == 1 else len(members)
    return {
        case: fmean(member[case] for member in members if case in member)
        for case, count in held.items()
        if count == wanted
    }


def names_of(held: CaseValues, metrics: Sequence[Metric]) -> frozenset[str]:
    """The cases that have a value of any metric."""
    return frozenset().union(*(held.values.get(metric.key, ()) for metric in metrics))


def reference_of(names: Mapping[str, frozenset[str]], baseline: str | None) -> str | None:
    """Whose cases are wanted: the baseline's, else the first's that has the most common ones."""
    if baseline is not None and names.get(baseline):
        return baseline
    counts = Counter(own for own in names.values() if own)
    ranked = ((-counts[own], -len(own), run) for run, own in names.items() if own)
    return min(ranked, default=(0, 0, None))[2]


def shared_cases(
    metric: Metric, cases: Mapping[str, CaseValues], baseline: str | None
) -> SharedCases:
    """The runs that have half of the reference's cases, and the cases that all of these have.

    They are those that the reference has of this metric: a Dice may be of the positive cases alone.
    """
    held = {run: frozenset(cases[run].values.get(metric.key, ())) for run in sorted(cases)}
    reference = reference_of(held, baseline)
    if reference is None:
        return SharedCases(metric, [], frozenset())
    wanted = held[reference]
    runs = [run for run, own in held.items() if 2 * len(wanted & own) >= len(wanted)]
    return SharedCases(metric, runs, wanted.intersection(*(held[run] for run in runs)))


def alignment(
    run: str,
    held: CaseValues,
    target: frozenset[str],
    own: frozenset[str],
    tried: Sequence[SharedCases],
) -> Alignment:
    """How the cases of a run fit those of the reference; `tried` are the metrics of any run."""
    unused = [each.metric.key for each in tried if run not in each.runs]
    missing, extra = len(target - own), len(own - target)
    used = len(unused) < len(tried)
    return Alignment(run, held.source, len(own), missing, extra, used, unused)
