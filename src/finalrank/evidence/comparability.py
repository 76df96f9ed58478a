"""Whether the runs were tested on the same cases, and which values cannot be right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from finalrank.config.tables.metrics import Metric
from finalrank.decide import testsets
from finalrank.evidence.flags import Flag, MeasuredRun, flags_of
from finalrank.model.artifact import CaseCounts

Rule = Literal["flag", "exclude", "ignore"]


@dataclass(frozen=True, slots=True)
class SharedTestSet:
    """A test set and the runs that were tested on it."""

    test_set: CaseCounts
    runs: list[str]


@dataclass(frozen=True, slots=True)
class Comparability:
    """Whether the runs were tested on the same cases."""

    reference: Annotated[
        CaseCounts | None, Field(description="The test set that others are compared with")
    ]
    runs: Annotated[
        int, Field(description="How many are compared; folds and seeds of factors are one")
    ]
    test_sets: Annotated[list[SharedTestSet], Field(description="Most runs first")]
    counting_predictions: Annotated[
        int, Field(description="How many runs state the number of missing predictions")
    ]
    flags: list[Flag]


def comparability(
    kept: Sequence[MeasuredRun],
    metrics: Sequence[Metric],
    reference: CaseCounts | None,
    rule: Rule,
    min_class_size: int,
) -> Comparability:
    """Return the test sets of the kept runs, and all that makes their values hard to compare.

    `reference` is the test set that others are compared with. `rule` is `filter.test_set`; by
    "ignore" no run is flagged for another or an unknown test set. Fewer positives or negatives than
    `min_class_size` are flagged as few.
    """
    runs_on: dict[CaseCounts | None, list[MeasuredRun]] = defaultdict(list)
    for run in sorted(kept, key=lambda run: run.run):
        runs_on[run.test_set].append(run)
    compared_with = None if rule == "ignore" else reference
    return Comparability(
        reference=reference,
        runs=len(kept),
        test_sets=_shared_test_sets(runs_on),
        counting_predictions=sum(
            run.test_set is not None and run.test_set.missing_predictions is not None
            for run in kept
        ),
        flags=flags_of(runs_on, metrics, compared_with, min_class_size),
    )


def _shared_test_sets(
    runs_on: Mapping[CaseCounts | None, Sequence[MeasuredRun]],
) -> list[SharedTestSet]:
    """Return the known test sets: most runs first, of equally many the larger one first.

    Those that differ by their missing predictions alone are one test set.
    """
    names: dict[CaseCounts, list[str]] = defaultdict(list)
    for test_set, runs in runs_on.items():
        if test_set is not None and testsets.known(test_set):
            names[replace(test_set, missing_predictions=None)] += [run.run for run in runs]
    shared = [SharedTestSet(test_set, sorted(runs)) for test_set, runs in names.items()]
    return sorted(
        shared,
        key=lambda row: (-len(row.runs), [-(count or 0) for count in row.test_set.size], row.runs),
    )
