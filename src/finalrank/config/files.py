"""The configuration file: found, trusted or passed over, and read."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from finalrank.errors import ConfigError
from finalrank.text.escape import visible

FILE_NAME = "finalrank.toml"
PROJECT_FILE = "pyproject.toml"
# Far more than any configuration that somebody wrote: bytes, values and tables, characters of a
# name or a text, and parts of a dotted key. What is beyond would take minutes.
_MAX_BYTES, _MOST_VALUES, _LONGEST, _DEEPEST = 256 * 1024, 5_000, 10_000, 500
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
# From the beginning of a name alone: from each character of it would take the square of its length.
_TOO_DEEP = re.compile(rf"(?<![\w.-])(?:{_PART}[ \t]*+\.[ \t]*+){{{_DEEPEST}}}")


def find_table(
    runs: Sequence[str], tell: Callable[[str], object]
) -> tuple[Path, dict[str, Any], bool] | None:
    """Return the first file that is found, its settings, and whether it is in no runs folder.

    It is searched for in the runs folders, in the working folder and in those above it. There a
    file of another user is passed over, and so is a project's file that cannot be read: `tell` is
    called with a line for each. Raises ConfigError.
    """
    for root in runs:
        beside = Path(root, FILE_NAME)
        if os.path.lexists(beside):
            return beside, _read_found(beside) or {}, False
    try:
        here = Path.cwd()
    except OSError:  # the working folder is gone
        return None
    for folder in (here, *here.parents):
        for name in (FILE_NAME, PROJECT_FILE):
            path = folder / name
            if not os.path.lexists(path):
                continue
            if folder != here and _is_of_another(path):
                tell(
                    f"{visible(str(path))}: belongs to another user, and is not read: give it by "
                    "--config if you trust it"
                )
            elif name == PROJECT_FILE:
                table = _read_project(path, tell)
                if table is not None:
                    return path, table, True
            else:
                return path, _read_found(path) or {}, True
    return None


def _is_of_another(path: Path) -> bool:
    """Return whether a file, or a link to it, belongs to neither this user nor root."""
    if not hasattr(os, "geteuid"):
        return False
    try:
        owners = {path.lstat().st_uid, path.stat().st_uid}
    except OSError:  # a link to nothing
        owners = {path.lstat().st_uid}
    return not owners <= {os.geteuid(), 0}


def _read_project(path: Path, tell: Callable[[str], object]) -> dict[str, Any] | None:
    """Return the settings in a pyproject.toml that was found; None where it has none.

    One that is broken is passed over, unless it seems to have settings: then it raises ConfigError.
    """
    try:
        return _read_found(path)
    except ConfigError as error:
        if _names_settings(path):
            raise
        tell(f"{error}; it is passed over")
        return None


def _names_settings(path: Path) -> bool:
    try:
        # A pipe would be waited for.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return b"finalrank" in file.read(_MAX_BYTES)
    except OSError:
        return False


def _read_found(path: Path) -> dict[str, Any] | None:
    """Return the settings in a file that was found, and not named by the user.

    A pipe or a device of its name is taken for a mistake.
    """
    if path.is_fifo() or path.is_socket() or path.is_char_device() or path.is_block_device():
        raise ConfigError(f"{visible(str(path))}: not a file: delete it, or give --config")
    return read_table(path)


def read_table(path: Path) -> dict[str, Any] | None:
    """Return the settings in a file; None for a pyproject.toml without `[tool.finalrank]`.

    Raises ConfigError.
    """
    shown = visible(str(path))
    try:
        document = _parsed(path)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown}: not TOML: {visible(str(error))}") from None
    except RecursionError:
        raise ConfigError(f"{shown}: nested too deep: write it flatter") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{shown}: not UTF-8: save it as UTF-8 text") from None
    except ValueError:  # a number of thousands of digits
        raise ConfigError(f"{shown}: has a number that is too long") from None
    except OSError as error:
        raise ConfigError(f"{shown}: cannot be read: {error.strerror}: check the path") from None
    table: Any = document
    if path.name == PROJECT_FILE:
        tool = document.get("tool")
        table = tool.get("finalrank") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        return None
    if fault := _fault_of_size(table):
        raise ConfigError(f"{shown}: {fault}: check the path")
    return table


def _parsed(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{visible(str(path))}: too large for a configuration: check the path")
    text = data.decode("utf-8-sig")
    if _TOO_DEEP.search(text):
        raise RecursionError
    return tomllib.loads(text)


def _fault_of_size(table: dict[str, Any]) -> str | None:
    """Return what is too large in a configuration; None where nothing is."""
    waiting: list[Any] = [table]
    for number, value in enumerate(waiting):
        if number > _MOST_VALUES:
            return f"has more than {_MOST_VALUES} values and tables, which is no configuration"
        if isinstance(value, str) and len(value) > _LONGEST:
            return f"has a text of {len(value)} characters, of which {_LONGEST} are the most"
        if isinstance(value, dict):
            names = [name for name in value if len(name) > _LONGEST]
            if names:
                return f"has a name of {len(names[0])} characters, of which {_LONGEST} are the most"
            # The list grows while it is gone through.
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return None
