"""An output is never an input: what a report is made of is refused as a file to write."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from finalrank.config.files import FILE_NAME, PROJECT_FILE
from finalrank.config.settings import Settings
from finalrank.errors import UsageError
from finalrank.model.artifact import Artifact, Problem
from finalrank.output.write import is_replaced
from finalrank.scan.folders.local_paths import real_path
from finalrank.scan.folders.roots import distinct_root_names, locate, roots_of
from finalrank.scan.readers.registry import READERS
from finalrank.text.escape import visible
from finalrank.text.filenames import sidecar_names


class Outputs:
    """The files to write, none of which is one that the report is made of, now or next time."""

    def __init__(
        self,
        paths: Sequence[str],
        runs: Sequence[str],
        settings: Settings,
        named: Mapping[str, str],
    ) -> None:
        """Take the paths to write; `named` says of other files that are read what they are.

        Raises UsageError for a path that is one of those, or a file of the runs folders by its
        name, be it there or not.
        """
        self._settings = settings
        # The files that are written, by the paths that the user gave.
        self._files: dict[str, str] = {}
        replaced = list(filter(is_replaced, paths))
        # To look at the runs folders once more is of use for a file alone.
        self._roots = roots_of(runs, distinct_root_names(runs)) if replaced else []
        inputs = {place: what for path, what in named.items() for place in _places(path)}
        for path in replaced:
            places = _places(path)
            self._files |= dict.fromkeys(places[:1], path)
            for place in places:
                reason = inputs.get(place) or self._reason(place)
                if reason:
                    raise UsageError(f"-o {visible(path)}: {reason}: choose another file")

    def over(self, entries: Iterable[Artifact | Problem]) -> Iterable[Artifact | Problem]:
        """Pass the entries of the scan on in turn, and look where those lead that are links."""
        return self._apart(entries) if any(map(os.path.exists, self._files)) else entries

    def _apart(self, entries: Iterable[Artifact | Problem]) -> Iterator[Artifact | Problem]:
        """Yield the entries in turn. Raises UsageError where one is a file to write."""
        follow = self._settings.scan.follow
        for entry in entries:
            if isinstance(entry, Artifact) and (entry.is_link or follow):
                path = self._files.get(real_path("".join(locate(entry.path, self._roots))))
                if path is not None:
                    raise UsageError(
                        f"-o {visible(path)}: is what the artifact {visible(entry.source)} is a "
                        "link to: choose another file"
                    )
            yield entry

    def _reason(self, path: str) -> str | None:
        """Return why a file at the real path `path` would be read; None where it would not be."""
        if _name(path) in (FILE_NAME, PROJECT_FILE):
            return "has the name of a configuration"
        for root in self._roots:
            top = os.path.join(real_path(root.path), "")
            if path.startswith(top):
                below = path[len(top) :].split(os.sep)
                return self._reason_in_root(path, below)
        return None

    def _reason_in_root(self, path: str, below: Sequence[str]) -> str | None:
        *folders, name = below
        scan = self._settings.scan
        for factor in self._settings.factors:
            parts = factor.from_.split("/")
            if factor.from_ and list(below[-len(parts) :]) == parts:
                return "is read for factors, by its name (factors.from)"
        if any(folder.startswith(".") for folder in below):
            return None
        is_folder = READERS[scan.reader].artifact == "folder"
        if any(self._is_candidate(part) for part in (folders if is_folder else [name])):
            return "is an artifact of the runs folder, by its name (scan.patterns)"
        if not is_folder and (artifact := self._beside(path)):
            return f"is read beside {visible(artifact)}, by its name (sidecars)"
        return None

    def _is_candidate(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._settings.scan.patterns)

    def _beside(self, path: str) -> str | None:
        """Return the candidate in the folder of a path whose sidecar is there by its name."""
        sidecars, name = self._settings.sidecars, _name(path)
        for other in sorted(os.listdir(os.path.dirname(path))):
            if self._is_candidate(other) and name in (
                *sidecar_names(other, sidecars.replace, sidecars.validation, None),
                *sidecar_names(other, sidecars.replace, sidecars.cases),
            ):
                return other
        return None


def _places(path: str) -> list[str]:
    """Return where a file is written, and the path by which it would be read, if that is a link.

    There is none where the working folder is gone.
    """
    try:
        return [real_path(path), os.path.join(real_path(os.path.dirname(path)), _name(path))]
    except OSError:
        return []


def _name(path: str) -> str:
    return os.path.basename(path)
