"""The runs folders, and what each is called in names of runs and sources."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from finalrank.errors import UsageError
from finalrank.model.artifact import Problem
from finalrank.model.survey import AnySurvey
from finalrank.scan.folders.local import reason_of
from finalrank.scan.folders.local_paths import absolute_path, check_listable, real_path
from finalrank.text.escape import visible

# So many folders above a runs folder may be part of its name.
_DEEPEST = 64


class Root(NamedTuple):
    """A runs folder, and what its runs and sources are called by."""

    path: str
    prefix: str  # what stands before the names of its runs and sources: empty, or ending in `/`
    top: str  # `path` ending in `/`, so that a path below it can be added


def roots_of(runs: Sequence[str], names: Sequence[str]) -> list[Root]:
    """Return the runs folders; where there are several, the names tell their runs apart."""
    prefixes = [f"{name}/" for name in names] if len(runs) > 1 else [""]
    return [
        Root(path, prefix, path.rstrip("/") + "/")
        for path, prefix in zip(runs, prefixes, strict=True)
    ]


def locate(source: str, roots: Sequence[Root]) -> tuple[str, str]:
    """Return where a source lies: the folder of its root, ending in `/`, and the path below it."""
    root = next(root for root in roots if source.startswith(root.prefix))
    return root.top, source.removeprefix(root.prefix)


def with_empty_roots(survey: AnySurvey, roots: Sequence[Root]) -> AnySurvey:
    """Add a problem for each of several runs folders that holds no artifact at all."""
    if len(roots) == 1:
        return survey
    runs = survey.valid.keys() | {row.artifact.run for row in survey.left_out}
    reason = "holds no artifact: check scan.patterns, or the folder"
    empty = [
        Problem(root.prefix.rstrip("/"), None, reason)
        for root in roots
        if runs and not any(run.startswith(root.prefix) for run in runs)
    ]
    problems = sorted([*survey.problems, *empty], key=attrgetter("source"))
    return replace(survey, problems=tuple(problems))


def distinct_root_names(runs: Sequence[str]) -> list[str]:
    """Return a name for each runs folder: its own, with as many above it as tell it from others.

    No name begins with another one and a `/`. Raises UsageError where a folder is given twice,
    lies in another, or cannot be listed.
    """
    if not runs:
        raise UsageError("RUNS: name at least one folder")
    for folder in runs:
        check_folder(folder)
    _check_apart(runs)
    depths = [1] * len(runs)
    while True:
        names = [root_name(*pair) for pair in zip(runs, depths, strict=True)]
        alike = [
            any(
                f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
                for place, other in enumerate(names)
                if place != number
            )
            for number, one in enumerate(names)
        ]
        if not any(alike) or max(depths) > _DEEPEST:
            return names
        depths = [depth + same for depth, same in zip(depths, alike, strict=True)]


def _check_apart(runs: Sequence[str]) -> None:
    """Raise UsageError where a folder is given twice, or lies in another: its runs count once."""
    if len(runs) == 1:
        return
    seen: list[tuple[str, str]] = []
    for folder in runs:
        try:
            real = os.path.join(real_path(folder), "")
        except OSError:
            raise UsageError(
                f"{visible(folder)}: the working folder is gone: go to another"
            ) from None
        for other, shown in seen:
            if real == other:
                raise UsageError("RUNS: the same folder is given twice; give each once")
            if real.startswith(other) or other.startswith(real):
                inner, outer = (folder, shown) if real.startswith(other) else (shown, folder)
                raise UsageError(
                    f"RUNS: {visible(inner)} is inside {visible(outer)}; give one of them"
                )
        seen.append((real, folder))


def root_name(runs: str, depth: int = 1) -> str:
    """Return the last `depth` folders of the path to a runs folder, also of `.` and `runs/..`."""
    parts = [part for part in os.path.normpath(runs).split(os.sep) if part]
    if len(parts) < depth or {os.curdir, os.pardir} & set(parts[-depth:]):
        with suppress(OSError):  # the working folder is gone
            parts = [part for part in absolute_path(runs).split(os.sep) if part]
    return "/".join(parts[-depth:]) or "/"


def check_folder(runs: str) -> None:
    """Raise UsageError where `runs` is not a folder that can be listed."""
    try:
        check_listable(runs)
    except FileNotFoundError:
        raise UsageError(
            f"{visible(runs)}: there is no such folder; name your runs folder"
        ) from None
    except NotADirectoryError:
        raise UsageError(f"{visible(runs)}: not a folder; name the folder that holds it") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(runs)}: cannot be listed: {reason_of(error)}") from None
