"""The layouts that finalrank knows, each on a small tree of its shape."""

from __future__ import annotations

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

import jmespath
import pytest

import finalrank as package
from conftest import Done, Finalrank, Tree
from finalrank.config.settings import Settings
from finalrank.scan.readers.registry import READERS

FOLDER = Path(package.__file__).parent / "config" / "presets"
NAMES = ["huggingface", "lightning", "lm-eval", "mlflow", "nnunet-v1", "nnunet-v2"]
# What no preset may rank, nor show: counts, times and speeds.
NO_METRIC = re.compile(
    r"\b(FN|FP|TN|TP|n_ref|n_pred|support|epoch|step|samples|Total.*)\b|runtime|per_second|stderr"
)


def preset(name: str) -> Settings:
    return Settings.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


def order(done: Done, key: str) -> list[tuple[str, float]]:
    assert done.status == 0, done.err
    return [(run["run"], run["metrics"][key]) for run in done.json["runs"]]


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    """Reports on a tree by a preset, with a configuration of the user's own if there is one."""

    def run(name: str, files: dict[str, Any], config: str = "") -> Done:
        root = tree(files)
        tree({"finalrank.toml": config} if config else {})
        return finalrank("report", root, "--preset", name, "-f", "json")

    return run


# As pieces of configuration


def test_there_are_these() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{name}.toml" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_short_and_commented_configuration(name: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) <= 75
    assert max(map(len, lines)) <= 100
    settings = preset(name)
    assert settings.scan.patterns
    assert settings.scan.reader in READERS
    assert not settings.baseline.match
    assert "preset" not in tomllib.loads(text)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_ranked_is_no_count_and_no_time(name: str) -> None:
    for metric in preset(name).metrics:
        assert not any(NO_METRIC.search(source) for source in metric.sources)
        assert metric.higher_is_better == (metric.key != "loss")
        assert metric.range == ((0, 1) if metric.higher_is_better else (0, math.inf))


@pytest.mark.parametrize("name", NAMES)
def test_the_advice_in_the_comments_is_a_configuration(
    name: str, finalrank: Finalrank, tree: Tree
) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    head = text.partition("\n\n")[0]
    # The examples stand to the right, in a column or indented.
    found = re.findall(r"^#.*? {2,}(\[+[a-z]+\]+|[a-z_]+ = .*)$", head, re.MULTILINE)
    for table in re.split(r"\n(?=\[)", "\n".join(found)):
        assert table.startswith(("[scan]", "[[metrics]]"))
        done = finalrank("config", tree({"finalrank.toml": table}), "--preset", name)
        assert done.status == 0, done.err


# nnU-Net


def v2(dice: float, iou: float, **regions: float) -> str:
    """A summary as nnU-Net v2 writes one, with a case in which there is nothing to find."""
    counts = {"FN": 2004.5, "FP": 85.0, "TN": 7e6, "TP": 671.0, "n_pred": 756.0, "n_ref": 2675.5}
    per_class = {label: {"Dice": value, "IoU": 0.5, **counts} for label, value in regions.items()}
    document = {
        "foreground_mean": {"Dice": dice, "IoU": iou, **counts},
        "mean": per_class or {"1": {"Dice": dice, "IoU": iou, **counts}},
        "metric_per_case": [
            {"metrics": {"1": {"Dice": math.nan, "IoU": math.nan, "n_ref": 0}}},
            {"metrics": {"1": {"Dice": 0.99, "IoU": 0.98, "n_ref": 12}}},
        ],
    }
    return json.dumps(document, indent=4)


TRAINED = "results/Dataset7_Own/nnUNetTrainer__nnUNetPlans__2d"
V2 = {
    f"{TRAINED}/fold_0/validation/summary.json": v2(0.61, 0.5),
    f"{TRAINED}/fold_1/validation/summary.json": v2(0.72, 0.6),
    f"{TRAINED}/fold_10/validation/summary.json": v2(0.65, 0.7),
    f"{TRAINED}/crossval_results_folds_0_1_10/summary.json": v2(0.66, 0.55),
    f"{TRAINED}/crossval_results_folds_0_1_10/postprocessed/summary.json": v2(0.67, 0.56),
    "results/Dataset7_Own/ensembles/ensemble___a___b___0_1/summary.json": v2(0.7, 0.6),
    "predicted/summary.json": v2(0.3, 0.2),
    # No summaries, whatever is in them.
    "results/Dataset7_Own/inference_information.json": {"foreground_mean": {"Dice": 0.9}},
    f"{TRAINED}/fold_0/debug.json": {"foreground_mean": {"Dice": 0.9}},
}
V2_ORDER = [
    (f"{TRAINED}/fold_1", 0.72),
    ("results/Dataset7_Own/ensembles/ensemble___a___b___0_1", 0.7),
    (f"{TRAINED}/crossval_results_folds_0_1_10", 0.67),
    (f"{TRAINED}/fold_10", 0.65),
    (f"{TRAINED}/fold_0", 0.61),
    ("predicted", 0.3),
]


