"""The way through the house, top to bottom."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Literal, get_args

from finalrank.config.load import load_settings
from finalrank.config.settings import Settings
from finalrank.decide.explain import explain
from finalrank.decide.filter import complete_only, judged, of_one_test_set
from finalrank.decide.groups import best_of_groups, rows
from finalrank.decide.rank import rank
from finalrank.decide.select import select
from finalrank.decide.tally import nothing_to_rank
from finalrank.decide.testsets import reference as reference_of
from finalrank.errors import NothingToRank, UsageError
from finalrank.model.artifact import Artifact, Explained, LeftOut, Problem, Reference, Survey
from finalrank.report.assemble import assemble
from finalrank.report.clock import now
from finalrank.report.model import Report
from finalrank.scan.local import Root
from finalrank.scan.scanner import check_folder, scan
from finalrank.text.escape import visible

# Folders above a runs folder that its name may need.
_DEEPEST = 64

# What has intervals: the podium and the baseline, or every run.
Intervals = Literal["podium", "all"]
Track = Callable[[Iterable[Artifact]], Iterable[Artifact]]


def load_report(
    runs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "runs",
    config: str | os.PathLike[str] | Settings | None = None,
    *,
    preset: str | None = None,
    generated_at: datetime | None = None,
    evidence: bool = False,
    intervals: Intervals = "podium",
) -> Report:
    """The report on the folder `runs`, or on several, as `finalrank report` has it.

    `config` is a configuration file or its settings; without it, the file is searched for as the
    command does, and starts from `preset` where that is given. `generated_at` is now unless it is
    given. `evidence` fills the report's evidence, which has
    `intervals` for the podium and the baseline, or for all runs. Raises FinalrankError.
    """
    if isinstance(config, Settings) and preset is not None:
        raise UsageError("preset: settings are whole; give one or the other")
    if intervals not in get_args(Intervals):
        raise UsageError(f'intervals: "{intervals}" is neither "podium" nor "all"')
    several = [runs] if isinstance(runs, str | os.PathLike) else runs
    folders = [os.fspath(folder) for folder in several]
    settings = config if isinstance(config, Settings) else load_settings(folders, config, preset)
    found = survey(folders, settings, siblings=evidence, cases=evidence)
    return build(found, settings, generated_at or now(), intervals if evidence else None)


def survey(
    runs: Sequence[str],
    settings: Settings,
    track: Track = iter,
    *,
    siblings: bool = False,
    cases: bool = False,
) -> Survey:
    """Every candidate below the folders, settled; `track` may watch them pass.

    With cases, the values by case of the kept artifacts too, where there are any.

    Raises UsageError where a folder is given twice or cannot be listed.
    """
    folder_problems: list[Problem] = []
    names = own_names(runs)
    roots = _roots(runs, names)
    found = judged(track(scan(roots, settings, folder_problems)), settings)
    if settings.select.by == "validation":
        from finalrank.scan.sidecars import with_validation

        found = with_validation(found, roots, settings)
    settled = partial(_settled, settings, names, folder_problems, siblings)
    reference = None
    if settings.filter.test_set == "exclude":
        candidates = list(found)
        reference = _reference(settled(candidates), settings)
        found = of_one_test_set(candidates, reference[0])
    result = replace(_with_empty_roots(settled(found), roots), reference=reference)
    if not cases:
        return result
    from finalrank.scan.sidecars import with_cases

    return with_cases(result, roots, settings)


def _settled(
    settings: Settings,
    names: Sequence[str],
    folder_problems: Sequence[Problem],
    siblings: bool,
    candidates: Iterable[Artifact | LeftOut],
) -> Survey:
    """The judged candidates, of each run or group the one that stands for it."""
    complete = settings.rank.missing == "complete"
    # What lacks a metric is told where another artifact of its run has it.
    result = select(candidates, settings, names, folder_problems, siblings or complete)
    if settings.rank.groups == "best":
        result = best_of_groups(result, settings)
    return complete_only(result, settings) if complete else result


def _roots(runs: Sequence[str], names: Sequence[str]) -> list[Root]:
    """The folders, and what stands before the names in each where there are several."""
    prefixes = [f"{name}/" for name in names] if len(runs) > 1 else [""]
    return [Root(*pair) for pair in zip(runs, prefixes, strict=True)]


def _with_empty_roots(found: Survey, roots: Sequence[Root]) -> Survey:
    """The survey with a problem for each of several folders that holds no artifact at all."""
    if len(roots) == 1:
        return found
    runs = found.valid.keys() | {row.artifact.run for row in found.left_out}
    reason = "holds no artifact: check scan.patterns, or the folder"
    empty = [
        Problem(root.prefix.rstrip("/"), None, reason)
        for root in roots
        if runs and not any(run.startswith(root.prefix) for run in runs)
    ]
    problems = sorted([*found.problems, *empty], key=attrgetter("source"))
    return replace(found, problems=tuple(problems))


def _reference(found: Survey, settings: Settings) -> Reference:
    """The test set that others are compared with, as long as none is left out."""
    baseline = None
    # Whether there is such a baseline is not the question here.
    with suppress(UsageError):
        _, baseline = rank(rows(found, settings), found, settings)
    tested = {artifact.run: artifact.test_set for artifact in found.kept}
    run, members = (baseline.run, baseline.members) if baseline else (None, ())
    return reference_of(tested, run, members)


def build(
    found: Survey,
    settings: Settings,
    generated_at: datetime,
    intervals: Intervals | None = None,
) -> Report:
    """The report on what was found; with the evidence, if it is said what has intervals.

    Evidence wants a survey with siblings and cases. Raises NothingToRank, or UsageError for the
    baseline.
    """
    if not found.kept:
        raise NothingToRank(nothing_to_rank(found, settings))
    runs, baseline = rank(rows(found, settings), found, settings)
    report = assemble(found, runs, baseline, settings, generated_at)
    if intervals is None:
        return report
    # It takes as long to import as to write a report.
    from finalrank.evidence.build import gather

    evidence = gather(found, report, settings, every=intervals == "all")
    return report.model_copy(update={"evidence": evidence})


def own_names(runs: Sequence[str]) -> list[str]:
    """The folders' own names, each with as many of those above it as tell it from the others.

    Raises UsageError where a folder is given twice.
    """
    if not runs:
        raise UsageError("RUNS: name at least one folder")
    for folder in runs:
        check_folder(folder)
    _check_apart(runs)
    depths = [1] * len(runs)
    while True:
        names = [own_name(*pair) for pair in zip(runs, depths, strict=True)]
        twins = [
            any(
                f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
                for place, other in enumerate(names)
                if place != number
            )
            for number, one in enumerate(names)
        ]
        if not any(twins) or max(depths) > _DEEPEST:
            return names
        depths = [depth + twin for depth, twin in zip(depths, twins, strict=True)]


def _check_apart(runs: Sequence[str]) -> None:
    """Raise UsageError where a folder is given twice, or lies in another: its runs count once."""
    if len(runs) == 1:
        return
    seen: list[tuple[str, str]] = []
    for folder in runs:
        real = os.path.join(os.path.realpath(folder), "")
        for other, shown in seen:
            if real == other:
                raise UsageError("RUNS: the same folder is given twice; give each once")
            if real.startswith(other) or other.startswith(real):
                inner, outer = (folder, shown) if real.startswith(other) else (shown, folder)
                raise UsageError(
                    f"RUNS: {visible(inner)} is inside {visible(outer)}; give one of them"
                )
        seen.append((real, folder))


def own_name(runs: str, depth: int = 1) -> str:
    """The folder's own name, also of `.` and `runs/..`; of a greater depth, those above it too."""
    parts = [part for part in os.path.normpath(runs).split(os.sep) if part]
    if len(parts) < depth or {os.curdir, os.pardir} & set(parts[-depth:]):
        with suppress(OSError):  # the working folder is gone
            parts = [part for part in os.path.abspath(runs).split(os.sep) if part]
    return "/".join(parts[-depth:]) or "/"


def explained(found: Survey, settings: Settings, only: str | None = None) -> list[Explained]:
    """What became of every candidate, or of those of one run; wants a survey with siblings."""
    # Whether there is a baseline does not matter here, least of all if it is the question.
    runs, _ = rank(rows(found, settings), found, settings.replaced(baseline=""))
    return explain(found, runs, settings, only)
