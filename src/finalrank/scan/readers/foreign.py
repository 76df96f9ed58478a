"""What a file is that no reader reads, by how it begins, and what helps."""

from __future__ import annotations

import re

from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.utf8 import line_of

# The three marks of a merge conflict, in their order.
_CONFLICT = [re.compile(mark, re.MULTILINE) for mark in (rb"^<{7} ", rb"^={7}\r?$", rb"^>{7} ")]
_EXPORT = "export its figures as JSON or CSV"
# What often stands in the place of a metrics file, by how it begins. The first that matches counts.
_KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(beginning, re.DOTALL), reason)
    for beginning, reason in (
        (
            rb"version https://git-lfs",
            "is a Git LFS pointer, not the file itself: run `git lfs pull`",
        ),
        (
            rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]",
            "is an HTML or XML page, not JSON: was it a download that failed?",
        ),
        (rb"\x1f\x8b", "is compressed with gzip: unpack it"),
        (rb"BZh[1-9]|\xfd7zXZ\0|\x28\xb5\x2f\xfd", "is compressed: unpack it"),
        (
            rb"PK\x03\x04.{26,60}\.npy",
            "is a NumPy archive (.npz): write its figures as JSON, by json.dump",
        ),
        (
            rb"PK\x03\x04.{26,90}data\.pkl",
            "is a PyTorch checkpoint: write its figures as JSON, by json.dump",
        ),
        (rb"PK\x03\x04.{26,60}(?:\[Content_Types\]|xl/)", "is a spreadsheet: save it as CSV"),
        (rb"PK\x03\x04", "is a zip archive: unpack it"),
        (rb"\x93NUMPY", "is a NumPy array (.npy): write its figures as JSON, by json.dump"),
        (rb"\x80[\x02-\x05]", "is a Python pickle: write its figures as JSON, by json.dump"),
        (rb"\x89HDF\r\n", f"is an HDF5 file: {_EXPORT}"),
        (rb"PAR1", "is a Parquet file: write it as CSV, by pandas.DataFrame.to_csv"),
        (rb"SQLite format 3\0", "is an SQLite database: only that of MLflow can be read, as .db"),
        (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|RIFF.{4}WEBP", "is an image, not metrics"),
        (rb"%PDF-", "is a PDF, not metrics"),
        # A record: its length, a checksum, and the event with the version of the format.
        (
            rb".{8,40}brain\.Event:",
            "is a TensorBoard event file: download its scalars as CSV or JSON, or log to a CSV too",
        ),
        (
            rb"\0+\Z",
            "is all NUL bytes: did the disk or the job fail while it was written? Write it again",
        ),
    )
)


def explained(refusal: Unreadable, data: bytes) -> Unreadable:
    """Return the refusal of a file's bytes, or a plainer one where they are of a known kind."""
    if line := _conflict_line(data):
        return Unreadable(f"line {line} column 1", "has the marks of a merge conflict: resolve it")
    reason = kind_of(data)
    return Unreadable(None, reason) if reason else refusal


def kind_of(data: bytes) -> str | None:
    """Return what a file is that no reader reads, and what helps; None where it may be one's."""
    return next((reason for beginning, reason in _KINDS if beginning.match(data)), None)


def _conflict_line(data: bytes) -> int | None:
    """Return the line, from 1, at which a merge conflict begins; None where there is none."""
    starts, end = [], 0
    for mark in _CONFLICT:
        match = mark.search(data, end)
        if not match:
            return None
        starts.append(match.start())
        end = match.end()
    return line_of(data, starts[0])
