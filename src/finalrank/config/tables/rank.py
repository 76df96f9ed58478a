"""`[rank]`: how runs are ranked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from finalrank.config.types import Section, with_group


def _members_rule(rule: str) -> str:
    return with_group(rule, "kind", "write one with a group (?P<kind>...) around the word")


# `unet_seed_1`, `fold3`, `rep=2` at the end of a name; `fold1_unet`, where it begins one.
MEMBERS = (
    r"(?i)(?:(?<![a-z])(?=[a-z]+[=_-]?\d+$)|(?<![^/])(?=[a-z]+[=_-]?\d+[_-][a-z]))"
    r"(?P<kind>seed|fold|rep)[=_-]?\d+"
)


class Rank(Section):
    """`[rank]`: how runs are ranked."""

    ties: Literal["ordinal", "min", "average", "dense"] = Field(
        "min", description='Ranks of equal values: "ordinal", "min", "average" or "dense"'
    )
    missing: Literal["available", "worst", "complete"] = Field(
        "available",
        description='Of a missing metric: "available": the mean of the ranks there are; "worst": '
        'the mean of the places below those present; "complete": its run is not ranked',
    )
    missing_datasets: Literal["worst", "available", "complete"] = Field(
        "worst",
        description="Of a dataset that a run lacks, as `missing` of a metric",
    )
    over: Literal["all", "common"] = Field(
        "all",
        description='Datasets that are ranked: "all", or "common": those that every run has',
    )
    split: str = Field(
        "",
        description="The split that is ranked; empty: test, else the one that most runs have",
    )
    groups: Literal["auto", "expand", "collapse", "best"] = Field(
        "auto",
        description='Seeds and folds: "expand": each is a run; "collapse": a group is one row, the '
        'mean of its members; "best": the best member stands for its group; "auto": those of '
        "factors collapse, those that only a name suggests do not",
    )
    members: Annotated[str, AfterValidator(_members_rule)] = Field(
        MEMBERS,
        description="Regular expression of what in a run's name says that it is a seed or a fold; "
        "its group `kind` says what it is",
    )
    folds: int = Field(
        0, ge=0, description="Folds that each run should have; 0: as many as any run has"
    )
    incomplete: Literal["last", "rank"] = Field(
        "last",
        description='A run that lacks folds or seeds: "last": behind the complete ones; "rank": '
        "as it is",
    )
