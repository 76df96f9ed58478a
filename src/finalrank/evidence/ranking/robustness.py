"""Whether the winner of a ranking holds: other rules, other weights, one run less, equal values."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field, WithJsonSchema

from finalrank.decide.ranking.ties import ranks
from finalrank.evidence.ranking.removals import LeaveOneOut, leave_one_out
from finalrank.evidence.ranking.table import Table
from finalrank.evidence.ranking.variants import Variant, leaders, mean_ranks, podium, variants
from finalrank.evidence.ranking.weightings import WeightShare, weight_shares

# Whole ranks are whole in the JSON, and stay so when a report is read back from it.
Rank = Annotated[int | float, WithJsonSchema({"type": "number"})]


@dataclass(frozen=True, slots=True)
class EqualValues:
    """Runs with the same value of a metric."""

    metric: str
    value: Annotated[float | None, Field(description="Null: infinite")]
    runs: list[str]
    ranks: Annotated[list[Rank], Field(description="Their ranks, in the order of the runs")]


@dataclass(frozen=True, slots=True)
class Robustness:
    """Whether the winner holds under other rules, over the runs with every ranked metric."""

    runs: Annotated[int, Field(description="How many have every ranked metric")]
    podium: list[str]
    leaders: Annotated[list[str], Field(description="By the ranking; more than one is a tie")]
    readings: list[Variant]
    leads: int
    ties: int
    shares: Annotated[
        list[WeightShare], Field(description="Largest first; shares of 0 are left out")
    ]
    removals: list[LeaveOneOut]
    equal: list[EqualValues]


def robustness(table: Table, top: int, weightings: int, seed: int) -> Robustness | None:
    """Return whether the winner among the runs with every metric holds; None for less than two.

    `top` is the size of the podium, `weightings` the number of random weights of the metrics that
    are drawn, by `seed`. The equal values alone are those of all runs of the table, with the ranks
    among all.
    """
    complete = table.rows(table.complete())
    if len(complete.runs) < 2:
        return None
    scores = mean_ranks(complete)
    by_other_rules = variants(complete, top)
    outcomes = [variant.outcome for variant in by_other_rules]
    return Robustness(
        runs=len(complete.runs),
        podium=podium(complete.runs, scores, top),
        leaders=leaders(complete.runs, scores),
        readings=by_other_rules,
        leads=outcomes.count("leads"),
        ties=outcomes.count("ties"),
        shares=weight_shares(complete, weightings, seed),
        removals=leave_one_out(complete, top),
        equal=equal_values(table),
    )


def equal_values(table: Table) -> list[EqualValues]:
    """Return all runs that have the same value of a metric, with their ranks.

    They come by their best rank, then in the order of the metrics and of the values, best first.
    """
    ties = []
    for column, key in enumerate(table.keys):
        costs = table.costs[:, column].tolist()
        metric_ranks = ranks([None if math.isnan(cost) else cost for cost in costs], table.ties)
        present = np.flatnonzero(~np.isnan(table.costs[:, column])).tolist()
        by_cost = sorted(present, key=costs.__getitem__)
        for cost, equal in itertools.groupby(by_cost, key=costs.__getitem__):
            rows = list(equal)
            if len(rows) > 1:
                ties.append(
                    EqualValues(
                        metric=key,
                        value=table.signs[column] * cost + 0.0,  # makes -0.0 to 0.0
                        runs=[table.runs[row] for row in rows],
                        ranks=[rank for row in rows if (rank := metric_ranks[row]) is not None],
                    )
                )
    return sorted(ties, key=lambda tie: min(tie.ranks))
