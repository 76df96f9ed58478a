"""A store that MLflow's own client wrote, in an environment of its own: it is no dependency."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from conftest import Finalrank
from preset_runs import rows

# Runs in the environment of the client, with the folder of the store as its argument.
WRITE = """
import json, sys
import mlflow

mlflow.set_tracking_uri("file://" + sys.argv[1])
mlflow.set_experiment("mine")
client = mlflow.MlflowClient()
for name, accuracies, ends in [
    ("unet", [0.25, 0.75], "FINISHED"),
    ("unet", [0.5, 0.625], "FINISHED"),
    ("vnet", [0.875], "FINISHED"),
    ("broken", [0.9375], "FAILED"),
    ("gone", [0.96875], "FINISHED"),
]:
    with mlflow.start_run(run_name=name) as run:
        mlflow.log_param("lr", 0.1)
        for step, accuracy in enumerate(accuracies):
            mlflow.log_metric("test_accuracy", accuracy, step=step)
    client.set_terminated(run.info.run_id, ends)
    if name == "gone":
        client.delete_run(run.info.run_id)
found = mlflow.search_runs(
    experiment_names=["mine"], filter_string="attributes.status = 'FINISHED'"
)
print(json.dumps(dict(zip(found["run_id"], found["metrics.test_accuracy"]))))
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the client; where none can be installed, a skip."""
    folder = tmp_path_factory.mktemp("mlflow") / "env"
    venv.create(folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--retries", "0", "--only-binary", ":all:", "mlflow-skinny", "pandas"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("no registry of packages has the client of MLflow for this Python")
    return python


@pytest.mark.slow
def test_figures_are_those_of_search_runs(
    client: Path, finalrank: Finalrank, tmp_path: Path
) -> None:
    store = tmp_path / "mlruns"
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    wrote = subprocess.run(
        [client, "-c", WRITE, store],
        # Newer clients write to a database unless they are told.
        env=outside | {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert wrote.returncode == 0, wrote.stderr
    searched: dict[str, float] = json.loads(wrote.stdout.splitlines()[-1])
    done = finalrank("report", store, "--preset", "mlflow", "-f", "json")
    figures: dict[str, Any] = {
        row["source"].split("/")[1]: row["metrics"]["accuracy"] for row in rows(done).values()
    }
    assert figures == searched
    # Two of one name are told apart by their ids.
    assert sorted(name.split(" ")[0] for name in rows(done)) == ["unet", "unet", "vnet"]
    told = {row["run"]: row["detail"] for row in done.json["excluded"]}
    assert told == {
        "broken": "its status is failed (filter.status)",
        "gone": "its status is deleted (filter.status)",
    }
