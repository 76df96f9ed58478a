"""Finds a configuration file, reads it, and says in one line what is wrong with it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finalrank.config import Settings
from finalrank.errors import ConfigError
from finalrank.names import did_you_mean, visible

FILE_NAME = "finalrank.toml"
PROJECT_FILE = "pyproject.toml"
# No configuration that somebody wrote comes near.
_MAX_BYTES = 10_000_000


def load_settings(runs: str, config: str | os.PathLike[str] | None = None) -> Settings:
    """The settings of `config`, else of the file found for the folder `runs`, else the defaults.

    Raises ConfigError where the file cannot be read or is not valid.
    """
    if config is not None:
        path = Path(config)
        table = _table(path)
        if table is None:
            raise ConfigError(f"{visible(str(path))}: there is no [tool.finalrank] table in it")
        return _settings(path, table)
    beside = Path(runs, FILE_NAME)
    if os.path.lexists(beside):
        return _settings(beside, _table_found(beside) or {})
    try:
        here = Path.cwd()
    except OSError:  # the working folder is gone
        return Settings()
    for folder in (here, *here.parents):
        for name in (FILE_NAME, PROJECT_FILE):
            path = folder / name
            if os.path.lexists(path) and (table := _table_found(path)) is not None:
                return _settings(path, table)
    return Settings()


def _table(path: Path) -> dict[str, Any] | None:
    """What the file says; None for a pyproject.toml without `[tool.finalrank]`."""
    try:
        document = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{visible(str(path))}: not TOML: {visible(str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{visible(str(path))}: nested too deep: write it flatter") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{visible(str(path))}: not UTF-8: save it as UTF-8 text") from None
    except OSError as error:
        raise ConfigError(
            f"{visible(str(path))}: cannot be read: {error.strerror}: check the path"
        ) from None
    if path.name != PROJECT_FILE:
        return document
    tool = document.get("tool")
    table = tool.get("finalrank") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{visible(str(path))}: too large for a configuration: check the path")
    return data.decode("utf-8-sig")


def _table_found(path: Path) -> dict[str, Any] | None:
    """What a file says that nobody named: a pipe or a device of its name is a mistake."""
    if path.is_fifo() or path.is_socket() or path.is_char_device() or path.is_block_device():
        raise ConfigError(f"{visible(str(path))}: not a file: delete it, or give --config")
    return _table(path)


def _settings(path: Path, table: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        first, *others = _faults(error)
        more = f" (and {len(others)} more)" if others else ""
        raise ConfigError(f"{visible(str(path))}: {_complaint(first)}{more}") from None


def _faults(error: ValidationError) -> list[ErrorDetails]:
    """What the author did wrong, unknown keys first: one misspelt is missing, too."""
    errors = error.errors(include_url=False)
    # What follows from another: a default made of a key that is wrong, a table that holds one.
    own = [
        e
        for e in errors
        if e["type"] != "default_factory_not_called"
        and not any(e["loc"] == o["loc"][: len(e["loc"])] for o in errors if o is not e)
    ]
    return sorted(own, key=lambda e: e["type"] != "extra_forbidden")


def _complaint(error: ErrorDetails) -> str:
    """`rank.tie: unknown key; did you mean "ties"?`"""
    *parents, last = error["loc"]
    where = visible(_dotted(error["loc"]))
    if error["type"] == "extra_forbidden":
        known = _keys_at(parents)
        hint = did_you_mean(str(last), known) or f"; the keys are {', '.join(known)}"
        return f"{where}: unknown key{hint}"
    if error["type"] == "missing":
        return f"{where}: this key is missing"
    reason = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    text = str(reason).removeprefix("Input ").replace("Tuple", "list")
    for python, toml in (("tuple", "list"), ("dictionary", "table"), (" after validation", "")):
        text = text.replace(python, toml)
    return f"{where}: {visible(text[0].lower() + text[1:])}"


def _dotted(place: tuple[int | str, ...]) -> str:
    """`metrics[0].label`, as an author would name the place."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _keys_at(parents: list[int | str]) -> list[str]:
    """The keys that the table at this place may have."""
    model: type[BaseModel] = Settings
    for part in parents:
        field = model.model_fields.get(str(part))
        # A list's index or a table's own name: the model of what it holds is known already.
        model = _model_in(field.annotation) or model if field else model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, be it alone, in a list or in a table of tables."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in get_args(annotation) if (m := _model_in(part))), None)
