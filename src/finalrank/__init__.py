"""From a folder of experiment runs to one page of clean final results.

>>> import finalrank
>>> report = finalrank.load_report("runs/")
>>> report.runs[0].run, report.to_frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finalrank.api import Report, load_report
    from finalrank.errors import FinalrankError

__version__ = "0.1.0"
__all__ = ["FinalrankError", "Report", "__version__", "load_report"]

_DEFINED_IN = {"FinalrankError": "errors", "Report": "api", "load_report": "api"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for, so that `finalrank --version` is instant."""
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
