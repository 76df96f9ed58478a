"""What can be configured, with every default: `finalrank.toml` as frozen pydantic models."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from finalrank.models import SETTINGS, Metric, Strings, Text
from finalrank.names import did_you_mean

# The reasons that are not a filter rule's name.
UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY = "unreadable", "missing-primary", "zero-primary"


def _tokens(tokens: tuple[str, ...]) -> tuple[str, ...]:
    for token in tokens:
        if not re.fullmatch("[A-Za-z0-9]+", token):
            raise ValueError(
                f'"{token}" is never a token: write one word of ASCII letters and digits'
            )
    return tuple(token.lower() for token in tokens)


class _Section(BaseModel):
    model_config = SETTINGS


class Scan(_Section):
    """`[scan]`: which files are candidates."""

    patterns: Strings = Field(
        ("test_metrics*.json", "*_test_metrics*.json"),
        min_length=1,
        description="File names of candidates, case-sensitive",
    )
    max_bytes: int = Field(32 * 1024 * 1024, ge=1, description="Larger files are refused")


class Rule(_Section):
    """`[filter.rules.NAME]`: names that drop an artifact."""

    tokens: Annotated[Strings, AfterValidator(_tokens)] = Field(
        description="Drops an artifact with one of these words in its name"
    )
    where: Literal["path", "file"] = Field(
        "path", description='"path": run folders and file stem; "file": the stem alone'
    )


DEFAULT_RULES: dict[str, Rule] = {
    "dev": Rule(tokens=("dev", "debug", "regression")),
    "smoke": Rule(tokens=("smoke",)),
    "scan": Rule(tokens=("scan",), where="file"),
}


def _with_defaults(rules: dict[str, Rule]) -> dict[str, Rule]:
    for reason in (UNREADABLE, MISSING_PRIMARY, ZERO_PRIMARY):
        if reason in rules:
            raise ValueError(f'"{reason}" is a reason of its own: give the rule another name')
    return DEFAULT_RULES | rules


class Filter(_Section):
    """`[filter]`: which artifacts are valid."""

    zero: float = Field(
        1e-6, ge=0, allow_inf_nan=False, description="A primary metric at most this is a zero"
    )
    rules: Annotated[dict[Text, Rule], AfterValidator(_with_defaults)] = Field(
        DEFAULT_RULES, description="Added to the defaults; one of the same name replaces it"
    )


class Rank(_Section):
    """`[rank]`: how runs are ranked."""

    ties: Literal["ordinal", "min", "average", "dense"] = Field(
        "ordinal", description='Ranks of equal values: "ordinal", "min", "average" or "dense"'
    )


class BaselineChoice(_Section):
    """`[baseline]`: what the runs are compared with."""

    run: str = Field("", description="Its name; empty: the best-ranked run that `match` finds")
    match: str = Field("nnunet", description="Part of its name, in any case; empty: no baseline")
    label: Text = Field("nnUNet", description="What it is called in the report")


class RecommendationText(_Section):
    """`[recommendation]`: the words above what to take forward."""

    title: Text = Field(
        "Clinical testing recommendation (research pilot)", description="Its heading"
    )


class Note(_Section):
    """`[runs."NAME"]`: what the author says of a run, or of all that a glob matches."""

    key_feature: Text | None = Field(None, description="What is special about the run")
    protocol: Text | None = Field(None, description="How it was tested")


NO_NOTE = Note()

# The columns of a table that are not a metric's.
PLACE_COLUMNS = ("rank", "run", "source", "mean_rank", "metrics_used")

DEFAULT_METRICS = (
    Metric(
        key="dice_pos",
        label="Dice_pos",
        short="Dice",
        task="Segmentation",
        primary=True,
        columns=("iou_pos", "roc_auc_presence", "average_precision_presence"),
    ),
    Metric(key="iou_pos", label="IoU_pos", short="IoU", ranked=False),
    Metric(
        key="roc_auc_presence",
        label="ROC-AUC",
        task="Classification",
        columns=("average_precision_presence", "dice_pos"),
    ),
    Metric(
        key="average_precision_presence",
        label="AP",
        task="Classification",
        columns=("roc_auc_presence", "dice_pos"),
    ),
)


def _checked_metrics(metrics: tuple[Metric, ...]) -> tuple[Metric, ...]:
    """One primary, which is ranked; keys that differ; columns that exist."""
    keys = [metric.key for metric in metrics]
    for metric in metrics:
        if metric.key in PLACE_COLUMNS:
            raise ValueError(f'the key "{metric.key}" is a column of every table: it is no metric')
        if keys.count(metric.key) > 1:
            raise ValueError(f'the key "{metric.key}" is given twice: keep one of them')
        for column in metric.columns:
            if column not in keys:
                hint = did_you_mean(column, keys)
                raise ValueError(f'column "{column}" of "{metric.key}" is no metric\'s key{hint}')
    primary = [metric for metric in metrics if metric.primary]
    if len(primary) != 1:
        number = "no metric" if not primary else "more than one metric"
        raise ValueError(f"{number} is primary: give exactly one `primary = true`")
    if not primary[0].ranked:
        raise ValueError(f'"{primary[0].key}" is primary, so it must be ranked')
    return metrics


class Settings(_Section):
    """The whole configuration."""

    title: Text = Field("Clean Final Results", description="Title of the report")
    top: int = Field(3, ge=1, description="How many runs the executive summary shows")
    scan: Scan = Scan()
    filter: Filter = Filter()
    rank: Rank = Rank()
    baseline: BaselineChoice = BaselineChoice()
    recommendation: RecommendationText = RecommendationText()
    metrics: Annotated[
        tuple[Metric, ...], Field(strict=False, min_length=1), AfterValidator(_checked_metrics)
    ] = Field(DEFAULT_METRICS, description="The list replaces the default list")
    runs: dict[str, Note] = Field({}, description="Notes by run name or glob")

    @property
    def primary(self) -> Metric:
        """The metric that selects the artifact of a run."""
        return next(metric for metric in self.metrics if metric.primary)

    @property
    def ranked(self) -> list[Metric]:
        """The metrics that count in the combined ranking."""
        return [metric for metric in self.metrics if metric.ranked]

    def note(self, run: str) -> Note:
        """What the author says of a run: its exact name first, then globs in the file's order."""
        if not self.runs:
            return NO_NOTE
        globs = [note for name, note in self.runs.items() if name != run and fnmatchcase(run, name)]
        notes = [self.runs[run], *globs] if run in self.runs else globs
        return Note(
            key_feature=next((n.key_feature for n in notes if n.key_feature is not None), None),
            protocol=next((n.protocol for n in notes if n.protocol is not None), None),
        )

    def replaced(self, *, baseline: str | None = None, top: int | None = None) -> Settings:
        """These settings with what a command line said instead."""
        changed: dict[str, Any] = {}
        if baseline is not None:
            changed["baseline"] = self.baseline.model_copy(update={"run": baseline})
        if top is not None:
            changed["top"] = top
        return self.model_copy(update=changed)