def test_nnunet_v2_ranks_by_foreground_dice(report: Any) -> None:
    done = report("nnunet-v2", V2)
    assert order(done, "dice") == V2_ORDER
    assert [metric["key"] for metric in done.json["metrics"]] == ["dice", "iou"]
    assert done.json["counts"] == {
        "artifacts_found": 7,
        "artifacts_valid": 7,
        "runs_found": 6,
        "runs_valid": 6,
    }
    assert (done.json["baseline"], done.problems) == (None, [])


def test_nnunet_v2_has_values_by_case(finalrank: Finalrank, tree: Tree) -> None:
    def summary(*cases: tuple[float, ...]) -> dict[str, Any]:
        rows = [
            {
                "metrics": {f"{n}": {"Dice": d, "IoU": d / 2} for n, d in enumerate(case, 1)},
                "reference_file": f"/data/labels/case_{number}.nii.gz",
            }
            for number, case in enumerate(cases)
        ]
        return {"foreground_mean": {"Dice": 0.5, "IoU": 0.4}, "metric_per_case": rows}

    nothing = (math.nan, math.nan)  # neither is there, nor was it found
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


def test_nnunet_v2_without_a_foreground_is_no_candidate_for_the_podium(report: Any) -> None:
    files = {
        "a/fold_0/validation/summary.json": v2(0.5, 0.4),
        "a/fold_1/validation/summary.json": v2(math.nan, math.nan),
        "a/fold_2/validation/summary.json": v2(0.0, 0.0),
        "other/summary.json": {"cases": [1, 2], "Dice": 0.99},
    }
    done = report("nnunet-v2", files)
    assert order(done, "dice") == [("a/fold_0", 0.5)]
    assert [(row["run"], row["reason"]) for row in done.json["excluded"]] == [
        ("a/fold_1", "missing-primary"),
        ("a/fold_2", "zero-primary"),
        ("other", "missing-primary"),
    ]
    assert done.problems == []


def test_nnunet_v2_within_one_run(report: Any) -> None:
    files = {"fold_0/validation/summary.json": v2(0.5, 0.4), "validation/summary.json": v2(0.4, 0)}
    assert order(report("nnunet-v2", files), "dice") == [("fold_0", 0.5), ("validation", 0.4)]


def test_nnunet_v2_by_a_region(report: Any) -> None:
    config = "[[metrics]]\nkey = 'core'\nkeys = ['mean.\"(1, 2)\".Dice']\nprimary = true"
    files = {
        "fold_0/validation/summary.json": v2(0.5, 0.4, **{"1": 0.1, "(1, 2)": 0.9}),
        "fold_1/validation/summary.json": v2(0.9, 0.4, **{"1": 0.9, "(1, 2)": 0.8}),
    }
    done = report("nnunet-v2", files, config)
    assert order(done, "core") == [("fold_0", 0.9), ("fold_1", 0.8)]
    assert [metric["key"] for metric in done.json["metrics"]] == ["core"]


def v1(**labels: float) -> dict[str, Any]:
    """A summary as nnU-Net v1 writes one; `_1` stands for label 1."""
    scores = {
        label.removeprefix("_"): {
            "Accuracy": 0.99,
            "Dice": value,
            "Jaccard": value / 2,
            "Total Positives Reference": 123.0,
        }
        for label, value in labels.items()
    }
    return {"author": "a", "name": "b", "results": {"all": [], "mean": scores}, "task": "c"}


