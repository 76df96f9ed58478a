"""`finalrank.toml` as one frozen pydantic model, with every default."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from finalrank.config.evidence import CaseKeys, EvidenceSettings, Sidecars
from finalrank.config.metrics import DEFAULT_METRICS, Metric, checked_metrics
from finalrank.config.sections import (
    BaselineSettings,
    Filter,
    Note,
    Rank,
    RecommendationSettings,
    Scan,
    Select,
)
from finalrank.config.types import Section, Text

NO_NOTE = Note()


class Settings(Section):
    """The whole configuration."""

    preset: str = Field("", description="A layout that finalrank knows, to start from")
    title: Text = Field("Clean Final Results", description="Title of the report")
    top: int = Field(3, ge=1, description="How many runs the executive summary shows")
    scan: Scan = Scan()
    filter: Filter = Filter()
    select: Select = Select()
    rank: Rank = Rank()
    baseline: BaselineSettings = BaselineSettings()
    recommendation: RecommendationSettings = RecommendationSettings()
    test_set: CaseKeys = CaseKeys()
    sidecars: Sidecars = Sidecars()
    evidence: EvidenceSettings = EvidenceSettings()
    metrics: Annotated[
        tuple[Metric, ...], Field(strict=False, min_length=1), AfterValidator(checked_metrics)
    ] = Field(DEFAULT_METRICS, description="The list replaces the default list")
    runs: dict[str, Note] = Field({}, description="Notes by run name or glob")

    @property
    def primary(self) -> Metric:
        """The metric that selects the artifact of a run."""
        return next(metric for metric in self.metrics if metric.primary)

    @property
    def has_zero(self) -> bool:
        """Whether zero is the worst value of the primary metric, which leaves an artifact out."""
        return self.primary.higher_is_better and self.primary.range[0] >= 0

    @property
    def ranked(self) -> list[Metric]:
        """The metrics that count in the combined ranking."""
        return [metric for metric in self.metrics if metric.ranked]

    def note(self, run: str) -> Note:
        """Return the notes on a run: of its exact name, then of globs in the file's order."""
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
        """Return the settings with those of a command line in their place.

        Globs of `exclude` are added to the settings' own; None and no globs change nothing.
        """
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
