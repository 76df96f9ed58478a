"""What a page is told beside the Report: labels, columns, notices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.decide.groups import groups_of
from finalrank.decide.testsets import differs, is_small, reference
from finalrank.model.artifact import CaseCounts
from finalrank.model.ranking import RankedRun
from finalrank.model.reasons import FIRST_REASONS, INCOMPLETE, TEST_SET
from finalrank.model.survey import Survey
from finalrank.text.escape import prose
from finalrank.text.filenames import sidecar_names


@dataclass(frozen=True, slots=True)
class MetricLabel:
    """A metric as a template sees it: plain data, with no way to a model's methods."""

    key: str
    label: str
    short: str
    task: str
    higher_is_better: bool
    digits: int


@dataclass(frozen=True, slots=True)
class TestSets:
    """Kept runs whose figures are hard to compare, each with what it was tested on."""

    reference: CaseCounts | None  # what the others should have been tested on
    reference_run: str | None  # the baseline, if it is its
    others: list[tuple[str, CaseCounts]]
    excluded: list[tuple[str, CaseCounts]]  # sources, left out for that
    small: list[tuple[str, CaseCounts]]
    fewest: int


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the configuration says of the Markdown page, and the artifacts that it must name."""

    prefix: str  # what stands before a source to name it from beside the runs folder
    metrics: list[MetricLabel]
    primary: MetricLabel
    tables: list[tuple[MetricLabel, list[MetricLabel]]]  # each ranked metric, and its columns
    rules: list[str]
    top: int
    recommendation_title: str
    zeros: bool  # whether a primary metric of zero leaves an artifact out
    clinical: bool  # whether the recommendation calls itself that
    tests: bool  # whether the artifacts' names say that they are of tests
    chosen_by: str  # how the artifact of a run was chosen: `select.by`
    chosen_on_test: list[str]  # runs without a validation file, where that should have chosen
    missing: str  # what a missing metric counts: `rank.missing`
    incomplete: list[tuple[str, str]]  # runs that are not ranked for it, and what they lack
    groups: str  # what is ranked of seeds and folds: `rank.groups`
    grouped: list[tuple[str, int, str]]  # each group, how many members of which kind
    test_sets: TestSets
    case_table: str  # what a table of the first run's cases could be called; empty: nothing
    left_out_by_path: int  # artifacts that the author's own globs left out
    troubled: list[str]


def presentation_of(
    survey: Survey, runs: list[RankedRun], baseline: RankedRun | None, settings: Settings
) -> Presentation:
    """What the page of a report is told beside it."""
    by_key = {metric.key: _on_page(metric) for metric in settings.metrics}
    return Presentation(
        prefix=survey.prefix,
        metrics=list(by_key.values()),
        primary=by_key[settings.primary.key],
        tables=[
            (by_key[m.key], [by_key[key] for key in (m.key, *m.columns)]) for m in settings.ranked
        ],
        rules=[reason for reason, rule in settings.filter.rules.items() if rule.tokens],
        top=settings.top,
        recommendation_title=settings.recommendation.title,
        zeros=settings.has_zero,
        clinical="clinical" in settings.recommendation.title.lower(),
        tests=all("test" in _words(pattern) for pattern in settings.scan.patterns),
        chosen_by=settings.select.by,
        chosen_on_test=_chosen_on_test(survey, settings),
        missing=settings.rank.missing,
        incomplete=[
            (row.artifact.run, row.verdict.detail)
            for row in survey.left_out
            if row.verdict.reason == INCOMPLETE
        ],
        groups=settings.rank.groups,
        grouped=_grouped(survey, settings),
        test_sets=_test_sets(survey, runs, baseline, settings),
        case_table=_case_table(runs[0].source, settings),
        left_out_by_path=sum(row.verdict.reason in FIRST_REASONS for row in survey.left_out),
        troubled=list(survey.sources_with_problems),
    )


def _case_table(source: str, settings: Settings) -> str:
    """`test_cases_tta.csv` beside `test_metrics_tta.json`."""
    names = sidecar_names(
        source.rpartition("/")[2], settings.sidecars.replace, settings.sidecars.cases
    )
    return names[0] if names else ""


def _chosen_on_test(survey: Survey, settings: Settings) -> list[str]:
    if settings.select.by != "validation":
        return []
    return [artifact.run for artifact in survey.kept if artifact.validation is None]


def _grouped(survey: Survey, settings: Settings) -> list[tuple[str, int, str]]:
    """Each group that is ranked as one: its name, and how many members of which kind."""
    if settings.rank.groups != "collapse":
        return []
    groups = groups_of(survey, settings)
    return [(group.name, len(group.members), group.kind) for group in groups]


def _test_sets(
    survey: Survey, runs: list[RankedRun], baseline: RankedRun | None, settings: Settings
) -> TestSets:
    """The kept runs whose test set is another, or small, as they are ranked."""
    found = {artifact.run: artifact.test_set for artifact in survey.kept}
    tested = {member: found[member] for run in runs for member in run.members}
    run, members = (baseline.run, baseline.members) if baseline else (None, ())
    common, owner = survey.reference or reference(tested, run, members)
    known = [(run, counts) for run, counts in tested.items() if counts is not None]
    fewest = settings.test_set.min_class_size
    # Most runs share few test sets.
    is_other = cache(partial(differs, other=common))
    small = cache(partial(is_small, min_class_size=fewest))
    others = [(run, counts) for run, counts in known if is_other(counts)]
    return TestSets(
        reference=common,
        reference_run=owner,
        others=others if settings.filter.test_set == "flag" else [],
        excluded=sorted(
            (row.artifact.source, row.artifact.test_set)
            for row in survey.left_out
            if row.verdict.reason == TEST_SET and row.artifact.test_set
        ),
        small=[(run, counts) for run, counts in known if small(counts)],
        fewest=fewest,
    )


def _on_page(metric: Metric) -> MetricLabel:
    # What the author wrote is Markdown; a key that stands in for it is a name, and data.
    name = prose(metric.key)
    label, short = (name if text == metric.key else text for text in (metric.label, metric.short))
    return MetricLabel(
        metric.key, label, short, metric.task, metric.higher_is_better, metric.digits
    )


def _words(pattern: str) -> list[str]:
    return re.findall("[a-z0-9]+", pattern.lower())
