"""`finalrank report`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from finalrank.cli.command import Command
from finalrank.cli.messages import (
    configuration,
    echo_err,
    echo_problems,
    proposing_a_preset,
    summary_after_error,
)
from finalrank.cli.options import non_empty_path, parse_time, runs_argument, shared_options
from finalrank.cli.progress import with_progress_bar
from finalrank.errors import UsageError
from finalrank.render.formats import DEFAULT_FORMAT, FORMATS

if TYPE_CHECKING:
    from finalrank.config.load import Layer
    from finalrank.config.settings import Settings
    from finalrank.model.survey import Survey
    from finalrank.output.inputs import Outputs
    from finalrank.output.targets import Target
    from finalrank.pipeline import IntervalScope
    from finalrank.report.assemble import Document


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What `finalrank report` was asked for: its arguments and options, by their names."""

    runs: tuple[str, ...]
    outputs: tuple[str, ...]
    format_name: str | None
    check: bool
    if_changed: bool
    strict: bool
    evidence: bool
    intervals: IntervalScope | None
    baseline: str | None
    top: int | None
    template: str | None
    generated_at: datetime | None
    config: str | None
    preset: str | None
    metrics: tuple[dict[str, Any], ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    quiet: bool

    def over(self, settings: Settings) -> Settings:
        """Return the settings with what the command line says in their place."""
        return settings.replaced(
            baseline=self.baseline, top=self.top, include=self.include, exclude=self.exclude
        )


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
    "format_name",
    type=click.Choice(list(FORMATS)),
    help="Format of standard output, and of files whose suffix names none.  "
    f"[default: {DEFAULT_FORMAT.name}]",
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
def report(ctx: click.Context, /, **values: Any) -> None:
    """Rank the runs and write the page.

    RUNS are folders (default: runs). The page goes to standard output or to files. Problems,
    and one line that accounts for every artifact, go to standard error.

    Exit status: 0 done; 1 the answer is no (--check, --strict, nothing to rank); 2 wrong usage or
    configuration.
    """
    from finalrank.report.clock import now

    options = ReportOptions(**values)
    targets = _targets(options)
    generated_at = options.generated_at or now()

    from finalrank.decide.checks.unmatched import Watch
    from finalrank.decide.tally import tally
    from finalrank.pipeline import evidence_survey, survey, unmatched

    layers, settings = configuration(
        options.runs, options.config, options.preset, options.metrics, quiet=options.quiet
    )
    settings = options.over(settings)
    watch = Watch(layers, settings, options.include, options.exclude)
    outputs = _outputs(targets, layers, settings, options)
    survey_of = evidence_survey if options.evidence else survey
    bar = with_progress_bar(options.quiet)
    surveyed = survey_of(
        options.runs, settings, lambda entries: bar(watch.over(outputs.over(entries)))
    )
    told = unmatched(watch, surveyed, options.runs, settings)
    echo_problems(surveyed.problems)
    echo_err(*surveyed.notes, *told)
    summary = [] if options.quiet else [tally(surveyed, settings)]
    with summary_after_error(summary), proposing_a_preset(options.runs, surveyed):
        document = _document(surveyed, settings, generated_at, options.intervals or "podium")
    ctx.obj.append((surveyed, document))
    stale = _write(document, targets, options)
    echo_err(*stale, *summary)
    ctx.exit(1 if stale or (options.strict and (surveyed.problems or told)) else 0)


def _targets(options: ReportOptions) -> list[Target]:
    """Return what to write, before anything is read.

    Raises UsageError, TemplateError or OutputError where that cannot be what the options ask for.
    """
    from finalrank.output.targets import check_targets, targets_of

    if options.intervals and not options.evidence:
        raise UsageError("--intervals: they are part of the evidence; add --evidence")
    targets = targets_of(options.outputs, options.format_name)
    check_targets(
        targets, check=options.check, template=options.template, evidence=options.evidence
    )
    return targets


def _outputs(
    targets: list[Target], layers: list[Layer], settings: Settings, options: ReportOptions
) -> Outputs:
    """Return the files to write. Raises UsageError where one is what the report is made of."""
    from finalrank.output.inputs import Outputs

    named = {layer.origin: "is the configuration in force" for layer in layers if layer.is_own}
    if options.template is not None:
        named[options.template] = "is the template"
    return Outputs([target.path for target in targets], options.runs, settings, named)


def _document(
    surveyed: Survey, settings: Settings, generated_at: datetime, intervals: IntervalScope
) -> Document:
    """Build the report, with the evidence on it where the survey was made for that."""
    from finalrank.model.survey import EvidenceSurvey
    from finalrank.pipeline import build, build_with_evidence

    if isinstance(surveyed, EvidenceSurvey):
        return build_with_evidence(surveyed, settings, generated_at, intervals)
    return build(surveyed, settings, generated_at)


def _write(document: Document, targets: list[Target], options: ReportOptions) -> list[str]:
    """Write the report, or with --check return a line a file that is out of date."""
    from finalrank.output.publish import out_of_date, publish

    if options.check:
        return out_of_date(document, targets, template=options.template)
    publish(document, targets, template=options.template, if_changed=options.if_changed)
    return []
