"""What a call of `finalrank report` asks for, and the carrying out of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from finalrank.errors import UsageError
from finalrank.output.write import STDOUT, check_writable, encoded, is_current, write
from finalrank.render.formats import FORMATS, SUFFIXES
from finalrank.render.markdown import check_template, to_markdown
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.report.assemble import Document


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What `finalrank report` was asked for."""

    runs: tuple[str, ...]
    outputs: tuple[str, ...]
    form: str | None
    check: bool
    if_changed: bool
    strict: bool
    evidence: bool
    intervals: Literal["podium", "all"] | None
    baseline: str | None
    top: int | None
    template: str | None
    generated_at: datetime | None
    config: str | None
    preset: str | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    quiet: bool


def targets_of(call: ReportOptions) -> list[tuple[str, str]]:
    """Path and format of each output.

    Raises UsageError, TemplateError or OutputError where there cannot be one: before the scan.
    """
    targets = []
    for path in dict.fromkeys(call.outputs or (STDOUT,)):
        suffix = os.path.splitext(path)[1]
        form = SUFFIXES.get(suffix.lower()) or call.form
        if form is None and path != STDOUT:
            known = ", ".join(SUFFIXES)
            raise UsageError(
                f'-o {visible(path)}: the suffix "{visible(suffix)}" names no format: '
                f"use one of {known}, or give -f"
            )
        targets.append((path, form or "md"))
    if call.check and not all(path != STDOUT for path, _ in targets):
        raise UsageError("--check: name the files to check with -o FILE")
    if call.template is not None and all(form != "md" for _, form in targets):
        raise UsageError("--template: only Markdown has a template; give -f md or -o FILE.md")
    if call.template is not None:
        check_template(call.template)
    if call.evidence and all(form == "csv" for _, form in targets):
        raise UsageError("--evidence: CSV has no place for it; give -f md, -f json or -o FILE.md")
    if not call.check:
        check_writable([path for path, _ in targets])
    return targets


def publish(document: Document, targets: list[tuple[str, str]], call: ReportOptions) -> list[str]:
    """Write the outputs, or, with --check, say which are out of date."""
    now = document.report.generated_at
    formats = FORMATS | {"md": partial(to_markdown, template=call.template)}

    @cache
    def page(form: str, generated_at: datetime) -> bytes:
        return encoded(formats[form](document.dated(generated_at)))

    def current(path: str, form: str) -> bool:
        return is_current(path, partial(page, form), now)

    if call.check:
        return [
            f"finalrank: {visible(path)} is {'out of date' if os.path.exists(path) else 'missing'}"
            ": run again without --check"
            for path, form in targets
            if not current(path, form)
        ]
    if call.if_changed:
        targets = [
            (path, form) for path, form in targets if path == STDOUT or not current(path, form)
        ]
    write([(path, page(form, now)) for path, form in targets])
    return []
