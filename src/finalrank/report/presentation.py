"""What a page is told beside the Report: labels, columns, notices."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from finalrank.config.settings import Settings
from finalrank.decide.checks.members import behind_others
from finalrank.decide.ranking.recommendation import only_training, same_protocol
from finalrank.decide.testsets import differs, is_small
from finalrank.model.artifact import CaseCounts, Unseen
from finalrank.model.ranking import GroupedRun, Ranking, Recommended
from finalrank.model.reasons import FIRST_REASONS, INCOMPLETE, TEST_SET
from finalrank.model.survey import Survey
from finalrank.report.factors import FactorColumns, factor_columns
from finalrank.report.labels import MetricLabel, label_of
from finalrank.text.filenames import sidecar_names


@dataclass(frozen=True, slots=True)
class TestSets:
    """Kept runs whose figures are hard to compare, each with what it was tested on."""

    reference: CaseCounts | None  # what the others should have been tested on
    others: list[tuple[str, CaseCounts]]
    excluded: list[tuple[str, CaseCounts]]  # sources, left out for that
    small: list[tuple[str, CaseCounts]]
    min_class_size: int  # a test set with fewer positives or negatives is small


@dataclass(frozen=True, slots=True)
class Presentation:
    """What the configuration says of the Markdown page, and the artifacts that it must name."""

    dataset: str  # the only one that the page is of, where datasets are told apart; else empty
    prefix: str  # `runs/`, which makes a source a path from the folder above; empty for several
    metrics: list[MetricLabel]
    primary: MetricLabel
    selecting: MetricLabel  # the metric that chooses the artifact of a run
    tables: list[tuple[MetricLabel, list[MetricLabel]]]  # each ranked metric, and its columns
    factors: FactorColumns
    rules: list[str]
    top: int
    recommendation_title: str
    recommended: Recommended
    same_protocol: bool  # whether the fallback was surely tested as the recommended run was
    only_training: bool  # whether all figures are of the training split
    lowest: float | None  # a primary metric of at most this leaves an artifact out; None: none does
    zeros: bool  # whether that is called a zero
    clinical: bool  # whether the recommendation calls itself that
    tests: bool  # whether the artifacts' names say that they are of tests
    chosen_by: str  # how the artifact of a run was chosen: `select.by`
    chosen_on_test: list[str]  # runs without a validation file, where that should have chosen
    ties: str  # how equal values are ranked: `rank.ties`
    missing: str  # what a missing metric counts: `rank.missing`
    missing_datasets: str  # what a missing dataset counts: `rank.missing_datasets`
    over: str  # the datasets that count: `rank.over`
    incomplete: list[tuple[str, str]]  # runs that are not ranked for it, and what they lack
    groups: str  # what is ranked of seeds and folds: `rank.groups`
    grouped: list[tuple[str, int, str]]  # each group, how many members of which kind
    behind: list[tuple[str, str]]  # rows that stand behind others for the members that they lack
    test_sets: TestSets
    case_table: str  # file name of a table of cases, as an example; empty: none
    left_out_by_path: int  # artifacts that the author's own globs left out
    sources_with_problems: list[str]
    unlisted: list[str]  # folders that could not be listed
    not_entered: list[str]  # links to folders that lead to artifacts


def presentation_of(
    survey: Survey, ranking: Ranking, choice: Recommended, settings: Settings
) -> Presentation:
    """Return what the page of a report is told beside it."""
    by_key = {metric.key: label_of(metric, ranking.runs) for metric in settings.shown}
    return Presentation(
        factors=factor_columns(ranking, settings),
        dataset=_dataset(survey),
        prefix=survey.prefix,
        metrics=list(by_key.values()),
        primary=by_key[settings.primary.key],
        selecting=by_key[settings.selecting.key],
        tables=_tables(by_key, settings),
        rules=_rules_in_force(settings),
        top=settings.top,
        recommendation_title=settings.recommendation.title,
        recommended=choice,
        same_protocol=_in_same_protocol(ranking, choice),
        only_training=only_training(survey),
        lowest=settings.lowest,
        zeros=settings.lowest is not None and not settings.leaves_out_more_than_zeros,
        clinical="clinical" in settings.recommendation.title.lower(),
        tests=all("test" in _words(pattern) for pattern in settings.scan.patterns),
        chosen_by=settings.select.by,
        chosen_on_test=list(ranking.chosen_on_test),
        ties=settings.rank.ties,
        missing=settings.rank.missing,
        missing_datasets=settings.rank.missing_datasets,
        over=settings.rank.over,
        incomplete=_incomplete(survey),
        groups=settings.rank.groups,
        grouped=_grouped(ranking),
        behind=behind_others(ranking.runs, settings),
        test_sets=_test_sets(survey, ranking, settings),
        case_table=_case_table(ranking.runs[0].source, settings),
        left_out_by_path=sum(row.verdict.reason in FIRST_REASONS for row in survey.left_out),
        sources_with_problems=list(survey.sources_with_problems),
        unlisted=unseen(survey, are_links=False),
        not_entered=unseen(survey, are_links=True),
    )


def _dataset(survey: Survey) -> str:
    return next((kept.factors.dataset or "" for kept in survey.kept if kept.factors), "")


def _tables(
    by_key: dict[str, MetricLabel], settings: Settings
) -> list[tuple[MetricLabel, list[MetricLabel]]]:
    """Return each ranked metric with the columns of its table."""
    return [
        (
            by_key[metric.key],
            [by_key[key] for key in (metric.key, *metric.columns) if key in by_key],
        )
        for metric in settings.ranked
    ]


def _in_same_protocol(ranking: Ranking, choice: Recommended) -> bool:
    """Return whether the fallback was surely tested as what is recommended was."""
    row_of = {run.run: run for run in ranking.runs}
    first = [row_of[run] for run in (choice.primary, *choice.tied) if run]
    return choice.fallback is not None and all(
        same_protocol(ranking, run, row_of[choice.fallback]) for run in first
    )


def _rules_in_force(settings: Settings) -> list[str]:
    """Return the filter rules that can leave anything out."""
    rules = settings.filter.rules.items()
    return [reason for reason, rule in rules if rule.tokens or rule.paths]


def _case_table(source: str, settings: Settings) -> str:
    """`test_cases_tta.csv` beside `test_metrics_tta.json`."""
    names = sidecar_names(
        source.rpartition("/")[2], settings.sidecars.replace, settings.sidecars.cases
    )
    return names[0] if names else ""


def unseen(survey: Survey, *, are_links: bool) -> list[str]:
    """Return the folders in which nobody looked: links, or all others."""
    folders = (problem for problem in survey.problems if isinstance(problem, Unseen))
    return [folder.source for folder in folders if folder.is_link is are_links]


def _incomplete(survey: Survey) -> list[tuple[str, str]]:
    """Return the runs that are not ranked for a missing metric, each with what it lacks."""
    return [
        (row.artifact.run, row.verdict.detail)
        for row in survey.left_out
        if row.verdict.reason == INCOMPLETE
    ]


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
    tested = [
        (name, counts)
        for run in ranking.runs
        for name, counts in ranking.tested[run.run]
        if counts is not None
    ]
    flags_others = settings.filter.test_set == "flag"
    min_class_size = settings.test_set.min_class_size
    # Thousands of runs have a handful of test sets: each is compared once.
    is_other = cache(partial(differs, other=ranking.reference))
    is_tiny = cache(partial(is_small, min_class_size=min_class_size))
    return TestSets(
        reference=ranking.reference,
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


def relabelled(
    presentation: Presentation, change: Callable[[MetricLabel], MetricLabel]
) -> Presentation:
    """Return the presentation with each label changed, wherever it stands."""
    by_key = {metric.key: change(metric) for metric in presentation.metrics}
    return replace(
        presentation,
        metrics=list(by_key.values()),
        primary=by_key[presentation.primary.key],
        selecting=by_key[presentation.selecting.key],
        tables=[
            (by_key[metric.key], [by_key[column.key] for column in columns])
            for metric, columns in presentation.tables
        ],
    )


def _words(pattern: str) -> list[str]:
    return re.findall("[a-z0-9]+", pattern.lower())
