"""How often each run wins if the metrics have other weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finalrank.evidence.ranking.table import Floats, Table, rank_columns, slices

_Rows = npt.NDArray[np.intp]
# Numbers in an array at a time: 4 MB.
_BLOCK = 1 << 19
# How many of the best runs all others are compared with before weights are drawn: most runs are
# dominated by one of these few, and a dominated run cannot win.
_PRUNERS = 64


@dataclass(frozen=True, slots=True)
class WeightShare:
    """Of how many weightings of the metrics a run wins."""

    run: str
    share: float


def weight_shares(table: Table, weightings: int, seed: int) -> list[WeightShare]:
    """Return the share of random weightings, from 0 to 1, under which each run wins.

    Runs without any are left out; the largest share comes first. Every run of the table has all
    metrics. A weighting is one draw of weights from the uniform distribution over all that sum to
    1, Dirichlet(1, ..., 1), by PCG64 with `seed`; there are `weightings` draws. The least weighted
    sum of ranks wins, and a tie counts in equal shares. This is stochastic multicriteria
    acceptability analysis on ranks (Lahdelma, Hokkanen & Salminen 1998, European Journal of
    Operational Research 106:137-143).
    """
    # By key, so that the order of the metrics in the settings does not decide their weights.
    columns = sorted(range(len(table.keys)), key=table.keys.__getitem__)
    # "ordinal" ranks equal values by name, and no run shall win by its name.
    ties = "average" if table.ties == "ordinal" else table.ties
    ranks = rank_columns(table.costs[:, columns], ties)
    # Runs with the same ranks on all metrics tie under all weights: one row stands for them.
    distinct, row_of, members = np.unique(ranks, axis=0, return_inverse=True, return_counts=True)
    contenders = _contenders(distinct)
    weights = np.random.Generator(np.random.PCG64(seed)).dirichlet(
        np.ones(len(columns)), weightings
    )
    wins = np.zeros(len(distinct))
    for draws in slices(weightings, max(1, _BLOCK // len(contenders))):
        # Rows that differ tie with a probability of 0, so the first minimum is the only one.
        winners = (weights[draws] @ distinct[contenders].T).argmin(axis=1)
        wins += np.bincount(contenders[winners], minlength=len(distinct))
    shares = (wins / members / weightings)[row_of.reshape(-1)].tolist()
    winning = [WeightShare(run, s) for run, s in zip(table.runs, shares, strict=True) if s > 0]
    return sorted(winning, key=lambda row: (-row.share, row.run))


def _contenders(ranks: Floats) -> _Rows:
    """Return the rows that could win under some weights, by the sum of their ranks, least first.

    `ranks` (rows, metrics) has no two equal rows. Left out are rows that one of the first
    dominates: it is not worse on any metric. Some dominated rows may remain. They never win: their
    weighted sum is greater, and if it is rounded to the same number, the first of the two wins.
    """
    order = np.argsort(ranks.sum(axis=1), kind="stable")
    for pruner in range(_PRUNERS):
        if pruner >= len(order):
            break
        # The rows that it dominates have a greater sum, and so stand after it.
        dominated = (ranks[order[pruner]] <= ranks[order]).all(axis=1)
        dominated[pruner] = False
        order = order[~dominated]
    return order
