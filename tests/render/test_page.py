"""The page of any laboratory: other metrics, directions, digits, titles and labels."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import finalrank as package
from conftest import PUBLISHED, Done, Finalrank, Tree
from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric

INF = float("inf")
NNUNET = "[baseline]\nmatch = 'nnunet'\nlabel = 'nnUNet'\n"
LOWER = {"higher_is_better": False, "range": (0.0, INF)}


@pytest.fixture
def paged(finalrank: Finalrank, tree: Tree) -> Any:
    """The page on `{run: metrics}`, by a configuration."""

    def run(runs: dict[str, Any], config: str, *args: object) -> Done:
        files = {f"{run}/test_metrics.json": values for run, values in runs.items()}
        root = tree({**files, "finalrank.toml": config})
        return finalrank("report", root, "--generated-at", PUBLISHED, *args)

    return run


def metrics(*rows: dict[str, Any]) -> str:
    """The metrics as TOML."""
    lines = []
    for row in rows:
        lines.append("[[metrics]]")
        lines += [
            f"{key} = {json.dumps(value).replace('Infinity', 'inf')}" for key, value in row.items()
        ]
    return "\n".join(lines) + "\n"


def section(page: str, heading: str) -> str:
    """What stands below the heading that begins like this, up to the next heading."""
    return page.split(f"\n{heading}")[1].split("\n\n", 1)[1].split("\n## ")[0]


def cells(page: str) -> list[list[int]]:
    """How many cells each row of each table has: in the text, and as a Markdown reader counts."""
    lines = page.splitlines()
    blocks = [list(rows) for table, rows in groupby(lines, lambda row: row[:1] == "|") if table]
    text = [[len(re.findall(r"(?<!\\)\|", row)) - 1 for row in rows] for rows in blocks]
    read: list[list[int]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(page):
        if token.type == "table_open":
            read.append([])
        elif token.type == "tr_open":
            read[-1].append(0)
        elif token.type in ("th_open", "td_open"):
            read[-1][-1] += 1
    # A reader fills and cuts the rows to the header's length; the row of dashes is none of them.
    assert [[rows[0], *rows[2:]] for rows in text] == read
    return text


REGISTRATION = """\
title = "Lung Registration"
[baseline]
match = "affine"
label = "Affine"
[recommendation]
title = "Next study"
""" + metrics(
    {
        "key": "hd95",
        "label": "HD95 (mm)",
        "short": "HD95",
        "task": "Registration",
        "primary": True,
        "digits": 2,
        "columns": ["dice", "tre"],
        **LOWER,
    },
    {"key": "dice", "label": "Dice", "scale": 0.01, "task": "Registration", "columns": ["hd95"]},
    {"key": "tre", "label": "TRE", "ranked": False, "digits": 1, **LOWER},
)
FIELDS = {
    "affine": {"hd95": 7.5, "dice": 85.0, "tre": 2.31},
    "demons": {"hd95": 3.876, "dice": 90.1},
    "spline": {"hd95": 4.204, "dice": 91.25, "tre": 1.26},
    "warp": {"hd95": 112.349, "tre": 0},
}
REGISTRATION_PAGE = """\
# Lung Registration

_Generated: 2026-02-15 08:14:41_

Filtered for final comparison: excluded dev/smoke/scan artifacts; one best test artifact per run \
kept.

Best model one-liner: `demons` (`runs/demons/test_metrics.json`) with `hd95=3.88`, `dice=0.9010`; \
its place is shared by `spline`.

- Valid challenger runs: **4**
- Valid test artifacts after filtering: **4**

## Executive Summary (Top 2 + Recommendation)

Top 2 by combined final rank (HD95 (lower is better) + Dice):

1. `demons`
- Metrics: `hd95=3.88`, `dice=0.9010`
1. `spline`
- Metrics: `hd95=4.20`, `dice=0.9125`

Next study:
- `demons` and `spline` share the first place: none is preferred.
- Keep `affine` as fallback comparator.

Affine comparison reference (`affine`):
- Baseline: `hd95=7.50`, `dice=0.8500`

| Model | HD95 (mm) | Delta vs Affine (lower is better) | Dice | Delta vs Affine |
|---|---:|---:|---:|---:|
| `demons` | 3.88 | -3.62 (-48.32%) | 0.9010 | +0.0510 (+6.00%) |
| `spline` | 4.20 | -3.30 (-43.95%) | 0.9125 | +0.0625 (+7.35%) |

