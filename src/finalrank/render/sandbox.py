"""Where a template runs: it reads no file outside its folder, and changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment


class _InFolder(BaseLoader):
    """Loads templates from a folder; a link in it may not lead out of it."""

    def __init__(self, folder: str, named: str) -> None:
        """Load from `folder`. The template `named` is what the user gave, wherever it leads."""
        self._files = FileSystemLoader(folder)
        self._folder, self._named = folder, named

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """Return the text of a template, its path, and whether that is still so.

        Raises SecurityError for a link that leads out of the folder.
        """
        inside = os.path.join(os.path.realpath(self._folder), "")
        path = os.path.realpath(os.path.join(self._folder, template))
        if template != self._named and not path.startswith(inside) and os.path.exists(path):
            raise SecurityError(f'"{template}" is not in the folder of the template')
        return self._files.get_source(environment, template)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment in which one template is rendered once."""

    def __init__(self, folder: str, named: str = "") -> None:
        """Load templates from `folder` alone; `named` is the user's own template in it."""
        super().__init__(
            loader=_InFolder(folder, named),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Escapes for HTML would show as they are in Markdown; the filter `code` makes names
            # safe instead.
            autoescape=False,
        )
        # Jinja's generator of filler text can be asked for any amount of it.
        del self.globals["lipsum"]
