"""Files that look like tasks: of their names, most runs have the same several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from finalrank.config.presets.tables import PUBLISHED
from finalrank.config.settings import Settings
from finalrank.text.escape import visible

# So many of the names are shown.
_SHOWN = 3


def looks_for_tasks(settings: Settings) -> bool:
    """Return whether several files of a run may be tasks, for all that the settings say.

    They are variants in the published layout, versions where the newest counts, and have a dataset
    where one is configured.
    """
    return not (
        settings.preset == PUBLISHED or settings.select.by == "newest" or settings.has_datasets
    )


def task_files(names_of: Mapping[str, set[str]], runs: int, settings: Settings) -> tuple[str, ...]:
    """Return the line that says that files look like tasks, if they do.

    `names_of` has the file names of each run with more than one valid artifact; `runs` is how many
    runs have any. A file that only stands in for others (`select.fallback`) is no task.
    """
    own = {
        run: {name for name in names if not settings.select.fallback_order(name)}
        for run, names in names_of.items()
    }
    several = [names for names in own.values() if len(names) > 1]
    counts = Counter(name for names in several for name in names)
    recurring = sorted(name for name, count in counts.items() if 2 * count > len(several))
    if len(several) < 2 or 2 * len(several) <= runs or len(recurring) < 2:
        return ()
    more = f" and {len(recurring) - _SHOWN} more" if len(recurring) > _SHOWN else ""
    return (
        f"{', '.join(map(visible, recurring[:_SHOWN]))}{more} are in most runs, and one of each "
        "run counts: if they are tasks and no alternatives, name the dataset in scan.run, as in "
        r"""'^(?P<run>.+)/(?P<dataset>[^/]+)\.json$'""",
    )
