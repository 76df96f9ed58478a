"""FORMATS: what a Report looks like as text. Jinja lives here."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from finalrank.errors import TemplateError
from finalrank.text.escape import cell, encodable, restored, safe_json, visible

# Imports that only one format needs wait until it is asked for.
if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment, Template

    from finalrank.report.model import Report

PAGE = "clean_final_results.md.j2"


def to_markdown(report: Report, template: str | None = None) -> str:
    """The page, from the template that is shipped or from a file of the user's.

    Raises TemplateError, which names the line.
    """
    from finalrank.render.page.context import page

    given = page(report)
    if template is None:
        return _environment(_shipped(), counting=False).get_template(PAGE).render(given)
    with _blaming(template):
        return _own_template(template).render(given)


def check_template(template: str) -> None:
    """Raise TemplateError where a file is no template, without rendering it."""
    with _blaming(template):
        _own_template(template)


def to_json(report: Report) -> str:
    """The summary, schema version 1; every number at full precision."""
    return json_text(report)


def json_text(value: object) -> str:
    r"""Any model as JSON, indented by two; bytes that are not UTF-8 as escapes such as `\udcff`.

    So are the characters that a terminal would act on: names come back exactly, and do nothing.
    """
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = safe_json(to_json(value, indent=2, inf_nan_mode="null"))
    except PydanticSerializationError:  # a name is not UTF-8
        plain = encodable(to_jsonable_python(value, inf_nan_mode="null"))
        text = restored(safe_json(to_json(plain, indent=2)))
    return text + "\n"


def to_csv(report: Report) -> str:
    """One row a run in combined order; an empty cell is missing."""
    header, rows = _table(report)
    return csv_text(header, rows)


def csv_text(header: list[str], rows: Iterable[list[Any]]) -> str:
    r"""Rows as CSV (RFC 4180), each ended by `\n`; whatever a name holds, it stays in its cell.

    No text is a formula to a spreadsheet: see `cell`.
    """
    lines: list[str] = []
    # The writer quotes what could end its lines, so these end in both characters that could.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)


def to_frame(report: Report) -> pd.DataFrame:
    """The table of the CSV as a DataFrame; missing is NaN."""
    import pandas as pd

    from finalrank.config.settings import PLACE_COLUMNS

    header, rows = _table(report)
    # A column of nothing but missing values is one of numbers all the same.
    numbers = dict.fromkeys(header[len(PLACE_COLUMNS) :], float)
    return pd.DataFrame(rows, columns=header).astype(numbers)


FORMATS: dict[str, Callable[[Report], str]] = {
    "md": to_markdown,
    "json": to_json,
    "csv": to_csv,
}
# The format that a file's suffix asks for.
SUFFIXES = {".md": "md", ".markdown": "md", ".json": "json", ".csv": "csv"}


def _table(report: Report) -> tuple[list[str], list[list[Any]]]:
    """Header, and one row a run in combined order."""
    from finalrank.config.settings import PLACE_COLUMNS

    keys = [metric.key for metric in report.metrics]
    ranked = [metric.key for metric in report.metrics if metric.ranked]
    header = [*PLACE_COLUMNS, *keys]
    header += [f"rank_{key}" for key in ranked]
    header += [f"delta_{key}" for key in keys] + [f"delta_pct_{key}" for key in keys]
    # What the figures are the mean of, where they are one.
    grouped = any(hasattr(run, "group") for run in report.runs)
    if grouped:
        header += ["members", *(f"n_{key}" for key in keys), *(f"sd_{key}" for key in keys)]
    rows = []
    for run in report.runs:
        row = [getattr(run, column) for column in PLACE_COLUMNS]
        row += [run.metrics[key] for key in keys]
        row += [run.ranks[key] for key in ranked]
        row += [run.delta and run.delta[key].absolute for key in keys]
        row += [run.delta and run.delta[key].percent for key in keys]
        if grouped:
            group = getattr(run, "group", None)
            spreads = [group.metrics[key] if group else None for key in keys]
            row += [len(run.members), *(s and s.n for s in spreads), *(s and s.sd for s in spreads)]
        rows.append(row)
    return header, rows


def _shipped() -> str:
    """The folder of our templates: beside the module in a wheel, else in the checkout."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(here, "templates")
    checkout = os.path.join(here, os.pardir, os.pardir, "templates")
    return beside if os.path.isdir(beside) else os.path.normpath(checkout)


@contextmanager
def _blaming(template: str) -> Iterator[None]:
    """Whatever an author's template does wrong is a TemplateError."""
    try:
        yield
    except Exception as error:
        raise TemplateError(_fault(error, template)) from None


def _own_template(template: str) -> Template:
    folder, name = os.path.split(template)
    return _environment(folder or ".", counting=True).get_template(name)


def _environment(folder: str, *, counting: bool) -> Environment:
    from finalrank.render.page.context import FILTERS
    from finalrank.render.sandbox import Sandbox

    environment = Sandbox(folder, counting=counting)
    environment.filters |= FILTERS
    return environment


def _fault(error: Exception, template: str) -> str:
    """`page.md.j2:12: 'titel' is undefined`: the innermost place in the author's own templates."""
    import traceback

    from jinja2 import TemplateNotFound, TemplateSyntaxError

    folder = os.path.join(os.path.abspath(os.path.dirname(template)), "")
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        (frame.filename, frame.lineno)
        for frame in frames
        # Jinja gives its templates frames of their own; ours and its own are Python's.
        if os.path.abspath(frame.filename).startswith(folder)
        and not frame.filename.endswith((".py", ">"))
    ]
    if isinstance(error, TemplateSyntaxError):
        places.append((error.filename or template, error.lineno))
    file, line = places[-1] if places else (template, None)
    reason = str(error)
    if isinstance(error, TemplateNotFound):
        reason = "there is no such template: check the path"
        if places:
            reason = f"cannot find {error.name}: put it beside the template"
    elif isinstance(error, OSError):
        reason = f"cannot be read: {error.strerror}"
    elif isinstance(error, UnicodeDecodeError):
        reason = "not UTF-8: save it as UTF-8"
    where = visible(file) if line is None else f"{visible(file)}:{line}"
    return f"{where}: {visible(reason)}"
