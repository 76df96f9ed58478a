"""Which results are the seeds or folds of one run: by their factors, or by the ends of names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from finalrank.config.settings import Settings
from finalrank.decide.members.figures import figures_over, over_seeds
from finalrank.decide.members.names import NamedGroup, named_groups
from finalrank.model.artifact import Artifact, LeftOut
from finalrank.model.factors import FOLD, SEED
from finalrank.model.groups import Group
from finalrank.model.reasons import FAILED, INCOMPLETE, TEST_SET

# Runs that are left out for these could be ranked by other settings.
_BY_CHOICE = (INCOMPLETE, TEST_SET)


def groups_of(
    kept: Sequence[Artifact], left_out: Iterable[LeftOut], settings: Settings
) -> tuple[Group, ...]:
    """Return the groups among the kept runs, which come by run, by name."""
    left_out = tuple(left_out)
    failed = failed_of(left_out)
    by_factor = _factor_groups(kept, failed, settings)
    members = {artifact.run for group in by_factor for artifact in group.artifacts}
    others = [row.artifact.run for row in left_out if row.verdict.reason in _BY_CHOICE]
    collapse = settings.rank.groups == "collapse"
    named = named_groups(
        [artifact for artifact in kept if artifact.run not in members] if members else kept,
        [*others, *(group.name for group in by_factor)],
        [artifact.run for artifact in failed] if collapse else (),
        settings.rank.members,
    )
    by_name = _collapsed(named, settings) if collapse else [Group(*group[:3]) for group in named]
    return tuple(sorted([*by_factor, *by_name], key=attrgetter("name")))


def failed_of(left_out: Iterable[LeftOut]) -> list[Artifact]:
    """Return the members that there were, and that have no figures to be ranked."""
    return [
        row.artifact
        for row in left_out
        if row.verdict.reason in FAILED
        and not (row.artifact.factors and row.artifact.factors.aside)
    ]


def expected_folds(artifacts: Iterable[Artifact], settings: Settings) -> int:
    """Return how many folds each run should have: as many as any has, or as the setting says."""
    if settings.rank.folds:
        return settings.rank.folds
    folds: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    nameless: dict[tuple[str, str | None], int] = defaultdict(int)
    named = 0
    for artifact in artifacts:
        if not (factors := artifact.factors):
            continue
        run = (factors.method, factors.seed)
        if factors.fold is not None:
            folds[run].add(factors.fold)
        elif FOLD in factors.unknown:
            nameless[run] += 1
        elif factors.over is not None:
            named = max(named, len(factors.over))
    found = (len(folds[run]) + nameless[run] for run in {*folds, *nameless})
    return max(named, *found, 0)


def _factor_groups(
    kept: Sequence[Artifact], failed: Sequence[Artifact], settings: Settings
) -> list[Group]:
    """Return a group for each run that has a fold or a seed, with its figures."""
    by_method: dict[str, list[Artifact]] = defaultdict(list)
    for artifact in kept:
        if artifact.factors:
            by_method[artifact.method].append(artifact)
    several = {
        method: artifacts
        for method, artifacts in by_method.items()
        if any(artifact.factors and artifact.factors.is_member for artifact in artifacts)
    }
    if not several:
        return []
    folds = expected_folds([*kept, *failed], settings)
    seeds: dict[str, set[str | None]] = defaultdict(set)
    nameless: dict[str, int] = defaultdict(int)
    for artifact in (*kept, *failed):
        if factors := artifact.factors:
            seeds[factors.method].add(factors.seed)
            nameless[factors.method] += SEED in factors.unknown
    return [
        _factor_group(method, artifacts, folds, len(seeds[method]) + nameless[method])
        for method, artifacts in several.items()
    ]


def _factor_group(method: str, artifacts: Sequence[Artifact], folds: int, seeds: int) -> Group:
    by_seed: dict[str | None, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        by_seed[artifact.factors.seed if artifact.factors else None].append(artifact)
    if seeds == 1 and None in by_seed:
        members, stands = _parted(artifacts)
        figures = figures_over([member.metrics for member in members], FOLD, folds, stands)
        return Group(method, FOLD, members, True, figures)
    figures = over_seeds([_parted(of_seed) for of_seed in by_seed.values()], folds, seeds)
    return Group(method, SEED, tuple(artifacts), True, figures)


def _parted(artifacts: Sequence[Artifact]) -> tuple[tuple[Artifact, ...], Artifact | None]:
    """Part the results of one seed: its folds, and the one over them; or the one there is."""
    folds = tuple(a for a in artifacts if a.factors and a.factors.fold is not None)
    whole = next((a for a in artifacts if not a.factors or a.factors.fold is None), None)
    return (folds, whole) if folds or whole is None else ((whole,), None)


def _collapsed(named: Sequence[NamedGroup], settings: Settings) -> list[Group]:
    """Return the groups of names with their figures: means over as many as there should be."""
    folds = max((group.found for group in named if group.kind == FOLD), default=0)
    expected = {FOLD: settings.rank.folds or folds}
    return [
        Group(
            name,
            kind,
            members,
            figures=figures_over([m.metrics for m in members], kind, expected.get(kind, found)),
        )
        for name, kind, members, found in named
    ]