def test_nnunet_v1_ranks_by_the_labels_without_the_background(report: Any) -> None:
    files = {
        "fold_0/validation_raw/summary.json": v1(_0=0.99, _1=0.5, _2=0.75),
        "fold_0/validation_raw_postprocessed/summary.json": v1(_1=0.5, _2=1.0),
        "fold_1/validation_raw/summary.json": v1(_0=0.01, _1=0.875, _2=0.875),
        # nnU-Net's own mean counts before ours.
        "fold_2/validation_raw/summary.json": v1(_0=0.99, _1=0.9, _2=0.9, mean=0.25),
        "cv_niftis_raw/summary.json": v1(_1=0.5),
        "t/cv_niftis_raw/summary.json": v1(_1=0.375),
        "t/cv_niftis_postprocessed/summary.json": v1(_1=0.3125),
        "fold_0/postprocessing.json": {"dc_per_class_raw": {"1": 0.99}},
    }
    done = report("nnunet-v1", files)
    assert order(done, "dice") == [
        ("fold_1", 0.875),
        ("fold_0", 0.75),
        ("cv_niftis_raw", 0.5),
        ("t", 0.375),
        ("fold_2", 0.25),
    ]
    assert [run["metrics"]["jaccard"] for run in done.json["runs"][:2]] == [0.4375, 0.375]
    assert done.json["runs"][1]["source"] == "fold_0/validation_raw_postprocessed/summary.json"
    assert (done.json["baseline"], done.problems) == (None, [])


# Hugging Face


def trainer(prefix: str, accuracy: float | None, f1: float | None = None) -> dict[str, float]:
    """What a Trainer writes of an evaluation; its speed is no metric."""
    speed = {"runtime": 11.86, "samples_per_second": 0.99, "steps_per_second": 0.98}
    scores = {"accuracy": accuracy, "f1": f1, "loss": 1.25, **speed}
    return {f"{prefix}_{key}": value for key, value in scores.items() if value is not None}


def test_huggingface_ranks_tests_before_evaluations(report: Any) -> None:
    files = {
        # The test counts, whatever the evaluation says.
        "bert/test_results.json": trainer("test", 0.75, 0.5),
        "bert/eval_results.json": trainer("eval", 0.875, 0.875) | {"epoch": 3.0},
        "bert/all_results.json": trainer("test", 1.0, 1.0) | trainer("eval", 0.875) | {"epoch": 3},
        "roberta/predict_results.json": trainer("predict", 0.8125, 0.625),
        "roberta/train_results.json": {"train_loss": 0.1, "train_runtime": 5.0},
        # Only what older calls left.
        "old/all_results.json": trainer("predict", 0.625, 0.25) | trainer("eval", 0.9, 0.9),
        "tuned/all_results.json": {"train_loss": -0.05, "train_runtime": 223.7},
        "half/eval_results.json": trainer("eval", 0.5),
    }
    done = report("huggingface", files)
    assert order(done, "accuracy") == [
        ("roberta", 0.8125),
        ("bert", 0.75),
        ("old", 0.625),
        ("half", 0.5),
    ]
    assert order(done, "f1") == [("roberta", 0.625), ("bert", 0.5), ("old", 0.25), ("half", None)]
    assert order(done, "loss")[0] == ("roberta", 1.25)
    assert [metric["key"] for metric in done.json["metrics"]] == ["accuracy", "f1", "loss"]
    assert done.json["counts"]["artifacts_found"] == 7
    assert done.problems == []


def test_huggingface_keeps_the_stale_file_for_last(report: Any) -> None:
    files = {
        "a/eval_results.json": trainer("eval", 0.5),
        "a/all_results.json": trainer("test", 0.75) | trainer("eval", 0.5),
        "b/eval_results.json": trainer("eval", 0.25),
        "b/all_results.json": trainer("eval", 0.25),
    }
    done = report("huggingface", files)
    sources = [run["source"] for run in done.json["runs"]]
    assert sources == ["a/eval_results.json", "b/eval_results.json"]


def test_huggingface_for_another_task(report: Any) -> None:
    config = """
    [[metrics]]
    key = "wer"
    keys = ["test_wer", "predict_wer", "eval_wer"]
    primary = true
    higher_is_better = false
    range = [0, inf]
    scale = 0.01
    """
    files = {"a/eval_results.json": {"eval_wer": 25}, "b/eval_results.json": {"eval_wer": 125}}
    assert order(report("huggingface", files, config), "wer") == [("a", 0.25), ("b", 1.25)]


# lm-eval


def harness(acc: str = "acc,none", **tasks: Any) -> dict[str, Any]:
    """What the evaluation harness writes of some tasks."""
    rows = {
        task: {"alias": task, acc: value, acc.replace("acc", "acc_stderr"): "N/A"}
        for task, value in tasks.items()
    }
    rows["gsm8k"] = {"alias": "gsm8k", "exact_match,strict-match": 0.375}
    return {"results": rows, "configs": {"arc": {"acc,none": 0.99}}, "n-shot": {"arc": 0}}


