"""Assembles the one Report that every format prints."""

from __future__ import annotations

import math
import re
from datetime import datetime
from functools import cache, partial
from heapq import nsmallest

from finalrank.config.sections import FIRST_REASONS, INCOMPLETE, TEST_SET
from finalrank.config.settings import Settings
from finalrank.decide.groups import groups_of
from finalrank.decide.testsets import differs, is_small, reference
from finalrank.model.artifact import Metric, Survey
from finalrank.report.model import (
    Baseline,
    Counts,
    Excluded,
    Layout,
    NotableExclusion,
    PageMetric,
    RankedRun,
    Recommendation,
    Report,
    ReportedMetric,
    TestSets,
)
from finalrank.text.escape import prose, twin_names

# A run without a valid artifact is worth a line where it is better than the last on the podium,
# or would have found a place free.
_PODIUM = 3


def assemble(
    survey: Survey,
    runs: list[RankedRun],
    baseline: RankedRun | None,
    settings: Settings,
    generated_at: datetime,
) -> Report:
    """The report on `runs`, which are in combined order and at least one."""
    label = settings.baseline.label
    return Report(
        title=settings.title,
        # To the second, and as a clock on the wall shows it.
        generated_at=generated_at.replace(microsecond=0, tzinfo=None),
        root=survey.root,
        counts=_counts(survey),
        metrics=[_reported(metric) for metric in settings.metrics],
        runs=runs,
        baseline=baseline and Baseline(baseline.run, label, baseline.metrics),
        recommendation=Recommendation(runs[0].run, runs[1].run if len(runs) > 1 else None),
        notable_exclusions=_notable_exclusions(survey, settings),
        excluded=[
            Excluded(artifact.source, artifact.run, verdict.reason, verdict.detail)
            for artifact, verdict in survey.left_out
        ],
        problems=list(survey.problems),
        layout=_layout(survey, runs, baseline, settings),
    )


def _counts(survey: Survey) -> Counts:
    valid = sum(survey.valid.values())
    runs = survey.valid.keys() | {row.artifact.run for row in survey.left_out}
    return Counts(valid + len(survey.left_out), valid, len(runs), len(survey.kept))


def _reported(metric: Metric) -> ReportedMetric:
    low, high = (bound if math.isfinite(bound) else None for bound in metric.range)
    return ReportedMetric(
        metric.key, metric.label, metric.higher_is_better, metric.ranked, (low, high)
    )


def _notable_exclusions(survey: Survey, settings: Settings) -> list[NotableExclusion]:
    """The runs without a valid artifact that a reader will miss on a metric's podium, by name."""
    bars = [(metric.key, metric.sign, _bar(survey, metric)) for metric in settings.ranked]
    notable: dict[str, list[str]] = {}
    for artifact, verdict in survey.left_out:
        run, values = artifact.run, artifact.metrics
        # Those have a line of their own.
        told = verdict.reason in (TEST_SET, INCOMPLETE)
        if run not in survey.valid and run not in notable and not told:
            for key, sign, bar in bars:
                if (value := values[key]) is not None and sign * value < bar:
                    notable[run] = []
    if notable:
        for artifact, _ in survey.left_out:
            if artifact.run in notable:
                notable[artifact.run].append(artifact.file_name)
    return [NotableExclusion(run, sorted(names)) for run, names in sorted(notable.items())]


def _bar(survey: Survey, metric: Metric) -> float:
    """The third-best kept value, turned so that less is better; infinite where there is none."""
    key, sign = metric.key, metric.sign
    values = [artifact.metrics[key] for artifact in survey.kept]
    podium = nsmallest(_PODIUM, [sign * value for value in values if value is not None])
    return podium[-1] if len(podium) == _PODIUM else math.inf


def _layout(
    survey: Survey, runs: list[RankedRun], baseline: RankedRun | None, settings: Settings
) -> Layout:
    by_key = {metric.key: _on_page(metric) for metric in settings.metrics}
    return Layout(
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
        troubled=list(survey.troubled),
    )


def _case_table(source: str, settings: Settings) -> str:
    """`test_cases_tta.csv` beside `test_metrics_tta.json`."""
    names = twin_names(source.rpartition("/")[2], settings.twins.test, settings.twins.cases)
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
    fewest = settings.test_set.fewest
    # Most runs share few test sets.
    is_other = cache(partial(differs, other=common))
    small = cache(partial(is_small, fewest=fewest))
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


def _on_page(metric: Metric) -> PageMetric:
    # What the author wrote is Markdown; a key that stands in for it is a name, and data.
    name = prose(metric.key)
    label, short = (name if text == metric.key else text for text in (metric.label, metric.short))
    return PageMetric(metric.key, label, short, metric.task, metric.higher_is_better, metric.digits)


def _words(pattern: str) -> list[str]:
    return re.findall("[a-z0-9]+", pattern.lower())
