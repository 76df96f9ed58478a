"""The settings in force: the layers that give them, and in one line what is wrong with one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from finalrank.config.files import find_table, read_table
from finalrank.config.messages import complaint_of, faults_of
from finalrank.config.presets.tables import (
    PUBLISHED,
    merged,
    preset_names,
    preset_table,
    published_in_force,
)
from finalrank.config.settings import Settings
from finalrank.errors import ConfigError
from finalrank.text.escape import visible
from finalrank.text.suggest import did_you_mean

# The origin of a value that no layer gives.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings that one place gives: a file, a preset or an option."""

    origin: str  # as it is shown: a path, or `preset "NAME"`
    table: dict[str, Any]
    is_own: bool = True  # the user wrote it, and not finalrank
    is_above: bool = False  # it was found, in no runs folder


def load_settings(
    runs: Sequence[str],
    config: str | os.PathLike[str] | None = None,
    preset: str | None = None,
) -> Settings:
    """Return the settings of the file `config`, or of the file that is found; else the defaults.

    A file is searched for in the runs folders `runs`, in the working folder and in those above it.
    Its settings are laid over those of `preset`, or of the preset that it names. Raises ConfigError
    where a file cannot be read or is not valid, or there is no such preset.
    """
    return settings_of(load_layers(runs, config, preset))


def load_layers(
    runs: Sequence[str],
    config: str | os.PathLike[str] | None = None,
    preset: str | None = None,
    tell: Callable[[str], object] = str,
    metrics: Sequence[dict[str, Any]] = (),
) -> list[Layer]:
    """Return the layers of settings that are laid over the defaults, each over those before it.

    The parameters are those of `load_settings`; `tell` is called with a line for each file that is
    passed over; `metrics` are rows of `[[metrics]]` from a command line. Raises ConfigError.
    """
    own = _own_layer(runs, config, tell)
    of_metrics = {"metrics": list(metrics)} if metrics else {}
    table = (own.table if own else {}) | of_metrics
    name = preset if preset is not None else table.get("preset", "")
    layers = [own] if own else []
    if preset is not None:
        layers.append(Layer("--preset", {"preset": preset}))
    if of_metrics:
        layers.append(Layer("--metric", of_metrics))
    if isinstance(name, str) and name:
        origin = own.origin if own and preset is None else "--preset"
        return [_preset_layer(name, origin), *layers]
    if published_in_force(table | {"preset": name}):
        by_default = [] if name else [Layer(DEFAULT, {"preset": PUBLISHED}, is_own=False)]
        return [_preset_layer(PUBLISHED, DEFAULT), *layers, *by_default]
    return layers


def settings_of(layers: Sequence[Layer]) -> Settings:
    """Return the settings that the layers make together. Raises ConfigError."""
    table: dict[str, Any] = {}
    for layer in layers:
        table = merged(table, layer.table)
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        first, *others = faults_of(error)
        more = f" (and {len(others)} more)" if others else ""
        place = first["loc"][0]
        origin = next((layer.origin for layer in reversed(layers) if place in layer.table), "")
        complaint = ConfigError(f"{visible(origin)}: {complaint_of(first)}{more}")
        cause = first.get("ctx", {}).get("error")
        for note in getattr(cause, "__notes__", ()):
            complaint.add_note(note)
        raise complaint from None


def _preset_layer(name: str, origin: str) -> Layer:
    """Return the layer of a preset. Raises ConfigError where there is none of that name.

    `origin` is who names it, for the message.
    """
    known = preset_names()
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise ConfigError(f'{visible(origin)}: there is no preset "{visible(name)}"{hint}')
    return Layer(f'preset "{name}"', preset_table(name), is_own=False)


def _own_layer(
    runs: Sequence[str], config: str | os.PathLike[str] | None, tell: Callable[[str], object]
) -> Layer | None:
    """Return the layer of the user's file: the one that is named, else the first that is found."""
    if config is not None:
        path = Path(config)
        table = read_table(path)
        if table is None:
            raise ConfigError(f"{visible(str(path))}: there is no [tool.finalrank] table in it")
        return Layer(str(path), table)
    found = find_table(runs, tell)
    if found is None:
        return None
    path, table, is_above = found
    return Layer(str(path), table, is_above=is_above)
