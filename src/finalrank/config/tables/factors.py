"""A factor as it is configured: `[[factors]]`, and the named groups of `scan.run`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from finalrank.config.keys import expression
from finalrank.config.types import SETTINGS, Strings, Text
from finalrank.model.factors import DATASET, ROLES_OF_GROUPS, SINGLE_ROLES, VARIANT, Role
from finalrank.model.ranking import EXPLAIN_COLUMNS, METRIC_PREFIXES, RUN_COLUMNS

# Of an element of `scan.results`: the key that it stands under, and its place in its list.
AT_KEY, AT_INDEX = "@key", "@index"


def _factor_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        if not key:
            raise ValueError("a key is empty: write where the value stands in a file")
        if key not in (AT_KEY, AT_INDEX):
            expression(key)
    return keys


def _file_beside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if path and (path.startswith("/") or ".." in parts or not parts):
        raise ValueError("write a path below the artifact's folder, such as .hydra/config.yaml")
    return path


class Factor(BaseModel):
    """A row of `[[factors]]`: what distinguishes results beside their run, and where it stands."""

    model_config = SETTINGS

    key: str = Field(min_length=1, description="Its name in every output")
    keys: Annotated[Strings, AfterValidator(_factor_keys)] = Field(
        (),
        description="Where it stands in a file, tried in order: keys or JMESPath expressions, "
        "`@key` or `@index` of an element of `scan.results` (its key)",
    )
    from_: Annotated[str, AfterValidator(_file_beside)] = Field(
        "",
        alias="from",
        description="A JSON, YAML or TOML file beside the artifact or in the nearest folder above "
        "it, or one of another name, whose only line is the value; empty: the artifact itself",
    )
    label: Text = Field(
        default_factory=lambda row: row.get("key", ""), description="Column heading (its key)"
    )
    role: Role = Field(
        "",
        description='"dataset", "split", "fold", "seed", "variant", "folds" (those that a '
        'cross-validation is over: "0_1_2"), "status" (see `filter.status`), "run" (its name), or '
        "empty: it only annotates",
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The keys by which its value is looked up, in order."""
        return self.keys or (self.key,)


@lru_cache
def factors_of_groups(expression: str) -> tuple[Factor, ...]:
    """Return the factors that named groups of `scan.run` are, in the order of the groups."""
    if expression in ("parent", "file"):
        return ()
    names = re.compile(expression).groupindex
    return tuple(
        Factor(key=name, role=name if name in ROLES_OF_GROUPS else VARIANT)
        for name in sorted(names, key=names.__getitem__)
        if name != "run"
    )


def check_factors(factors: Sequence[Factor], metrics: Sequence[str]) -> None:
    """Raise ValueError where keys are not distinct, or two factors share a role of which one is."""
    keys = [factor.key for factor in factors]
    columns = {*RUN_COLUMNS, *EXPLAIN_COLUMNS, "members"}
    columns.update(f"{prefix}_{metric}" for prefix in METRIC_PREFIXES for metric in metrics)
    for factor in factors:
        key = factor.key
        if keys.count(key) > 1:
            raise ValueError(f'the factor "{key}" is given twice: keep one of them')
        if key in metrics:
            raise ValueError(f'"{key}" is a metric: give the factor another key')
        if key in columns or (key == DATASET and factor.role != DATASET):
            raise ValueError(f'"{key}" is a column of a table: give the factor another key')
    for role in SINGLE_ROLES:
        of_role = [factor.key for factor in factors if factor.role == role]
        if len(of_role) > 1:
            raise ValueError(f'"{of_role[0]}" and "{of_role[1]}" are both the {role}: keep one')
