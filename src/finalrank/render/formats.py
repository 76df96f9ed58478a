"""FORMATS: what a Report looks like as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from finalrank.render.csv import to_csv
from finalrank.render.json import to_json
from finalrank.render.markdown import to_markdown

# Imports that only one format needs wait until it is asked for.
if TYPE_CHECKING:
    from finalrank.report.assemble import Document


FORMATS: dict[str, Callable[[Document], str]] = {
    "md": to_markdown,
    "json": to_json,
    "csv": to_csv,
}
# The format that a file's suffix asks for.
SUFFIXES = {".md": "md", ".markdown": "md", ".json": "json", ".csv": "csv"}
