"""load_report, and the Report that it returns: what scripts and notebooks use."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from pydantic import PrivateAttr

from finalrank.config.load import load_settings
from finalrank.config.settings import Settings
from finalrank.errors import UsageError
from finalrank.pipeline import (
    IntervalScope,
    build,
    build_with_evidence,
    evidence_survey,
    survey,
)
from finalrank.report import datasets_model, model
from finalrank.report.assemble import Document
from finalrank.report.clock import now

if TYPE_CHECKING:
    import pandas as pd


class Report(model.Report):
    """A report, and what it can be shown as; it is equal to another one with the same JSON."""

    # What a page shows that the JSON does not hold; None where the report was read from JSON.
    _document: Document | None = PrivateAttr(None)

    def to_markdown(self) -> str:
        """Return the page, as `finalrank report` prints it.

        Raises UsageError for a report that was read back from JSON: that does not hold all that a
        page needs.
        """
        if self._document is None:
            raise UsageError("a report that was read from JSON has no page: use load_report")
        from finalrank.render.markdown import to_markdown

        return to_markdown(replace(self._document, report=self))

    def to_json(self) -> str:
        """Return the summary as JSON, as `finalrank report -f json` prints it."""
        from finalrank.text.json_text import json_text

        return json_text(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a run in combined order, the columns of the CSV; missing is NaN."""
        from finalrank.render.frame import to_frame

        return to_frame(self)

    def _repr_markdown_(self) -> str | None:
        """Return the page for a notebook, or None where there is none."""
        return self.to_markdown() if self._document is not None else None

    def __eq__(self, other: object) -> bool:
        """Tell whether the other's JSON is the same."""
        if not isinstance(other, model.Report):
            return False
        if dict(self) == dict(other):
            return True
        # What is infinite in the evidence is null where it was read back.
        return self.evidence is not None and self.model_dump_json() == other.model_dump_json()


class DatasetsReport(datasets_model.DatasetsReport, Report):
    """A report over several datasets."""


def load_report(
    runs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "runs",
    config: str | os.PathLike[str] | Settings | None = None,
    *,
    preset: str | None = None,
    generated_at: datetime | None = None,
    evidence: bool = False,
    intervals: IntervalScope = "podium",
) -> Report:
    """Return the report on the folder `runs`, or on several folders, as `finalrank report` does.

    `config` is a configuration file, or settings; without it, the file is searched for as the
    command searches, and `preset` names the layout that it starts from. `generated_at` is the time
    that the report shows, by default now. `evidence` fills the report's evidence; `intervals` says
    whether it has those of the podium and the baseline ("podium"), or of all runs ("all"). Raises
    FinalrankError.
    """
    _check_encoding()
    if isinstance(config, Settings) and preset is not None:
        raise UsageError("preset: settings are whole; give one or the other")
    if intervals not in get_args(IntervalScope):
        raise UsageError(f'intervals: "{intervals}" is neither "podium" nor "all"')
    several = [runs] if isinstance(runs, str | os.PathLike) else runs
    folders = [os.fspath(folder) for folder in several]
    settings = config if isinstance(config, Settings) else load_settings(folders, config, preset)
    time = generated_at or now()
    if evidence:
        document = build_with_evidence(
            evidence_survey(folders, settings), settings, time, intervals
        )
    else:
        document = build(survey(folders, settings), settings, time)
    several_datasets = isinstance(document.report, datasets_model.DatasetsReport)
    kind = DatasetsReport if several_datasets else Report
    report = kind.model_construct(**dict(document.report))
    report._document = document
    return report


def _check_encoding() -> None:
    """Raise UsageError where the names of files would be other texts than those of the command.

    That starts again in Python's UTF-8 mode; what is called by another program cannot.
    """
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        raise UsageError(
            f"names of files are UTF-8, and this Python reads them as {encoding} by its locale: "
            "set PYTHONUTF8=1 before Python starts, or run it with -X utf8"
        )
