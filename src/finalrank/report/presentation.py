"""What a page is told beside the Report: labels, columns, notices."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, partial

from finalrank.config.metrics import Metric
from finalrank.config.settings import Settings
from finalrank.decide.testsets import differs, is_small
from finalrank.model.artifact import CaseCounts
from finalrank.model.ranking import GroupedRun, Ranking
from finalrank.model.reasons import FIRST_REASONS, INCOMPLETE, TEST_SET
from finalrank.model.survey import Survey
from finalrank.text.filenames import sidecar_names


@dataclass(frozen=True, slots=True)
class MetricLabel:
    """A metric as a page shows it: plain data, with no way to a model's methods.

    `label` and `short` are the author's own text, or the key where the author gave none.
    """

    key: str
    label: str
    short: str
    task: str
    higher_is_better: bool
    digits: int  # decimals of its figures
    ranked: bool
    range: tuple[float | None, float | None]  # what its values may be; None: no bound


@dataclass(frozen=True, slots=True)
class TestSets:
    """Kept runs whose figures are hard to compare, each with what it was tested on."""

    reference: CaseCounts | None  # what the others should have been tested on
    reference_run: str | None  # the baseline, if it is its
    others: list[tuple[str, CaseCounts]]
    excluded: list[tuple[str, CaseCounts]]  # sources, left out for that
    small: list[tuple[str, CaseCounts]]
    min_class_size: int  # a test set with fewer positives or negatives is small


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
    sources_with_problems: list[str]


def presentation_of(survey: Survey, ranking: Ranking, settings: Settings) -> Presentation:
    """Return what the page of a report is told beside it."""
    by_key = {metric.key: _label(metric) for metric in settings.metrics}
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
        chosen_on_test=list(ranking.chosen_on_test),
        missing=settings.rank.missing,
        incomplete=[
            (row.artifact.run, row.verdict.detail)
            for row in survey.left_out
            if row.verdict.reason == INCOMPLETE
        ],
        groups=settings.rank.groups,
        grouped=_grouped(ranking),
        test_sets=_test_sets(survey, ranking, settings),
        case_table=_case_table(ranking.runs[0].source, settings),
        left_out_by_path=sum(row.verdict.reason in FIRST_REASONS for row in survey.left_out),
        sources_with_problems=list(survey.sources_with_problems),
    )


def _case_table(source: str, settings: Settings) -> str:
    """`test_cases_tta.csv` beside `test_metrics_tta.json`."""
    names = sidecar_names(
        source.rpartition("/")[2], settings.sidecars.replace, settings.sidecars.cases
    )
    return names[0] if names else ""


def _grouped(ranking: Ranking) -> list[tuple[str, int, str]]:
    """Return each group that is ranked as one: its name, and how many members of which kind."""
    names = {run.run for run in ranking.runs if isinstance(run, GroupedRun)}
    return [
        (group.name, len(group.members), group.kind)
        for group in ranking.groups
        if group.name in names
    ]


def _test_sets(survey: Survey, ranking: Ranking, settings: Settings) -> TestSets:
    """Return the kept runs whose test set is another, or small, as they are ranked."""
    test_set_of = {artifact.run: artifact.test_set for artifact in survey.kept}
    tested = [
        (member, counts)
        for run in ranking.runs
        for member in run.members
        if (counts := test_set_of[member]) is not None
    ]
    flags_others = settings.filter.test_set == "flag"
    min_class_size = settings.test_set.min_class_size
    # Most runs share few test sets.
    is_other = cache(partial(differs, other=ranking.reference))
    is_tiny = cache(partial(is_small, min_class_size=min_class_size))
    return TestSets(
        reference=ranking.reference,
        reference_run=ranking.reference_run,
        others=[pair for pair in tested if flags_others and is_other(pair[1])],
        excluded=_excluded_test_sets(survey),
        small=[pair for pair in tested if is_tiny(pair[1])],
        min_class_size=min_class_size,
    )


def _excluded_test_sets(survey: Survey) -> list[tuple[str, CaseCounts]]:
    """Return the sources that are left out for their test set, with what they were tested on."""
    return sorted(
        (artifact.source, artifact.test_set)
        for artifact, verdict in survey.left_out
        if verdict.reason == TEST_SET and artifact.test_set
    )


def finite_range(metric: Metric) -> tuple[float | None, float | None]:
    """Return the bounds of a metric's values; None for one that is infinite."""
    low, high = (bound if math.isfinite(bound) else None for bound in metric.range)
    return low, high


def _label(metric: Metric) -> MetricLabel:
    return MetricLabel(
        metric.key,
        metric.label,
        metric.short,
        metric.task,
        metric.higher_is_better,
        metric.digits,
        metric.ranked,
        finite_range(metric),
    )


def _words(pattern: str) -> list[str]:
    return re.findall("[a-z0-9]+", pattern.lower())