## 1) Final Registration Ranking (HD95 (mm), lower is better)

| Rank | Run | HD95 (mm) | Dice | TRE (lower is better) | Source |
|---:|---|---:|---:|---:|---|
| 1 | `demons` | 3.88 | 0.9010 | - | `demons/test_metrics.json` |
| 2 | `spline` | 4.20 | 0.9125 | 1.3 | `spline/test_metrics.json` |
| 3 | `affine` | 7.50 | 0.8500 | 2.3 | `affine/test_metrics.json` |
| 4 | `warp` | 112.35 | - | 0.0 | `warp/test_metrics.json` |

## 2) Final Registration Ranking (Dice)

| Rank | Run | Dice | HD95 (mm) | Source |
|---:|---|---:|---:|---|
| 1 | `spline` | 0.9125 | 4.20 | `spline/test_metrics.json` |
| 2 | `demons` | 0.9010 | 3.88 | `demons/test_metrics.json` |
| 3 | `affine` | 0.8500 | 7.50 | `affine/test_metrics.json` |

## 3) Combined Final Ranking (Mean Rank across HD95 + Dice)

| Rank | Run | Mean Rank | Metrics Used | HD95 (mm) | Dice | Source |
|---:|---|---:|---:|---:|---:|---|
| 1 | `demons` | 1.50 | 2 | 3.88 | 0.9010 | `demons/test_metrics.json` |
| 1 | `spline` | 1.50 | 2 | 4.20 | 0.9125 | `spline/test_metrics.json` |
| 3 | `affine` | 3.00 | 2 | 7.50 | 0.8500 | `affine/test_metrics.json` |
| 4 | `warp` | 4.00 | 1 | 112.35 | - | `warp/test_metrics.json` |
"""


def test_a_distance_first_and_a_percentage_by_scale(paged: Any) -> None:
    assert paged(FIELDS, REGISTRATION, "--top", 2).out == REGISTRATION_PAGE


def test_the_files_for_machines_keep_full_precision(paged: Any) -> None:
    summary = paged(FIELDS, REGISTRATION, "-f", "json").json
    assert summary["runs"][0]["metrics"]["hd95"] == 3.876
    assert list(summary["metrics"][0]) == ["key", "label", "higher_is_better", "ranked", "range"]
    header, row, *_ = paged(FIELDS, REGISTRATION, "-f", "csv").out.splitlines()
    assert "3.876" in row.split(",")
    assert "digits" not in header


def test_two_metrics_where_more_is_better_say_nothing_of_it(paged: Any) -> None:
    config = NNUNET + metrics(
        {"key": "f1", "label": "F1", "task": "Detection", "primary": True, "columns": ["kappa"]},
        {"key": "kappa", "label": "Kappa", "task": "Grading", "range": [-1, 1]},
    )
    runs = {"a": {"f1": 0.5, "kappa": -0.25}, "nnunet": {"f1": 0.25, "kappa": 0.5}}
    page = paged(runs, config).out
    assert "better" not in page
    assert "\nTop 2 by combined final rank (F1 + Kappa):\n" in page
    assert section(page, "nnUNet comparison") == (
        "| Model | F1 | Delta vs nnUNet | Kappa | Delta vs nnUNet |\n"
        "|---|---:|---:|---:|---:|\n"
        "| `a` | 0.5000 | +0.2500 (+100.00%) | -0.2500 | -0.7500 (-150.00%) |\n"
        "| `nnunet` | 0.2500 | +0.0000 (+0.00%) | 0.5000 | +0.0000 (+0.00%) |\n"
    )
    assert section(page, "## 2) Final Grading Ranking (Kappa)") == (
        "| Rank | Run | Kappa | Source |\n"
        "|---:|---|---:|---|\n"
        "| 1 | `nnunet` | 0.5000 | `nnunet/test_metrics.json` |\n"
        "| 2 | `a` | -0.2500 | `a/test_metrics.json` |\n"
    )


SEVEN = metrics(
    {"key": "dice", "label": "Dice", "task": "Segmentation", "primary": True, "columns": ["hd95"]},
    {"key": "nsd", "label": "NSD", "task": "Segmentation"},
    {"key": "hd95", "label": "HD95", "task": "Segmentation", "digits": 1, **LOWER},
    {"key": "auc", "label": "ROC-AUC", "task": "Classification"},
    {"key": "brier", "label": "Brier", "task": "Calibration", **LOWER},
    {"key": "missed", "label": "Missed lesions", "task": "Detection", "digits": 0, **LOWER},
    {"key": "seconds", "label": "Seconds a case", "digits": 0, **LOWER},
)


def test_seven_metrics_of_both_directions(paged: Any) -> None:
    values = {"dice": 0.8, "nsd": 0.9, "hd95": 3.14159, "auc": 0.95, "brier": 0.05}
    page = paged(
        {
            "a": values | {"missed": 12, "seconds": 3.6},
            "nnunet": {"dice": 0.7, "hd95": 5.0, "missed": 9, "seconds": 40},
        },
        NNUNET + SEVEN,
    ).out
    figures = (
        "`dice=0.8000`, `nsd=0.9000`, `hd95=3.1`, `auc=0.9500`, `brier=0.0500`, `missed=12`, "
        "`seconds=4`"
    )
    assert f"(`runs/a/test_metrics.json`) with {figures}.\n" in page
    assert f"1. `a`\n- Metrics: {figures}\n" in page
    assert "- Baseline: `dice=0.7000`, `nsd=-`, `hd95=5.0`, `auc=-`, `brier=-`, `missed=9`" in page
    assert (
        "\nTop 2 by combined final rank (Dice + NSD + HD95 (lower is better) + ROC-AUC + "
        "Brier (lower is better) + Missed lesions (lower is better) + "
        "Seconds a case (lower is better)):\n"
    ) in page
    assert re.findall("^## .*", page, re.MULTILINE)[1:] == [
        "## 1) Final Segmentation Ranking (Dice)",
        "## 2) Final Segmentation Ranking (NSD)",
        "## 3) Final Segmentation Ranking (HD95, lower is better)",
        "## 4) Final Classification Ranking (ROC-AUC)",
        "## 5) Final Calibration Ranking (Brier, lower is better)",
        "## 6) Final Detection Ranking (Missed lesions, lower is better)",
        "## 7) Final Ranking (Seconds a case, lower is better)",
        "## 8) Combined Final Ranking (Mean Rank across Dice + NSD + HD95 + ROC-AUC + Brier + "
        "Missed lesions + Seconds a case)",
    ]
    assert "| 12 | +3 (+33.33%) | 4 | -36 (-91.00%) |\n" in page
    assert section(page, "## 1)").splitlines()[0] == "| Rank | Run | Dice | HD95 | Source |"
    # A metric, and its delta, for each of seven; rank, run, mean rank, how many, and source.
    assert [rows[0] for rows in cells(page)] == [1 + 14, 5, 4, 4, 4, 4, 4, 4, 5 + 7]


@pytest.mark.parametrize(
    ("direction", "best", "rank", "heading"),
    [
        ({}, "b", "NLL", "NLL"),
        (LOWER, "a", "NLL (lower is better)", "NLL, lower is better"),
    ],
)
def test_a_single_ranked_metric(
    direction: dict[str, Any], best: str, rank: str, heading: str, paged: Any
) -> None:
    row = {"key": "nll", "label": "NLL", "primary": True, "range": (0.0, INF), **direction}
    page = paged({"a": {"nll": 1.5}, "b": {"nll": 2.5}}, metrics(row)).out
    assert f"\nTop 2 by combined final rank ({rank}):\n" in page
    assert f"\n- Choose `{best}` first. It has the best NLL.\n" in page
    assert f"\n## 1) Final Ranking ({heading})\n" in page
    assert "combined profile" not in page


def test_a_note_goes_on_after_a_single_metric(paged: Any) -> None:
    config = '[runs.a]\nprotocol = "five folds"\n' + metrics({"key": "f1", "primary": True})
    page = paged({"a": {"f1": 0.5}}, config).out
    assert "\n- Choose `a` first. It has the best f1 with five folds.\n" in page


def test_a_delta_of_either_sign_has_the_digits_of_its_metric(paged: Any) -> None:
    config = NNUNET + metrics({"key": "loss", "primary": True, "digits": 3, **LOWER})
    page = paged({"a": {"loss": 0.4994}, "b": {"loss": 1}, "nnunet": {"loss": 0.5}}, config).out
    assert "| `a` | 0.499 | -0.001 (-0.12%) |" in page
    assert "| `nnunet` | 0.500 | +0.000 (+0.00%) |" in page
    assert "| `b` | 1.000 | +0.500 (+100.00%) |" in page


@pytest.mark.parametrize(
    ("digits", "shown"), [(0, "0"), (1, "0.5"), (2, "0.46"), (6, "0.456789"), (9, "0.456789000")]
)
def test_digits_of_a_figure(digits: int, shown: str, paged: Any) -> None:
    config = metrics({"key": "f1", "primary": True, "digits": digits})
    page = paged({"a": {"f1": 0.456789}}, config).out
    assert f"`f1={shown}`" in page
    assert f"| 1 | `a` | {shown} | `a/test_metrics.json` |\n" in page


def test_a_metric_from_a_percentage_is_a_share_on_the_page(paged: Any) -> None:
    config = metrics({"key": "acc", "label": "Accuracy", "primary": True, "scale": 0.01})
    page = paged({"a": {"acc": 93.5}}, config).out
    assert "| 1 | `a` | 0.9350 |" in page
    assert "%" not in page
    assert "percent" not in page.lower()


# What the words claim


@pytest.mark.parametrize(
    ("title", "second"),
    [
        ("Clinical testing recommendation (research pilot)", "Clinical Candidate"),
        ("For clinical use", "Clinical Candidate"),
        ("Recommendation", "Recommendation"),
        ("", "Recommendation"),
    ],
)
def test_a_candidate_is_clinical_where_the_recommendation_is(
    title: str, second: str, paged: Any
) -> None:
    page = paged({"a": {"dice_pos": 0.5}}, f'[recommendation]\ntitle = "{title}"').out
    assert f"\n## Executive Summary (Top 1 + {second})\n" in page
    assert f"\n{title}:\n- Choose `a`" in page


@pytest.mark.parametrize(
    ("patterns", "noun"),
    [
        (["test_metrics*.json"], "test artifact"),
        (["*_TEST_metrics.json", "test*.json"], "test artifact"),
        (["test_metrics.json", "summary.json"], "artifact"),
        (["latest*.json", "test_metrics.json"], "artifact"),
    ],
)
def test_an_artifact_is_of_a_test_where_its_name_says_so(
    patterns: list[str], noun: str, paged: Any
) -> None:
    config = f"[scan]\npatterns = {json.dumps([*patterns, 'test_metrics.json'])}"
    page = paged({"a": {"dice_pos": 0.5}}, config).out
    assert f"; one best {noun} per run kept.\n" in page
    assert f"\n- Valid {noun}s after filtering: **1**\n" in page


def test_the_newest_artifact_is_not_called_the_best(paged: Any) -> None:
    page = paged({"a": {"dice_pos": 0.5}}, "[select]\nby = 'newest'").out
    assert "and zero-Dice outputs; the newest test artifact per run kept.\n" in page


@pytest.mark.parametrize(
    ("choice", "clause"),
    [
        ("exclude = ['b/*']", "; 1 artifact left out by path; one best"),
        ("include = ['a/*']", "; 2 artifacts left out by path; one best"),
        ("exclude = ['x/*']", " and zero-Dice outputs; one best"),
    ],
)
def test_the_page_says_that_paths_were_left_out(choice: str, clause: str, paged: Any) -> None:
    page = paged({run: {"dice_pos": 0.5} for run in "abc"}, f"[scan]\n{choice}").out
    assert clause in page


def test_runs_of_several_folders_have_the_folder_in_their_names(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({f"{top}/a/test_metrics.json": {"dice_pos": 0.5} for top in ("old", "new")})
    page = finalrank("report", root / "old", root / "new").out
    assert "\nBest model one-liner: `new/a` (`new/a/test_metrics.json`) with" in page
    assert "(`old/a/test_metrics.json`)" in finalrank("report", root / "old").out


# Labels


def test_a_label_is_the_authors_own_markdown(paged: Any) -> None:
    row = {"key": "f1", "label": r"**F1** \| `fg`", "short": "_F1_", "primary": True}
    page = paged({"a": {"f1": 0.5}, "nnunet": {"f1": 0.4}}, NNUNET + metrics(row)).out
    assert "\n## 1) Final Ranking (**F1** \\| `fg`)\n" in page
    assert "\n| Rank | Run | **F1** \\| `fg` | Source |\n" in page
    assert "zero-_F1_ outputs" in page
    assert "(_F1_):\n" in page
    assert [set(rows) for rows in cells(page)] == [{3}, {4}]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("foreground_mean.Dice", "foreground_mean.Dice"),
        ("mAP@0.50:0.95", "mAP@0.50:0.95"),
        ("acc,none", "acc,none"),
        ("a | [0]", r"a \| \[0\]"),
        ("m.*.a.*.b", r"m.\*.a.\*.b"),
        ("_f_1_", r"\_f_1\_"),
        (r"<b>\`&", r"\<b\>\\\`\&"),
        ("a\tb", r"a\tb"),
    ],
)
def test_a_key_in_place_of_a_label_is_data(key: str, shown: str, paged: Any) -> None:
    row = {"key": key, "keys": ["f"], "primary": True}
    page = paged({"a": {"f": 0.5}, "nnunet": {"f": 0.4}}, NNUNET + metrics(row)).out
    assert f"\n## 1) Final Ranking ({shown})\n" in page
    assert f"\n| Rank | Run | {shown} | Source |\n" in page
    assert [set(rows) for rows in cells(page)] == [{3}, {4}]
    read = MarkdownIt("commonmark").enable("table").parse(page)
    (heading,) = (t for t in read if t.content.startswith("1) Final"))
    assert heading.children is not None
    assert all(child.type in ("text", "text_special") for child in heading.children)
    texts = "".join(child.content for child in heading.children)
    assert texts == "1) Final Ranking (" + key.replace("\t", r"\t") + ")"


# Any metrics


rows_of_metrics = st.lists(
    st.fixed_dictionaries(
        {
            "higher_is_better": st.booleans(),
            "digits": st.integers(0, 15),
            "ranked": st.booleans(),
            "task": st.sampled_from(["", "Registration"]),
            "values": st.lists(
                st.none() | st.floats(0, allow_infinity=False), min_size=3, max_size=3
            ),
            "columns": st.lists(st.integers(0, 6), max_size=4),
        }
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=50, deadline=None)
@given(rows_of_metrics, st.booleans())
@example([{"higher_is_better": False, "values": [1e300, 0.0, None], "columns": []}], True)
@example([{"higher_is_better": True, "values": [0.5, 0.5625, 0.5625], "columns": []}], True)
def test_every_row_of_a_table_has_as_many_cells(
    rows: list[dict[str, Any]], with_baseline: bool
) -> None:
    keys = [f"m|{n}" for n in range(len(rows))]  # labels too, where `|` must not end a cell
    choice = [
        Metric(
            key=key,
            keys=(f"m{n}",),
            primary=n == 0,
            ranked=n == 0 or row.get("ranked", True),
            higher_is_better=row["higher_is_better"],
            digits=row.get("digits", 4),
            task=row.get("task", ""),
            range=(0.0, INF),
            columns=tuple(keys[at] for at in row["columns"] if at < len(keys)),
        )
        for n, (key, row) in enumerate(zip(keys, rows, strict=True))
    ]
    ranked = [metric for metric in choice if metric.ranked]
    above = Path(tempfile.mkdtemp())
    # Of a name of ours: a random one stands on the page, and could hold what is looked for.
    folder = above / "runs"
    try:
        for n, run in enumerate(["one", "two", "nnunet" if with_baseline else "three"]):
            values = {f"m{at}": row["values"][n] for at, row in enumerate(rows)}
            # Every run has its primary metric, or there might be none.
            values["m0"] = max(values["m0"] or 0.0, 0.5)
            (folder / run).mkdir(parents=True)
            (folder / run / "test_metrics.json").write_text(json.dumps(values))
        page = package.load_report(folder, Settings(metrics=tuple(choice))).to_markdown()
    finally:
        shutil.rmtree(above)
    found = cells(page)
    assert all(len(set(rows)) == 1 for rows in found)
    # One ranking is told once: the combined one would repeat it.
    assert len(found) == len(ranked) + (len(ranked) > 1) + page.count("comparison reference")
    headings = re.findall(r"^## \d\) Final .*", page, re.MULTILINE)
    assert [line.endswith(", lower is better)") for line in headings] == [
        not metric.higher_is_better for metric in ranked
    ]
    assert not re.search(r"(?<!\d)-0(\.0+)?(?![.\d])", page)  # `-0.06` is a number
    assert "inf" not in page
    assert "nan" not in page
