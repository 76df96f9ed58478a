"""nnU-Net's results: datasets, folds, cross-validations, ensembles, from any depth."""

from __future__ import annotations

import math
from typing import Any

import pytest

import preset_runs
from conftest import Finalrank, Tree
from nnunet_trees import (
    CONFIGURATIONS,
    DATASETS,
    below,
    cross_validated,
    results_folder,
    trainer,
    v1,
    v2,
)
from preset_runs import left_out, order, rows

report = preset_runs.report
OWN = "T__nnUNetPlans__2d"
BEST = {
    "Dataset002_Heart": "nnUNetTrainer__nnUNetPlans__3d_fullres",
    "Dataset007_Own": "nnUNetTrainer_250epochs__nnUNetPlans__2d",
}


def within(done: Any, dataset: str) -> dict[str, Any]:
    """The rows of one dataset, by run."""
    return {
        run["run"]: run["by_dataset"][dataset]
        for run in done.json["runs"]
        if dataset in run["by_dataset"]
    }


# Version 2


def test_v2_cross_validations_are_ranked_within_each_dataset(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = results_folder(tree)
    done = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    assert (done.status, done.problems) == (0, [])
    assert [row["name"] for row in done.json["datasets"]] == list(DATASETS)
    runs = [run["run"] for run in done.json["runs"]]
    assert len(runs) == 9  # four methods, as they are and postprocessed, and one ensemble
    assert not any("fold" in run or "crossval" in run for run in runs)
    for dataset, best in BEST.items():
        rows = within(done, dataset)
        assert len(rows) == 9
        row = rows[best]
        assert row["metrics"]["dice"] == pytest.approx(0.819)
        assert "/crossval_results_folds_0_1_2_3_4/summary.json" in row["source"]
        assert row["group"]["metrics"]["dice"]["mean"] == pytest.approx(0.82)
        assert row["group"]["metrics"]["dice"]["n"] == 5
        assert row["incomplete"] == {}
        assert rows[f"{best} step=postprocessed"]["metrics"]["dice"] == pytest.approx(0.82)
        ensemble = "___".join(
            ["ensemble", *(f"nnUNetTrainer__nnUNetPlans__{c}" for c in CONFIGURATIONS)]
        )
        assert rows[ensemble]["metrics"]["dice"] == 0.75
        assert {row["test_set"]["cases"] for row in done.json["datasets"]} == {11}


@pytest.mark.parametrize("dataset", DATASETS)
def test_v2_from_inside_a_dataset(finalrank: Finalrank, tree: Tree, dataset: str) -> None:
    root = results_folder(tree)
    whole = within(finalrank("report", root, "--preset", "nnunet-v2", "-f", "json"), dataset)
    done = finalrank("report", root / dataset, "--preset", "nnunet-v2", "-f", "json")
    assert {run["run"]: run["metrics"] for run in done.json["runs"]} == {
        run: row["metrics"] for run, row in whole.items()
    }
    assert done.json["runs"][1]["run"] == BEST[dataset]
    assert done.json["excluded"] == []


def test_v2_from_inside_a_trainer(finalrank: Finalrank, tree: Tree) -> None:
    trained = BEST[DATASETS[0]]
    root = results_folder(tree) / DATASETS[0] / trained
    done = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    assert order(done, "dice") == [
        (f"{trained} step=postprocessed", pytest.approx(0.82)),
        (trained, pytest.approx(0.819)),
    ]
    assert done.json["runs"][1]["group"]["metrics"]["dice"]["n"] == 5


def test_v2_with_datasets_as_several_folders(finalrank: Finalrank, tree: Tree) -> None:
    root = results_folder(tree)
    whole = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    roots = [root / dataset for dataset in DATASETS]
    parts = finalrank("report", *roots, "--preset", "nnunet-v2", "-f", "json")
    assert [run["run"] for run in parts.json["runs"]] == [run["run"] for run in whole.json["runs"]]
    assert parts.json["datasets"] == whole.json["datasets"]


def test_v2_tells_results_folders_apart(finalrank: Finalrank, tree: Tree) -> None:
    one, other = (below(f"Dataset001_A/{OWN}", trainer(dice, whole=False)) for dice in (0.5, 0.6))
    root = tree(below("old/nnUNet_results", one) | below("new", other))
    done = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    names = [f"{OWN} results=new", f"{OWN} results=old"]
    assert [run["run"] for run in done.json["runs"]] == names


def test_v2_a_cross_validation_over_a_part_of_the_folds_does_not_stand(report: Any) -> None:
    files = trainer(0.5, whole=False) | cross_validated(0.9, [0, 1])
    done = report("nnunet-v2", below(f"Dataset001_A/{OWN}", files))
    assert order(done, "dice") == [
        (OWN, pytest.approx(0.52)),
        (f"{OWN} step=postprocessed", pytest.approx(0.901)),
    ]
    source = f"Dataset001_A/{OWN}/crossval_results_folds_0_1/summary.json"
    assert left_out(done) == {source: "part-of-folds"}
    assert rows(done)[f"{OWN} step=postprocessed"]["incomplete"] == {
        "dice": "2 of 5 folds",
        "iou": "2 of 5 folds",
    }


def test_v2_a_model_of_all_cases_is_left_out_for_that(finalrank: Finalrank, tree: Tree) -> None:
    files = trainer(0.5, whole=False) | {"fold_all/validation/summary.json": v2(0.98)}
    root = tree(below(f"Dataset001_A/{OWN}", files))
    done = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    assert order(done, "dice") == [(OWN, pytest.approx(0.52))]
    (row,) = done.json["excluded"]
    assert (row["run"], row["reason"]) == (f"{OWN}/fold_all", "training-cases")
    page = finalrank("report", root, "--preset", "nnunet-v2").out
    assert f"`{OWN}/fold_all` is left out: it was validated on its training cases" in page
    inside = finalrank("report", root / "Dataset001_A" / OWN, "--preset", "nnunet-v2", "-f", "json")
    assert [row["reason"] for row in inside.json["excluded"]] == ["training-cases"]


def test_v2_figures_of_test_images_are_not_beside_a_cross_validation(report: Any) -> None:
    test = "/data/nnUNet_raw/Dataset001_A/labelsTs"
    files = below(f"Dataset001_A/{OWN}", trainer(0.5)) | {
        f"Dataset001_A/{OWN}/imagesTs_predicted/summary.json": v2(0.4, labels=test),
        "Dataset001_A/other_imagesTs/summary.json": v2(0.3, labels=test),
    }
    done = report("nnunet-v2", files)
    assert order(done, "dice") == [
        (f"{OWN}/imagesTs_predicted", pytest.approx(0.4)),
        ("other_imagesTs", pytest.approx(0.3)),
    ]
    assert set(left_out(done).values()) == {"other-split"}


def test_v2_predictions_alone_need_no_dataset(report: Any) -> None:
    files = {"2d/summary.json": v2(0.4), "3d/summary.json": v2(0.5), "summary.json": v2(0.1)}
    assert order(report("nnunet-v2", files), "dice") == [("3d", 0.5), ("2d", 0.4), ("runs", 0.1)]


def test_v2_a_class_that_no_case_has_is_named(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        f"Dataset001_A/{OWN}/fold_0/validation/summary.json": v2(0.5, 0.5),
        "Dataset001_A/T__nnUNetPlans__3d/fold_0/validation/summary.json": v2(0.9, math.nan),
    }
    root = tree(files)
    page = finalrank("report", root, "--preset", "nnunet-v2")
    told = "`T__nnUNetPlans__3d` is left out: its Dice is NaN, as no case has class 2."
    assert told in page.out
    assert page.problems == []
    explained = finalrank("explain", root, "--preset", "nnunet-v2").out
    assert "no usable dice: it is NaN, as no case has class 2" in explained


def test_v2_by_a_class_that_every_case_has(report: Any) -> None:
    config = "[[metrics]]\nkey = 'one'\nkeys = ['mean.\"1\".Dice']\nprimary = true"
    files = {
        f"Dataset001_A/{OWN}/fold_0/validation/summary.json": v2(0.5, 0.9),
        "Dataset001_A/T__nnUNetPlans__3d/fold_0/validation/summary.json": v2(0.75, math.nan),
    }
    done = report("nnunet-v2", files, config)
    assert order(done, "one") == [("T__nnUNetPlans__3d", 0.75), (OWN, 0.5)]


def test_v2_a_fold_without_a_class_fails_and_the_cross_validation_stands(report: Any) -> None:
    folds = trainer(0.5, whole=False)
    folds["fold_4/validation/summary.json"] = v2(0.9, math.nan)
    alone = report("nnunet-v2", below(f"Dataset001_A/{OWN}", folds))
    assert rows(alone)[OWN]["incomplete"]["dice"] == "4 of 5 folds"
    whole = report("nnunet-v2", below(f"Dataset001_A/{OWN}", folds | cross_validated(0.4)))
    row = rows(whole)[OWN]
    assert (row["metrics"]["dice"], row["incomplete"]) == (0.4, {})


def test_v2_has_values_by_case(finalrank: Finalrank, tree: Tree) -> None:
    nothing = (math.nan, math.nan)  # neither is there, nor was it found

    def summary(*cases: tuple[float, ...]) -> dict[str, Any]:
        whole: dict[str, Any] = v2(0.5)
        by_case = [v2(*case, cases=[f"case_{n}"]) for n, case in enumerate(cases)]
        return whole | {"metric_per_case": [case["metric_per_case"][0] for case in by_case]}

    files = {
        "a/summary.json": summary((0.5, 0.7), (0.8, 0.6), nothing, (0.9, 0.9)),
        "b/summary.json": summary((0.4, 0.6), (0.7, 0.5), nothing, (0.8, 0.8)),
    }
    options = ("--preset", "nnunet-v2", "--baseline", "b", "--evidence", "-f", "json")
    done = finalrank("report", tree(files), *options)
    assert done.problems == []
    cases = done.json["evidence"]["cases"]
    means = {row["run"]: (row["cases"], row["mean"]) for row in cases["metrics"]}
    assert means == {"a": (3, pytest.approx(2.2 / 3)), "b": (3, pytest.approx(1.9 / 3))}
    assert cases["metrics"][0]["difference"] == pytest.approx(0.1)


# Version 1

V1 = "3d_fullres/Task005_Prostate/nnUNetTrainerV2__nnUNetPlansv2.1"
V1_RUN = "nnUNetTrainerV2__nnUNetPlansv2.1"


def test_v1_ranks_by_the_labels_without_the_background(report: Any) -> None:
    files = {
        f"{V1}/fold_0/validation_raw/summary.json": v1(0.5, 0.75),
        f"{V1}/fold_1/validation_raw/summary.json": v1(0.75, 0.75),
        f"{V1}/fold_0/validation_raw_postprocessed/summary.json": v1(0.5, 0.875),
        f"{V1}/cv_niftis_raw/summary.json": v1(0.625, 0.625),
        f"{V1}/cv_niftis_postprocessed/summary.json": v1(0.75, 0.5),
        f"{V1}/all/validation_raw/summary.json": v1(1.0, 1.0),
        f"{V1}/postprocessing.json": {"dc_per_class_raw": {"1": 0.99}},
        f"{V1.replace('3d_fullres', '2d')}/fold_0/validation_raw/summary.json": v1(0.25, 0.5),
        "ensembles/Task005_Prostate/ensemble_2d__T__P--3d_fullres__T__P/ensembled_raw/"
        "summary.json": v1(0.125, 0.375),
    }
    done = report("nnunet-v1", below("nnUNet", files))
    # The 2D model has one of two folds, and stands behind.
    assert order(done, "dice") == [
        (f"{V1_RUN} configuration=3d_fullres", 0.625),
        (f"{V1_RUN} configuration=3d_fullres step=postprocessed", 0.625),
        ("ensemble_2d__T__P--3d_fullres__T__P", 0.25),
        (f"{V1_RUN} configuration=2d", 0.375),
    ]
    assert (
        rows(done)[f"{V1_RUN} configuration=3d_fullres"]["group"]["metrics"]["dice"]["mean"]
        == 0.6875
    )
    assert left_out(done) == {f"nnUNet/{V1}/all/validation_raw/summary.json": "training-cases"}
    assert (done.json["baseline"], done.problems) == (None, [])


def test_v1_from_inside_a_trainer(report: Any) -> None:
    files = {
        "fold_0/validation_raw/summary.json": v1(0.5),
        "fold_1/validation_raw/summary.json": v1(0.75),
        "cv_niftis_raw/summary.json": v1(0.65625),
        "cv_niftis_postprocessed/summary.json": v1(0.5),
    }
    done = report("nnunet-v1", files)
    assert order(done, "dice") == [("runs", 0.65625), ("runs step=postprocessed", 0.5)]


def test_v1_its_own_mean_counts_before_ours(report: Any) -> None:
    summary: dict[str, Any] = v1(0.9, 0.9)
    summary["results"]["mean"]["mean"] = {"Dice": 0.25, "Jaccard": 0.125}
    assert order(report("nnunet-v1", {"a/summary.json": summary}), "dice") == [("a", 0.25)]


def test_v1_a_class_that_no_case_has_is_named(finalrank: Finalrank, tree: Tree) -> None:
    files = {"a/summary.json": v1(0.5, 0.5), "b/summary.json": v1(0.9, math.nan)}
    page = finalrank("report", tree(files), "--preset", "nnunet-v1").out
    assert "`b` is left out: its Dice is NaN, as no case has class 2." in page
