"""The Python API: load_report, the views of a report, and what an import costs."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

import finalrank as package
from conftest import EXAMPLES, GOLDEN, PUBLISHED, SUMMARY_KEYS, Finalrank, Tree
from finalrank import FinalrankError, Report, load_report
from finalrank.config.sections import BaselineSettings
from finalrank.config.settings import Settings

AT = datetime.fromisoformat(PUBLISHED)
SMALL = {
    "a/test_metrics.json": {"dice_pos": 0.5},
    "nnunet/test_metrics.json": {"dice_pos": 0.2, "roc_auc_presence": 0.5},
}


def test_the_report_is_that_of_the_command() -> None:
    report = load_report(EXAMPLES, generated_at=AT)
    assert isinstance(report, Report)
    assert report.to_markdown() == (GOLDEN / "clean_final_results.md").read_text("utf-8")
    assert report.to_json() == (GOLDEN / "clean_final_results.json").read_text("utf-8")
    assert report._repr_markdown_() == report.to_markdown()


def test_the_frame_is_the_csv() -> None:
    frame = load_report(str(EXAMPLES)).to_frame()
    table = pd.read_csv(GOLDEN / "clean_final_results.csv", dtype={"run": str})
    assert list(frame.columns) == list(table.columns)
    pd.testing.assert_frame_equal(frame, table, check_dtype=False, rtol=1e-12)


def test_missing_is_nan_in_the_frame(tree: Tree) -> None:
    frame = load_report(tree(SMALL)).to_frame()
    # Equal mean ranks: the one with more metrics goes first.
    assert list(frame["run"]) == ["a", "nnunet"]
    of_a = frame[frame["run"] == "a"]
    for column in ("roc_auc_presence", "rank_roc_auc_presence", "delta_pct_roc_auc_presence"):
        assert of_a[column].isna().all()
    metrics = frame.loc[:, [c for c in frame.columns if c.startswith(("delta_", "rank_"))]]
    assert all(dtype.kind == "f" for dtype in metrics.dtypes)


def test_a_frame_without_baseline(tree: Tree) -> None:
    report = load_report(tree({"007/test_metrics.json": {"dice_pos": 0.5}}))
    assert report.baseline is None
    frame = report.to_frame()
    assert list(frame["run"]) == ["007"]
    assert frame["delta_dice_pos"].isna().all()


def test_the_default_folder_is_runs(tree: Tree) -> None:
    tree(SMALL)
    assert {run.run for run in load_report().runs} == {"a", "nnunet"}


def test_the_configuration_is_a_path_or_settings(tree: Tree) -> None:
    root = tree(SMALL | {"finalrank.toml": 'title = "beside"'})
    Path("mine.toml").write_text('title = "mine"')
    assert load_report(root).title == "beside"
    assert load_report(root, "mine.toml").title == "mine"
    assert load_report(root, config=Path("mine.toml")).title == "mine"
    settings = Settings(title="ours", baseline=BaselineSettings(run="a"))
    report = load_report(root, settings)
    assert report.title == "ours"
    assert report.baseline
    assert report.baseline.run == "a"


def test_the_time_is_given_or_now(tree: Tree) -> None:
    root = tree(SMALL)
    assert load_report(root, generated_at=AT).generated_at == AT
    before = datetime.now().replace(microsecond=0)
    assert before <= load_report(root).generated_at <= datetime.now()


def test_a_report_gives_its_figures(tree: Tree) -> None:
    report = load_report(tree(SMALL))
    by_name = {run.run: run for run in report.runs}
    assert by_name["a"].metrics["dice_pos"] == 0.5
    assert by_name["a"].metrics["iou_pos"] is None
    assert by_name["a"].ranks == {
        "dice_pos": 1,
        "roc_auc_presence": None,
        "average_precision_presence": None,
    }
    assert report.counts.artifacts_found == 2
    assert report.runs[0].rank == 1


def test_to_json_is_the_schema_s(tree: Tree) -> None:
    summary = json.loads(load_report(tree(SMALL), generated_at=AT).to_json())
    assert summary["schema_version"] == 2
    assert list(summary) == SUMMARY_KEYS


def test_every_error_is_a_finalrank_error(tree: Tree) -> None:
    root = tree(SMALL | {"empty/nothing.txt": ""})
    Path("bad.toml").write_text("titel = 1")
    for runs, config in (
        ("no/where", None),
        (root / "a/test_metrics.json", None),
        (root / "empty", None),
        ("a\0b", None),
        (root, "none.toml"),
        (root, "bad.toml"),
        (root, Settings(baseline=BaselineSettings(run="zzz"))),
    ):
        with pytest.raises(FinalrankError) as caught:
            load_report(runs, config)
        text = str(caught.value)
        assert text
        assert "\n" not in text


def test_the_command_and_the_api_agree(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL)
    done = finalrank("report", root, "-f", "json", "--generated-at", PUBLISHED)
    assert load_report(root, generated_at=AT).to_json() == done.out


def test_a_report_cannot_be_changed(tree: Tree) -> None:
    report = load_report(tree(SMALL))
    with pytest.raises(ValueError, match="frozen"):
        report.title = "other"  # type: ignore[misc]


def test_all_public_names_are_documented() -> None:
    assert set(package.__all__) == {"FinalrankError", "Report", "__version__", "load_report"}
    for name in set(package.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(package, name))


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("import finalrank", {"pandas", "jinja2", "pydantic", "click", "tabulate"}),
        (
            "import sys; from finalrank.cli.main import main; main(['--version'])",
            {"pandas", "jinja2", "pydantic", "tabulate"},
        ),
        (
            "import sys; from finalrank.cli.main import main; main(['report', '-h'])",
            {"pandas", "jinja2", "pydantic", "tabulate"},
        ),
        (
            "from finalrank.cli.main import main; main(['report', 'runs', '-q', '-o', 'a.json'])",
            {"pandas", "jinja2", "tabulate"},
        ),
    ],
)
def test_heavy_imports_wait(program: str, heavy: set[str], tree: Tree) -> None:
    tree(SMALL)
    command = [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules, file=sys.stderr)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not heavy & set(done.stderr.split())


def test_the_time_may_come_from_the_environment(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771143281")
    report = load_report(tree({"a/test_metrics.json": {"dice_pos": 0.5}}))
    assert report.generated_at == datetime.fromisoformat("2026-02-15T08:14:41")


def test_intervals_are_of_the_podium_or_of_all() -> None:
    with pytest.raises(FinalrankError, match='"most" is neither "podium" nor "all"'):
        load_report(EXAMPLES, evidence=True, intervals="most")  # type: ignore[arg-type]
