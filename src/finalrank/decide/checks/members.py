"""What is told of seeds and folds: names that suggest them in vain, and rows that lack some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from finalrank.config.load import Layer
from finalrank.config.settings import Settings
from finalrank.decide.results.structure import Candidate, factors_of
from finalrank.model.factors import FOLD
from finalrank.model.groups import Group
from finalrank.model.ranking import RankedRun
from finalrank.model.survey import Survey
from finalrank.text.escape import visible

# So many groups are named.
_SHOWN = 3


def names_that_stay(candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return a line where names end as those of members do, and the factors say something else."""
    methods = sorted(
        {
            factors.method
            for candidate in candidates
            if (factors := factors_of(candidate)) and factors.like_member
        }
    )
    if not methods:
        return ()
    more = f" ({len(methods)} in all)" if len(methods) > 1 else ""
    return (
        f"{visible(methods[0])}: ends as a seed or fold does, and the factors say something else: "
        f"it is a run of its own (rank.members){more}",
    )


def not_grouped(survey: Survey, settings: Settings) -> list[str]:
    """Return a line where names suggest seeds or folds of one run that are ranked one by one.

    Whoever wrote that they are runs of their own is told nothing.
    """
    if settings.rank.groups != "auto":
        return []
    groups = [group for group in _groups(survey) if not group.by_factor]
    if not groups:
        return []
    named = [
        f"{visible(group.name)} ({len(group.members)} {group.kind}s)" for group in groups[:_SHOWN]
    ]
    more = f" and {len(groups) - _SHOWN} more" if len(groups) > _SHOWN else ""
    return [
        f"{', '.join(named)}{more}: by their names they are of one run each, and are ranked one by "
        'one: rank.groups = "collapse" makes each a row, "expand" says that they are runs'
    ]


def behind_others(runs: Sequence[RankedRun], settings: Settings) -> list[tuple[str, str]]:
    """Return the rows that stand behind others, each with the members that it lacks."""
    return [
        (run.run, ", ".join(dict.fromkeys(run.incomplete.values())))
        for run in runs
        if run.incomplete and settings.rank.incomplete == "last"
    ]


def never_formed(own: Sequence[Layer], survey: Survey, settings: Settings) -> Iterator[str]:
    """Yield a line for each own setting that asks for groups, where there are none."""
    groups = _groups(survey)
    named = [group for group in groups if not group.by_factor]
    found = {
        "groups": groups or settings.rank.groups not in ("collapse", "best"),
        "members": named or groups,
        "folds": any(map(_has_folds, groups)),
    }
    for layer in own:
        table = layer.table.get("rank")
        asked = [name for name in found if isinstance(table, dict) and name in table]
        if in_vain := ", ".join(f"rank.{name}" for name in asked if not found[name]):
            yield (
                f"{visible(layer.origin)}: {in_vain}: no two runs differ in a seed or a fold "
                "alone; see how their names end, or name a factor with that role"
            )


def _has_folds(group: Group) -> bool:
    """Return whether its members are folds, or those of its seeds."""
    return group.kind == FOLD or any(a.factors and a.factors.fold for a in group.members)


def _groups(survey: Survey) -> list[Group]:
    surveys = [*survey.datasets.values()] or [survey]
    return [*{group.name: group for own in surveys for group in own.groups}.values()]
