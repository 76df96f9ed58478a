"""The configuration file: found, trusted or passed over, and read."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from finalrank.errors import ConfigError
from finalrank.text.escape import visible

FILE_NAME = "finalrank.toml"
PROJECT_FILE = "pyproject.toml"
# Far more than any configuration that somebody wrote.
_MAX_BYTES = 10_000_000


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
        return path.is_file() and b"finalrank" in path.read_bytes()
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
    try:
        document = tomllib.loads(_read_text(path))
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


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise ConfigError(f"{visible(str(path))}: too large for a configuration: check the path")
    return data.decode("utf-8-sig")
