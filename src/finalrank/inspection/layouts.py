"""Layouts that a preset is for, known by the paths of files and a word in one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from finalrank.config.tables.scan import Scan
from finalrank.inspection.files import File, files_at
from finalrank.scan.folders.local import read
from finalrank.scan.readers.interface import Unreadable


class Layout(NamedTuple):
    """How the files of a preset are called, and what stands in each."""

    preset: str
    path: re.Pattern[str]
    holds: re.Pattern[str] | None = None  # in the first bytes of a file; None: its name is enough


# Presets in which a metric stands where it stands in the file, and not in a result within it.
KEEPING_KEYS = frozenset(
    {"detectron2", "huggingface", "lightning", "mmengine", "monai", "mteb", "nnunet-v1"}
    | {"nnunet-v2", "ultralytics", "wandb"}
)


def _layout(preset: str, path: str, holds: str | None = None) -> Layout:
    return Layout(preset, re.compile(path), re.compile(holds) if holds else None)


# Of several that fit, the first.
LAYOUTS: tuple[Layout, ...] = (
    _layout("nnunet-v2", r"(?:^|/)(?:fold_\w+/validation|crossval_results[^/]*)/summary\.json$"),
    _layout("nnunet-v2", r"(?:^|/)summary\.json$", r'"foreground_mean"|"metric_per_case"'),
    _layout("nnunet-v1", r"(?:^|/)(?:fold_\w+/validation_raw|cv_niftis_raw)[^/]*/summary\.json$"),
    _layout("nnunet-v1", r"(?:^|/)summary\.json$", r'"results":\s*\{\s*"(?:all|mean)"'),
    _layout("lm-eval", r"(?:^|/)results_[^/]*\.json$", r'"lm_eval_version"|"n-shot"|"alias"'),
    _layout("ultralytics", r"(?:^|/)results\.csv$", r"metrics/(?:mAP50|accuracy_top1|precision)"),
    _layout("mmengine", r"(?:^|/)vis_data/(?:scalars|\d{8}_\d{6})\.json$"),
    _layout("mmengine", r"(?:^|/)\d{8}_\d{6}(?:\.log)?\.json$"),
    _layout("detectron2", r"(?:^|/)metrics\.json$", r'"iteration":'),
    _layout("wandb", r"(?:^|/)(?:offline-)?run-[^/]+/files/wandb-summary\.json$"),
    _layout("mteb", r"(?:^|/)[^/]+\.json$", r'"mteb_version"'),
    _layout("lightning", r"(?:^|/)version_\d+/metrics\.csv$"),
    _layout("monai", r"(?:^|/)metrics\.csv$", r"\A[^,\t\n]+[,\t]\s*[-+0-9.eanif]+\s*(?:\n|\Z)"),
    _layout("mlflow-db", r"(?:^|/)mlflow\.db$"),
    _layout(
        "huggingface",
        r"(?:^|/)(?:all|eval|predict|test)_results\.json$",
        r'"(?:eval|test|predict)_',
    ),
    _layout("keras", r"(?:^|/)[^/]*\.csv$", r"^epoch,(?:[^\n]*,)?val_(?:[a-z]+_)*acc"),
)
# So many files are looked at, and so many characters of one.
_MOST, _BEGINNING = 20_000, 20_000


def layout_of(files: Sequence[File]) -> str | None:
    """Return the preset for a layout that files have, None for one that nobody knows."""
    for layout in LAYOUTS:
        first = next((file for file in files[:_MOST] if layout.path.search(file.source)), None)
        if first and (layout.holds is None or layout.holds.search(_beginning_of(first))):
            return layout.preset
    return None


def is_of(preset: str, source: str) -> bool:
    """Return whether a file is called as those of a preset's layout are."""
    return any(layout.preset == preset and layout.path.search(source) for layout in LAYOUTS)


def preset_for(paths: Sequence[str]) -> str | None:
    """Return the preset for the layout of the files in folders, None for one that nobody knows."""
    return layout_of(files_at(paths)[0])


def _beginning_of(file: File) -> str:
    try:
        data = read(file.top, file.path, file.is_file, Scan().max_bytes)
    except Unreadable:
        return ""
    return data[:_BEGINNING].decode("utf-8", "replace").lstrip("\ufeff \t")