def test_lm_eval_ranks_the_newest_by_the_mean_of_its_tasks(report: Any) -> None:
    files = {
        "org__one/results_2024-01-01T10-00-00.123456.json": harness(arc=0.9, boolq=0.9),
        "org__one/results_2024-01-01T09-59-59.999999.json": harness(arc=1, boolq=1),
        "org__one/results_2024-02-01T00-00-00.000001.json": harness(arc=0.5, boolq=0.75),
        # Not a new one, that has nothing to say, nor other files.
        "org__one/results_2024-03-01T00-00-00.000001.json": {"results": {}},
        "org__one/samples_arc_2024-04-01T00-00-00.000001.json": harness(arc=1),
        "org__two/results.json": harness(arc=1.0, boolq=1.0),
        "org__two/results_2023-12-31T10-00-00.json": harness(arc=0.75, boolq="N/A", group=" "),
        "old/results.json": harness("acc", arc=0.25, boolq=0.5),
        "none/results_2024-01-01T10-00-00.json": harness(arc="N/A"),
    }
    done = report("lm-eval", files)
    assert order(done, "acc") == [("org__two", 0.75), ("org__one", 0.625), ("old", 0.375)]
    assert {row["reason"] for row in done.json["excluded"]} == {"missing-primary"}
    assert done.problems == []


def test_lm_eval_by_one_task(report: Any) -> None:
    config = """
    [[metrics]]
    key = "arc"
    keys = ['results.arc."acc,none"']
    primary = true
    """
    files = {
        "a/results_2024.json": harness(arc=0.5, boolq=1),
        "b/results_2024.json": harness(arc=0.75, boolq=0),
        "c/results_2024.json": harness(arc="N/A"),
    }
    done = report("lm-eval", files, config)
    assert order(done, "arc") == [("b", 0.75), ("a", 0.5)]
    assert done.problems == []  # to be missing is no problem


def test_lm_eval_shows_the_normalized_accuracy(report: Any) -> None:
    row = {"acc,none": 0.5, "acc_stderr,none": 0.01, "acc_norm,none": 0.625}
    files = {"a/results_2024.json": {"results": {"arc": row, "boolq": {"acc,none": 0.25}}}}
    done = report("lm-eval", files)
    assert done.json["runs"][0]["metrics"] == {"acc": 0.375, "acc_norm": 0.625}
    assert list(done.json["runs"][0]["ranks"]) == ["acc"]


# Lightning


def test_lightning_ranks_the_last_test(report: Any) -> None:
    logs = "lightning_logs"
    files = {
        f"{logs}/version_0/metrics.csv": "epoch,train_loss,test_acc,test_loss\n"
        "0,0.9,,\n9,,0.5,1.5\n9,,0.75,1.25\n9,0.1,,\n",
        f"{logs}/version_0/hparams.yaml": "lr: 0.1\n",
        f"{logs}/version_1/metrics.csv": "epoch,test/acc,test/loss\r\n9,0.875,0.5\r\n",
        f"{logs}/version_2/metrics.csv": "epoch,val_acc\n9,0.99\n",
        f"{logs}/version_3/metrics.csv": "epoch,test_acc,test_f1\n9,nan,0.5\n",
        f"{logs}/version_4/metrics.csv": "epoch,test_acc\n9,tensor(0.9)\n",
        f"{logs}/version_5/metrics.csv": "epoch,test_acc\n9,0.9\n9\n",
    }
    done = report("lightning", files)
    assert order(done, "accuracy") == [
        ("lightning_logs/version_1", 0.875),
        ("lightning_logs/version_0", 0.75),
    ]
    assert [run["metrics"]["loss"] for run in done.json["runs"]] == [0.5, 1.25]
    assert [(row["run"][-1], row["reason"]) for row in done.json["excluded"]] == [
        ("2", "missing-primary"),
        ("3", "missing-primary"),
        ("4", "missing-primary"),
        ("5", "unreadable"),
    ]
    assert [(row["source"][-13], row["place"]) for row in done.json["problems"]] == [
        ("4", "accuracy"),
        ("5", "line 3"),
    ]
    assert "tensor" not in done.err


# MLflow


