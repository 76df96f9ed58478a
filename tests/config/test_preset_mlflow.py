"""A store of files as MLflow's client writes one."""

from __future__ import annotations

from typing import Any

import jmespath

import preset_runs
from conftest import Finalrank, Tree
from finalrank.config.presets.tables import preset_table
from preset_runs import left_out, order, rows

report = preset_runs.report
RUNNING, SCHEDULED, FINISHED, FAILED, KILLED = range(1, 6)
HISTORY = "1700000000000 0.875 0\n1700000002000 {value} 2\n1700000001000 0.9375 1\n"


def stored(
    name: str | None,
    run_id: str,
    *,
    status: int = FINISHED,
    stage: str = "active",
    **metrics: float,
) -> dict[str, Any]:
    """The folder of a run: its facts, its tags, its parameters, a file a metric with a history."""
    folder = f"1/{run_id}"
    files = {
        f"{folder}/meta.yaml": (
            f"artifact_uri: file:///mlruns/{folder}/artifacts\nend_time: 1700000003000\n"
            f"entry_point_name: ''\nexperiment_id: '1'\nlifecycle_stage: {stage}\n"
            f"run_id: {run_id}\nrun_name: {name}\nrun_uuid: {run_id}\nsource_name: ''\n"
            f"source_type: 4\nsource_version: ''\nstart_time: 1700000000000\nstatus: {status}\n"
            "tags: []\nuser_id: me\n"
        ),
        f"{folder}/params/lr": "0.1",
        f"{folder}/tags/mlflow.source.type": "LOCAL",
        f"{folder}/tags/mlflow.user": "me",
        f"{folder}/artifacts/model/MLmodel": "flavors: {}",
    }
    if name is not None:
        files[f"{folder}/tags/mlflow.runName"] = name
    for key, value in metrics.items():
        files[f"{folder}/metrics/{key}"] = HISTORY.format(value=value)
    return files


EXPERIMENT = {
    "1/meta.yaml": "artifact_location: file:///mlruns/1\nexperiment_id: '1'\n"
    "lifecycle_stage: active\nname: mine\n",
    "0/meta.yaml": "experiment_id: '0'\nlifecycle_stage: active\nname: Default\n",
}


def test_runs_are_called_as_the_store_calls_them(finalrank: Finalrank, tree: Tree) -> None:
    files = EXPERIMENT | stored("unet", "a" * 32, test_accuracy=0.75, test_f1=0.5)
    files |= stored("big/unet", "b" * 32, test_accuracy=0.8125, test_loss=1.5)
    files |= stored(None, "c" * 32, test_accuracy=0.5)
    root = tree(files)
    done = finalrank("report", root, "--preset", "mlflow", "-f", "json")
    assert order(done, "accuracy") == [("big/unet", 0.8125), ("unet", 0.75), (f"1/{'c' * 32}", 0.5)]
    assert rows(done)["unet"]["metrics"]["f1"] == 0.5
    assert rows(done)["unet"]["source"] == f"1/{'a' * 32}/metrics"
    assert done.problems == []
    one = finalrank("report", root / "1", "--preset", "mlflow", "-f", "json")
    assert [run for run, _ in order(one, "accuracy")] == ["big/unet", "unet", "c" * 32]


def test_deleted_and_unfinished_runs_are_left_out_for_that(
    finalrank: Finalrank, tree: Tree
) -> None:
    files = EXPERIMENT | stored("good", "a" * 32, test_accuracy=0.5)
    files |= stored("gone", "b" * 32, stage="deleted", test_accuracy=0.99)
    for status in (RUNNING, SCHEDULED, FAILED, KILLED):
        files |= stored(f"run_{status}", str(status) * 32, status=status, test_accuracy=0.25)
    root = tree(files)
    done = finalrank("report", root, "--preset", "mlflow", "-f", "json")
    assert order(done, "accuracy") == [("good", 0.5)]
    assert {row["run"]: row["detail"] for row in done.json["excluded"]} == {
        "gone": "its status is deleted (filter.status)",
        "run_1": "its status is running (filter.status)",
        "run_2": "its status is scheduled (filter.status)",
        "run_4": "its status is failed (filter.status)",
        "run_5": "its status is killed (filter.status)",
    }
    assert {row["reason"] for row in done.json["excluded"]} == {"status"}
    assert done.account == "6 artifacts: 1 ranked, 0 siblings, 5 left out (status 5)"
    page = finalrank("report", root, "--preset", "mlflow").out
    assert "`gone` is left out: its status is deleted (filter.status)." in page
    tree({"finalrank.toml": "[filter]\nstatus = ['Finished', 'RUNNING']"})
    both = finalrank("report", root, "--preset", "mlflow", "-f", "json")
    assert [run for run, _ in order(both, "accuracy")] == ["good", "run_1"]


