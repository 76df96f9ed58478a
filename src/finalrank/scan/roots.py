"""The runs folders, and what each is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple, TypeVar

from finalrank.errors import UsageError
from finalrank.model.artifact import Problem
from finalrank.model.survey import Survey
from finalrank.scan.local import why
from finalrank.text.escape import visible

AnySurvey = TypeVar("AnySurvey", bound=Survey)


class Root(NamedTuple):
    """A runs folder, and what stands before the names of its runs and sources."""

    path: str
    prefix: str = ""

    @property
    def top(self) -> str:
        """Its path, to which one below it can be added."""
        return self.path.rstrip("/") + "/"


def found_below(source: str, roots: Sequence[Root]) -> tuple[str, str]:
    """The root of a source, ending in `/`, and the path below it."""
    root = next(root for root in roots if source.startswith(root.prefix))
    return root.top, source.removeprefix(root.prefix)


# Folders above a runs folder that its name may need.
_DEEPEST = 64


def roots_of(runs: Sequence[str], names: Sequence[str]) -> list[Root]:
    """The folders, and what stands before the names in each where there are several."""
    prefixes = [f"{name}/" for name in names] if len(runs) > 1 else [""]
    return [Root(*pair) for pair in zip(runs, prefixes, strict=True)]


def with_empty_roots(found: AnySurvey, roots: Sequence[Root]) -> AnySurvey:
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


def distinct_root_names(runs: Sequence[str]) -> list[str]:
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


def root_name(runs: str, depth: int = 1) -> str:
    """The folder's own name, also of `.` and `runs/..`; of a greater depth, those above it too."""
    parts = [part for part in os.path.normpath(runs).split(os.sep) if part]
    if len(parts) < depth or {os.curdir, os.pardir} & set(parts[-depth:]):
        with suppress(OSError):  # the working folder is gone
            parts = [part for part in os.path.abspath(runs).split(os.sep) if part]
    return "/".join(parts[-depth:]) or "/"


def check_folder(runs: str) -> None:
    """Raise UsageError where `runs` is not a folder that can be listed."""
    try:
        os.scandir(runs).close()
    except FileNotFoundError:
        raise UsageError(
            f"{visible(runs)}: there is no such folder; name your runs folder"
        ) from None
    except NotADirectoryError:
        raise UsageError(f"{visible(runs)}: not a folder; name the folder that holds it") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{visible(runs)}: cannot be listed: {why(error)}") from None
