"""A report is its JSON: read back, it is equal, and gives the same bytes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from conftest import EXAMPLES, PUBLISHED, Tree
from finalrank import FinalrankError, Report, load_report
from finalrank.config.settings import Settings

AT = datetime.fromisoformat(PUBLISHED)
needs_any_bytes = pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")


def check(report: Report) -> Report:
    """Read the report back from its JSON, and return it if nothing is lost."""
    text = report.to_json()
    again = Report.model_validate(json.loads(text))
    assert again == report
    assert again.to_json() == text
    return again


def configured(**sections: Any) -> Settings:
    return Settings.model_validate(sections)


@pytest.mark.parametrize("groups", ["expand", "collapse", "best"])
@pytest.mark.parametrize("evidence", [False, True])
def test_the_example(groups: str, evidence: bool) -> None:
    report = load_report(
        EXAMPLES, configured(rank={"groups": groups}), generated_at=AT, evidence=evidence
    )
    again = check(report)
    assert (again.evidence is not None) == evidence
    assert any(hasattr(run, "group") for run in again.runs) == (groups == "collapse")


@pytest.mark.parametrize("ties", ["ordinal", "average"])
def test_the_evidence_of_every_run(ties: str) -> None:
    settings = configured(rank={"ties": ties, "missing": "worst"})
    check(load_report(EXAMPLES, settings, generated_at=AT, evidence=True, intervals="all"))


def test_the_tables_of_a_report_that_is_read_back() -> None:
    report = load_report(EXAMPLES, generated_at=AT)
    assert check(report).to_frame().equals(report.to_frame())


def test_infinite_ranges_and_single_cases(tree: Tree) -> None:
    metrics = [
        {"key": "hd", "primary": True, "range": [0, float("inf")], "higher_is_better": False},
        {"key": "score", "range": [-float("inf"), float("inf")]},
    ]
    files: dict[str, Any] = {
        f"method_seed_{seed}/test_metrics.json": {"hd": hd, "score": -1, "num_samples": 4}
        for seed, hd in enumerate([3, 2.5, 1e300])
    }
    files |= {
        f"method_seed_{seed}/test_cases.csv": f"case,hd\na,{seed}\nb,2\nc,1e300\nd,inf\n"
        for seed in range(3)
    }
    root = tree({**files, "bad/test_metrics.json": "["})
    report = load_report(root, configured(metrics=metrics), generated_at=AT, evidence=True)
    assert report.metrics[0].range == (0.0, None)
    assert report.evidence
    assert report.evidence.cases
    check(report)


@needs_any_bytes
@pytest.mark.parametrize("evidence", [False, True])
def test_names_that_are_not_utf_8(evidence: bool, tree: Tree) -> None:
    names = [
        os.fsdecode(name) for name in (b"a\xff", b"\xed\xa0\x80", b"b\x1b\\udcff", b"c\\u0000")
    ]
    root = tree({f"{name}/test_metrics.json": {"dice_pos": 0.5} for name in names})
    again = check(load_report(root, generated_at=AT, evidence=evidence))
    assert {run.run for run in again.runs} == set(names)


@pytest.mark.parametrize("wrong", [5, [], "none", {"rules": {}}])
def test_what_is_no_evidence_is_refused(wrong: Any) -> None:
    written = json.loads(load_report(EXAMPLES).to_json())
    with pytest.raises(ValidationError):
        Report.model_validate({**written, "evidence": wrong})


def test_a_report_that_is_read_back_has_no_page() -> None:
    again = check(load_report(EXAMPLES, generated_at=AT))
    with pytest.raises(FinalrankError) as caught:
        again.to_markdown()
    assert str(caught.value) == "a report that was read from JSON has no page: use load_report"
    assert again._repr_markdown_() is None  # a notebook then shows it as any other object


# Any runs folder

# There is a run to rank, whatever the others are.
COMPLETE = {"dice_pos": 0.5, "roc_auc_presence": 1, "average_precision_presence": 0}
FIGURES = st.one_of(
    st.sampled_from([0, 1, 0.5, None]), st.floats(0, 1), st.floats(allow_nan=False), st.text("a1")
)
ARTIFACTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("dice_pos", "iou_pos", "roc_auc_presence"), FIGURES),
        "average_precision_presence": FIGURES,
        "num_positive": st.integers(0, 60),
        "num_negative": st.integers(0, 60),
    },
)
RUN_NAMES = (
    st.sampled_from([b"nnunet", b"a_seed_1", b"a_seed_2", b"a_seed_3", b"b/fold0", b"b/fold1"])
    | st.binary(min_size=1, max_size=6)
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=4).map(str.encode)
).filter(lambda name: not (b"\0" in name or name.startswith((b".", b"/")) or b"/." in name))
FILE_NAMES = st.sampled_from(
    ["test_metrics.json", "test_metrics_tta.json", "dev_test_metrics.json"]
)
CASES = st.lists(st.floats(0, 1) | st.just("x"), min_size=0, max_size=5)
RUNS = st.dictionaries(
    RUN_NAMES,
    st.tuples(st.dictionaries(FILE_NAMES, ARTIFACTS, min_size=1), st.none() | CASES),
    min_size=1,
    max_size=6,
)
CONFIGURED = st.fixed_dictionaries(
    {
        "groups": st.sampled_from(["expand", "collapse", "best"]),
        "missing": st.sampled_from(["available", "worst", "complete"]),
        "ties": st.sampled_from(["ordinal", "average", "min"]),
    }
)


def write(root: Path, runs: dict[bytes, Any]) -> None:
    for name, (artifacts, cases) in runs.items():
        folder = root / os.fsdecode(name)
        folder.mkdir(parents=True, exist_ok=True)
        for file, metrics in artifacts.items():
            (folder / file).write_text(json.dumps(metrics))
        if cases is not None:
            lines = [f"{number},{value}" for number, value in enumerate(cases)]
            (folder / "test_cases.csv").write_text("\n".join(["case,dice_pos", *lines]))


@needs_any_bytes
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(RUNS, CONFIGURED, st.booleans())
def test_any_report(runs: dict[bytes, Any], rank: dict[str, str], evidence: bool) -> None:
    known = {"evidence": {"resamples": 100, "weightings": 100}, "rank": rank}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "runs")
        write(root, runs | {b"a_run": ({"test_metrics.json": COMPLETE}, None)})
        report = load_report(root, configured(**known), generated_at=AT, evidence=evidence)
    check(report)