def test_a_name_rule_is_asked_before_the_status(finalrank: Finalrank, tree: Tree) -> None:
    files = stored("good", "a" * 32, test_accuracy=0.5)
    files |= stored("dev", "b" * 32, test_accuracy=0.5)
    dropped = stored("gone", "c" * 32, stage="deleted", test_accuracy=0.5)
    files |= {path.replace("1/", "debug/", 1): content for path, content in dropped.items()}
    done = finalrank("report", tree(files), "--preset", "mlflow", "-f", "json")
    # What a file calls a run is not looked at by the rules on names.
    assert {run for run, _ in order(done, "accuracy")} == {"good", "dev"}
    assert left_out(done) == {f"debug/{'c' * 32}/metrics": "dev"}


def test_the_id_tells_equal_names_apart(report: Any) -> None:
    files = stored("unet", "a" * 32, test_accuracy=0.5)
    files |= stored("unet", "b" * 32, test_accuracy=0.75)
    files |= stored("other", "c" * 32, test_accuracy=0.25)
    done = report("mlflow", files)
    assert order(done, "accuracy") == [
        (f"unet {'b' * 32}", 0.75),
        (f"unet {'a' * 32}", 0.5),
        ("other", 0.25),
    ]
    assert done.account.startswith("3 artifacts: 3 ranked")


def test_a_copy_of_a_run_elsewhere_is_told_apart_by_its_path(report: Any) -> None:
    files = stored("unet", "a" * 32, test_accuracy=0.5)
    files |= {path.replace("1/", "2/", 1): content for path, content in files.items()}
    runs = [run for run, _ in order(report("mlflow", files), "accuracy")]
    assert runs == [f"unet 1/{'a' * 32}", f"unet 2/{'a' * 32}"]


def test_two_stores(finalrank: Finalrank, tree: Tree) -> None:
    one, other = (stored("unet", letter * 32, test_accuracy=0.5) for letter in "ab")
    files = {f"x/{path}": content for path, content in one.items()}
    files |= {f"y/{path}": content for path, content in other.items()}
    root = tree(files)
    done = finalrank("report", root / "x", root / "y", "--preset", "mlflow", "-f", "json")
    assert [run for run, _ in order(done, "accuracy")] == ["x/unet", "y/unet"]


def test_the_latest_values_of_a_store_without_any_facts(report: Any) -> None:
    files = {
        "mlruns/0/aaa/metrics/test_accuracy": "10 0.9 0\n30 0.75 2\n20 0.8 1\n",
        "mlruns/0/bbb/metrics/test/acc": "10 0.875 0\n",
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
    reasons = left_out(done)
    assert reasons["mlruns/1/ddd/metrics"] == reasons["mlruns/1/eee/metrics"] == "missing-primary"
    assert set(reasons.values()) == {"missing-primary", "excluded"}
    (line,) = done.problems
    assert line.startswith("mlruns/0/aaa/metrics: status: has no file beside it")


def test_a_broken_file_of_facts_is_told_and_the_run_counts(report: Any) -> None:
    files = stored("unet", "a" * 32, test_accuracy=0.5)
    files[f"1/{'a' * 32}/meta.yaml"] = "status: [3"
    done = report("mlflow", files)
    assert order(done, "accuracy") == [("unet", 0.5)]
    assert any("meta.yaml" in line and "is not YAML" in line for line in done.problems)


def test_a_name_of_several_lines_is_none(report: Any) -> None:
    files = stored("unet", "a" * 32, test_accuracy=0.5)
    files[f"1/{'a' * 32}/tags/mlflow.runName"] = "one\ntwo\n"
    done = report("mlflow", files)
    assert order(done, "accuracy") == [(f"1/{'a' * 32}", 0.5)]
    assert any("is more than a line of text" in line for line in done.problems)


def test_a_parameter_as_a_variant(report: Any) -> None:
    config = """
    [[factors]]
    key = "name"
    from = "tags/mlflow.runName"
    role = "run"
    [[factors]]
    key = "lr"
    from = "params/lr"
    role = "variant"
    """
    done = report("mlflow", stored("unet", "a" * 32, test_accuracy=0.5), config)
    assert order(done, "accuracy") == [("unet lr=0.1", 0.5)]


def test_accuracy_is_the_tests_only_without_a_validation() -> None:
    *_, last = preset_table("mlflow")["metrics"][0]["keys"]
    assert jmespath.search(last, {"accuracy": 0.5}) == 0.5
    assert jmespath.search(last, {"accuracy": 0.5, "val_accuracy": 0.0}) is None
    assert jmespath.search(last, {"val_accuracy": 0.5}) is None
