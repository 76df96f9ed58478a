"""PageContext: the names that a page's template is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, get_type_hints

from pydantic import Field

from finalrank.model.artifact import CaseCounts, Problem
from finalrank.model.ranking import NotableExclusion, RankedRun
from finalrank.render.page.over_datasets import OverDatasets
from finalrank.render.page.rankings import RankingTable
from finalrank.render.page.truncate import Truncated
from finalrank.report.labels import MetricLabel
from finalrank.report.model import Baseline, Counts, Excluded, Recommendation

if TYPE_CHECKING:
    from finalrank.render.page.evidence.context import EvidenceContext


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a template is given, a field for each name: plain data that has nothing to call.

    A description is one row of the documentation's table.
    """

    schema_version: Annotated[int, Field(description="The version of the JSON summary")]
    title: Annotated[str, Field(description="The title")]
    generated_at: Annotated[
        datetime,
        Field(
            description="The time; it prints as `YYYY-MM-DD HH:MM:SS`, the form that `--check` and "
            "`--if-changed` know"
        ),
    ]
    root: Annotated[str, Field(description="The runs folder's own name")]
    counts: Annotated[
        Counts,
        Field(description="`artifacts_found`, `artifacts_valid`, `runs_found`, `runs_valid`"),
    ]
    metrics: Annotated[
        list[MetricLabel],
        Field(
            description="Every metric: key, label, short, task, higher_is_better, digits, ranked, "
            "range (two bounds, none where there is no bound), significant (digits of what is "
            "not 0 and would print so)"
        ),
    ]
    runs: Annotated[
        list[RankedRun],
        Field(
            description="In combined order; `run.metrics[metric.key]` is none where it is missing"
        ),
    ]
    baseline: Annotated[
        Baseline | None, Field(description="Run, label and metrics; none where there is none")
    ]
    recommendation: Annotated[
        Recommendation,
        Field(
            description="`primary` and `fallback`, none where there is none; `tied`, `passed_over`"
        ),
    ]
    notable_exclusions: Annotated[
        list[NotableExclusion],
        Field(description="Runs without a valid artifact that a reader will miss: run, artifacts"),
    ]
    excluded: Annotated[
        list[Excluded],
        Field(description="Every candidate that is not valid: source, run, reason, detail"),
    ]
    problems: Annotated[list[Problem], Field(description="source, place, reason")]
    primary: Annotated[MetricLabel, Field(description="The primary metric, as in `metrics`")]
    ranked: Annotated[
        list[MetricLabel], Field(description="The metrics that are ranked, as in `metrics`")
    ]
    prefix: Annotated[
        str,
        Field(
            description="What stands before a source in the best-model line: the runs folder's "
            "name and `/`; empty for several folders"
        ),
    ]
    podium: Annotated[list[RankedRun], Field(description="The first runs, as many as `top`")]
    places: Annotated[
        dict[str, int],
        Field(
            description="The place of each run in the combined ranking, by its name: `run.rank`, "
            "but that equal mean ranks share one where `rank.ties` is not `ordinal`"
        ),
    ]
    rankings: Annotated[
        list[RankingTable],
        Field(description="One a ranked metric: number, metric, columns, and runs, best first"),
    ]
    combined_number: Annotated[
        int, Field(description="The number of the section after the `rankings`")
    ]
    baseline_row: Annotated[
        RankedRun | None, Field(description="The baseline's row of `runs`, or none")
    ]
    recommendation_title: Annotated[str, Field(description="From the configuration")]
    recommended_row: Annotated[
        RankedRun | None, Field(description="The recommended run's row of `runs`, or none")
    ]
    recommended_for: Annotated[
        str, Field(description='"strongest combined profile", "best mean rank" or "best Dice"')
    ]
    reservations: Annotated[
        Sequence[str],
        Field(description="What speaks against it, where something does against each run"),
    ]
    against_second: Annotated[
        str,
        Field(
            description="What the evidence says of the recommended run against the second: "
            "`unclear (5.4)`; empty without `--evidence`, and where another run is the first"
        ),
    ]
    beside_first: Annotated[
        Truncated, Field(description="The runs that share the place of the first of `runs`")
    ]
    passed_over: Annotated[
        Truncated,
        Field(description="The runs that the recommended one is preferred to: run, and reason"),
    ]
    same_protocol: Annotated[
        bool, Field(description="Whether the fallback was surely tested as the recommended run was")
    ]
    only_training: Annotated[
        bool, Field(description="Whether all figures are of the training split")
    ]
    filtering: Annotated[
        str,
        Field(description="What was excluded and which artifact of a run was kept, in words"),
    ]
    artifact_noun: Annotated[
        str, Field(description='"test artifact" where `tests` holds, else "artifact"')
    ]
    factors: Annotated[
        list[tuple[str, str]],
        Field(description="Factors that differ among the ranked runs: key and label"),
    ]
    shared_factors: Annotated[
        list[tuple[str, str, str]],
        Field(description="Those that all runs share: key, label and value"),
    ]
    rules: Annotated[list[str], Field(description="Names of the filter rules in force")]
    zeros: Annotated[
        bool, Field(description="Whether a primary metric of zero leaves an artifact out")
    ]
    clinical: Annotated[bool, Field(description="Whether the title of the recommendation says so")]
    tests: Annotated[bool, Field(description='Whether every file pattern has the word "test"')]
    left_out_by_path: Annotated[
        int,
        Field(description="How many artifacts `scan.include` and `scan.exclude` left out"),
    ]
    chosen_by: Annotated[str, Field(description="`select.by`")]
    newest: Annotated[bool, Field(description="Whether `select.by` is `newest`")]
    chosen_on_test: Annotated[
        Truncated,
        Field(
            description="Where `select.by` is `validation`: runs that have no validation metrics"
        ),
    ]
    missing_counts: Annotated[str, Field(description="`rank.missing`")]
    incomplete: Annotated[
        Truncated,
        Field(description="The runs that are not ranked for it, each with what it lacks"),
    ]
    groups: Annotated[str, Field(description="`rank.groups`")]
    grouped: Annotated[
        Truncated,
        Field(
            description="Each group that is one row, with the number and the kind of its members"
        ),
    ]
    cross_validated: Annotated[
        bool, Field(description="Whether a cross-validation stands for any of these")
    ]
    behind: Annotated[
        Truncated,
        Field(description="The rows that stand behind others, each with the members that it lacks"),
    ]
    reference: Annotated[
        CaseCounts | None, Field(description="The test set that most runs agree on")
    ]
    other_test_sets: Annotated[
        Truncated, Field(description="The runs on another test set, each with its counts")
    ]
    excluded_test_sets: Annotated[
        Truncated, Field(description="The artifacts that are left out for it, each with its counts")
    ]
    small_test_sets: Annotated[
        Truncated,
        Field(
            description="The runs with fewer positives or negatives than `min_class_size`, each "
            "with its counts"
        ),
    ]
    min_class_size: Annotated[int, Field(description="`test_set.min_class_size`")]
    sources_with_problems: Annotated[Truncated, Field(description="The artifacts with problems")]
    unlisted: Annotated[Truncated, Field(description="The folders that could not be listed")]
    not_entered: Annotated[
        Truncated, Field(description="The links to folders that lead to artifacts that nobody saw")
    ]
    dataset: Annotated[
        str, Field(description="The only dataset of the page, where datasets are told apart")
    ]
    over_datasets: Annotated[
        OverDatasets | None,
        Field(description="The tables of a page over several datasets; none where there is one"),
    ]
    evidence: Annotated[
        EvidenceContext | None,
        Field(
            description="None without `--evidence`. `evidence.results` is the evidence of the JSON "
            "summary, key for key; `evidence.labels` has the metrics by key, as in `metrics`; the "
            "other names are what the templates in `templates/evidence/` print, and may change"
        ),
    ]


def context_fields() -> list[tuple[str, str]]:
    """Return each name that a template is given, with its description."""
    from finalrank.render.page.evidence.context import EvidenceContext

    hints = get_type_hints(
        PageContext, localns={"EvidenceContext": EvidenceContext}, include_extras=True
    )
    return [
        (field.name, hints[field.name].__metadata__[0].description) for field in fields(PageContext)
    ]
