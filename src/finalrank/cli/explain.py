"""`finalrank explain` and `finalrank schema`."""

from __future__ import annotations

import click

from finalrank.cli.command import Command
from finalrank.cli.options import echo_err, runs_argument, shared_options, summary_after_error
from finalrank.cli.progress import with_progress_bar
from finalrank.errors import NothingToRank
from finalrank.output.write import STDOUT, encoded, write
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
    "form",
    type=click.Choice(list(EXPLAIN_FORMATS)),
    default="text",
    show_default=True,
    help="Format of the explanation.",
)
@shared_options
def explain(
    runs: tuple[str, ...],
    only: str | None,
    form: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    preset: str | None,
    config: str | None,
    quiet: bool,
) -> None:
    """Tell what became of every artifact, and why.

    RUNS are folders (default: runs). Of each run: which artifact stands for it and by how
    much it won, which siblings it has, and what is left out for which reason.
    """
    from finalrank.config.load import load_settings
    from finalrank.decide.tally import nothing_to_rank, problem_line, tally
    from finalrank.pipeline import detailed_survey, explained

    settings = load_settings(runs, config, preset).replaced(include=include, exclude=exclude)
    survey = detailed_survey(runs, settings, with_progress_bar(quiet))
    rows = explained(survey, settings, only)
    of_interest = {row.source for row in rows} if only else None
    echo_err(
        *(
            problem_line(p)
            for p in survey.problems
            if of_interest is None or p.source in of_interest
        )
    )
    summary = [] if quiet else [tally(survey, settings)]
    with summary_after_error(summary):
        if not rows:
            raise NothingToRank(nothing_to_rank(survey, settings))
    write([(STDOUT, encoded(EXPLAIN_FORMATS[form](rows, settings)))])
    echo_err(*summary)


@click.command(
    cls=Command,
    examples="""\
  finalrank schema > finalrank.schema.json
""",
)
def schema() -> None:
    """Print the JSON Schema of the JSON output."""
    from finalrank.report.schema import json_schema

    write([(STDOUT, encoded(json_schema()))])
