"""The part on robustness: who leads, by which rules, and what would change that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from finalrank.render.number_format import fixed, rank
from finalrank.render.page.truncate import Truncated, at_most
from finalrank.render.page.wording import agree

if TYPE_CHECKING:
    from finalrank.evidence.model import Evidence
    from finalrank.evidence.ranking.robustness import EqualValues, Robustness
    from finalrank.evidence.ranking.variants import Variant
    from finalrank.model.ranking import RankedRun
    from finalrank.report.labels import MetricLabel

# What orders runs with the best mean rank: they are alike in all metrics but their names, the
# primary metric does, or their names do.
TieBreak = Literal["alike", "primary", "name"]

_VARIANTS = {
    "without": "Without {metric}",
    "median": "Median rank",
    "wins": "Pairwise win rate",
    "min-max": "Mean of min-max scaled values",
    "ties": "Other ranks for equal values ({rules})",
}
_NOTHING = (
    "Fewer than two runs have every ranked metric: there is nothing to hold the winner against."
)
# What becomes of several leaders.
_OUTCOMES = {"leads": "share it", "ties": "only some", "loses": "lose"}


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads the runs with every ranked metric, and under how many readings."""

    leaders: list[str]
    outcome: str  # what follows their names; the whole sentence where there are none
    winner_differs: bool  # whether the winner of the ranking is none of them
    winner_remark: str  # what then follows the name of that winner


@dataclass(frozen=True, slots=True)
class VariantRow:
    """The ranking by another rule."""

    name: str
    leaders: Truncated
    outcome: str
    podium_overlap: int
    tau_b: float | None


@dataclass(frozen=True, slots=True)
class EqualRow:
    """Runs with the same value of a metric, some of them on the podium."""

    runs: list[str]
    metric: str
    value: str
    ranks: str  # what the ranking made of it


@dataclass(frozen=True, slots=True)
class RobustnessSummary:
    """What is told of whether the winner holds."""

    lead: Lead
    complete: str  # `11 of 12`: how many runs have every ranked metric
    variants: list[VariantRow]
    equal: Sequence[EqualRow]
    shares: Truncated  # of WeightShare
    removals: Truncated  # of LeaveOneOut
    removals_decide: str  # `2 of 11 decide`


def robustness_summary(
    results: Evidence,
    runs: Sequence[RankedRun],
    ranked: Sequence[MetricLabel],
    primary: MetricLabel,
    top: int,
) -> RobustnessSummary:
    """Return what is told of whether the winner holds.

    `runs` are in the order of the ranking, and the first `top` are the podium.
    """
    robust, missing = results.robustness, results.missing
    winner, labels = runs[0].run, {metric.key: metric for metric in ranked}
    if robust is None:
        lead = Lead([], _NOTHING, winner_differs=False, winner_remark="")
        return RobustnessSummary(lead, "", [], [], at_most([]), at_most([]), "")
    podium = {run.run for run in runs[:top]}
    equal = [row for row in robust.equal if podium.intersection(row.runs)]
    broken_by = tie_break(robust.leaders, runs, ranked, primary)
    decide = agree(len(robust.removals), "decides", "decide")
    return RobustnessSummary(
        lead=Lead(
            leaders=robust.leaders,
            outcome=outcome_of_leaders(robust, broken_by, primary.label),
            winner_differs=winner not in robust.leaders,
            winner_remark=winner_remark(
                robust.runs, lacks_a_metric=any(row.run == winner for row in missing.incomplete)
            ),
        ),
        complete=of_all(robust.runs, missing.runs),
        variants=[_variant_row(row, labels, len(robust.leaders)) for row in robust.readings],
        equal=[_equal_row(row, labels[row.metric], results.rules.ties) for row in equal[:5]],
        shares=at_most(robust.shares),
        removals=at_most(robust.removals),
        removals_decide=f"{len(robust.removals)} of {robust.runs} {decide}",
    )


def of_all(some: int, every: int) -> str:
    """Return `11 of 12`, or `12` where that is all."""
    return f"{some} of {every}" if some < every else str(some)


def tie_break(
    leaders: Sequence[str],
    runs: Sequence[RankedRun],
    ranked: Sequence[MetricLabel],
    primary: MetricLabel,
) -> TieBreak | None:
    """Return what orders several leaders in the ranking; None where their mean ranks there do.

    `runs` are in the order of the ranking.
    """
    rows = [run for run in runs if run.run in leaders]
    if len(rows) < 2:
        return None
    if len({tuple(run.metrics[metric.key] for metric in ranked) for run in rows}) == 1:
        return "alike"
    if len({run.mean_rank for run in rows}) > 1:
        return None
    return "primary" if len({run.metrics[primary.key] for run in rows}) > 1 else "name"


def outcome_of_leaders(robust: Robustness, broken_by: TieBreak | None, primary: str) -> str:
    """Return under how many readings the leaders lead, after their names.

    `broken_by` is what orders several of them, `primary` the primary metric's label.
    """
    leads, readings = robust.leads, len(robust.readings)
    if len(robust.leaders) > 1:
        shared = shared_lead(broken_by, primary, robust.runs)
        return f"{shared}. They still share it under {leads} of {readings} readings."
    loses = readings - leads - robust.ties
    ties = f", ties in {robust.ties}" if robust.ties else ""
    return (
        f"leads under {leads} of {readings} readings{ties}{f', loses in {loses}' if loses else ''}."
    )


def shared_lead(broken_by: TieBreak | None, primary: str, complete_runs: int) -> str:
    """Return how several leaders share the first place, and what orders them in the ranking."""
    by_name = "only their names order them in the table above"
    return (
        "share the first place"
        + {
            "alike": f": they are alike in every metric, and {by_name}",
            "name": f" by mean rank; {by_name}",
            "primary": f" by mean rank; {primary} orders them in the table above",
            None: f" by mean rank over the {complete_runs} runs that have every metric",
        }[broken_by]
    )


def winner_remark(complete_runs: int, *, lacks_a_metric: bool) -> str:
    """Return what follows the winner of the ranking, where it does not lead the complete runs."""
    lacks = ", which lacks a ranked metric" if lacks_a_metric else ""
    over = f"the readings are over the {complete_runs} runs that have them all"
    return f"{lacks}: {over}, and their ranks among themselves."


def _variant_row(row: Variant, labels: Mapping[str, MetricLabel], leaders: int) -> VariantRow:
    """Return the row of a variant; `leaders` is how many the ranking itself has."""
    metric = labels[row.metric].label if row.metric else ""
    return VariantRow(
        name=_VARIANTS[row.kind].format(metric=metric, rules=row.detail),
        leaders=at_most(row.leaders),
        outcome=row.outcome if leaders == 1 else _OUTCOMES[row.outcome],
        podium_overlap=row.podium_overlap,
        tau_b=row.tau_b,
    )


def _equal_row(row: EqualValues, metric: MetricLabel, ties: str) -> EqualRow:
    return EqualRow(
        runs=row.runs,
        metric=metric.label,
        value=fixed(row.value, metric.digits),
        ranks=equal_ranks(row.ranks, ties),
    )


def equal_ranks(ranks: Sequence[float], ties: str) -> str:
    """Return what the ranking made of equal values; `ties` is `rank.ties`."""
    first, last = rank(ranks[0]), rank(ranks[-1])
    if ties != "ordinal":
        return f"their rank there is {first}"
    to = "and" if len(ranks) == 2 else "to"
    return f"their ranks {first} {to} {last} there come from their names"
