"""Presets for what trainings log: a tree of each producer's shape, and the report on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import preset_runs
from conftest import Finalrank
from mlflow_stores import database
from preset_runs import left_out, order, rows

report = preset_runs.report

OLD_YOLO = """\
                  epoch,         train/box_loss,   metrics/precision(B),       metrics/mAP50-95(B)
                      1,                  1.125,                   0.25,                     0.125
                      2,                  1.025,                    0.5,                      0.25
"""
NEW_YOLO = """\
epoch,time,metrics/precision(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss
1,3.5,0.5,0.75,0.5,1.5
2,7.5,0.5,0.5,0.375,2.5
"""


def test_ultralytics_reads_padded_and_resumed_tables(report: Any) -> None:
    header, *lines = NEW_YOLO.splitlines()
    files = {
        "train/results.csv": OLD_YOLO,
        "train/args.yaml": "model: yolov8n.pt\ndata: coco.yaml\n",
        "train2/results.csv": "\n".join([header, lines[0], header, lines[1]]) + "\n",
        "train2/args.yaml": "model: yolov8s.pt\ndata: coco.yaml\n",
    }
    done = report("ultralytics", files)
    assert order(done, "map") == [("train2", 0.375), ("train", 0.25)]
    assert done.problems == []
    assert {row["run"]: row["factors"]["model"] for row in done.json["runs"]} == {
        "train": ["yolov8n.pt"],
        "train2": ["yolov8s.pt"],
    }


def test_ultralytics_by_the_best_epoch(report: Any) -> None:
    files = {"a/results.csv": NEW_YOLO, "a/args.yaml": "model: x\ndata: y\n"}
    done = report("ultralytics", files, '[scan]\nrow = "best:val/box_loss:lower"\n')
    assert order(done, "map") == [("a", 0.5)]
    assert order(done, "map50") == [("a", 0.75)]


def test_keras_has_a_run_a_file_or_a_folder(report: Any) -> None:
    log = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,1.5,{},1.25\n1,0.75,1.0,{},1.5\n"
    files = {
        "cnn.csv": log.format(0.5, 0.25),
        "vit/training.log": log.format(0.25, 0.75),
        "sweep/lr_1.csv": log.format(0.25, 0.5).replace(",", ";"),
    }
    done = report("keras", files)
    assert order(done, "val_accuracy") == [("vit", 0.75), ("sweep/lr_1", 0.5), ("cnn", 0.25)]
    done = report("keras", files, '[scan]\nrow = "best:val_loss"\n')
    assert order(done, "val_accuracy")[0] == ("cnn", 0.5)


def lines(*objects: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in objects)


def mmengine(run: str, value: float) -> dict[str, Any]:
    log = lines(
        {"lr": 0.02, "loss": 1.5, "epoch": 1, "iter": 50, "step": 50},
        {"coco/bbox_mAP": value / 2, "data_time": 0.125, "time": 0.5, "step": 1},
        {"coco/bbox_mAP": value, "data_time": 0.125, "time": 0.5, "step": 2},
    )
    folder = f"{run}/20240101_101010"
    return {
        f"{folder}/vis_data/scalars.json": log,
        f"{folder}/vis_data/20240101_101010.json": log,
    }


def test_mmengine_ranks_configurations_by_the_score_of_their_task(report: Any) -> None:
    files = mmengine("faster-rcnn_r50", 0.375) | mmengine("retinanet_r50", 0.25)
    done = report("mmengine", files)
    assert order(done, "score") == [("faster-rcnn_r50", 0.375), ("retinanet_r50", 0.25)]
    assert {*left_out(done).values()} == {"excluded"}


def test_mmengine_prefers_a_test_and_reads_old_logs(report: Any) -> None:
    old = lines({"env_info": "Linux"}, {"mode": "val", "epoch": 1, "mIoU": 78.5})
    assert order(report("mmengine", {"deeplab/20210101_101010.log.json": old}), "score") == [
        ("deeplab", 78.5)
    ]
    tested = {"a/20240202_101010/20240202_101010.json": {"coco/bbox_mAP": 0.125}}
    done = report("mmengine", mmengine("a", 0.5) | mmengine("b", 0.75) | tested)
    assert rows(done)["a"]["metrics"]["score"] == 0.125
    assert "other-split" in left_out(done).values()


def test_detectron2_ranks_the_last_evaluation(report: Any) -> None:
    files = {
        f"{run}/metrics.json": lines(
            {"iteration": 19, "total_loss": 1.5},
            {"bbox/AP": 12.5, "iteration": 39},
            {"bbox/AP": value, "bbox/AP50": 50.0, "iteration": 59},
        )
        for run, value in (("a", 37.5), ("b", 40.0), ("c", float("nan")))
    }
    done = report("detectron2", files)
    assert order(done, "ap") == [("b", 0.4), ("a", 0.375)]
    assert left_out(done) == {"c/metrics.json": "missing-primary"}


def test_monai_reads_names_and_values(report: Any) -> None:
    files = {
        "a/metrics.csv": "val_mean_dice,0.75\nval_hd95,4.5\n",
        "b/metrics.csv": "val_mean_dice\t0.5\nval_hd95\t2.5\n",
        "a/val_mean_dice_raw.csv": "filename,class0,mean\np1,0.75,0.75\n",
    }
    done = report("monai", files)
    assert {run: row["metrics"] for run, row in rows(done).items()} == {
        "a": {"dice": 0.75, "hd95": 4.5},
        "b": {"dice": 0.5, "hd95": 2.5},
    }


def test_wandb_reads_summaries_of_offline_runs(report: Any) -> None:
    files: dict[str, Any] = {}
    for run, value in (("offline-run-20240101_101010-abc", 0.5), ("run-20240102_101010-def", 0.75)):
        files[f"{run}/files/wandb-summary.json"] = {
            "val/acc": value,
            "_step": 9,
            "_runtime": 12.5,
            "_wandb": {"runtime": 12},
        }
        files[f"{run}/files/config.yaml"] = "wandb_version: 1\nlr:\n  desc: null\n  value: 0.1\n"
    done = report("wandb", files)
    assert order(done, "accuracy") == [
        ("run-20240102_101010-def", 0.75),
        ("offline-run-20240101_101010-abc", 0.5),
    ]


def mteb(split: str, *scores: float) -> dict[str, Any]:
    subsets = [{"main_score": score, "hf_subset": f"s{n}"} for n, score in enumerate(scores)]
    return {"task_name": "x", "mteb_version": "1.12.0", "scores": {split: subsets}}


def test_mteb_ranks_models_over_tasks(report: Any) -> None:
    files = {
        "m1/rev0/Banking77.json": mteb("test", 0.75),
        "m2/rev0/Banking77.json": mteb("test", 0.5),
        "m1/rev0/Massive.json": mteb("validation", 0.25, 0.75),
        "m2/rev0/Massive.json": mteb("validation", 0.25, 0.25),
        "m1/rev0/model_meta.json": {"name": "m1"},
    }
    done = report("mteb", files)
    assert [(row["run"], row["mean_rank"]) for row in done.json["runs"]] == [
        ("m1/rev0", 1.0),
        ("m2/rev0", 2.0),
    ]
    scores = done.json["runs"][0]["by_dataset"]
    assert {name: own["metrics"]["main_score"] for name, own in scores.items()} == {
        "Banking77": 0.75,
        "Massive": 0.5,
    }


def test_the_database_of_mlflow(finalrank: Finalrank, tmp_path: Path) -> None:
    runs = {"1": ["calm-owl", "FINISHED", "active", 0.5, 0], "2": ["x", "FAILED", "active", 0.9, 0]}
    database(tmp_path / "runs" / "mlflow.db", runs, "test_accuracy")
    done = finalrank("report", tmp_path / "runs", "--preset", "mlflow-db", "-f", "json")
    assert order(done, "accuracy") == [("calm-owl", 0.5)]
    assert left_out(done) == {"mlflow.db#x": "status"}


def test_lightning_by_a_loss_from_the_command_line(finalrank: Finalrank, tmp_path: Path) -> None:
    for version, loss in enumerate((0.75, 0.5)):
        path = tmp_path / "lightning_logs" / f"version_{version}" / "metrics.csv"
        path.parent.mkdir(parents=True)
        path.write_text(f"epoch,step,train_loss,val_loss\n0,9,1.5,\n0,9,,{loss}\n")
    command = ("report", "lightning_logs", "--preset", "lightning", "-f", "json", "--metric")
    done = finalrank(*command, "val_loss:lower")
    assert order(done, "val_loss") == [("version_1", 0.5), ("version_0", 0.75)]
    refused = finalrank(*command, "val_loss")
    assert refused.status == 2
    assert 'write "val_loss:higher" or "val_loss:lower"' in refused.err
