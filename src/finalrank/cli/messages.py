"""Lines on standard error: problems, summaries and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from finalrank.errors import NothingToRank
from finalrank.text.escape import visible

if TYPE_CHECKING:
    from finalrank.config.load import Layer
    from finalrank.config.settings import Settings
    from finalrank.model.artifact import Problem
    from finalrank.model.survey import Survey


def echo_err(*lines: str) -> None:
    """Print the lines on standard error."""
    with suppress(OSError):  # closed or full: nobody could be told of that either
        for line in lines:
            click.echo(line, err=True)


def configuration(
    runs: Sequence[str],
    config: str | None,
    preset: str | None,
    metrics: Sequence[dict[str, Any]] = (),
    *,
    quiet: bool = False,
) -> tuple[list[Layer], Settings]:
    """Return the settings and the layers that give them; tell of a file found in no runs folder.

    `metrics` are the rows of `[[metrics]]` that the command line gives. Raises ConfigError.
    """
    from finalrank.config.load import load_layers, settings_of

    layers = load_layers(runs, config, preset, echo_err, metrics)
    settings = settings_of(layers)
    if not quiet:
        echo_err(*(f"{visible(layer.origin)}: is in force" for layer in layers if layer.is_above))
    return layers, settings


def echo_problems(problems: Iterable[Problem]) -> None:
    """Print a line a problem on standard error."""
    from finalrank.decide.tally import problem_line

    echo_err(*map(problem_line, problems))


@contextmanager
def proposing_a_preset(runs: Sequence[str], survey: Survey) -> Iterator[None]:
    """Have the error of a report that finds no artifact name the preset for what is there."""
    try:
        yield
    except NothingToRank as error:
        if survey.left_out or survey.valid:
            raise
        from finalrank.inspection.layouts import preset_for

        preset = preset_for(runs)
        if preset is None:
            raise
        raise NothingToRank(f"{error}; {looks_like(preset)}: try --preset {preset}") from None


def looks_like(preset: str) -> str:
    """Say that files have the layout of a preset."""
    return f"the files look like those of the preset {preset}"


@contextmanager
def summary_after_error(summary: list[str]) -> Iterator[None]:
    """Have the lines of the summary follow the error where there is nothing to rank."""
    try:
        yield
    except NothingToRank as error:
        for line in summary:
            error.add_note(line)
        raise
