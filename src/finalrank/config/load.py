"""Finds a configuration file, reads it, and says in one line what is wrong with it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from finalrank.config.settings import Settings
from finalrank.errors import ConfigError
from finalrank.text.escape import did_you_mean, visible

FILE_NAME = "finalrank.toml"
PROJECT_FILE = "pyproject.toml"
# What comes near to a key, and means the opposite.
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
# No configuration that somebody wrote comes near.
_MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says of the configuration."""

    origin: str  # as it is shown: a path, or `preset "NAME"`
    table: dict[str, Any]


def load_settings(
    runs: Sequence[str],
    config: str | os.PathLike[str] | None = None,
    preset: str | None = None,
) -> Settings:
    """The settings of `config`, else of the file found for the folders `runs`, else the defaults.

    They start from `preset`, or from the one that the file names. Raises ConfigError where a file
    cannot be read or is not valid, or there is no such preset.
    """
    return settings_of(load_layers(runs, config, preset))


def load_layers(
    runs: Sequence[str], config: str | os.PathLike[str] | None = None, preset: str | None = None
) -> list[Layer]:
    """What is said of the configuration beside the defaults; what is later counts.

    Raises ConfigError.
    """
    own = _own_layer(runs, config)
    name = preset if preset is not None else own.table.get("preset", "") if own else ""
    layers = [own] if own else []
    if preset is not None:
        layers.append(Layer("--preset", {"preset": preset}))
    if not isinstance(name, str) or not name:
        return layers
    origin = own.origin if own and preset is None else "--preset"
    return [Layer(f'preset "{name}"', preset_table(name, origin)), *layers]


def settings_of(layers: Sequence[Layer]) -> Settings:
    """The settings that the layers make together. Raises ConfigError."""
    table: dict[str, Any] = {}
    for layer in layers:
        table = _merged(table, layer.table)
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        first, *others = _faults(error)
        more = f" (and {len(others)} more)" if others else ""
        place = first["loc"][0]
        origin = next((layer.origin for layer in reversed(layers) if place in layer.table), "")
        complaint = ConfigError(f"{visible(origin)}: {_complaint(first)}{more}")
        cause = first.get("ctx", {}).get("error")
        for note in getattr(cause, "__notes__", ()):
            complaint.add_note(note)
        raise complaint from None


def _merged(table: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A table with another laid over it: tables key by key, anything else as a whole."""
    both = {
        key: _merged(table[key], value)
        for key, value in over.items()
        if isinstance(value, dict) and isinstance(table.get(key), dict)
    }
    return table | over | both


def preset_table(name: str, origin: str) -> dict[str, Any]:
    """What the preset says. Raises ConfigError where there is none of that name."""
    folder = Path(__file__).with_name("presets")
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise ConfigError(f'{visible(origin)}: there is no preset "{visible(name)}"{hint}')
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))


def _own_layer(runs: Sequence[str], config: str | os.PathLike[str] | None) -> Layer | None:
    """What the user's own file says: the one that is named, else the first that is found."""
    if config is not None:
        path = Path(config)
        table = _table(path)
        if table is None:
            raise ConfigError(f"{visible(str(path))}: there is no [tool.finalrank] table in it")
        return Layer(str(path), table)
    for folder in runs:
        beside = Path(folder, FILE_NAME)
        if os.path.lexists(beside):
            return Layer(str(beside), _table_found(beside) or {})
    try:
        here = Path.cwd()
    except OSError:  # the working folder is gone
        return None
    for above in (here, *here.parents):
        for name in (FILE_NAME, PROJECT_FILE):
            path = above / name
            if os.path.lexists(path) and (table := _table_found(path)) is not None:
                return Layer(str(path), table)
    return None


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
    except ValueError:  # a number of thousands of digits
        raise ConfigError(f"{visible(str(path))}: has a number that is too long") from None
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
