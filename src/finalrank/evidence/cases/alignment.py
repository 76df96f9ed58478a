"""Which cases runs are compared on: cases are matched by name, and what does not fit is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from finalrank.config.tables.metrics import Metric
from finalrank.evidence.ranking.table import Floats
from finalrank.model.artifact import CaseValues
from finalrank.model.ranking import GroupedRun, RankedRun


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
    missing: Annotated[int, Field(description="How many of the reference it lacks")]
    extra: Annotated[int, Field(description="How many of its cases the reference lacks")]
    used: Annotated[bool, Field(description="False: too few in common with the reference")]
    unused: Annotated[
        list[str], Field(description="Metrics compared here of which it has too few cases")
    ]


def cases_of(cases: Mapping[str, CaseValues], rows: Sequence[RankedRun]) -> dict[str, CaseValues]:
    """Return the values by case of each row; rows of which a member has none are left out."""
    by_row = {}
    for row in rows:
        members = row.members
        if isinstance(row, GroupedRun) and row.group.cross_validation:
            # It is over the cases of all its folds, and comes before them; else they are pooled.
            members = members[:1] if members[0] in cases else members[1:]
        by_member = [cases[member] for member in members if member in cases]
        if len(by_member) == len(members):
            several = len(members) > 1
            by_row[row.run] = mean_of(by_member, row.source) if several else by_member[0]
    return by_row


def mean_of(members: Sequence[CaseValues], source: str) -> CaseValues:
    """Return the values by case of a group of runs, as those of one run with this `source`.

    They are the means over the members, in the cases that all members have. Folds have no case in
    common, and the group then has the cases of all of them.
    """
    metrics = frozenset().union(*(member.values for member in members))
    means = {key: _mean([member.values.get(key, {}) for member in members]) for key in metrics}
    return CaseValues(source, {key: means[key] for key in sorted(means) if means[key]})


def _mean(members: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean value by case of one metric; `members` has the values of each member."""
    counts = Counter(case for member in members for case in member)
    wanted = 1 if max(counts.values(), default=0) == 1 else len(members)
    return {
        case: fmean(member[case] for member in members if case in member)
        for case, count in counts.items()
        if count == wanted
    }


def names_of(values: CaseValues, metrics: Sequence[Metric]) -> frozenset[str]:
    """Return the names of the cases that have a value of any of the metrics."""
    return frozenset().union(*(values.values.get(metric.key, ()) for metric in metrics))


def reference_of(names: Mapping[str, frozenset[str]], baseline: str | None) -> str | None:
    """Return the run whose cases are the reference; None if no run has any case.

    It is the baseline if that has cases; else the first run, by name, that has the most common set
    of cases, and of equally common sets the largest. `names` are the cases of each run.
    """
    if baseline is not None and names.get(baseline):
        return baseline
    counts = Counter(cases for cases in names.values() if cases)
    ranked = ((-counts[cases], -len(cases), run) for run, cases in names.items() if cases)
    return min(ranked, default=(0, 0, None))[2]


def shared_cases(
    metric: Metric, values: Mapping[str, CaseValues], baseline: str | None
) -> SharedCases:
    """Return the runs that are compared on a metric, and the cases that they all have.

    A run is compared if it has at least half of the reference's cases. Each metric has a reference
    of its own, as the same run may have fewer cases of one metric than of another: a Dice may be of
    the positive cases alone. `values` are by run.
    """
    names = {run: frozenset(values[run].values.get(metric.key, ())) for run in sorted(values)}
    reference = reference_of(names, baseline)
    if reference is None:
        return SharedCases(metric, [], frozenset())
    wanted = names[reference]
    runs = [run for run, cases in names.items() if 2 * len(wanted & cases) >= len(wanted)]
    return SharedCases(metric, runs, wanted.intersection(*(names[run] for run in runs)))


def deciding(compared: Sequence[SharedCases]) -> list[SharedCases]:
    """Return the metrics that decide the places: those that all runs have, or else all metrics."""
    runs = set().union(*(shared.runs for shared in compared))
    return [shared for shared in compared if len(shared.runs) == len(runs)] or list(compared)


def placed_runs(compared: Sequence[SharedCases]) -> list[str]:
    """Return the runs that are compared on every metric that decides the places, by name."""
    by_metric = [{*shared.runs} for shared in deciding(compared)]
    return sorted(set.intersection(*by_metric)) if by_metric else []


def value_matrix(
    values: Mapping[str, CaseValues], compared: SharedCases, names: Sequence[str]
) -> Floats:
    """Return the values of one metric, shape (runs, cases), in the order of the runs and `names`.

    A case that is not compared on this metric is NaN in every run. `values` are by run.
    """
    key, shared = compared.metric.key, compared.cases
    by_case = [values[run].values[key] for run in compared.runs]
    return np.array(
        [[row[name] if name in shared else np.nan for name in names] for row in by_case]
    )


def alignment(
    run: str,
    values: CaseValues,
    target: frozenset[str],
    names: frozenset[str],
    compared: Sequence[SharedCases],
) -> Alignment:
    """Return how the cases of a run fit those of the reference.

    `names` are the cases of the run and `target` those of the reference. `compared` are the metrics
    that any runs are compared on.
    """
    unused = [shared.metric.key for shared in compared if run not in shared.runs]
    missing, extra = len(target - names), len(names - target)
    used = len(unused) < len(compared)
    return Alignment(run, values.source, len(names), missing, extra, used, unused)
