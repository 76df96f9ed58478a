"""The tables of `finalrank.toml` on what the evidence is computed from: test sets, sidecars."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from finalrank.config.types import Expression, Keys, Section, Strings


def _in_a_folder(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if "/" in text or "\0" in text:
            raise ValueError("a sidecar is in the folder of its artifact: write a part of its name")
    return texts


# Texts in the names of files.
_Names = Annotated[Strings, AfterValidator(_in_a_folder)]


class CaseKeys(Section):
    """`[test_set]`: the keys or JMESPath expressions of the counts of an artifact's test cases."""

    cases: Keys = Field(("num_samples", "num_cases"), description="How many cases")
    positives: Keys = Field(("num_positive", "num_positives"), description="Cases with a finding")
    negatives: Keys = Field(("num_negative", "num_negatives"), description="Cases without one")
    missing_predictions: Keys = Field(
        ("num_missing_predictions",), description="Cases that have no prediction"
    )
    min_class_size: int = Field(
        10, ge=1, description="Fewer positives or negatives are told, and have no interval"
    )

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The keys of cases, positives, negatives and missing predictions."""
        return self.cases, self.positives, self.negatives, self.missing_predictions


class Sidecars(Section):
    """`[sidecars]`: the names of files that belong to an artifact, in its folder."""

    replace: str = Field(
        "test_metrics",
        min_length=1,
        description="The part of an artifact's name that its sidecars have other texts for",
    )
    validation: _Names = Field(
        ("validate_metrics", "val_metrics", "valid_metrics"),
        description="That of its metrics on the validation set",
    )
    cases: _Names = Field(("test_cases",), description="That of its values by case, CSV or JSON")


class EvidenceSettings(Section):
    """`[evidence]`: how the evidence is computed."""

    case_names: Expression = Field(
        "", description="JMESPath of the names of the cases, for metrics with `cases`"
    )
    resamples: int = Field(10_000, ge=100, le=1_000_000, description="Of the cases")
    weightings: int = Field(10_000, ge=100, le=1_000_000, description="Of the ranked metrics")
    seed: int = Field(0, ge=0, description="Of the random numbers")
