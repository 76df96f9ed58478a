"""Which run to take forward: the first that nothing speaks against, and who is passed over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from finalrank.config.settings import Settings
from finalrank.decide.ranking.ties import same_figures
from finalrank.decide.results.structure import TRAIN, split_of
from finalrank.decide.testsets import describe_test_set, differs
from finalrank.model.artifact import CaseCounts
from finalrank.model.ranking import PassedOver, RankedRun, Ranking, Recommended
from finalrank.model.survey import Survey

if TYPE_CHECKING:
    from finalrank.model.over_datasets import RankingOverDatasets, RunOverDatasets

NOTHING = Recommended(None, None, (), (), (), alone=False, beside_first=())


class Contender(NamedTuple):
    """A ranked run as far as a recommendation depends on it."""

    run: str
    method: str  # the run whose fold, seed or cross-validation it is
    figures: Sequence[float | None]  # those with the same ones are tied


# From a run to what speaks against it, in words; nothing of a sound one.
Shortfalls = Callable[[str], tuple[str, ...]]


def recommend(runs: Sequence[Contender], lacks: Shortfalls) -> Recommended:
    """Return the recommendation of runs that come in the order of the ranking.

    It is the first that lacks nothing, or, where each lacks something, the first. Where others that
    are as sound are equal to it, all of them are named, and none is preferred. The fallback is the
    next that is neither equal to it nor of its method. Of thousands of runs a few are asked what
    they lack.
    """
    sound = next((run for run in runs if not lacks(run.run)), None)
    first = sound or runs[0]
    like_first = [run for run in runs if _are_tied(run, first)]
    tied = [run for run in like_first if not (sound and lacks(run.run))]
    beside = like_first if first is runs[0] else [r for r in runs if _are_tied(r, runs[0])]
    return Recommended(
        primary=first.run if len(tied) == 1 else None,
        fallback=_fallback(runs, tied, lacks if sound else None),
        tied=tuple(run.run for run in tied) if len(tied) > 1 else (),
        passed_over=_passed_over(runs, first, lacks) if sound else (),
        reservations=() if sound else _reservations(tied, lacks),
        alone=len(like_first) == 1,
        beside_first=tuple(run.run for run in beside if run is not runs[0]),
    )


def _fallback(
    runs: Sequence[Contender], tied: Sequence[Contender], lacks: Shortfalls | None
) -> str | None:
    """Return the next run that is neither equal to those nor of their methods.

    `lacks` is None where no run is sound.
    """
    methods = {run.method for run in tied}
    others = (r.run for r in runs if r.method not in methods and not _are_tied(r, tied[0]))
    return next((run for run in others if not (lacks and lacks(run))), None)


def _are_tied(one: Contender, other: Contender) -> bool:
    return same_figures(one.figures, other.figures)


def _reservations(runs: Sequence[Contender], lacks: Shortfalls) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words for run in runs for words in lacks(run.run)))


def _passed_over(
    runs: Sequence[Contender], first: Contender, lacks: Shortfalls
) -> tuple[PassedOver, ...]:
    """Return the runs ahead of the recommended one, or equal to it, that something speaks against.

    Of equal runs a name decides which comes first: those that it puts behind are told, too.
    """
    ahead = next(place for place, run in enumerate(runs) if run.run == first.run)
    return tuple(
        PassedOver(run.run, ", ".join(against))
        for place, run in enumerate(runs)
        if (place < ahead or _are_tied(run, first)) and (against := lacks(run.run))
    )


def recommended(survey: Survey, ranking: Ranking, settings: Settings) -> Recommended:
    """Return the recommendation of the ranked runs of one dataset; none where all were trained on.

    Members of one group are of one method, whether they are ranked one by one or not.
    """
    if only_training(survey):
        return NOTHING
    methods = {a.run: group.name for group in ranking.groups for a in group.artifacts}
    shortfalls, figures = _shortfalls(ranking, settings), _tying(settings)
    row_of = {run.run: run for run in ranking.runs}
    return recommend(
        [Contender(r.run, methods.get(r.run, r.run), figures(r)) for r in ranking.runs],
        lambda run: shortfalls(row_of[run]),
    )


def recommended_over(
    survey: Survey, ranking: RankingOverDatasets, settings: Settings
) -> Recommended:
    """Return the recommendation over datasets; none where no two runs share one.

    A run should have every dataset that at least half of the runs have.
    """
    if ranking.runs[0].mean_rank is None or only_training(survey):
        return NOTHING
    within = {row.name: row.ranking for row in ranking.datasets if row.counts}
    usual = [name for name, own in within.items() if 2 * len(own.runs) >= len(ranking.runs)]
    shortfalls = {name: _shortfalls(own, settings) for name, own in within.items()}

    row_of = {run.run: run for run in ranking.runs}

    def lacks(called: str) -> tuple[str, ...]:
        run = row_of[called]
        has = sum(name in run.by_dataset for name in usual)
        told = [f"{has} of {len(usual)} datasets"] if has < len(usual) else []
        told += [
            f"{name}: {short}"
            for name, lacks_there in shortfalls.items()
            if name in run.by_dataset
            for short in lacks_there(run.by_dataset[name])
        ]
        return tuple(told)

    figures = _tying_over([*within], settings)
    return recommend([Contender(r.run, r.run, figures(r)) for r in ranking.runs], lacks)


def only_training(survey: Survey) -> bool:
    """Return whether all that is ranked are figures of the training split."""
    splits = {split_of(a.factors.split) if a.factors else None for a in survey.kept}
    return splits == {TRAIN}


def _shortfalls(ranking: Ranking, settings: Settings) -> Callable[[RankedRun], tuple[str, ...]]:
    """Return the function that tells what speaks against a run in its dataset.

    Missing members, a ranked figure over a part of a list, another test set.
    """
    ranked = settings.ranked
    # Thousands of runs have a handful of test sets: each is compared once.
    is_other = cache(partial(differs, other=ranking.reference))
    compares = settings.filter.test_set != "ignore"

    def shortfalls(run: RankedRun) -> tuple[str, ...]:
        told = [*dict.fromkeys(run.incomplete.values())] if run.incomplete else []
        if run.partial:
            parts = [(metric.short, run.partial.get(metric.key)) for metric in ranked]
            told += [f"{short} over {p.values} of {p.of} values" for short, p in parts if p]
        others = [t for _, t in ranking.tested[run.run] if is_other(t)] if compares else []
        told += [_other_test_set(test_set, ranking.reference) for test_set in others[:1]]
        return tuple(told)

    return shortfalls


def _other_test_set(test_set: CaseCounts | None, reference: CaseCounts | None) -> str:
    own, usual = describe_test_set(test_set), describe_test_set(reference)
    return f"tested on {own}, not {'those' if own == usual else f'the {usual}'} of most runs"


def _tying(settings: Settings) -> Callable[[RankedRun], Sequence[float | None]]:
    """Return the function to the figures that tied runs share.

    That is the mean rank where equal values share their ranks, else every ranked figure, missing
    ones included.
    """
    if settings.rank.ties != "ordinal":
        return lambda run: [run.mean_rank]
    keys = [metric.key for metric in settings.ranked]
    return lambda run: [run.metrics[key] for key in keys]


def _tying_over(
    datasets: Sequence[str], settings: Settings
) -> Callable[[RunOverDatasets], Sequence[float | None]]:
    """Return the function to the figures that tied runs share over the datasets."""
    if settings.rank.ties != "ordinal":
        return lambda run: [run.mean_rank]
    figures_of, nothing = _tying(settings), [None] * len(settings.ranked)

    def figures(run: RunOverDatasets) -> Sequence[float | None]:
        rows = [run.by_dataset.get(name) for name in datasets]
        return [figure for row in rows for figure in (figures_of(row) if row else nothing)]

    return figures


def same_protocol(ranking: Ranking, one: RankedRun, other: RankedRun) -> bool:
    """Return whether both were tested on the same known cases, or say to share a protocol."""
    if one.protocol and one.protocol == other.protocol:
        return True
    sets = [t for run in (one, other) for _, t in ranking.tested[run.run]]
    return all(differs(sets[0], test_set) is False for test_set in sets)
