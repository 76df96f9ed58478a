"""What the path of a file says: its run, and the factors that named groups of `scan.run` are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from finalrank.config.tables.factors import factors_of_groups
from finalrank.text.filenames import stem
from finalrank.text.patterns import searcher

# From the folder (below its root: empty, or ending in `/`) and the name of a file to its run.
RunOf = Callable[[str, str], str]
# From the prefix of the root, the folder below it and the name of a file.
PathReader = Callable[[str, str, str], "Named"]


class Named(NamedTuple):
    """What a path says of the results of its file."""

    run: str
    texts: tuple[str | None, ...]  # of the named groups, in their order
    judged: tuple[str, str]  # run and stem without what the groups took: for the name rules
    matched: bool  # whether `scan.run` matches the path


def run_rule(rule: str) -> RunOf:
    """Return the function that names the run of a file, by the setting `scan.run`."""

    def parent(folder: str, name: str) -> str:
        return folder[:-1] or stem(name)

    if rule == "parent":
        return parent
    if rule == "file":
        return lambda folder, name: folder + stem(name)
    search = searcher(rule, "scan.run")

    def by_expression(folder: str, name: str) -> str:
        match = search(folder + name)
        return (match and match["run"]) or parent(folder, name)

    return by_expression


def path_reader(rule: str) -> PathReader:
    """Return the function from the root's prefix, folder and name of a file to what they say.

    An expression with groups beside `run` is searched in the whole path, the name of one of several
    roots in front; the run has this name in front, too, unless a group of the match took it.
    """
    groups = tuple(factor.key for factor in factors_of_groups(rule))
    return _by_groups(rule, groups) if groups else _without_groups(rule)


def _without_groups(rule: str) -> PathReader:
    run_of = run_rule(rule)
    matches = searcher(rule, "scan.run") if rule not in ("parent", "file") else None

    def read(prefix: str, folder: str, name: str) -> Named:
        match = matches(folder + name) if matches else None
        if match and not match["run"]:
            return Named("", (), ("", stem(name)), True)
        run = run_of(folder, name)
        return Named(prefix + run, (), (run, stem(name)), matches is None or match is not None)

    return read


def _by_groups(rule: str, groups: Sequence[str]) -> PathReader:
    search = searcher(rule, "scan.run")

    def read(prefix: str, folder: str, name: str) -> Named:
        path = prefix + folder + name
        match = search(path)
        if match is None:
            run = folder[:-1] or stem(name)
            return Named(prefix + run, (None,) * len(groups), (run, stem(name)), False)
        spans = [match.span(group) for group in groups if match[group]]
        start, end = match.span("run") if match["run"] else (0, 0)
        run = match["run"] or ""
        if prefix and run and min(begin for begin, _ in [*spans, (start, end)]) >= len(prefix):
            run = prefix + run
        rest = _blanked(path, spans)
        own_stem = rest[len(prefix) + len(folder) :][: len(stem(name))]
        judged = (rest[max(start, len(prefix)) : end], own_stem)
        return Named(run, tuple(match[group] or None for group in groups), judged, True)

    return read


def _blanked(path: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return the path with spaces for what the groups took: the words around it stay apart."""
    for begin, end in spans:
        path = f"{path[:begin]}{' ' * (end - begin)}{path[end:]}"
    return path
