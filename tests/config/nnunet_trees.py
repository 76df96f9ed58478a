"""The folders that nnU-Net writes, in small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from conftest import Tree

# What a summary counts beside its scores.
COUNTS = {"FN": 2004.5, "FP": 85.0, "TN": 7e6, "TP": 671.0, "n_pred": 756.0, "n_ref": 2675.5}
LABELS = "/data/nnUNet_preprocessed/Dataset007_Own/gt_segmentations"
FOLDS = range(5)
DATASETS = ("Dataset002_Heart", "Dataset007_Own")
TRAINERS = ("nnUNetTrainer", "nnUNetTrainer_250epochs")
CONFIGURATIONS = ("2d", "3d_fullres")


def scores(value: float) -> dict[str, float]:
    """What a summary says of a class."""
    return {"Dice": value, "IoU": value / 2, **COUNTS}


def v2(*classes: float, cases: Sequence[str] = ("case_0", "case_1"), labels: str = LABELS) -> Any:
    """A summary of nnU-Net v2, whose classes have these Dice scores in each case, or NaN."""
    by_class = {str(number): scores(value) for number, value in enumerate(classes, 1)}
    return {
        "foreground_mean": scores(sum(classes) / len(classes)),
        "mean": by_class,
        "metric_per_case": [
            {
                "metrics": by_class,
                "prediction_file": f"/out/{name}.nii.gz",
                "reference_file": f"{labels}/{name}.nii.gz",
            }
            for name in cases
        ],
    }


def cases_of(folds: Sequence[int]) -> list[str]:
    """The names of the cases of some folds: two each, and three of the first."""
    return [f"case_{fold}{n}" for fold in folds for n in range(3 if fold == 0 else 2)]


def trainer(dice: float, folds: Sequence[int] = FOLDS, whole: bool = True) -> dict[str, Any]:
    """What is in a trainer's folder: the folds, which get better, and a cross-validation."""
    files = {
        f"fold_{fold}/validation/summary.json": v2(dice + fold / 100, cases=cases_of([fold]))
        for fold in folds
    }
    if whole:
        files |= cross_validated(dice + 0.019, folds)
    return files | {"fold_0/debug.json": {"foreground_mean": {"Dice": 0.9}}, "plans.json": {}}


def cross_validated(dice: float, folds: Sequence[int] = FOLDS) -> dict[str, Any]:
    """The cross-validation over some folds, and what postprocessing made of it."""
    folder = f"crossval_results_folds_{'_'.join(map(str, folds))}"
    return {
        f"{folder}/summary.json": v2(dice, cases=cases_of(folds)),
        f"{folder}/postprocessed/summary.json": v2(dice + 0.001, cases=cases_of(folds)),
    }


def below(folder: str, files: Mapping[str, Any]) -> dict[str, Any]:
    """The same files in a folder."""
    return {f"{folder}/{path}": content for path, content in files.items()}


def results_folder(tree: Tree) -> Any:
    """Make `nnUNet_results`: two datasets, in each two trainers in two configurations, ensembles.

    The first trainer's 3D model is best on one dataset, the second's 2D model on the other.
    """
    files: dict[str, Any] = {}
    every = product(enumerate(DATASETS), enumerate(TRAINERS), enumerate(CONFIGURATIONS))
    for (d, dataset), (t, name), (c, configuration) in every:
        dice = 0.7 + (0.1 if (t, c) == ((0, 1) if d == 0 else (1, 0)) else 0.02 * t + 0.01 * c)
        files |= below(f"{dataset}/{name}__nnUNetPlans__{configuration}", trainer(dice))
    one, other = (f"nnUNetTrainer__nnUNetPlans__{name}" for name in CONFIGURATIONS)
    for dataset in DATASETS:
        files[f"{dataset}/ensembles/ensemble___{one}___{other}___0_1_2_3_4/summary.json"] = v2(
            0.75, cases=cases_of(FOLDS)
        )
        files[f"{dataset}/inference_information.json"] = {"foreground_mean": {"Dice": 0.99}}
    return tree(below("nnUNet_results", files)) / "nnUNet_results"


def v1(*classes: float, labels: str = LABELS) -> Any:
    """A summary of nnU-Net v1, whose classes have these Dice scores; the background is better."""
    by_class = {
        label: {"Accuracy": 0.99, "Dice": value, "Jaccard": value / 2, "Total Positives Test": 7.0}
        for label, value in [("0", 0.99), *((str(n), v) for n, v in enumerate(classes, 1))]
    }
    case = {"reference": f"{labels}/case_0.nii.gz", "test": "/out/case_0.nii.gz"}
    return {
        "author": "a",
        "name": "b",
        "results": {"all": [by_class | case], "mean": by_class},
        "task": "c",
    }
