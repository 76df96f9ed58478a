"""Writes a report to its targets, or says which of them are out of date."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from finalrank.output.targets import Target
from finalrank.output.write import STDOUT, encoded, is_current, write
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.render.formats import Format
    from finalrank.report.assemble import Document

# The bytes of the report in a format, as generated at a time.
Pages = Callable[["Format", datetime], bytes]


def publish(
    document: Document, targets: Sequence[Target], *, template: str | None, if_changed: bool
) -> None:
    """Write the report to every target, or to none where one cannot be written.

    `template` is the path of the user's template. With `if_changed`, a file stays as it is if only
    the time in it would change. Raises OutputError, or TemplateError for a mistake in the template.
    """
    pages = _pages(document, template)
    now = document.report.generated_at
    if if_changed:
        targets = [
            target
            for target in targets
            if target.path == STDOUT or not _is_current(target, pages, now)
        ]
    write([(target.path, pages(target.format, now)) for target in targets])


def out_of_date(
    document: Document, targets: Sequence[Target], *, template: str | None
) -> list[str]:
    """Return a line a file that is missing, or in which more than the time would change.

    Raises OutputError for a file that cannot be read, or TemplateError.
    """
    pages = _pages(document, template)
    now = document.report.generated_at
    paths = [target.path for target in targets if not _is_current(target, pages, now)]
    return [
        f"finalrank: {visible(path)} is {'out of date' if os.path.exists(path) else 'missing'}"
        ": run again without --check"
        for path in paths
    ]


def _pages(document: Document, template: str | None) -> Pages:
    """Return a function that makes each page once: `--if-changed` asks for most of them twice."""

    # By the time as text: one instant can be told with several offsets.
    @cache
    def page(file_format: Format, generated_at: str) -> bytes:
        own = template if file_format.takes_template else None
        dated = document.dated(datetime.fromisoformat(generated_at))
        return encoded(file_format.render(dated, own))

    return lambda file_format, generated_at: page(file_format, generated_at.isoformat())


def _is_current(target: Target, pages: Pages, now: datetime) -> bool:
    """Tell whether the target holds the page of `now`, apart from the time that it shows."""
    return is_current(target.path, partial(pages, target.format), now)
