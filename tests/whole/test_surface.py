"""The public surface, written out from the live objects: any change of it shows in a golden file.

`pytest --update-golden` rewrites the file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest

import finalrank
from conftest import GOLDEN
from finalrank import errors
from finalrank.cli.main import cli

FILE = GOLDEN / "surface.txt"


def surface() -> str:
    """Everything that a caller of the package or of the command can name, a line each."""
    parts = [
        ("Names", names()),
        ("Report", views()),
        ("Errors", failures()),
        ("Commands", commands()),
    ]
    return "\n".join(line for title, lines in parts for line in (title, *lines, ""))


def names() -> Iterator[str]:
    """What `from finalrank import` gives; functions with their signatures."""
    for name in sorted(finalrank.__all__):
        value = getattr(finalrank, name)
        if inspect.isfunction(value):
            yield from called(f"finalrank.{name}", value)
        elif inspect.isclass(value):
            bases = ", ".join(base.__name__ for base in value.__bases__)
            yield f"  finalrank.{name}: class of {bases}"
        else:
            yield f"  finalrank.{name}: {type(value).__name__}"


def views() -> Iterator[str]:
    """The fields of a report, and what the package adds to them."""
    for name, field in finalrank.Report.model_fields.items():
        yield f"  report.{name}: {inspect.formatannotation(field.annotation)}"
    for name, value in methods().items():
        yield from called(f"report.{name}", value)


def methods() -> dict[str, Callable[..., Any]]:
    """What a report can do beyond what every pydantic model can."""
    members = inspect.getmembers(finalrank.Report, inspect.isfunction)
    return {n: m for n, m in members if m.__module__.startswith("finalrank") and n[:2] != "__"}


def called(name: str, function: Callable[..., Any]) -> Iterator[str]:
    """How a function is called: its parameters, a line each, and what it returns."""
    signature = inspect.signature(function)
    yield f"  {name}() -> {signature.return_annotation!s}"
    for parameter in signature.parameters.values():
        if parameter.name != "self":
            kind = " (by name)" if parameter.kind is parameter.KEYWORD_ONLY else ""
            default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
            yield f"    {parameter.name}{kind}: {parameter.annotation}{default}"


def failures() -> Iterator[str]:
    """Every error raised on purpose, with the class above it and its exit status."""
    for name, value in sorted(vars(errors).items()):
        if inspect.isclass(value) and issubclass(value, errors.FinalrankError):
            above = value.__bases__[0].__name__
            status = "128 + signal" if name == "Interrupted" else value.exit_status
            yield f"  {name}({above}): exit status {status}"


def commands() -> Iterator[str]:
    """Every command with its arguments and options, as click has them."""
    above = click.Context(cli, info_name="finalrank", **cli.context_settings)
    yield from parameters(above)
    for name, command in cli.commands.items():
        yield from parameters(click.Context(command, above, name))


def parameters(context: click.Context) -> Iterator[str]:
    """A command and what it takes; `...` may be given several times, and `!` must be given."""
    yield f"  {context.command_path}"
    for parameter in context.command.get_params(context):
        words = ", ".join([*parameter.opts, *parameter.secondary_opts])
        # An argument has no spelling but its place.
        if isinstance(parameter, click.Argument):
            words = parameter.make_metavar(context)
        elif isinstance(parameter, click.Option) and not parameter.is_flag:
            words += f" {parameter.make_metavar(context)}{'...' * parameter.multiple}"
        yield f"    {words}{' !' * parameter.required}"


def test_the_public_surface_is_as_written(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        FILE.write_text(surface(), encoding="utf-8")
    assert surface() == FILE.read_text(encoding="utf-8")


def test_every_public_name_is_documented() -> None:
    public = {name: getattr(finalrank, name) for name in finalrank.__all__ if name[0] != "_"}
    failures = {n: e for n, e in vars(errors).items() if inspect.isclass(e)}
    callbacks = {name: command.callback for name, command in cli.commands.items()}
    views = {name: method for name, method in methods().items() if name[0] != "_"}
    for name, value in (public | failures | callbacks | views).items():
        # Its own: a class without one is given that of the class above it.
        assert (value.__doc__ or "").strip(), name
