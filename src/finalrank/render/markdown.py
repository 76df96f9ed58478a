"""The report as a Markdown page, from the shipped template or one of the user's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from finalrank.errors import TemplateError
from finalrank.text.escape import code, code_cell, prose, visible

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from finalrank.report.assemble import Document
    from finalrank.report.labels import MetricLabel


PAGE = "clean_final_results.md.j2"
# What puts a name on a page of Markdown, where it is never markup.
ESCAPES: dict[str, Callable[[str], str]] = {"code": code, "code_cell": code_cell, "prose": prose}


def to_markdown(document: Document, template: str | None = None) -> str:
    """Return the page, made from the user's file `template` or else from the shipped template.

    Raises TemplateError, which names the line, for a mistake in the user's template.
    """
    from finalrank.render.page.contents import page_context
    from finalrank.render.page.over_datasets import only_dataset

    context = page_context(_in_markdown(only_dataset(document)))
    given = {field.name: getattr(context, field.name) for field in fields(context)}
    if template is None:
        return _shipped_environment().get_template(PAGE).render(given)
    with _raising_template_errors(template):
        return _user_template(template).render(given)


def _in_markdown(document: Document) -> Document:
    """Return the document, and those of its datasets, with labels as Markdown."""
    from finalrank.report.presentation import relabelled

    datasets = {name: _in_markdown(own) for name, own in document.datasets.items()}
    layout = relabelled(document.presentation, _label_in_markdown)
    columns = [(key, _own_or_name(label, key)) for key, label in layout.factors.columns]
    shared = [(key, _own_or_name(label, key), text) for key, label, text in layout.factors.shared]
    layout = replace(layout, factors=replace(layout.factors, columns=columns, shared=shared))
    return replace(document, presentation=layout, datasets=datasets)


def _label_in_markdown(metric: MetricLabel) -> MetricLabel:
    """Return a label as Markdown.

    What the author wrote is Markdown; a key that stands in for a label is a name, and escaped.
    """
    label, short = (_own_or_name(text, metric.key) for text in (metric.label, metric.short))
    return replace(metric, label=label, short=short)


def _own_or_name(label: str, key: str) -> str:
    return prose(key) if label == key else label


def check_template(template: str) -> None:
    """Raise TemplateError where a file is no template, without rendering it."""
    with _raising_template_errors(template):
        _user_template(template)


def _shipped() -> str:
    """Return the folder of the shipped templates.

    A wheel has it in the package, a checkout beside `src`.
    """
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(here, "templates")
    checkout = os.path.join(here, os.pardir, os.pardir, "templates")
    return beside if os.path.isdir(beside) else os.path.normpath(checkout)


@contextmanager
def _raising_template_errors(template: str) -> Iterator[None]:
    """Turn whatever goes wrong in the user's template into a TemplateError."""
    try:
        yield
    except Exception as error:  # a template can raise any error that Python has
        raise TemplateError(_explanation(error, template)) from None


def _user_template(template: str) -> Template:
    """Return the compiled template; what it includes must lie in its folder."""
    from finalrank.render.limited import LimitedSandbox
    from finalrank.render.page.filters import FILTERS

    folder, name = os.path.split(template)
    return LimitedSandbox(folder or ".", name, FILTERS | ESCAPES).get_template(name)


def _shipped_environment() -> Environment:
    from finalrank.render.page.filters import FILTERS
    from finalrank.render.sandbox import Sandbox

    environment = Sandbox(_shipped())
    environment.filters |= FILTERS | ESCAPES
    return environment


def _absolute(path: str) -> str:
    """Return the absolute path, and a relative one where the working folder is gone."""
    try:
        return os.path.abspath(path)
    except OSError:
        return os.path.normpath(path)


def _explanation(error: Exception, template: str) -> str:
    """Return `page.md.j2:12: 'titel' is undefined`: the innermost line of the user's, and why."""
    import traceback

    from jinja2 import TemplateNotFound, TemplateSyntaxError

    folder = os.path.join(_absolute(os.path.dirname(template)), "")
    frames = traceback.extract_tb(error.__traceback__)
    places = [
        (frame.filename, frame.lineno)
        for frame in frames
        # A frame of a template has the template's file name; others are of Python code.
        if _absolute(frame.filename).startswith(folder)
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
