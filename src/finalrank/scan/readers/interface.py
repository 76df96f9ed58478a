"""What a reader is: it makes of an artifact's bytes the mapping in which metrics are looked up.

A member of this package has a decode function and a `READER` that describes it, and a row in
`registry.READERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from finalrank.config.types import ReaderName

# From the bytes of an artifact to a mapping (or another JSON value, in which only expressions can
# find anything). Raises Unreadable, which must not show what is in the file.
Decode = Callable[[bytes], Any]


class Unreadable(Exception):  # noqa: N818 - it is a verdict
    """A file that cannot be read, or does not hold what its reader reads."""

    def __init__(self, place: str | None, reason: str) -> None:
        """Keep the place (such as a line, or None for the whole file) and the reason."""
        super().__init__(reason)
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of artifact that can be read."""

    name: ReaderName  # as the setting `scan.reader` has it
    decode: Decode
    # What an artifact is. Of JSON, `metrics[].cases` can find case values. Of a folder, `decode` is
    # given the bytes of all its files, as `scan.local.read_folder` joins them; it has no sidecars.
    artifact: Literal["json", "table", "folder"]
    # Why a figure of a document, or of a result in it, is NaN; None where it does not say.
    why_nan: Callable[[Any], str | None] | None = None
    # The function that decodes a file of some name, where the name decides; else `decode` does.
    decoder_for: Callable[[str], Decode] | None = None
    # Whether a document, or a result in it, says that higher is better at a key; None: nothing.
    higher_is_better: Callable[[Any, str], bool | None] | None = None

    def document(self, data: bytes, name: str) -> Any:
        """Return what the bytes of a file of that name hold. Raises Unreadable."""
        return (self.decoder_for(name) if self.decoder_for else self.decode)(data)

    def is_json(self, name: str) -> bool:
        """Return whether a file of that name is JSON, in which values of cases may stand."""
        return self.artifact == "json" and (not self.decoder_for or name.lower().endswith(".json"))

    @property
    def says_more(self) -> bool:
        """Whether there is more to be asked of a document than its figures."""
        return self.why_nan is not None or self.higher_is_better is not None
