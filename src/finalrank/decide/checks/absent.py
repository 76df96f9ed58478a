"""Metrics of a preset that no run has: they take no part, as nobody asked for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from finalrank.config.presets.tables import PUBLISHED, preset_names, preset_table
from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Artifact
from finalrank.text.escape import visible


def taking_part(settings: Settings, kept: Sequence[Artifact]) -> Settings:
    """Return the settings without the metrics that a preset names and none of the runs has.

    Those of the published layout, and those of the author's own file, have their table all the
    same.
    """
    absent = absent_metrics(settings, kept)
    return settings.without(metric.key for metric in absent) if absent else settings


def absent_lines(settings: Settings, kept: Sequence[Artifact]) -> Iterable[str]:
    """Return a line for each metric that takes no part."""
    return [
        f"{visible(metric.key)}: no run has it, and it takes no part (preset {settings.preset})"
        for metric in absent_metrics(settings, kept)
    ]


def absent_metrics(settings: Settings, kept: Sequence[Artifact]) -> list[Metric]:
    """Return the metrics that a preset names and none of the runs has."""
    if not kept or not _are_of_preset(settings):
        return []
    needed = (settings.primary, settings.selecting)
    return [
        metric
        for metric in settings.metrics
        if metric not in needed and all(artifact.metrics[metric.key] is None for artifact in kept)
    ]


def _are_of_preset(settings: Settings) -> bool:
    """Return whether the metrics are those of a preset that is not the published layout."""
    if settings.preset == PUBLISHED or settings.preset not in preset_names():
        return False
    rows = preset_table(settings.preset).get("metrics", [])
    return settings.metrics == tuple(map(Metric.model_validate, rows))
