"""What Hugging Face's Trainer and example scripts write into an output folder."""

from __future__ import annotations

from typing import Any

import pytest

import preset_runs
from conftest import Finalrank, Tree
from preset_runs import left_out, order, rows

report = preset_runs.report


def trainer(prefix: str, accuracy: float | None, f1: float | None = None, n: int = 872) -> Any:
    """What a Trainer writes of an evaluation; its speed is no metric."""
    speed = {"runtime": 11.86, "samples_per_second": 0.99, "steps_per_second": 0.98}
    scores = {"accuracy": accuracy, "f1": f1, "loss": 1.25, "samples": n, **speed}
    return {f"{prefix}_{key}": value for key, value in scores.items() if value is not None}


TRAINED = {"train_loss": 0.1, "train_runtime": 5.0, "train_samples": 67349, "epoch": 3.0}


def test_tests_are_ranked_and_evaluations_named(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        # The test counts, whatever the evaluation says.
        "bert/test_results.json": trainer("test", 0.75, 0.5),
        "bert/eval_results.json": trainer("eval", 0.875, 0.875) | {"epoch": 3.0},
        "bert/all_results.json": trainer("test", 1.0, 1.0) | trainer("eval", 0.875) | TRAINED,
        "roberta/predict_results.json": trainer("predict", 0.8125, 0.625),
        "roberta/train_results.json": TRAINED,
        # Only what older calls left.
        "old/all_results.json": trainer("predict", 0.625, 0.25) | trainer("eval", 0.9, 0.9),
        "tuned/all_results.json": TRAINED,
        "half/eval_results.json": trainer("eval", 0.9375),
    }
    root = tree(files)
    done = finalrank("report", root, "--preset", "huggingface", "-f", "json")
    assert order(done, "accuracy") == [("roberta", 0.8125), ("bert", 0.75), ("old", 0.625)]
    assert order(done, "f1") == [("roberta", 0.625), ("bert", 0.5), ("old", 0.25)]
    assert order(done, "loss")[0] == ("roberta", 1.25)
    assert rows(done)["bert"]["source"] == "bert/test_results.json#test"
    assert left_out(done) == {
        "bert/all_results.json#eval": "other-split",
        "bert/eval_results.json#eval": "other-split",
        "half/eval_results.json#eval": "other-split",
        "old/all_results.json#eval": "other-split",
        "tuned/all_results.json#train": "missing-primary",
    }
    assert done.problems == []
    page = finalrank("report", root, "--preset", "huggingface").out
    assert "`half` is left out: only validation figures." in page


def test_without_a_test_evaluations_are_ranked(report: Any) -> None:
    files = {
        "a/eval_results.json": trainer("eval", 0.5),
        "a/all_results.json": trainer("eval", 0.75) | TRAINED,
        "b/eval_results.json": trainer("eval", 0.25),
    }
    done = report("huggingface", files)
    assert order(done, "accuracy") == [("a", 0.5), ("b", 0.25)]
    sources = [row["source"] for row in rows(done).values()]
    assert sources == ["a/eval_results.json#eval", "b/eval_results.json#eval"]


def test_a_test_stands_only_in_the_file_of_all_results(report: Any) -> None:
    files = {
        "a/eval_results.json": trainer("eval", 0.5),
        "a/all_results.json": trainer("test", 0.75) | trainer("eval", 0.5),
        "b/predict_results.json": trainer("predict", 0.25),
    }
    done = report("huggingface", files)
    assert order(done, "accuracy") == [("a", 0.75), ("b", 0.25)]


def test_a_run_without_a_test_figure_gets_none_from_its_evaluation(report: Any) -> None:
    files = {
        "a/all_results.json": trainer("test", None) | trainer("eval", 0.875),
        "b/test_results.json": trainer("test", 0.5),
    }
    done = report("huggingface", files)
    assert order(done, "accuracy") == [("b", 0.5)]
    assert left_out(done) == {
        "a/all_results.json#eval": "other-split",
        "a/all_results.json#test": "missing-primary",
    }


def test_the_number_of_samples_is_the_test_set(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"{name}/test_results.json": trainer("test", 0.5) for name in "abc"}
    files["d/predict_results.json"] = trainer("predict", 0.75, n=100)
    page = finalrank("report", tree(files), "--preset", "huggingface").out
    assert "100 cases" in page


def test_one_output_folder_is_a_run(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"bert/test_results.json": trainer("test", 0.5)})
    done = finalrank("report", root / "bert", "--preset", "huggingface", "-f", "json")
    assert order(done, "accuracy") == [("bert", 0.5)]


def test_for_another_task(report: Any) -> None:
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


def test_a_figure_without_a_prefix_is_of_the_split_of_its_file(report: Any) -> None:
    config = """
    [[metrics]]
    key = "perplexity"
    primary = true
    higher_is_better = false
    range = [1, inf]
    """
    files = {
        "a/eval_results.json": {"eval_loss": 2.0, "perplexity": 7.5, "eval_samples": 10},
        "a/all_results.json": {"eval_loss": 2.0, "perplexity": 7.5} | TRAINED,
        "b/all_results.json": {"eval_loss": 2.0, "perplexity": 6.5} | TRAINED,
        "c/eval_results.json": {"perplexity": 8.5},
    }
    done = report("huggingface", files, config)
    assert order(done, "perplexity") == [("b", 6.5), ("a", 7.5)]
    assert left_out(done) == {"c/eval_results.json": "other-split"}


@pytest.mark.parametrize(("text", "reason"), [("[1]", "is a list"), ("7", "is a number")])
def test_what_is_no_object_is_unreadable(report: Any, text: str, reason: str) -> None:
    files = {"a/test_results.json": trainer("test", 0.5), "b/test_results.json": text}
    done = report("huggingface", files)
    assert reason in done.problems[0]
    assert left_out(done) == {"b/test_results.json": "unreadable"}
