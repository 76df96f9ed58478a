"""The effective configuration as a finalrank.toml that says where each value came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tomlkit
from pydantic import BaseModel
from tomlkit.items import AoT, Table

from finalrank.config.load import DEFAULT, Layer
from finalrank.config.settings import Settings
from finalrank.text.escape import visible
from finalrank.text.json_text import safe_json


def effective(settings: Settings, layers: Sequence[Layer]) -> str:
    """Return every setting as TOML; a comment behind each value names the layer that it is from."""
    document = tomlkit.document()
    _fill(document, settings, (), layers)
    return safe_json(tomlkit.dumps(document).lstrip("\n").encode())


def _fill(
    table: Table | tomlkit.TOMLDocument,
    model: BaseModel | dict[str, Any],
    place: tuple[str, ...],
    layers: Sequence[Layer],
) -> None:
    """Add the fields of `model` to `table`: first the plain values, then the tables, as TOML needs.

    `place` are the keys that lead to the model.
    """
    pairs = list(model.items()) if isinstance(model, dict) else list(_named(model))
    for name, value in sorted(pairs, key=lambda pair: _is_table(pair[1])):
        here = (*place, name)
        if isinstance(value, BaseModel | dict):
            below = tomlkit.table(is_super_table=all(map(_is_table, _values(value))))
            _fill(below, value, here, layers)
            table.add(name, below)
        elif _is_table(value):
            table.add(name, _metrics(value, here, layers))
        elif value is not None:
            item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
            item.comment(_origin(here, layers))
            table.add(name, item)


def _named(model: BaseModel) -> Iterator[tuple[str, Any]]:
    """Yield the fields by the names that a file has for them."""
    for name, value in model:
        yield type(model).model_fields[name].alias or name, value


def _metrics(models: Sequence[BaseModel], place: tuple[str, ...], layers: Sequence[Layer]) -> AoT:
    """Return the list of tables at a place.

    It comes whole from the last layer that has it; keys that this one leaves out are defaults.
    """
    origin, given = _last_given(place, layers)
    rows = given if isinstance(given, list) else [{}] * len(models)
    tables = tomlkit.aot()
    for model, row in zip(models, rows, strict=True):
        table = tomlkit.table()
        # The row is taken for a layer of its own, so that its keys are looked up from its top.
        own = [Layer(origin, row)] if given is not None else []
        _fill(table, model, (), own)
        tables.append(table)
    return tables


def _is_table(value: Any) -> bool:
    """Return whether TOML writes the value as a table, or as a list of tables."""
    is_list_of_tables = isinstance(value, tuple) and value and isinstance(value[0], BaseModel)
    return isinstance(value, BaseModel | dict) or bool(is_list_of_tables)


def _values(model: BaseModel | dict[str, Any]) -> list[Any]:
    return list(model.values()) if isinstance(model, dict) else [value for _, value in model]


def _origin(place: tuple[str, ...], layers: Sequence[Layer]) -> str:
    return visible(_last_given(place, layers)[0])


def _last_given(place: tuple[str, ...], layers: Sequence[Layer]) -> tuple[str, Any]:
    """Return the last layer's origin that has a value at the place, and the value or None."""
    for layer in reversed(layers):
        value: Any = layer.table
        for name in place:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            return layer.origin, value
    return DEFAULT, None
