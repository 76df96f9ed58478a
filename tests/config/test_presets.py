"""The layouts that finalrank knows, each on a small tree of its shape."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import finalrank as package
import nnunet_trees
import preset_runs
from conftest import Finalrank, Tree
from finalrank.config.presets.tables import PUBLISHED
from finalrank.config.settings import Settings
from finalrank.scan.readers.registry import READERS
from nnunet_trees import below, v2
from preset_runs import order

FOLDER = Path(package.__file__).parent / "config" / "presets"
NAMES = [
    *("detectron2", "huggingface", "keras", "lightning", "lm-eval", "mlflow", "mlflow-db"),
    *("mmengine", "monai", "mteb", "nnunet-v1", "nnunet-v2", "published", "ultralytics", "wandb"),
]
LOWER = {"loss", "val_loss", "hd95"}
report = preset_runs.report
# What no preset may rank, nor show: counts, times and speeds.
NO_METRIC = re.compile(
    r"\b(FN|FP|TN|TP|n_ref|n_pred|support|epoch|step|samples|Total.*)\b|runtime|per_second|stderr"
)


def preset(name: str) -> Settings:
    return Settings.model_validate(tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8")))


# As pieces of configuration


def test_there_are_these() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == NAMES


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
    assert not settings.baseline.match or name == PUBLISHED
    assert "preset" not in tomllib.loads(text)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_ranked_is_no_count_and_no_time(name: str) -> None:
    for metric in preset(name).metrics:
        assert not any(NO_METRIC.search(source) for source in metric.sources)
        assert metric.higher_is_better == (metric.key not in LOWER)
        low, high = metric.range
        assert high in ((1, 100) if metric.higher_is_better else (math.inf,))
        assert low in ((0, -1) if metric.higher_is_better else (0, -math.inf))


# The published layout is what it is: it has no advice on how to change it.
@pytest.mark.parametrize("name", [name for name in NAMES if name != PUBLISHED])
def test_the_advice_in_the_comments_is_a_configuration(
    name: str, finalrank: Finalrank, tree: Tree
) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    head = text.partition("\n\n")[0]
    # The examples stand to the right, in a column or indented.
    found = re.findall(r"^#.*? {2,}(\[+[a-z]+\]+|[a-z_]+ = .*)$", head, re.MULTILINE)
    for table in re.split(r"\n(?=\[)", "\n".join(found)):
        assert table.startswith(("[scan]", "[filter]", "[[metrics]]", "[[factors]]"))
        done = finalrank("config", tree({"finalrank.toml": table}), "--preset", name)
        assert done.status == 0, done.err


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


def test_lightning_by_any_column(report: Any) -> None:
    config = """
    [[metrics]]
    key = "val_acc"
    primary = true
    [[metrics]]
    key = "train_loss_epoch"
    higher_is_better = false
    range = [0, inf]
    """
    table = "epoch,step,train_loss_epoch,val_acc\n0,9,,0.9\n0,9,1.5,\n1,19,,{}\n1,19,{},\n"
    files = {
        "version_0/metrics.csv": table.format(0.75, 0.5),
        "version_1/metrics.csv": table.format(0.5, 0.25),
    }
    done = report("lightning", files, config)
    assert order(done, "val_acc") == [("version_0", 0.75), ("version_1", 0.5)]
    assert order(done, "train_loss_epoch") == [("version_0", 0.5), ("version_1", 0.25)]
    assert done.problems == []


# Chosen, extended, overridden


V2 = below("Dataset7_Own/T__P__2d", nnunet_trees.trainer(0.5)) | {
    "Dataset7_Own/predicted/summary.json": v2(0.25)
}


def test_a_file_can_name_its_preset(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(V2 | {"finalrank.toml": 'preset = "nnunet-v2"'})
    runs = [run for run, _ in order(finalrank("report", root, "-f", "json"), "dice")]
    assert runs == ["T__P__2d step=postprocessed", "T__P__2d", "predicted"]


def test_the_users_tables_are_laid_over_it_key_by_key(report: Any) -> None:
    config = '[scan]\nexclude = ["*/crossval_results*"]\n[baseline]\nmatch = "DICTED"'
    done = report("nnunet-v2", V2, config)
    assert order(done, "dice") == [("T__P__2d", 0.52), ("predicted", 0.25)]
    assert done.json["baseline"]["run"] == "predicted"
    assert done.json["baseline"]["label"] == "Baseline"


def test_the_users_metrics_replace_its_metrics(report: Any) -> None:
    config = '[[metrics]]\nkey = "foreground_mean.IoU"\nprimary = true'
    done = report("nnunet-v2", V2, config)
    assert order(done, "foreground_mean.IoU")[2] == ("predicted", 0.125)
    assert [metric["key"] for metric in done.json["metrics"]] == ["foreground_mean.IoU"]


def test_the_users_patterns_replace_its_patterns(report: Any) -> None:
    files = {
        "a/test_metrics.json": {"eval_accuracy": 0.5},
        "a/eval_results.json": {"eval_accuracy": 1},
    }
    done = report("huggingface", files, '[scan]\npatterns = ["test_metrics.json"]')
    assert order(done, "accuracy") == [("a", 0.5)]


def test_the_page_has_the_presets_words(finalrank: Finalrank, tree: Tree) -> None:
    page = finalrank("report", tree(V2), "--preset", "nnunet-v2").out
    assert "\nRecommendation:\n" in page
    # What was done with a cross-validation tells runs apart, and has a column.
    assert "| Rank | Run | step | Dice | IoU | Source |" in page
