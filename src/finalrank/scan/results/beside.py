"""Factors from a file beside an artifact, or in the nearest folder above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from finalrank.config.keys import lookup
from finalrank.config.tables.factors import Factor
from finalrank.scan.folders.local import exists, read
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import parse_json
from finalrank.scan.readers.toml import parse_toml
from finalrank.scan.readers.utf8 import decode_utf8
from finalrank.scan.readers.yaml import parse_yaml
from finalrank.scan.results.texts import is_plain, text_of

_YAML = (".yaml", ".yml")
# Files in which a value stands at a key.
_STRUCTURED = (".json", ".toml", *_YAML)
# A value that is a line of its own has so many characters.
_LONGEST = 500
# What a file of factors says: the text of each factor that it is to give, or why it has none.
Texts = Mapping[str, str | None]


class Found(NamedTuple):
    """What the files beside an artifact say."""

    texts: Texts  # by the key of the factor
    missing: tuple[str, ...] = ()  # factors whose file is missing or broken
    faults: tuple[tuple[str, str], ...] = ()  # files that are broken: path below the root, reason


NOTHING = Found({})


def first_parts(factors: Sequence[Factor]) -> frozenset[str]:
    """Return the names that tell a walk of a folder that such a file may be there."""
    return frozenset(factor.from_.split("/")[0] for factor in factors if factor.from_)


class FilesBeside:
    """The files of factors below one root: each is read once, when an artifact first needs it."""

    def __init__(self, top: str, factors: Sequence[Factor], max_bytes: int) -> None:
        """Know which factors stand in which file, and nothing yet of the files."""
        self._top, self._max_bytes = top, max_bytes
        self._factors: dict[str, list[Factor]] = {}
        for factor in factors:
            if factor.from_:
                self._factors.setdefault(factor.from_, []).append(factor)
        self._folders: set[str] = set()
        self._read: dict[str, Found | None] = {}
        self._of_folder: dict[str, Found] = {}

    def saw(self, folder: str, name: str) -> None:
        """Take note that a listing showed `name`, with which the path of a file may begin."""
        self._folders.add(folder + name)

    def of(self, folder: str) -> Found:
        """Return what the nearest files say of the artifacts in a folder."""
        if not self._factors:
            return NOTHING
        if folder not in self._of_folder:
            self._of_folder[folder] = self._look_up(folder)
        return self._of_folder[folder]

    def _look_up(self, folder: str) -> Found:
        texts: dict[str, str | None] = {}
        missing: list[str] = []
        faults: list[tuple[str, str]] = []
        for path, factors in self._factors.items():
            found = self._nearest(folder, path, factors)
            if found is None:
                missing += [factor.key for factor in factors]
                continue
            texts |= found.texts
            missing += found.missing
            faults += found.faults
        return Found(texts, tuple(missing), tuple(faults))

    def _nearest(self, folder: str, path: str, factors: Sequence[Factor]) -> Found | None:
        first = path.split("/")[0]
        here = folder
        while True:
            if here + first in self._folders:
                if here + path not in self._read:
                    self._read[here + path] = self._texts(here + path, factors)
                if (found := self._read[here + path]) is not None:
                    return found
            if not here:
                return None
            here = here[: here[:-1].rfind("/") + 1]

    def _texts(self, path: str, factors: Sequence[Factor]) -> Found | None:
        """Return what one file says; None where there is no such file."""
        try:
            document = decode_beside(read(self._top, path, False, self._max_bytes), path)
        except Unreadable as refusal:
            if not exists(self._top, path):  # the folder that the path begins with is there alone
                return None
            place = f"{refusal.place}: " if refusal.place else ""
            broken = tuple(factor.key for factor in factors)
            return Found({}, broken, ((path, f"{place}{refusal.reason}"),))
        texts: dict[str, str | None] = {}
        faults: list[tuple[str, str]] = []
        if not path.lower().endswith(_STRUCTURED):
            return Found(dict.fromkeys((factor.key for factor in factors), document))
        for factor in factors:
            values = (lookup(key)(document) for key in factor.sources)
            value = next((value for value in values if value is not None), None)
            if not is_plain(value):
                faults.append((path, f"`{factor.key}` is an object or a list: name a key in it"))
            texts[factor.key] = text_of(value)
        return Found(texts, (), tuple(faults))


def decode_beside(data: bytes, path: str) -> Any:
    """Return what a JSON, TOML or YAML file holds, or the only line of any other.

    Raises Unreadable.
    """
    if path.lower().endswith(".json"):
        return parse_json(data)
    if path.lower().endswith(".toml"):
        return parse_toml(data)
    return parse_yaml(data) if path.lower().endswith(_YAML) else _line(decode_utf8(data))


def _line(text: str) -> str:
    """Return the only line of a text. Raises Unreadable."""
    line = text.strip()
    if len(line.splitlines()) > 1 or len(line) > _LONGEST:
        raise Unreadable(None, "is more than a line of text: name a JSON, YAML or TOML file")
    return line
