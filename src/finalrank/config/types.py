"""The types of settings, with the checks of what an author wrote."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from finalrank.config.keys import expression

# The author's own Markdown, on one line.
Text = Annotated[str, AfterValidator(lambda text: re.sub(r"[\r\n]+", " ", text.strip("\r\n")))]
# A list from TOML, kept as a tuple; its items are still checked strictly.
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Range = Annotated[tuple[float, float], Field(strict=False)]
# The names of the rows of `scan.readers.registry.READERS`: a test holds the two together.
ReaderName = Literal["json", "nnunet-v1", "lightning", "mlflow"]
SETTINGS = ConfigDict(frozen=True, extra="forbid", strict=True)


def _valid_expression(key: str) -> str:
    if key:
        expression(key)
    return key


def _valid_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        if not key:
            raise ValueError("a key is empty: write where the value stands in a file")
        expression(key)
    return keys


# A JMESPath expression, or a name; may be empty.
Expression = Annotated[str, AfterValidator(_valid_expression)]
# Several, which are tried in order; none is empty.
Keys = Annotated[Strings, AfterValidator(_valid_keys)]


class Section(BaseModel):
    """A table: frozen, and strict about its keys and types."""

    model_config = SETTINGS
