"""FORMATS: what a report can be written as, a row a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finalrank.render.csv import to_csv
from finalrank.render.json import to_json
from finalrank.render.markdown import check_template, to_markdown

# `finalrank --help` reads this table: what a format imports waits until a report is written.
if TYPE_CHECKING:
    from finalrank.report.assemble import Document


@dataclass(frozen=True, slots=True)
class Format:
    """A format of the report: all that the rest of the program knows of it.

    `name` is what `-f` takes, `title` what an error calls it, and a file with one of `suffixes`
    (in lower case, the usual one first) is written in it. `render` returns the whole text; its
    second argument is the path of the user's template, None without one and always None for a
    format that takes none. `check_template` raises TemplateError for a file that is no template of
    the format. `shows_evidence` is whether the text has a place for the evidence.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    render: Callable[[Document, str | None], str]
    check_template: Callable[[str], None] | None = None
    shows_evidence: bool = True

    @property
    def takes_template(self) -> bool:
        """Whether a user's own template can say what the text looks like."""
        return self.check_template is not None


# The first is the format of `finalrank report` where neither -f nor a suffix names one.
FORMATS = {
    row.name: row
    for row in (
        Format("md", "Markdown", (".md", ".markdown"), to_markdown, check_template=check_template),
        Format("json", "JSON", (".json",), to_json),
        Format("csv", "CSV", (".csv",), to_csv, shows_evidence=False),
    )
}
DEFAULT_FORMAT = next(iter(FORMATS.values()))
FORMAT_BY_SUFFIX = {suffix: row for row in FORMATS.values() for suffix in row.suffixes}
