"""The presets: a TOML file each beside this module, and how one table is laid over another."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

PUBLISHED = "published"


@cache
def preset_names() -> tuple[str, ...]:
    """Return the names of all presets, in order."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.toml")))


@cache
def preset_table(name: str) -> dict[str, Any]:
    """Return the table of a preset, which nobody may change."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))


def merged(table: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return `table` with `over` laid over it: tables key by key, anything else as a whole."""
    both = {}
    for key, value in over.items():
        given = _given(value) if isinstance(value, BaseModel) else value
        if isinstance(given, dict) and isinstance(table.get(key), dict):
            both[key] = merged(table[key], given)
    return table | over | both


def _given(model: BaseModel) -> dict[str, Any]:
    """Return what a model was made of, without its defaults."""
    return {name: getattr(model, name) for name in model.model_fields_set}


def published_in_force(table: dict[str, Any]) -> bool:
    """Return whether a configuration names no preset and has no metrics of its own."""
    preset = table.get("preset")
    return not (isinstance(preset, str) and preset) and "metrics" not in table


def over_published(table: dict[str, Any]) -> dict[str, Any]:
    """Return the table of a configuration, over the published layout where that is in force."""
    if not published_in_force(table):
        return table
    # What is no text stays, to be told.
    preset = table.get("preset") or PUBLISHED
    return merged(preset_table(PUBLISHED), table) | {"preset": preset}
