"""The types of settings: what an author's text, list or key must be."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from finalrank.config.keys import expression

# The author's own Markdown, on one line.
Text = Annotated[str, AfterValidator(lambda text: re.sub(r"[\r\n]+", " ", text.strip("\r\n")))]


# A list from TOML, kept as a tuple; what stands in it is still checked strictly.
Strings = Annotated[tuple[str, ...], Field(strict=False)]


Range = Annotated[tuple[float, float], Field(strict=False)]


def _sound_key(key: str) -> str:
    if key:
        expression(key)
    return key


def _sound_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        if not key:
            raise ValueError("a key is empty: write where the value stands in a file")
        expression(key)
    return keys


# The names of the rows of `scan.readers.registry.READERS`, as a test sees to.
ReaderName = Literal["json", "nnunet-v1", "lightning", "mlflow"]


# A JMESPath expression, or a name; empty is none.
Expression = Annotated[str, AfterValidator(_sound_key)]


# Several of them, tried in order.
Keys = Annotated[Strings, AfterValidator(_sound_keys)]


SETTINGS = ConfigDict(frozen=True, extra="forbid", strict=True)


class Section(BaseModel):
    """A table: frozen, and strict about its keys and types."""

    model_config = SETTINGS
