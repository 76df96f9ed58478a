"""The tables of `finalrank.toml`, as frozen pydantic models with every default.

Those of some size are in `tables`: the scan, the metrics, what the evidence alone needs.
"""

from __future__ import annotations

import math
import re
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from finalrank.config.keys import expression
from finalrank.config.types import Section, Strings, Text
from finalrank.model.reasons import FIRST_REASONS, LAST_REASONS


def _tokens(tokens: tuple[str, ...]) -> tuple[str, ...]:
    for token in tokens:
        if not re.fullmatch("[A-Za-z0-9]+", token):
            raise ValueError(
                f'"{token}" is never a token: write one word of ASCII letters and digits'
            )
    return tuple(token.lower() for token in tokens)


def _condition(text: str) -> str:
    if text and expression(text) is None:
        raise ValueError(f'"{text}" is no JMESPath expression: write one such as "!verified"')
    return text


class Rule(Section):
    """`[filter.rules.NAME]`: words in a name by which an artifact is left out."""

    tokens: Annotated[Strings, AfterValidator(_tokens)] = Field(
        (), description="Drops an artifact with one of these words in its name"
    )
    where: Literal["path", "file"] = Field(
        "path", description='"path": run folders and file stem; "file": the stem alone'
    )
    paths: Strings = Field(
        (), description="Drops an artifact whose path matches one of these globs"
    )
    when: Annotated[str, AfterValidator(_condition)] = Field(
        "",
        description="Drops a result of which this JMESPath expression is true: `!verified`, or a "
        "count below a number, ``n_cases < `10` ``",
    )
    because: Text = Field(
        "", description="Why what `paths` or `when` finds is left out, as the page tells it"
    )

    @model_validator(mode="after")
    def _says_what_it_drops(self) -> Rule:
        if not self.model_fields_set & {"tokens", "paths", "when"}:
            raise ValueError("says nothing of what it drops: give it `tokens`, `paths` or `when`")
        return self


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
