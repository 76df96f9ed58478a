"""Errors of a configuration, told in one line."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finalrank.config.settings import Settings
from finalrank.config.types import FaultAt
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# Unknown keys that mean the opposite of a key.
_OPPOSITES = {
    "lower_is_better": "; write higher_is_better = false",
    "minimize": "; write higher_is_better = false",
}
# What to write where a value is of another type.
_WANTED = {
    "int_type": "write a whole number, such as 3",
    "float_type": "write a number, such as 0.5",
    "bool_type": "write true or false",
    "string_type": "write a text in quotes",
    "tuple_type": 'write a list in brackets, such as ["a", "b"]',
    "dict_type": "write a table of it, such as [runs.NAME]",
    "model_type": "write a table of it, with its keys",
}


def faults_of(error: ValidationError) -> list[ErrorDetails]:
    """Return the author's mistakes, unknown keys first: a misspelt key is a missing one, too."""
    errors = [_placed(e) for e in error.errors(include_url=False)]
    # The places of tables in which something is wrong.
    around = {e["loc"][:depth] for e in errors for depth in range(len(e["loc"]))}
    # Without errors that follow from others: of a default that is made of a wrong key, and of a
    # table that holds one.
    own = [
        e for e in errors if e["type"] != "default_factory_not_called" and e["loc"] not in around
    ]
    return sorted(own, key=lambda e: e["type"] != "extra_forbidden")


def _placed(error: ErrorDetails) -> ErrorDetails:
    """Return the error with the place that it names itself, where it does."""
    cause = error.get("ctx", {}).get("error")
    return {**error, "loc": cause.place} if isinstance(cause, FaultAt) else error


def complaint_of(error: ErrorDetails) -> str:
    """Return the message for an error: `rank.tie: unknown key; did you mean "ties"?`."""
    *parents, last = error["loc"]
    where = visible(_dotted(error["loc"]))
    if error["type"] == "extra_forbidden":
        known = _keys_at(parents)
        hint = (
            _OPPOSITES.get(str(last))
            or did_you_mean(str(last), known)
            or f"; the keys are {', '.join(known)}"
        )
        return f"{where}: unknown key{hint}"
    if error["type"] == "missing":
        return f'{where}: this key is missing: write {last} = "..."'
    if error["loc"] == ("metrics",) and error["type"] == "tuple_type":
        return f"{where}: write [[metrics]], with two brackets, for each metric"
    if error["type"] in _WANTED:
        return f"{where}: {_WANTED[error['type']]}"
    reason = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    text = str(reason).removeprefix("Input ").replace("Tuple", "list")
    for python, toml in (("tuple", "list"), ("dictionary", "table"), (" after validation", "")):
        text = text.replace(python, toml)
    return f"{where}: {visible(text[0].lower() + text[1:])}"


def _dotted(place: tuple[int | str, ...]) -> str:
    """Return a place as an author would write it: `metrics[0].label`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys_at(parents: list[int | str]) -> list[str]:
    """Return the keys that the table at this place may have."""
    model: type[BaseModel] = Settings
    for part in parents:
        field = model.model_fields.get(str(part))
        # The index of a list or the name of a table in it is no field: the model stays.
        model = _model_in(field.annotation) or model if field else model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model in the type of a field, be it alone, in a list or in a table of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in get_args(annotation) if (m := _model_in(part))), None)
