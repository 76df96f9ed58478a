"""The tables of `finalrank.toml`, as frozen pydantic models with every default.

Those of the metrics are in `metrics`, those that the evidence alone needs in `evidence`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, PlainValidator

from finalrank.config.keys import expression
from finalrank.config.types import ReaderName, Section, Strings, Text, with_group
from finalrank.model.reasons import EXCLUDED, FIRST_REASONS, LAST_REASONS, NOT_INCLUDED


def _one_of(*names: str) -> str:
    """Return the names in quotes: `"a", "b" or "c"`."""
    *quoted, last = (f'"{name}"' for name in names)
    return f"{', '.join(quoted)} or {last}"


def _tokens(tokens: tuple[str, ...]) -> tuple[str, ...]:
    for token in tokens:
        if not re.fullmatch("[A-Za-z0-9]+", token):
            raise ValueError(
                f'"{token}" is never a token: write one word of ASCII letters and digits'
            )
    return tuple(token.lower() for token in tokens)


def _run_rule(rule: str) -> str:
    hint = 'write "parent", "file", or an expression with a group (?P<run>...)'
    return rule if rule in ("parent", "file") else with_group(rule, "run", hint)


def _expressions(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        expression(key)
    return keys


class Scan(Section):
    """`[scan]`: which files are candidates, what a run is, and how they are read."""

    patterns: Strings = Field(
        ("test_metrics*.json", "*_test_metrics*.json"),
        min_length=1,
        description="File names of candidates, case-sensitive",
    )
    max_bytes: int = Field(32 * 1024 * 1024, ge=1, description="Larger files are refused")
    run: Annotated[str, AfterValidator(_run_rule)] = Field(
        "parent",
        description='What a run is: a file\'s folder ("parent"), the file itself ("file"), or the '
        "group `run` of a regular expression over its path",
    )
    include: Strings = Field((), description="Globs over paths; if any, all else is left out")
    exclude: Strings = Field((), description="Globs over paths that are left out")
    reader: ReaderName = Field(
        "json",
        description=f"What the files are: {_one_of(*get_args(ReaderName))}",
    )
    follow: bool = Field(
        False,
        description="Whether links to folders are entered, each folder once; where they are not, "
        "one that leads to artifacts is told",
    )
    missing: Strings = Field((), description='Texts that mean a missing value, such as "N/A"')
    results: Annotated[Strings, AfterValidator(_expressions)] = Field(
        (),
        description="JMESPath expressions, each to a list or an object of results of a file that "
        "has several",
    )
    name: str = Field(
        "",
        description="What a result of `results` is called: a key of it, `@key` (that it stands "
        "under) or `@index`; empty: as its file is",
    )

    def choice(self, source: str, root: int) -> tuple[str, str] | None:
        """Return why a candidate is left out unread, the reason and its detail; None: it is read.

        The first `root` characters of `source` are the name of its runs folder, which a glob may
        leave out.
        """
        if pattern := self.excluding(source, root):
            return EXCLUDED, f'its path matches "{pattern}"'
        if not self.includes(source, root):
            return NOT_INCLUDED, "its path matches none of those to include"
        return None

    def includes(self, source: str, root: int) -> bool:
        """Return whether a path is one of those to include, as `choice` looks at it."""
        return not self.include or _first_match(self.include, source, root) is not None

    def excluding(self, source: str, root: int) -> str | None:
        """Return the glob of `exclude` that a path matches, as `choice` looks for one."""
        return _first_match(self.exclude, source, root)


def _first_match(globs: Iterable[str], source: str, root: int) -> str | None:
    paths = {source, source[root:]}
    return next((g for g in globs if any(fnmatchcase(path, g) for path in paths)), None)


class Rule(Section):
    """`[filter.rules.NAME]`: words in a name by which an artifact is left out."""

    tokens: Annotated[Strings, AfterValidator(_tokens)] = Field(
        description="Drops an artifact with one of these words in its name"
    )
    where: Literal["path", "file"] = Field(
        "path", description='"path": run folders and file stem; "file": the stem alone'
    )
    paths: Strings = Field(
        (), description="Drops an artifact whose path matches one of these globs"
    )
    because: Text = Field("", description="Why `paths` are left out, as the page tells it")


DEFAULT_RULES: dict[str, Rule] = {
    "dev": Rule(tokens=("dev", "debug")),
    "smoke": Rule(tokens=("smoke",)),
    "scan": Rule(tokens=("scan",), where="file"),
}


def _with_defaults(rules: dict[str, Rule]) -> dict[str, Rule]:
    for reason in (*FIRST_REASONS, *LAST_REASONS):
        if reason in rules:
            raise ValueError(f'"{reason}" is a reason of its own: give the rule another name')
    return DEFAULT_RULES | rules


# Smoothing makes an empty prediction score about 1e-9, and not 0.
HIGHEST_ZERO = 1e-6


def _zero(value: object) -> float | Literal[False]:
    if value is False:
        return False
    if isinstance(value, int | float) and value is not True and 0 <= value < math.inf:
        return float(value)
    raise ValueError("write a number from 0, such as 1e-6, or false: a zero is a result")


class Filter(Section):
    """`[filter]`: which artifacts are valid."""

    require: Literal["primary", "any"] = Field(
        "primary",
        description='What an artifact must have: the "primary" metric, or "any" ranked one',
    )
    zero: Annotated[float | Literal[False], PlainValidator(_zero)] = Field(
        HIGHEST_ZERO,
        description="A primary metric of at most this leaves an artifact out, by default a zero; "
        "false: none does",
    )
    status: Strings = Field(
        (),
        description="What may have become of a run that counts, in any case; empty: anything. A "
        'factor of the role "status" says what did',
    )
    rules: Annotated[dict[Text, Rule], AfterValidator(_with_defaults)] = Field(
        DEFAULT_RULES, description="Added to the defaults; one of the same name replaces it"
    )
    test_set: Literal["flag", "exclude", "ignore"] = Field(
        "flag",
        description='What is tested on other cases than the baseline: "flag", "exclude", "ignore"',
    )


class Select(Section):
    """`[select]`: which artifact of a run stands for it."""

    by: Literal["primary", "complete-first", "validation", "newest"] = Field(
        "primary",
        description='The best "primary" metric; "complete-first": most ranked metrics before that; '
        '"validation": the best primary metric of its sidecar on the validation set; "newest": the '
        "last by its file name",
    )
    metric: str = Field(
        "", description="Key of the metric that chooses, ranked or not; empty: the primary one"
    )
    fallback: Strings = Field(
        (), description="Names of files that stand for a run if no other does, in this order"
    )

    def fallback_order(self, file_name: str) -> int:
        """Return the place of a file among the fallbacks, from 1; 0 where it is none.

        An artifact of a higher place stands for its run only if there is none of a lower one.
        """
        matching = (n for n, name in enumerate(self.fallback, 1) if fnmatchcase(file_name, name))
        return next(matching, 0)


class BaselineSettings(Section):
    """`[baseline]`: what the runs are compared with."""

    run: str = Field("", description="Its name; empty: the best-ranked run that `match` finds")
    match: str = Field("", description="Part of its name, in any case; empty: no baseline")
    label: Text = Field("Baseline", description="What it is called in the report")


class RecommendationSettings(Section):
    """`[recommendation]`: the heading above the run to take forward."""

    title: Text = Field("Recommendation", description="Its heading")


class Note(Section):
    """`[runs."NAME"]`: what the author says of a run, or of all that a glob matches."""

    key_feature: Text | None = Field(None, description="What is special about the run")
    protocol: Text | None = Field(None, description="How it was tested")
