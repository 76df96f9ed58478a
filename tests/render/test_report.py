"""The summary that every format prints: its figures, its keys, and what a reader would miss."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import EXAMPLES, PUBLISHED, SUMMARY_KEYS, Done, Finalrank, Tree
from finalrank.report.schema import json_schema

DICE, IOU = "dice_pos", "iou_pos"
ROC, AP = "roc_auc_presence", "average_precision_presence"
METRICS, RANKED = [DICE, IOU, ROC, AP], [DICE, ROC, AP]


def metrics(dice: Any, roc: Any = None, ap: Any = None) -> dict[str, Any]:
    return {DICE: dice, ROC: roc, AP: ap}


@pytest.fixture
def report(finalrank: Finalrank, tree: Tree) -> Any:
    """The report on `{source: content}` in JSON."""

    def run(files: dict[str, Any], config: str = "") -> Done:
        return finalrank("report", tree({**files, "finalrank.toml": config}), "-f", "json")

    return run


# Notable exclusions

# The third-best ROC-AUC is 0.7; one run has none.
PODIUM = {
    f"{run}/test_metrics.json": metrics(0.5, roc, 0.9)
    for run, roc in {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": None}.items()
}


def notable(done: Done) -> dict[str, list[str]]:
    return {row["run"]: row["artifacts"] for row in done.json["notable_exclusions"]}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (metrics(0, 0.7000000000000001), True),
        (metrics(0, 0.7), False),
        (metrics(0, 0.65), False),
        (metrics(0), False),
        (metrics(None, 0.95), True),
        (metrics(38.37, 0.95), True),
        (metrics(0, "0.95"), False),
        (metrics(0, 95), False),
        ({DICE: 0, IOU: 1}, False),
        ({}, False),
        ("{", False),
    ],
)
def test_a_run_is_notable_for_a_value_strictly_above_the_third_best(
    content: Any, named: bool, report: Any
) -> None:
    done = report(PODIUM | {"x/test_metrics.json": content})
    assert notable(done) == ({"x": ["test_metrics.json"]} if named else {})


@pytest.mark.parametrize(
    "source",
    ["x_dev/test_metrics.json", "x/test_metrics_smoke.json", "x/test_metrics_scan.json"],
)
@pytest.mark.parametrize("content", [metrics(0.95), metrics(0.1, 0.95), metrics(0, 0.95)])
def test_what_a_name_drops_is_read_for_this_too(source: str, content: Any, report: Any) -> None:
    run, _, name = source.partition("/")
    assert notable(report(PODIUM | {source: content})) == {run: [name]}


def test_a_run_with_a_valid_artifact_is_not_notable(report: Any) -> None:
    files = {
        "x/test_metrics.json": metrics(0.1),
        "x/test_metrics_dev.json": metrics(0.95, 0.95),
        "x/test_metrics_2.json": metrics(0, 0.95),
    }
    assert notable(report(PODIUM | files)) == {}


@pytest.mark.parametrize("kept", [1, 2, 3])
@pytest.mark.parametrize("value", [0, 0.001])
def test_where_fewer_than_three_have_a_metric_any_value_counts(
    kept: int, value: float, report: Any
) -> None:
    files = {f"r{n}/test_metrics.json": metrics(0.5, 0.9) for n in range(kept)}
    # Those that lack the metric do not fill the podium.
    files |= {f"s{n}/test_metrics.json": metrics(0.5) for n in range(3)}
    done = report(files | {"x/test_metrics.json": metrics(None, value)})
    assert notable(done) == ({"x": ["test_metrics.json"]} if kept < 3 else {})


def test_where_fewer_than_three_are_kept_a_zero_of_the_primary_metric_counts(report: Any) -> None:
    files = {"a/test_metrics.json": metrics(0.5), "x/test_metrics.json": metrics(0)}
    assert notable(report(files)) == {"x": ["test_metrics.json"]}


@pytest.mark.parametrize(("loss", "named"), [(2.9, True), (3, False), (3.1, False), (0, True)])
def test_where_lower_is_better_above_is_below(loss: float, named: bool, report: Any) -> None:
    config = """
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "loss"
        higher_is_better = false
        range = [0, 10]
    """
    files = {f"r{n}/test_metrics.json": {DICE: 0.5, "loss": n} for n in (1, 2, 3, 4)}
    done = report(files | {"x/test_metrics.json": {DICE: 0, "loss": loss}}, config)
    assert list(notable(done)) == (["x"] if named else [])


def test_all_candidates_of_a_notable_run_are_named_in_order(report: Any) -> None:
    files = {
        "y/test_metrics.json": metrics(0, 0.95),
        "x/test_metrics_b.json": metrics(0, 0.95),
        "x/test_metrics_a.json": "{",
        "x/test_metrics_dev.json": {},
        "x/B_test_metrics.json": metrics(0),
        "x/y/test_metrics.json": metrics(0, 0.1),
    }
    done = report(PODIUM | files)
    names = ["B_test_metrics.json", "test_metrics_a.json", "test_metrics_b.json"]
    assert list(notable(done).items()) == [
        ("x", [*names, "test_metrics_dev.json"]),
        ("y", ["test_metrics.json"]),
    ]


def test_candidates_of_one_run_in_two_folders_are_named_by_file_name(report: Any) -> None:
    files = {"test_metrics_x.json": {}, "test_metrics_x/a_test_metrics.json": metrics(0, 0.95)}
    done = report(PODIUM | files)
    assert notable(done) == {"test_metrics_x": ["a_test_metrics.json", "test_metrics_x.json"]}


def test_one_value_of_any_artifact_of_the_run_is_enough(report: Any) -> None:
    files = {"x/test_metrics_1.json": metrics(0), "x/test_metrics_2.json": metrics(0, None, 0.95)}
    assert notable(report(PODIUM | files)) == {"x": ["test_metrics_1.json", "test_metrics_2.json"]}


def test_the_sentence_on_the_page(tree: Tree, finalrank: Finalrank) -> None:
    files = {
        "x/test_metrics_scan_1.json": metrics(0, 0.95),
        "x/test_metrics_scan_2.json": {},
        "y/test_metrics_smoke.json": metrics(0, 0.95),
        "z/test_metrics.json": metrics(0, 0.95),
    }
    lines = finalrank("report", tree(PODIUM | files)).out.splitlines()
    x = lines.index(
        "- `x` remains excluded because only `test_metrics_scan_1.json`, "
        "`test_metrics_scan_2.json` are available for that run."
    )
    assert lines[x + 1] == (
        "- `y` remains excluded because only `test_metrics_smoke.json` is available for that run."
    )
    assert lines[x + 2] == "- `z` is left out: dice_pos is at most 1e-06 (filter.zero)."


# JSON

RUN_KEYS = [
    "rank",
    "run",
    "source",
    "mean_rank",
    "metrics_used",
    "metrics",
    "ranks",
    "delta",
    "key_feature",
    "protocol",
    "valid_artifacts",
    "incomplete",
    "factors",
    "infinite",
    "partial",
    "nan",
]
RECOMMENDED: dict[str, Any] = {
    "primary": None,
    "fallback": None,
    "tied": [],
    "passed_over": [],
}


@pytest.mark.parametrize("baseline", [True, False])
def test_keys_and_their_order(baseline: bool, report: Any) -> None:
    name = "nnunet" if baseline else "unet"
    done = report(
        {
            f"{name}/test_metrics.json": {AP: 0.5, IOU: 0.5, "other": 1, ROC: 0.5, DICE: 0.5},
            "b/test_metrics.json": {DICE: 0.5, IOU: "x"},
            "c/test_metrics.json": {ROC: 1},
        }
    )
    summary = done.json
    assert list(summary) == SUMMARY_KEYS
    assert list(summary["counts"]) == [
        "artifacts_found",
        "artifacts_valid",
        "runs_found",
        "runs_valid",
    ]
    assert [list(metric) for metric in summary["metrics"]] == [
        ["key", "label", "higher_is_better", "ranked", "range"]
    ] * 4
    assert [metric["key"] for metric in summary["metrics"]] == METRICS
    for run in summary["runs"]:
        assert list(run) == RUN_KEYS
        assert list(run["metrics"]) == METRICS
        assert list(run["ranks"]) == RANKED
        if baseline:
            assert list(run["delta"]) == METRICS
            assert [list(delta) for delta in run["delta"].values()] == [["absolute", "percent"]] * 4
        else:
            assert run["delta"] is None
    if baseline:
        assert list(summary["baseline"]) == ["run", "label", "metrics"]
        assert list(summary["baseline"]["metrics"]) == METRICS
    else:
        assert summary["baseline"] is None
    assert list(summary["recommendation"]) == ["primary", "fallback", "tied", "passed_over"]
    assert [list(row) for row in summary["notable_exclusions"]] == [["run", "artifacts", "reason"]]
    assert [list(row) for row in summary["excluded"]] == [["source", "run", "reason", "detail"]]
    assert [list(row) for row in summary["problems"]] == [["source", "place", "reason"]]


def test_what_the_summary_says_of_the_report(report: Any, finalrank: Finalrank) -> None:
    done = report({"a/test_metrics.json": metrics(0.5)}, 'title = "T"')
    assert done.json["schema_version"] == 2
    assert done.json["title"] == "T"
    assert done.json["root"] == "runs"
    assert done.json["recommendation"] == RECOMMENDED | {"primary": "a"}
    example = finalrank("report", EXAMPLES, "-f", "json", "--generated-at", "2026-02-15 08:14:41")
    assert example.json["generated_at"] == PUBLISHED
    assert example.json["metrics"][1] == {
        "key": IOU,
        "label": "IoU_pos",
        "higher_is_better": True,
        "ranked": False,
        "range": [0, 1],
    }


def test_the_fallback_is_the_second_run(report: Any) -> None:
    files = {
        f"{run}/test_metrics.json": metrics(dice)
        for run, dice in zip("abc", (1, 0.5, 0.7), strict=True)
    }
    assert report(files).json["recommendation"] == RECOMMENDED | {"primary": "a", "fallback": "c"}


def test_json_is_indented_by_two_and_ends_with_one_newline(report: Any) -> None:
    done = report({"é|`/test_metrics.json": metrics(0.5)})
    assert done.out == json.dumps(done.json, indent=2, ensure_ascii=False) + "\n"


def test_numbers_have_full_precision(report: Any) -> None:
    numbers = [0.1 + 0.2, 1 / 3, 1e-5, 5e-324, 0.9999999999999999, 2 / 3]
    files = {
        f"{n}/test_metrics.json": metrics(0.5, number, 1 / 3) for n, number in enumerate(numbers)
    }
    runs = report(files).json["runs"]
    assert {run["run"]: run["metrics"][ROC] for run in runs} == {
        str(n): number for n, number in enumerate(numbers)
    }
    assert {run["mean_rank"] for run in runs} == {sum(run["ranks"].values()) / 3 for run in runs}


def test_nothing_is_nan_or_infinite(report: Any) -> None:
    config = """
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "x"
        range = [-inf, inf]
    """
    contents = ["NaN", "Infinity", "-Infinity", "1e400", "1e308", "-1e308", "0", "5e-324"]
    for baseline in range(len(contents)):
        done = report(
            {
                f"{n}/test_metrics.json": f'{{"dice_pos": 0.5, "x": {text}}}'
                for n, text in enumerate(contents)
            },
            f'baseline.run = "{baseline}"\n{config}',
        )
        # json.loads(parse_constant) is called for NaN, Infinity and -Infinity.
        json.loads(done.bytes, parse_constant=pytest.fail)
        assert done.json["metrics"][1]["range"] == [None, None]


@pytest.mark.parametrize("name", ["a b", "|", "`", "<b>", "*x*", "\\", '"', "\x1b", "\n", "\u202e"])
def test_names_are_as_they_are(name: str, report: Any) -> None:
    files = {
        f"{name}/test_metrics.json": metrics(0.5),
        f"{name}2/test_metrics{name}.json": metrics(0, 1),
    }
    summary = report(files).json
    assert (summary["runs"][0]["run"], summary["runs"][0]["source"]) == (
        name,
        f"{name}/test_metrics.json",
    )
    assert summary["excluded"][0]["run"] == f"{name}2"
    assert summary["notable_exclusions"] == [
        {
            "run": f"{name}2",
            "artifacts": [f"test_metrics{name}.json"],
            "reason": "dice_pos is at most 1e-06 (filter.zero)",
        }
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are not UTF-8")
@pytest.mark.parametrize("name", ["a", "\udcff"])
def test_a_text_of_the_author_is_printable(name: str, report: Any) -> None:
    # U+0000 may stand in TOML as an escape.
    config = r'title = "a\u0000d83d \\u0000dcff \U0001F600"'
    summary = report({f"{name}/test_metrics.json": metrics(0.5)}, config).json
    assert summary["title"] == "a\\x00d83d \\u0000dcff \N{GRINNING FACE}"
    assert summary["runs"][0]["run"] == name


def test_notes_on_runs(report: Any) -> None:
    config = """
        [runs."a/*"]
        key_feature = "by glob"
        protocol = "locked"
        [runs."a/b"]
        key_feature = "by name"
    """
    files = {f"{run}/test_metrics.json": metrics(0.5) for run in ("a/b", "a/c", "d")}
    runs = report(files, config).json["runs"]
    assert [(run["key_feature"], run["protocol"]) for run in runs] == [
        ("by name", "locked"),
        ("by glob", "locked"),
        (None, None),
    ]


# The schema


@pytest.fixture(scope="module")
def schema() -> Any:
    """What `finalrank schema` prints; to check it takes a hundred times as long as a report."""
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def validate(summary: Any, schema: Any) -> None:
    jsonschema.Draft202012Validator(schema).validate(summary)


def test_the_example_fits_the_schema(schema: Any, finalrank: Finalrank) -> None:
    validate(finalrank("report", EXAMPLES, "-f", "json").json, schema)


def test_what_is_missing_fits_the_schema(schema: Any, report: Any) -> None:
    files = {
        "a/test_metrics.json": metrics(0.5),
        "b/test_metrics.json": "[",
        "c/test_metrics.json": {DICE: "x", ROC: 1},
    }
    for config in [
        "",
        '[baseline]\nrun = "a"',
        '[[metrics]]\nkey="dice_pos"\nprimary=true\nrange=[0,inf]',
    ]:
        validate(report(files, config).json, schema)


@pytest.mark.parametrize("key", ["schema_version", "runs", "baseline", "problems"])
def test_the_schema_asks_for_the_keys(key: str, schema: Any, finalrank: Finalrank) -> None:
    summary = finalrank("report", EXAMPLES, "-f", "json").json
    summary[key] = {"schema_version": 1, "runs": None, "baseline": 1, "problems": [{}]}[key]
    with pytest.raises(jsonschema.ValidationError):
        validate(summary, schema)


# CSV


def test_csv_has_the_figures_of_the_json(finalrank: Finalrank) -> None:
    rows = list(csv.DictReader(io.StringIO(finalrank("report", EXAMPLES, "-f", "csv").out)))
    runs = finalrank("report", EXAMPLES, "-f", "json").json["runs"]
    assert list(rows[0]) == [
        *("rank", "run", "source", "mean_rank", "metrics_used"),
        *METRICS,
        *(f"rank_{key}" for key in RANKED),
        *(f"delta_{key}" for key in METRICS),
        *(f"delta_pct_{key}" for key in METRICS),
    ]
    assert len(rows) == len(runs)
    for row, run in zip(rows, runs, strict=True):
        figures = {key: run[key] for key in ("rank", "mean_rank", "metrics_used")} | run["metrics"]
        figures |= {f"rank_{key}": rank for key, rank in run["ranks"].items()}
        figures |= {f"delta_{key}": delta["absolute"] for key, delta in run["delta"].items()}
        figures |= {f"delta_pct_{key}": delta["percent"] for key, delta in run["delta"].items()}
        assert (row.pop("run"), row.pop("source")) == (run["run"], run["source"])
        assert {key: float(text) if text else None for key, text in row.items()} == figures


def test_csv_of_missing_figures_and_awkward_names(tree: Tree, finalrank: Finalrank) -> None:
    name = 'a,"b"\nc'
    root = tree({f"{name}/test_metrics.json": metrics(0.5)})
    out = finalrank("report", root, "-f", "csv").out
    header, row = csv.reader(io.StringIO(out, newline=""))
    assert "\r" not in out
    expected = {"rank": "1", "run": name, "source": f"{name}/test_metrics.json", DICE: "0.5"}
    expected |= {"mean_rank": "1.0", "metrics_used": "1", f"rank_{DICE}": "1"}
    assert dict(zip(header, row, strict=True)) == dict.fromkeys(header, "") | expected


# Everything is accounted for

FOLDERS = ["", "a/", "a/b/", "nnunet/", "fast_dev/", "smoke/a/", "ct_scan/", "x/", "y/", "z/"]
FILES = ["test_metrics.json", "test_metrics_1.json", "b_test_metrics.json", "test_metrics_dev.json"]
FILES += ["scan_test_metrics.json", "test_metrics_smoke_scan.json"]
CONTENTS = ["{", "[]", "", "{}"] + [
    json.dumps(metrics(dice, roc))
    for dice in (0, 1e-9, 0.25, 0.5, 1, 38.37, "0.5", None, math.nan)
    for roc in (None, 0.5, 0.9, True)
]
SOURCES = st.builds("{}{}".format, st.sampled_from(FOLDERS), st.sampled_from(FILES))
TREES = st.dictionaries(SOURCES, st.sampled_from(CONTENTS), max_size=20)
ACCOUNT = re.compile(r"(\d+) artifacts: (\d+) ranked, (\d+) siblings, (\d+) left out(?: \((.+)\))?")
ORDER = ["dev", "smoke", "scan", "unreadable", "missing-primary", "zero-primary"]


@pytest.mark.slow
@given(TREES)
@settings(deadline=None, max_examples=60)
def test_every_candidate_ends_in_one_place(
    finalrank: Finalrank, schema: Any, files: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for source, content in files.items():
            path = Path(folder, source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        done = finalrank("report", folder, "-f", "json")
        explained = finalrank("explain", folder, "-f", "json")

    told = ACCOUNT.fullmatch(done.account)
    assert told, done.account
    found, kept, siblings, left_out = map(int, told.groups()[:4])
    assert found == len(files) == kept + siblings + left_out
    reasons = [reason.rsplit(" ", 1) for reason in told[5].split(", ")] if left_out else []
    assert sum(int(count) for _, count in reasons) == left_out
    assert reasons == sorted(reasons, key=lambda row: (-int(row[1]), ORDER.index(row[0])))
    if not kept:
        assert (done.status, done.out) == (1, "")
        return

    assert done.status == 0
    summary = done.json
    validate(summary, schema)
    runs, excluded = summary["runs"], summary["excluded"]
    assert len(runs) == kept
    assert sum(run["valid_artifacts"] for run in runs) == kept + siblings
    assert len(excluded) == left_out
    assert summary["counts"] == {
        "artifacts_found": found,
        "artifacts_valid": kept + siblings,
        "runs_found": len({run["run"] for run in [*runs, *excluded]}),
        "runs_valid": kept,
    }
    assert Counter(row["reason"] for row in excluded) == {r: int(n) for r, n in reasons}

    rows = {row["source"]: row["verdict"] for row in explained.json}
    assert sorted(rows) == sorted(files)
    assert Counter(rows.values()) == Counter(kept=kept, sibling=siblings, excluded=left_out)
    assert {run["source"] for run in runs} == {
        s for s, verdict in rows.items() if verdict == "kept"
    }
    assert [row["source"] for row in excluded] == sorted(
        source for source, verdict in rows.items() if verdict == "excluded"
    )
