"""Seeds and folds that the names of runs suggest: the same but for a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from finalrank.config.tables.rank import MEMBERS
from finalrank.model.artifact import Artifact
from finalrank.text.patterns import Search, searcher

# What members of one group share: the text before their number, their kind, the folders behind.
Place = tuple[str, str, str]


class NamedGroup(NamedTuple):
    """Runs that are the same but for a number in their names."""

    name: str
    kind: str
    members: tuple[Artifact, ...]  # by run
    found: int  # members and those that failed


def named_groups(
    kept: Sequence[Artifact], others: Iterable[str], failed: Iterable[str], pattern: str
) -> list[NamedGroup]:
    """Return the groups among the kept runs, by name.

    `failed` are runs that have no valid artifact: with them, one member is a group. `pattern` is
    `rank.members`. No group is called as a run is, be it one of `others`, which are not ranked: its
    name does not depend on what is.
    """
    search = searcher(pattern, "rank.members", MEMBERS)
    by_place: dict[Place, list[Artifact]] = {}
    spelling: dict[Place, str] = {}
    for artifact in kept:
        if placed := _place(artifact.run, search):
            place, spelt = placed
            by_place.setdefault(place, []).append(artifact)
            spelling.setdefault(place, spelt)
    found = Counter({place: len(members) for place, members in by_place.items()})
    runs = {artifact.run for artifact in kept}
    found.update(placed[0] for run in {*failed} - runs if (placed := _place(run, search)))
    several = {place: members for place, members in by_place.items() if found[place] > 1}
    names = {place: _name(place, members) for place, members in several.items()}
    taken = {*others, *runs} if several else set()
    claims = Counter([*names.values(), *taken])
    groups = []
    for place, name in sorted(names.items()):
        own = name if claims[name] == 1 else spelling[place]
        # Nothing keeps a folder from being called so.
        while own in taken:
            own += "*"
        taken.add(own)
        groups.append(NamedGroup(own, place[1], tuple(several[place]), found[place]))
    return sorted(groups, key=attrgetter("name"))


def _place(run: str, search: Search) -> tuple[Place, str] | None:
    """Return where a member stands and its name with a `*` for the number, or None for others.

    The number is in the name of the run, or of the folder that it is in. `seed_1`, `seed-2` and
    `Seed3` are in one place.
    """
    folder, slash, name = run.rpartition("/")
    for text, rest in ((run, ""), (folder, slash + name)):
        if match := search(text):
            text, behind = text[: match.end()], text[match.end() :]
            digits = re.search(r"\d*\Z", text)
            start = digits.start() if digits else len(text)
            end = rf"(?i){re.escape(match['kind'])}[-_=]?\Z" if match["kind"] else r"\Z"
            before = re.sub(end, "", text[:start])
            place = (before, _kind(match["kind"]), behind + rest)
            return place, f"{text[:start]}*{behind}{rest}"
    return None


def _kind(word: str | None) -> str:
    """Return what the members are in a word that a sentence can hold, or "run"."""
    kind = (word or "").lower()
    return kind if re.fullmatch(r"[^\W_]+(?:[-_][^\W_]+)*", kind) else "run"


def root_of(members: Sequence[Artifact]) -> int:
    """Return how many characters of the members' names name their root; 0 where roots differ."""
    one, other = members[0], members[-1]
    return one.root if one.run[: one.root] == other.run[: other.root] else 0


def _name(place: Place, members: Sequence[Artifact]) -> str:
    """Name a group: `dg_aug_seeds` of `dg_aug_seeds/seed_42`; `seeds` where no name is left."""
    before, kind, rest = place
    root = root_of(members)
    method = before[root:].rstrip("-_. /")
    rest = rest if method or rest.startswith("/") else rest.lstrip("-_. ")
    return before[:root] + ((method + rest).strip("/") or f"{kind}s")


def pattern_of(members: Sequence[Artifact]) -> str:
    """Write the members' sources as one, with a `*` for the number if they differ in it alone."""
    sources = [member.source for member in members]
    parts = [re.split(r"(\d+)", source) for source in sources]
    if len({len(split) for split in parts}) == 1:
        columns = [set(column) for column in zip(*parts, strict=True)]
        if sum(len(column) > 1 for column in columns) == 1:
            return "".join(column.pop() if len(column) == 1 else "*" for column in columns)
    return ", ".join(sources)
