"""The factors that a page has columns for, and those that all runs share."""

from __future__ import annotations

from dataclasses import dataclass

from finalrank.config.settings import Settings
from finalrank.model.factors import VARIANT
from finalrank.model.ranking import Ranking


@dataclass(frozen=True, slots=True)
class FactorColumns:
    """What a page shows of the factors that tell runs apart or annotate them."""

    columns: list[tuple[str, str]]  # that differ among the ranked runs: key and label
    shared: list[tuple[str, str, str]]  # the others: key, label and value


def factor_columns(ranking: Ranking, settings: Settings) -> FactorColumns:
    """Return the factors of the ranked runs: a column is what differs, all else is said once."""
    columns, shared = [], []
    for factor in settings.all_factors:
        if factor.role not in (VARIANT, ""):
            continue
        values = {tuple(run.factors.get(factor.key, ())) for run in ranking.runs}
        if len(values) > 1:
            columns.append((factor.key, factor.label))
        elif texts := values.pop():
            shared.append((factor.key, factor.label, ", ".join(texts)))
    return FactorColumns(columns, shared)
