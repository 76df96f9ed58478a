"""`finalrank explain`."""

from __future__ import annotations

from typing import Any

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import (
    configuration,
    echo_err,
    echo_problems,
    proposing_a_preset,
    summary_after_error,
)
from finalrank.cli.options import runs_argument, shared_options
from finalrank.cli.progress import with_progress_bar
from finalrank.errors import NothingToRank
from finalrank.render.explain import EXPLAIN_FORMATS


@click.command(
    cls=Command,
    examples="""\
  finalrank explain runs/
  finalrank explain runs/ --run unet_seed_42
  finalrank explain runs/ -f json | jq -r '.[] | select(.reason) | .source'
""",
)
@runs_argument
@click.option("--run", "only", metavar="NAME", help="Explain this run alone.")
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(list(EXPLAIN_FORMATS)),
    default=next(iter(EXPLAIN_FORMATS)),
    show_default=True,
    help="Format of the explanation.",
)
@shared_options
def explain(
    runs: tuple[str, ...],
    only: str | None,
    format_name: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    metrics: tuple[dict[str, Any], ...],
    preset: str | None,
    config: str | None,
    quiet: bool,
) -> None:
    """Tell what became of every artifact, and why.

    RUNS are folders (default: runs). Of each run: which artifact stands for it and by how
    much it won, which siblings it has, and what is left out for which reason.
    """
    from finalrank.decide.checks.absent import absent_lines
    from finalrank.decide.checks.members import not_grouped
    from finalrank.decide.checks.unmatched import Watch
    from finalrank.decide.tally import nothing_to_rank, tally
    from finalrank.output.write import write_stdout
    from finalrank.pipeline import detailed_survey, explained, unmatched

    layers, settings = configuration(runs, config, preset, metrics, quiet=quiet)
    settings = settings.replaced(include=include, exclude=exclude)
    watch, bar = Watch(layers, settings, include, exclude), with_progress_bar(quiet)
    survey = detailed_survey(runs, settings, lambda entries: bar(watch.over(entries)))
    rows = explained(survey, settings, only)
    sources = {row.source for row in rows}
    echo_problems(p for p in survey.problems if not only or p.source in sources)
    if not only:
        unused = absent_lines(settings, survey.kept)
        alike = [] if quiet else not_grouped(survey, settings)
        echo_err(*survey.notes, *unused, *alike, *unmatched(watch, survey, runs, settings))
    summary = [] if quiet else [tally(survey, settings)]
    with summary_after_error(summary), proposing_a_preset(runs, survey):
        if not rows:
            raise NothingToRank(nothing_to_rank(survey, settings))
    write_stdout(EXPLAIN_FORMATS[format_name](rows, settings))
    echo_err(*summary)
