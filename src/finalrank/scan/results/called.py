"""Runs that something else than their folder names: equal names are told apart by the folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from finalrank.model.artifact import Artifact, Problem
from finalrank.model.factors import Factors
from finalrank.scan.results.naming import member_name


def told_apart(items: Iterable[Artifact | Problem]) -> Iterator[Artifact | Problem]:
    """Yield the items in turn; a run whose name others have, too, is called by its folder as well.

    Results of one folder are of one run, and so are the folds and seeds of one name.
    """
    found = list(items)
    folders: dict[tuple[str | None, ...], set[str]] = defaultdict(set)
    for item in found:
        if isinstance(item, Artifact) and item.factors and item.factors.folder:
            folders[_identity(item.factors)].add(item.factors.folder)
    for item in found:
        several = (
            folders[_identity(item.factors)]
            if isinstance(item, Artifact) and item.factors and item.factors.folder
            else ()
        )
        yield _with_folder(item, several) if len(several) > 1 else item


def _identity(factors: Factors) -> tuple[str | None, ...]:
    return factors.method, factors.dataset, factors.split, factors.fold, factors.seed


def _with_folder(item: Artifact | Problem, folders: Iterable[str]) -> Artifact | Problem:
    """Return an artifact with the name of its folder, or the path where these are the same."""
    if not isinstance(item, Artifact) or not item.factors or not item.factors.folder:
        return item
    path = item.factors.folder
    name = path.rpartition("/")[2]
    is_one = sum(folder.rpartition("/")[2] == name for folder in folders) == 1
    factors = item.factors._replace(method=f"{item.factors.method} {name if is_one else path}")
    return item._replace(run=member_name(factors), factors=factors)
