"""`finalrank report`."""

from __future__ import annotations

from typing import Any

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import echo_err, echo_problems, summary_after_error
from finalrank.cli.options import non_empty_path, parse_time, runs_argument, shared_options
from finalrank.cli.progress import with_progress_bar
from finalrank.errors import UsageError
from finalrank.output.publish import ReportOptions, publish, targets_of
from finalrank.render.formats import FORMATS
from finalrank.report.clock import now


@click.command(
    cls=Command,
    examples="""\
  finalrank report runs/
  finalrank report runs/ -o final.md -o final.json -o final.csv
  finalrank report runs/ -o final.md --check      is the page up to date?
  finalrank report runs/ --evidence               how far can it be trusted?
  finalrank report runs/ -f json | jq -r '.runs[0].run'
""",
)
@runs_argument
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    callback=non_empty_path,
    multiple=True,
    help="File to write, in the format of its suffix; may be repeated. `-` is standard output.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    help="Format of standard output, and of files whose suffix names none.  [default: md]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is out of date.")
@click.option(
    "--if-changed",
    is_flag=True,
    help="Leave a file alone if only its time would change.",
)
@click.option("--strict", is_flag=True, help="Exit 1 if there was any problem.")
@click.option("--evidence", is_flag=True, help="Add how far the ranking can be trusted.")
@click.option(
    "--intervals",
    type=click.Choice(["podium", "all"]),
    help="With --evidence: the runs that have intervals; `all` is every run.  [default: podium]",
)
@click.option("--baseline", metavar="RUN", help="The run to compare with.")
@click.option(
    "--top", type=click.IntRange(min=1), metavar="N", help="How many runs the summary shows."
)
@click.option(
    "--template", metavar="FILE", callback=non_empty_path, help="Jinja template for the Markdown."
)
@click.option(
    "--generated-at",
    metavar="TIME",
    callback=parse_time,
    help="Time to print, in ISO 8601; else SOURCE_DATE_EPOCH (in UTC), else now.",
)
@shared_options
@click.pass_context
def report(ctx: click.Context, /, **options: Any) -> None:
    """Rank the runs and write the page.

    RUNS are folders (default: runs). The page goes to standard output or to files. Problems,
    and one line that accounts for every artifact, go to standard error.

    Exit status: 0 done; 1 the answer is no (--check, --strict, nothing to rank); 2 wrong usage or
    configuration.
    """
    call = ReportOptions(**options)
    if call.intervals and not call.evidence:
        raise UsageError("--intervals: they are part of the evidence; add --evidence")
    targets = targets_of(call)
    generated_at = call.generated_at or now()

    from finalrank.config.load import load_settings
    from finalrank.decide.tally import tally
    from finalrank.model.survey import EvidenceSurvey
    from finalrank.pipeline import build, build_with_evidence, evidence_survey, survey

    settings = load_settings(call.runs, call.config, call.preset).replaced(
        baseline=call.baseline, top=call.top, include=call.include, exclude=call.exclude
    )
    watch = with_progress_bar(call.quiet)
    find = evidence_survey if call.evidence else survey
    everything = find(call.runs, settings, watch)
    echo_problems(everything.problems)
    summary = [] if call.quiet else [tally(everything, settings)]
    with summary_after_error(summary):
        if isinstance(everything, EvidenceSurvey):
            scope = call.intervals or "podium"
            document = build_with_evidence(everything, settings, generated_at, scope)
        else:
            document = build(everything, settings, generated_at)
    ctx.obj.append((everything, document))
    stale = publish(document, targets, call)
    echo_err(*stale, *summary)
    ctx.exit(1 if stale or (call.strict and everything.problems) else 0)
