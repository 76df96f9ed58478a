"""What can be configured: `finalrank.toml` as one frozen pydantic model, with every default."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from finalrank.config.evidence import CaseKeys, EvidenceChoice, Twins
from finalrank.config.sections import (
    BaselineChoice,
    Filter,
    Note,
    Rank,
    RecommendationText,
    Scan,
    Section,
    Select,
)
from finalrank.model.artifact import Metric, Text
from finalrank.text.escape import did_you_mean

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
        kind="roc-auc",
    ),
    Metric(
        key="average_precision_presence",
        label="AP",
        task="Classification",
        columns=("roc_auc_presence", "dice_pos"),
        kind="average-precision",
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
        raise ValueError(
            f'"{primary[0].key}" is primary, so it must be ranked: delete `ranked = false`'
        )
    return metrics


class Settings(Section):
    """The whole configuration."""

    preset: str = Field("", description="A layout that finalrank knows, to start from")
    title: Text = Field("Clean Final Results", description="Title of the report")
    top: int = Field(3, ge=1, description="How many runs the executive summary shows")
    scan: Scan = Scan()
    filter: Filter = Filter()
    select: Select = Select()
    rank: Rank = Rank()
    baseline: BaselineChoice = BaselineChoice()
    recommendation: RecommendationText = RecommendationText()
    test_set: CaseKeys = CaseKeys()
    twins: Twins = Twins()
    evidence: EvidenceChoice = EvidenceChoice()
    metrics: Annotated[
        tuple[Metric, ...], Field(strict=False, min_length=1), AfterValidator(_checked_metrics)
    ] = Field(DEFAULT_METRICS, description="The list replaces the default list")
    runs: dict[str, Note] = Field({}, description="Notes by run name or glob")

    @property
    def primary(self) -> Metric:
        """The metric that selects the artifact of a run."""
        return next(metric for metric in self.metrics if metric.primary)

    @property
    def has_zero(self) -> bool:
        """Whether a primary metric of zero is as bad as can be, and leaves an artifact out."""
        return self.primary.higher_is_better and self.primary.range[0] >= 0

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

    def replaced(
        self,
        *,
        baseline: str | None = None,
        top: int | None = None,
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
    ) -> Settings:
        """These settings with what a command line said instead, or, of paths, beside them."""
        changed: dict[str, Any] = {}
        if baseline is not None:
            changed["baseline"] = self.baseline.model_copy(update={"run": baseline})
        if top is not None:
            changed["top"] = top
        if include or exclude:
            paths = {"include": include or self.scan.include}
            paths["exclude"] = (*self.scan.exclude, *exclude)
            changed["scan"] = self.scan.model_copy(update=paths)
        return self.model_copy(update=changed)
