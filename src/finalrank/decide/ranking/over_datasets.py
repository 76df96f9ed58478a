"""The order over several datasets: the mean of a run's ranks in each metric of each of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings
from finalrank.decide.ranking.rank import baseline_of, deltas, rank
from finalrank.decide.ranking.ties import Rank, worst_rank
from finalrank.errors import NothingToRank
from finalrank.model.over_datasets import DatasetRanking, RankingOverDatasets, RunOverDatasets
from finalrank.model.ranking import RankedRun, Ranking
from finalrank.model.survey import Survey
from finalrank.text.escape import visible


class _Within(NamedTuple):
    """The ranking within a dataset, to be looked up by run and by metric."""

    rows: Mapping[str, RankedRun]
    present: Mapping[str, int]  # how many runs have a rank in the metric

    @classmethod
    def of(cls, ranking: Ranking, settings: Settings) -> _Within:
        """Make it of a ranking."""
        keys = [metric.key for metric in settings.ranked]
        present = {key: sum(row.ranks[key] is not None for row in ranking.runs) for key in keys}
        return cls({row.run: row for row in ranking.runs}, present)


class _Standing(NamedTuple):
    """What the order of a run over all datasets depends on."""

    run: str
    mean_rank: float | None
    used: int  # ranks that it has, in the datasets that count
    mean_ranks: Mapping[str, float | None]  # by metric
    cost: float  # its mean rank in the primary metric, by which equal mean ranks are ordered


def rank_over_datasets(survey: Survey, settings: Settings) -> RankingOverDatasets:
    """Rank what is kept of each dataset, and order the runs over all of them.

    Figures of different datasets are never compared: ranks are. Raises UsageError for a configured
    baseline that is not ranked, and NothingToRank where only datasets that all runs have count and
    there is none.
    """
    # A baseline is one run for all datasets, and is looked for among all runs.
    alone = settings.model_copy(update={"baseline": BaselineSettings(run="", match="")})
    rankings = {name: rank(own, alone) for name, own in survey.datasets.items() if own.kept}
    return _ordered(rankings, survey, settings)


def _ordered(
    rankings: Mapping[str, Ranking], survey: Survey, settings: Settings
) -> RankingOverDatasets:
    """Order the runs over the datasets that were ranked. Raises as `rank_over_datasets` does."""
    runs = sorted({run.run for ranking in rankings.values() for run in ranking.runs})
    counted = _counted(rankings, runs, settings)
    within = {name: _Within.of(rankings[name], settings) for name in sorted(counted)}
    standings = sorted((_standing(run, within, len(runs), settings) for run in runs), key=_order)
    baseline = baseline_of([s.run for s in standings], _own_names(survey), survey, settings)
    datasets = tuple(
        DatasetRanking(name, _with_deltas(ranking, baseline), name in counted)
        for name, ranking in rankings.items()
    )
    rows_of = _rows_of(datasets)
    ranked = tuple(
        _over_datasets(place, standing, rows_of[standing.run], settings)
        for place, standing in enumerate(standings, start=1)
    )
    return RankingOverDatasets(
        runs=ranked,
        datasets=datasets,
        baseline=baseline,
        place_of={
            member: run.rank
            for run in ranked
            for own in run.by_dataset.values()
            for member in (run.run, *own.members)
        },
    )


def rankings_without(
    survey: Survey, ranking: RankingOverDatasets, settings: Settings
) -> dict[str, RankingOverDatasets]:
    """Return the rankings that leave out one of the datasets that count, by its name.

    There is none where fewer than two count.
    """
    counted = [dataset.name for dataset in ranking.datasets if dataset.counts]
    alone = settings.replaced(baseline="")
    rankings = {}
    for name in counted if len(counted) > 1 else ():
        # Nothing within a dataset depends on another one.
        others = {own.name: own.ranking for own in ranking.datasets if own.name != name}
        rankings[name] = _ordered(others, survey, alone)
    return rankings


def _rows_of(datasets: Sequence[DatasetRanking]) -> dict[str, dict[str, RankedRun]]:
    """Return the rows of each run, by dataset."""
    rows_of: dict[str, dict[str, RankedRun]] = defaultdict(dict)
    for dataset in datasets:
        for row in dataset.ranking.runs:
            rows_of[row.run][dataset.name] = row
    return rows_of


def _counted(
    rankings: Mapping[str, Ranking], runs: Sequence[str], settings: Settings
) -> frozenset[str]:
    """Return the datasets whose ranks count: those that two runs have, or that all have."""
    sizes = {name: len(ranking.runs) for name, ranking in rankings.items()}
    if settings.rank.over == "common":
        common = frozenset(name for name, size in sizes.items() if size == len(runs))
        if not common:
            raise NothingToRank(_nothing_common(rankings, runs))
        return common
    return frozenset(name for name, size in sizes.items() if size > 1 or len(runs) == 1)


def _nothing_common(rankings: Mapping[str, Ranking], runs: Sequence[str]) -> str:
    has = {run: sum(run in names for names in map(_names, rankings.values())) for run in runs}
    least = min(has.values())
    fewest = [visible(run) for run in runs if has[run] == least]
    more = f" and {len(fewest) - 3} more" if len(fewest) > 3 else ""
    return (
        'rank.over = "common": no dataset is common to all runs; those with the fewest '
        f"({least} of {len(rankings)}): {', '.join(fewest[:3])}{more}"
    )


def _names(ranking: Ranking) -> set[str]:
    return {run.run for run in ranking.runs}


def _standing(run: str, counted: Mapping[str, _Within], runs: int, settings: Settings) -> _Standing:
    ranks: dict[str, list[Rank]] = {metric.key: [] for metric in settings.ranked}
    used, has_any = 0, False
    for within in counted.values():
        own = within.rows.get(run)
        for key, rank_there in _ranks_in(own, within, runs, settings):
            ranks[key].append(rank_there)
        if own:
            has_any = True
            used += sum(rank_there is not None for rank_there in own.ranks.values())
    every = [rank_there for of_metric in ranks.values() for rank_there in of_metric]
    means = {key: _mean(of_metric) if has_any else None for key, of_metric in ranks.items()}
    primary = means[settings.primary.key]
    return _Standing(
        run,
        _mean(every) if has_any else None,
        used,
        means,
        math.inf if primary is None else primary,
    )


def _mean(ranks: Sequence[Rank]) -> float | None:
    return sum(ranks) / len(ranks) if ranks else None


def _ranks_in(
    own: RankedRun | None, within: _Within, runs: int, settings: Settings
) -> Iterator[tuple[str, Rank]]:
    """Yield the rank of a run in each metric of a dataset, as far as it counts.

    Where it lacks the metric, or the whole dataset, it counts as the mean of the places below those
    that have it, if the settings say so.
    """
    rule = settings.rank.missing if own else settings.rank.missing_datasets
    of = len(within.rows) if own else runs
    for key, present in within.present.items():
        rank_there = own.ranks[key] if own else None
        if rank_there is not None:
            yield key, rank_there
        elif rule == "worst":
            yield key, worst_rank(present, of)


def _order(standing: _Standing) -> tuple[bool, float, int, float, str]:
    mean = standing.mean_rank
    return mean is None, mean or 0.0, -standing.used, standing.cost, standing.run


def _own_names(survey: Survey) -> dict[str, str]:
    """Return each run as its own root names it."""
    return {
        artifact.method: artifact.method.removeprefix(artifact.source[: artifact.root])
        for artifact in survey.kept
    }


def _with_deltas(ranking: Ranking, baseline: str | None) -> Ranking:
    """Return the ranking of a dataset with the distances to the baseline, where it has that run."""
    base = next((run for run in ranking.runs if run.run == baseline), None)
    if base is None:
        return ranking
    runs = tuple(replace(run, delta=deltas(run, base)) for run in ranking.runs)
    own = next(run for run in runs if run.run == baseline)
    return replace(ranking, runs=runs, baseline=own)


def _over_datasets(
    place: int, standing: _Standing, by_dataset: dict[str, RankedRun], settings: Settings
) -> RunOverDatasets:
    note = settings.note(standing.run)
    return RunOverDatasets(
        rank=place,
        run=standing.run,
        mean_rank=standing.mean_rank,
        metrics_used=standing.used,
        key_feature=note.key_feature,
        protocol=note.protocol,
        valid_artifacts=sum(row.valid_artifacts for row in by_dataset.values()),
        datasets=len(by_dataset),
        mean_ranks={key: standing.mean_ranks.get(key) for key in settings.ranked_keys},
        by_dataset=by_dataset,
    )
