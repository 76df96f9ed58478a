"""A runs folder with everything in it that should not be there, and ten good runs among it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hostile_content import CONTENT, VALUES
from hostile_files import FILES, NAMED, NOTABLE
from hostile_kind import FILE, Kind, put_file

# The good runs. In every metric they are better than any hostile run that is ranked, so that
# those come after them and leave their ranks alone.
_RUNS = [
    "=sum_unet",
    "CO",
    "a_first",
    "dg/seed_1",
    "dg/seed_2",
    "nested/deep/er/unet",
    "nnunet_fold0",
    "truncated_normal_init",
    "unet | aug",
    "zz_last",
]
GOOD: dict[str, dict[str, float]] = {
    f"{run}/{FILE}": {
        "dice_pos": 0.3 + n * 7 % 10 / 100,
        "iou_pos": 0.2 + n * 7 % 10 / 200,
        "roc_auc_presence": 0.6 + n * 3 % 10 / 41,
        "average_precision_presence": 0.5 + n * 9 % 10 / 43,
    }
    for n, run in enumerate(_RUNS)
}
# One has no value of a metric, one has siblings.
del GOOD[f"a_first/{FILE}"]["average_precision_presence"]
GOOD["zz_last/test_metrics_rerun.json"] = {"dice_pos": 0.301, "roc_auc_presence": 0.9}
GOOD["zz_last/test_metrics_smoke.json"] = {"dice_pos": 0.9}
GOOD_RUNS = frozenset(_RUNS)

KINDS = [*CONTENT, *VALUES, *FILES, *NAMED, NOTABLE]
# Kinds that a Linux without root's rights cannot make.
NEEDS_ROOT = {"character_node", "block_node"}


def build(root: Path, kinds: Iterable[Kind] = KINDS) -> list[Kind]:
    """Make the good runs and the hostile ones; returns the kinds that this platform could make."""
    good_only(root)
    return [kind for kind in kinds if _made(kind, root / kind.run)]


def good_only(root: Path) -> None:
    """Make the good runs."""
    for source, metrics in GOOD.items():
        put_file(root, source, json.dumps(metrics).encode())


def _made(kind: Kind, folder: Path) -> bool:
    try:
        folder.mkdir()
        kind.make(folder)
    except (OSError, AttributeError):  # it has no such thing, or no such name
        remove(folder)
        return False
    return True


def remove(folder: Path) -> None:
    """Remove a folder, whatever its modes are and however deep it is."""
    if os.path.lexists(folder):
        subprocess.run(["chmod", "-R", "u+rwX", folder], check=True)
        subprocess.run(["rm", "-rf", folder], check=True)
