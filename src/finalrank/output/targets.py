"""Where a report is to be written, and in which format: settled, and refused, before the scan."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from finalrank.errors import UsageError
from finalrank.output.write import STDOUT, check_writable
from finalrank.render.formats import DEFAULT_FORMAT, FORMAT_BY_SUFFIX, FORMATS, Format
from finalrank.text.escape import visible


@dataclass(frozen=True, slots=True)
class Target:
    """A file, or standard output as `-`, and the format to write it in."""

    path: str
    format: Format


def targets_of(paths: Sequence[str], format_name: str | None) -> list[Target]:
    """Return a target a path, each path once; standard output where there is no path.

    `format_name` is the format of standard output and of suffixes that name none. Raises UsageError
    for a file that has no format.
    """
    return [
        Target(path, _format_of(path, format_name)) for path in dict.fromkeys(paths or (STDOUT,))
    ]


def _format_of(path: str, format_name: str | None) -> Format:
    suffix = os.path.splitext(path)[1]
    by_suffix = FORMAT_BY_SUFFIX.get(suffix.lower())
    if by_suffix is not None:
        return by_suffix
    if format_name is not None:
        return FORMATS[format_name]
    if path == STDOUT:
        return DEFAULT_FORMAT
    raise UsageError(
        f'-o {visible(path)}: the suffix "{visible(suffix)}" names no format: '
        f"use one of {', '.join(FORMAT_BY_SUFFIX)}, or give -f"
    )


def check_targets(
    targets: Sequence[Target], *, check: bool, template: str | None, evidence: bool
) -> None:
    """Raise an error where the targets cannot be what the options ask for.

    `check` is whether the targets are only compared with what would be written, `template` the path
    of the user's template, `evidence` whether the report has any. Raises UsageError, TemplateError
    or OutputError.
    """
    if check and any(target.path == STDOUT for target in targets):
        raise UsageError("--check: name the files to check with -o FILE")
    formats = list(dict.fromkeys(target.format for target in targets))
    if template is not None:
        _check_template(template, formats)
    if evidence and not any(row.shows_evidence for row in formats):
        instead = [row for row in FORMATS.values() if row.shows_evidence]
        raise UsageError(
            f"--evidence: {_titles(formats)} no place for it; give {_options(instead)}"
        )
    if not check:
        check_writable([target.path for target in targets])


def _check_template(template: str, formats: Sequence[Format]) -> None:
    if not any(row.takes_template for row in formats):
        instead = [row for row in FORMATS.values() if row.takes_template]
        raise UsageError(
            f"--template: only {_titles(instead)} a template; give {_options(instead)}"
        )
    for row in formats:
        if row.check_template is not None:
            row.check_template(template)


def _titles(formats: Sequence[Format]) -> str:
    """Return `CSV has`, `CSV and JSON have`."""
    return f"{' and '.join(row.title for row in formats)} {'has' if len(formats) == 1 else 'have'}"


def _options(formats: Sequence[Format]) -> str:
    """Return the options that choose one of the formats: `-f md, -f json or -o FILE.md`."""
    names = ", ".join(f"-f {row.name}" for row in formats)
    suffix = next(suffix for row in formats for suffix in row.suffixes)
    return f"{names} or -o FILE{suffix}"
