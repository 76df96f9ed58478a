"""The way through the house, top to bottom."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime

from finalrank.account import nothing_to_rank
from finalrank.clock import now
from finalrank.config import Settings
from finalrank.configfile import load_settings
from finalrank.errors import NothingToRank
from finalrank.explain import explain
from finalrank.filter import judged
from finalrank.models import Artifact, Explained, Problem, Survey
from finalrank.rank import rank
from finalrank.report import assemble
from finalrank.scan import scan
from finalrank.select import select
from finalrank.summary import Report

Track = Callable[[Iterable[Artifact]], Iterable[Artifact]]


def load_report(
    runs: str | os.PathLike[str] = "runs",
    config: str | os.PathLike[str] | Settings | None = None,
    *,
    generated_at: datetime | None = None,
) -> Report:
    """The report on the folder `runs`, as `finalrank report` has it.

    `config` is a configuration file or its settings; without it, the file is searched for as the
    command does. `generated_at` is now unless it is given. Raises FinalrankError.
    """
    folder = os.fspath(runs)
    settings = config if isinstance(config, Settings) else load_settings(folder, config)
    return build(survey(folder, settings), settings, generated_at or now())


def survey(
    runs: str, settings: Settings, track: Track = iter, *, with_siblings: bool = False
) -> Survey:
    """Every candidate below the folder, settled; `track` may watch them pass."""
    folder_problems: list[Problem] = []
    found = track(scan(runs, settings.scan, settings.metrics, folder_problems))
    return select(
        judged(found, settings),
        settings,
        own_name(runs),
        folder_problems,
        with_siblings=with_siblings,
    )


def build(found: Survey, settings: Settings, generated_at: datetime) -> Report:
    """The report on what was found. Raises NothingToRank, or UsageError for the baseline."""
    if not found.kept:
        raise NothingToRank(nothing_to_rank(found, settings))
    runs, baseline = rank(found, settings)
    return assemble(found, runs, baseline, settings, generated_at)


def own_name(runs: str) -> str:
    """The folder's own name, also of `.` and `runs/..`."""
    name = os.path.basename(os.path.normpath(runs))
    if name not in ("", os.curdir, os.pardir):
        return name
    try:
        return os.path.basename(os.path.abspath(runs)) or "/"
    except OSError:  # the working folder is gone
        return name


def explained(found: Survey, settings: Settings, only: str | None = None) -> list[Explained]:
    """What became of every candidate, or of those of one run; wants a survey with siblings."""
    # Whether there is a baseline does not matter here, least of all if it is the question.
    runs, _ = rank(found, settings.replaced(baseline=""))
    return explain(found, runs, settings, only)