def test_mlflow_ranks_the_latest_values(report: Any) -> None:
    files = {
        "mlruns/0/aaa/metrics/test_accuracy": "10 0.9 0\n30 0.75 2\n20 0.8 1\n",
        "mlruns/0/aaa/metrics/test_loss": "10 1.5 0\n",
        "mlruns/0/aaa/params/lr": "0.1",
        "mlruns/0/aaa/meta.yaml": "name: a\n",
        "mlruns/0/bbb/metrics/test/acc": "10 0.875 0\n",
        "mlruns/0/bbb/metrics/test/f1": "10 0.5\n",
        "mlruns/0/bbb/metrics/accuracy": "10 0.99 0\n",
        "mlruns/1/ccc/metrics/accuracy": "10 0.5 0\n",
        # Here it is the training's.
        "mlruns/1/ddd/metrics/accuracy": "10 0.99 0\n",
        "mlruns/1/ddd/metrics/val_accuracy": "10 0.7 0\n",
        "mlruns/1/eee/metrics/test_accuracy": "",
        # The same name where there are no metrics of a run, and a run that is in the bin.
        "mlruns/1/ccc/artifacts/metrics/accuracy": "10 0.99 0\n",
        "mlruns/1/ccc/params/metrics": "accuracy",
        "mlruns/1/ccc/metrics/metrics": "10 0.99 0\n",
        "mlruns/1/models/m-0a1b/metrics/accuracy": "10 0.99 0 ccc\n",
        "mlruns/.trash/2/fff/metrics/test_accuracy": "10 0.99 0\n",
    }
    done = report("mlflow", files)
    assert order(done, "accuracy") == [
        ("mlruns/0/bbb", 0.875),
        ("mlruns/0/aaa", 0.75),
        ("mlruns/1/ccc", 0.5),
    ]
    assert order(done, "f1") == [
        ("mlruns/0/bbb", 0.5),
        ("mlruns/0/aaa", None),
        ("mlruns/1/ccc", None),
    ]
    assert done.json["runs"][1]["metrics"]["loss"] == 1.5
    left_out = {row["run"]: row["reason"] for row in done.json["excluded"]}
    assert left_out["mlruns/1/ddd"] == left_out["mlruns/1/eee"] == "missing-primary"
    assert set(left_out.values()) == {"missing-primary", "excluded"}
    assert done.problems == []


def test_mlflow_takes_accuracy_for_the_test_only_without_a_validation() -> None:
    *_, last = preset("mlflow").metrics[0].keys
    assert jmespath.search(last, {"accuracy": 0.5}) == 0.5
    assert jmespath.search(last, {"accuracy": 0.5, "val_accuracy": 0.0}) is None
    assert jmespath.search(last, {"val_accuracy": 0.5}) is None


# Chosen, extended, overridden


def test_a_file_can_name_its_preset(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(V2 | {"finalrank.toml": 'preset = "nnunet-v2"'})
    assert order(finalrank("report", root, "-f", "json"), "dice") == V2_ORDER


def test_the_users_tables_are_laid_over_it_key_by_key(report: Any) -> None:
    config = (
        '[scan]\nexclude = ["*/crossval_results*", "*/ensembles/*"]\n[baseline]\nmatch = "FOLD_0"'
    )
    done = report("nnunet-v2", V2, config)
    folds = ["fold_1", "fold_10", "fold_0"]
    runs = [run["run"] for run in done.json["runs"]]
    assert runs == [*(f"{TRAINED}/{fold}" for fold in folds), "predicted"]
    assert done.json["baseline"]["run"] == f"{TRAINED}/fold_0"
    assert done.json["baseline"]["label"] == "Baseline"


def test_the_users_metrics_replace_its_metrics(report: Any) -> None:
    config = '[[metrics]]\nkey = "foreground_mean.IoU"\nprimary = true'
    done = report("nnunet-v2", V2, config)
    assert order(done, "foreground_mean.IoU")[0] == (f"{TRAINED}/fold_10", 0.7)
    assert [metric["key"] for metric in done.json["metrics"]] == ["foreground_mean.IoU"]


def test_the_users_patterns_replace_its_patterns(report: Any) -> None:
    files = {"a/test_metrics.json": trainer("eval", 0.5), "a/eval_results.json": trainer("eval", 1)}
    done = report("huggingface", files, '[scan]\npatterns = ["test_metrics.json"]')
    assert order(done, "accuracy") == [("a", 0.5)]


def test_the_page_has_the_presets_words(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree(V2), "--preset", "nnunet-v2").out
    assert "\nRecommendation:\n" in page
    assert "| Rank | Run | Dice | IoU | Source |" in page
