"""How often the intervals of the evidence hold the truth, where it is known: binormal scores.

python checks/interval_coverage.py [--samples 4000] [--seed 1]

Scores of negatives are standard normal, those of positives normal with a mean that gives the area
A under the ROC curve, and an SD of their own. Of each sample of so many positives and negatives the
area and the average precision are computed, and the interval that `finalrank report --evidence`
would give. Printed is the share of intervals that hold the truth; of an AP that is the area under
the precision-recall curve of the two distributions at that share of positives.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import integrate, stats

from finalrank.evidence import formulas

Z95 = formulas.z(0.95)
# Samples at a time.
BATCH = 500


class Setting(NamedTuple):
    """How the cases are distributed: the true area, the counts, the SD of positives' scores."""

    area: float
    positives: int
    negatives: int
    sd: float = 1.0

    @property
    def apart(self) -> float:
        """How far the means of positives and negatives are apart."""
        return math.sqrt(1 + self.sd**2) * float(stats.norm.ppf(self.area))


class Coverage(NamedTuple):
    """Of how many samples an interval is given, and how many of these hold the truth."""

    given: int
    held: int

    @property
    def share(self) -> float:
        """The share that holds it."""
        return self.held / self.given


# Those that docs/evidence.md tells of.
SETTINGS = [
    Setting(0.9078, 107, 505),
    Setting(0.75, 10, 39),
    Setting(0.91, 10, 39),
    Setting(0.8, 30, 60),
    Setting(0.75, 50, 50),
    Setting(0.5, 10, 1000),
    Setting(0.6, 500, 500),
    Setting(0.9, 100, 100),
    Setting(0.9078, 72, 336),
    Setting(0.5, 107, 505, 1.5),
    Setting(0.75, 107, 505, 1.5),
    Setting(0.9078, 107, 505, 0.67),
    Setting(0.9, 300, 100),
    Setting(0.9, 300, 100, 0.67),
    Setting(0.9, 505, 107, 0.67),
    Setting(0.97, 2000, 50, 0.5),
]


def samples(setting: Setting, count: int, seed: int) -> Iterator[npt.NDArray[np.bool_]]:
    """Batches of samples, a row each: which cases are positive, the best score first."""
    rng = np.random.Generator(np.random.PCG64(seed))
    cases = setting.positives + setting.negatives
    for start in range(0, count, BATCH):
        scores = rng.standard_normal((min(BATCH, count - start), cases))
        scores[:, : setting.positives] = scores[:, : setting.positives] * setting.sd + setting.apart
        yield (-scores).argsort(axis=1) < setting.positives


def auc_coverage(setting: Setting, count: int, seed: int) -> Coverage:
    """Of the interval of an area under the ROC curve."""
    given = held = 0
    pairs = setting.positives * setting.negatives
    for found in samples(setting, count, seed):
        before = (~found).cumsum(axis=1)  # negatives up to each case
        areas = 1 - (before * found).sum(axis=1) / pairs
        for area in areas[(areas > 0) & (areas < 1)].tolist():
            _, low, high = formulas.auc_interval(area, setting.positives, setting.negatives, Z95)
            given, held = given + 1, held + (low <= setting.area <= high)
    return Coverage(given, held)


def ap_coverage(setting: Setting, count: int, seed: int) -> Coverage:
    """Of the interval of an average precision."""
    given = held = 0
    truth = true_ap(setting)
    for found in samples(setting, count, seed):
        precision = found.cumsum(axis=1) / np.arange(1, found.shape[1] + 1)
        values = (precision * found).sum(axis=1) / setting.positives
        for value in values[values < 1].tolist():
            _, low, high = formulas.ap_interval(value, setting.positives, Z95)
            given, held = given + 1, held + (low <= truth <= high)
    return Coverage(given, held)


def true_ap(setting: Setting) -> float:
    """The mean precision over the positives, of the distributions themselves."""
    share = setting.positives / (setting.positives + setting.negatives)

    def precision(recall: float) -> float:
        threshold = setting.apart + setting.sd * float(stats.norm.isf(recall))
        false = float(stats.norm.sf(threshold))
        return share * recall / (share * recall + (1 - share) * false)

    return float(integrate.quad(precision, 0, 1, limit=200)[0])


def main() -> None:
    """Print a line for each setting."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--samples", type=int, default=4000, help="of each setting (default 4000)")
    parser.add_argument("--seed", type=int, default=1, help="of the scores (default 1)")
    arguments = parser.parse_args()
    if arguments.samples < 1:
        parser.error("at least 1 sample")
    print("| positives / negatives | A | SD of positives | AUC | AP |")
    print("|---|---:|---:|---:|---:|")
    for setting in SETTINGS:
        auc = auc_coverage(setting, arguments.samples, arguments.seed).share
        ap = ap_coverage(setting, arguments.samples, arguments.seed).share
        counts = f"{setting.positives} / {setting.negatives}"
        print(f"| {counts} | {setting.area} | {setting.sd:g} | {auc:.1%} | {ap:.1%} |", flush=True)


if __name__ == "__main__":
    main()
