"""load_report, and the Report with its views: what notebooks use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from finalrank.config.load import load_settings
from finalrank.config.settings import Settings
from finalrank.errors import UsageError
from finalrank.pipeline import Intervals, build, survey
from finalrank.report import model
from finalrank.report.clock import now

if TYPE_CHECKING:
    import pandas as pd


class Report(model.Report):
    """A report, with its views for a notebook."""

    def to_markdown(self) -> str:
        """The report as Markdown, as `finalrank report` prints it."""
        from finalrank.render.markdown import to_markdown

        return to_markdown(self)

    def to_json(self) -> str:
        """The summary as JSON, as `finalrank report -f json` prints it."""
        from finalrank.render.json import to_json

        return to_json(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a run in combined order, the columns of the CSV; missing is NaN."""
        from finalrank.render.frame import to_frame

        return to_frame(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def load_report(
    runs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "runs",
    config: str | os.PathLike[str] | Settings | None = None,
    *,
    preset: str | None = None,
    generated_at: datetime | None = None,
    evidence: bool = False,
    intervals: Intervals = "podium",
) -> Report:
    """The report on the folder `runs`, or on several, as `finalrank report` has it.

    `config` is a configuration file or its settings; without it, the file is searched for as the
    command does, and starts from `preset` where that is given. `generated_at` is now unless it is
    given. `evidence` fills the report's evidence, which has
    `intervals` for the podium and the baseline, or for all runs. Raises FinalrankError.
    """
    if isinstance(config, Settings) and preset is not None:
        raise UsageError("preset: settings are whole; give one or the other")
    if intervals not in get_args(Intervals):
        raise UsageError(f'intervals: "{intervals}" is neither "podium" nor "all"')
    several = [runs] if isinstance(runs, str | os.PathLike) else runs
    folders = [os.fspath(folder) for folder in several]
    settings = config if isinstance(config, Settings) else load_settings(folders, config, preset)
    found = survey(folders, settings, siblings=evidence, cases=evidence)
    return Report.model_construct(
        **dict(build(found, settings, generated_at or now(), intervals if evidence else None))
    )
