"""`finalrank.toml` as one frozen pydantic model, with every default."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from finalrank.config.presets.tables import over_published
from finalrank.config.sections import (
    HIGHEST_ZERO,
    BaselineSettings,
    Filter,
    Note,
    RecommendationSettings,
    Select,
)
from finalrank.config.tables.evidence import CaseKeys, EvidenceSettings, Sidecars
from finalrank.config.tables.factors import Factor, check_factors, factors_of_groups
from finalrank.config.tables.metrics import Metric, checked_metrics
from finalrank.config.tables.rank import Rank
from finalrank.config.tables.rows import BEST, best_row
from finalrank.config.tables.scan import Scan
from finalrank.config.types import FaultAt, Section, Text
from finalrank.model.factors import DATASET
from finalrank.text.suggest import did_you_mean

NO_NOTE = Note()


class Settings(Section):
    """The whole configuration; without metrics or a preset it is the preset `published`."""

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
        tuple[Metric, ...],
        Field(strict=False, min_length=1, max_length=500),
        AfterValidator(checked_metrics),
    ] = Field((), validate_default=True, description="The list replaces that of a preset")
    factors: Annotated[tuple[Factor, ...], Field(strict=False, max_length=100)] = Field(
        (), description="What distinguishes results beside their run"
    )
    runs: dict[str, Note] = Field({}, description="Notes by run name or glob")
    _absent: frozenset[str] = PrivateAttr(frozenset())

    @model_validator(mode="before")
    @classmethod
    def _over_published(cls, given: Any) -> Any:
        return over_published(given) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _select_metric_is_one(self) -> Settings:
        key, keys = self.select.metric, [metric.key for metric in self.metrics]
        if key and key not in keys:
            hint = did_you_mean(key, keys) or f"; the keys are {', '.join(keys)}"
            raise FaultAt(("select", "metric"), f'"{key}" is no metric\'s key{hint}')
        return self

    @model_validator(mode="after")
    def _distinct_factors(self) -> Settings:
        try:
            check_factors(self.all_factors, [metric.key for metric in self.metrics])
        except ValueError as error:
            raise FaultAt(("factors",), str(error)) from None
        return self

    @model_validator(mode="after")
    def _best_row_has_a_direction(self) -> Settings:
        best = best_row(self.scan.row)
        if best and best.sign is None and self.best_row is None:
            hint = f'add a metric with the key "{best.column}" (`ranked = false` is enough), or '
            hint += f'write "{BEST}{best.column}:lower"'
            reason = f'nothing says which way "{best.column}" is better: {hint}'
            raise FaultAt(("scan", "row"), reason)
        return self

    @property
    def best_row(self) -> tuple[str, int] | None:
        """The column by which `scan.row` chooses, and the sign that makes its best value least."""
        best = best_row(self.scan.row)
        if best is None or best.sign is not None:
            return best and (best.column, best.sign or 1)
        of_column = [m for m in self.metrics if best.column in (m.key, *m.sources)]
        return (best.column, of_column[0].sign) if of_column else None

    @property
    def all_factors(self) -> tuple[Factor, ...]:
        """Groups of `scan.run`, the dataset of `scan.table`, then the rows of `[[factors]]`."""
        column = self.scan.table.dataset
        of_table = (Factor(key=DATASET, keys=(column,), role=DATASET),) if column else ()
        return (*factors_of_groups(self.scan.run), *of_table, *self.factors)

    @property
    def factors_in_files(self) -> tuple[Factor, ...]:
        """Those factors that an artifact itself holds."""
        return tuple(
            factor
            for factor in self.all_factors[len(factors_of_groups(self.scan.run)) :]
            if not factor.from_
        )

    @property
    def has_structure(self) -> bool:
        """Whether a file can give several results, or a result has factors."""
        return bool(self.scan.elements or self.all_factors)

    @property
    def conditions(self) -> dict[str, str]:
        """The expressions by which filter rules look into a file, by the names of the rules."""
        return {name: rule.when for name, rule in self.filter.rules.items() if rule.when}

    @property
    def has_datasets(self) -> bool:
        """Whether results are of datasets that are told apart."""
        return any(factor.role == DATASET for factor in self.all_factors)

    @property
    def primary(self) -> Metric:
        """The metric that filters, and decides first; by default it selects, too."""
        return next(metric for metric in self.metrics if metric.primary)

    @property
    def selecting(self) -> Metric:
        """The metric that chooses the artifact of a run."""
        key = self.select.metric
        return next((m for m in self.metrics if m.key == key), self.primary)

    @property
    def lowest(self) -> float | None:
        """The primary metric that, or less than which, leaves an artifact out; None: none does.

        None does where zero is not the worst value.
        """
        primary, zero = self.primary, self.filter.zero
        is_worst = primary.higher_is_better and primary.range[0] >= 0
        return zero if is_worst and zero is not False else None

    @property
    def leaves_out_more_than_zeros(self) -> bool:
        """Whether what is left out for a low primary metric need not be an empty prediction."""
        return self.lowest is not None and self.lowest > HIGHEST_ZERO

    @property
    def ranked(self) -> list[Metric]:
        """The metrics that count in the combined ranking."""
        return [metric for metric in self.shown if metric.ranked]

    @property
    def ranked_keys(self) -> list[str]:
        """The keys of all metrics that are to be ranked, those that no run has included."""
        return [metric.key for metric in self.metrics if metric.ranked]

    @property
    def shown(self) -> list[Metric]:
        """The metrics that take part: all but those that `without` took out."""
        return [metric for metric in self.metrics if metric.key not in self._absent]

    def without(self, keys: Iterable[str]) -> Settings:
        """Return the settings in which some metrics take no part, for all that they are listed."""
        settings = self.model_copy()
        settings._absent = frozenset(keys)
        return settings

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
