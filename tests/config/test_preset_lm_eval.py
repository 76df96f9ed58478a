"""The results of lm-evaluation-harness: a task is a dataset."""

from __future__ import annotations

import re
from typing import Any

import pytest

import preset_runs
from conftest import Done, Finalrank, Tree
from preset_runs import left_out

report = preset_runs.report
TASKS = ("arc_easy", "boolq", "hellaswag", "piqa")


def scores(**values: Any) -> dict[str, Any]:
    """What a file says of tasks that have an accuracy."""
    return harness({task: {"acc,none": value} for task, value in values.items()})


def harness(
    rows: dict[str, dict[str, Any]],
    *,
    groups: dict[str, list[str]] | None = None,
    lower: tuple[str, ...] = (),
    samples: int = 1000,
) -> dict[str, Any]:
    """What the harness writes of some tasks, in the form that it has since version 0.4."""
    results = {
        task: {"alias": task}
        | row
        | {key.replace(",", "_stderr,"): "N/A" for key in row if "," in key}
        for task, row in rows.items()
    }
    metrics = {task: [key.partition(",")[0] for key in row] for task, row in rows.items()}
    tasks = [task for task in rows if not (groups or {}).get(task)]
    return {
        "results": results,
        "groups": {group: results[group] for group in groups or {} if group in results},
        "group_subtasks": {task: [] for task in tasks} | (groups or {}),
        "configs": {task: {"task": task, "metric_list": [{"metric": "acc"}]} for task in tasks},
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {
            task: {name: name not in lower for name in names} for task, names in metrics.items()
        },
        "n-samples": {task: {"original": 1000, "effective": samples} for task in tasks},
        "config": {"model": "hf", "limit": None},
    }


def figures(done: Done) -> dict[str, dict[str, float]]:
    """The score of each model by task."""
    assert done.status == 0, done.err
    return {
        run["run"]: {task: row["metrics"]["score"] for task, row in run["by_dataset"].items()}
        for run in done.json["runs"]
    }


def test_a_model_that_ran_one_task_of_four_is_not_first(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        f"org__m{n}/results_2024-06-01T10-00-00.json": scores(**dict.fromkeys(TASKS, 0.5 + n / 20))
        for n in range(5)
    }
    files["org__one/results_2024-06-01T10-00-00.json"] = scores(arc_easy=0.99)
    root = tree(files)
    done = finalrank("report", root, "--preset", "lm-eval", "-f", "json")
    assert done.json["runs"][0]["run"] == "org__m4"
    one = next(run for run in done.json["runs"] if run["run"] == "org__one")
    assert (one["datasets"], one["rank"] > 1) == (1, True)
    assert [(row["name"], row["test_set"]["cases"]) for row in done.json["datasets"]] == [
        (task, 1000) for task in TASKS
    ]
    page = finalrank("report", root, "--preset", "lm-eval").out
    assert re.search(r"\| `org__one` \| [^\n]* \| 1 of 4 \|", page)
    tree({"finalrank.toml": '[rank]\nover = "common"'})
    shared = finalrank("report", root, "--preset", "lm-eval", "-f", "json").json
    assert [row["name"] for row in shared["datasets"] if row["counts"]] == ["arc_easy"]
    assert shared["runs"][0]["run"] == "org__one"


def test_the_newest_value_of_each_task_counts(report: Any) -> None:
    done = report(
        "lm-eval",
        {
            "m/results_2024-01-01T09-59-59.999999.json": scores(arc=1.0, boolq=1.0),
            "m/results_2024-02-01T00-00-00.000001.json": scores(arc=0.5, boolq=0.75),
            "m/results_2024-10-01T00-00-00.000001.json": scores(arc=0.25),
            # Not a new one that has nothing to say, nor other files.
            "m/results_2025-01-01T00-00-00.000001.json": harness({"arc": {"acc,none": "N/A"}}),
            "m/samples_arc_2025-04-01T00-00-00.000001.json": scores(arc=1.0),
            "n/results.json": scores(arc=1.0),
            "n/results_2023-12-31T10-00-00.json": scores(arc=0.125, boolq=0.25),
        },
    )
    assert figures(done) == {"m": {"arc": 0.25, "boolq": 0.75}, "n": {"arc": 0.125, "boolq": 0.25}}
    assert done.problems == []
    assert set(left_out(done).values()) == {"missing-primary"}


def test_files_of_old_versions_have_scores_without_a_filter(report: Any) -> None:
    old = {"results": {"arc": {"acc": 0.25, "acc_stderr": 0.01}}, "versions": {"arc": 0}}
    done = report("lm-eval", {"m/results.json": old, "n/results.json": old})
    assert figures(done) == {"m": {"arc": 0.25}, "n": {"arc": 0.25}}


def test_a_folder_of_one_model_is_called_by_it(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"m/results_2024.json": scores(a=0.5), "n/results_2024.json": scores(a=0.25)})
    one = finalrank("report", root / "m", "--preset", "lm-eval", "-f", "json")
    assert figures(one) == {"m": {"a": 0.5}}
    both = finalrank("report", root / "m", root / "n", "--preset", "lm-eval", "-f", "json")
    assert figures(both) == {"m": {"a": 0.5}, "n": {"a": 0.25}}


# Groups


GROUPS = {"mmlu": ["mmlu_stem", "mmlu_law"], "mmlu_stem": ["mmlu_physics", "mmlu_algebra"]}
SUBTASKS = {
    "mmlu_stem": {"acc,none": 0.5},
    "mmlu_physics": {"acc,none": 0.25},
    "mmlu_algebra": {"acc,none": 0.75},
    "mmlu_law": {"acc,none": 0.625},
}


def test_a_group_with_a_score_stands_for_its_tasks(report: Any) -> None:
    rows = {"mmlu": {"acc,none": 0.5625}, **SUBTASKS, "boolq": {"acc,none": 0.875}}
    done = report("lm-eval", {"m/results_1.json": harness(rows, groups=GROUPS)})
    assert figures(done) == {"m": {"boolq": 0.875, "mmlu": 0.5625}}
    sizes = {row["name"]: row["test_set"]["cases"] for row in done.json["datasets"]}
    assert sizes == {"boolq": 1000, "mmlu": 3000}


def test_a_group_without_a_score_is_no_task(report: Any) -> None:
    rows: dict[str, dict[str, Any]] = {"mmlu": {" ": " "}, **SUBTASKS}
    done = report("lm-eval", {"m/results_1.json": harness(rows, groups=GROUPS)})
    assert figures(done) == {"m": {"mmlu_law": 0.625, "mmlu_stem": 0.5}}
    assert (done.json["excluded"], done.problems) == ([], [])


def test_groups_that_hold_one_another_are_followed_once(report: Any) -> None:
    groups = {"a": ["b", "a"], "b": ["a", "c"]}
    rows = {name: {"acc,none": 0.5} for name in ("a", "b", "c")}
    done = report("lm-eval", {"m/results_1.json": harness(rows, groups=groups)})
    assert done.status == 1  # each is within another: nothing is left to be ranked
    assert "m/results_1.json" in done.err


# One score a task


def test_no_dataset_has_scores_of_two_keys(report: Any) -> None:
    def gsm8k(key: str, value: float) -> dict[str, Any]:
        return harness({"gsm8k": {key: value}, "boolq": {"acc,none": 0.5}})

    files = {
        "a/results_1.json": gsm8k("exact_match,flexible-extract", 0.875),
        "b/results_1.json": gsm8k("exact_match,strict-match", 0.25),
        "c/results_1.json": gsm8k("exact_match,strict-match", 0.5),
    }
    done = report("lm-eval", files)
    both = {"boolq": 0.5}
    assert figures(done) == {
        "a": both,
        "b": both | {"gsm8k": 0.25},
        "c": both | {"gsm8k": 0.5},
    }
    (row,) = done.json["excluded"]
    assert (row["source"], row["reason"]) == ("a/results_1.json#gsm8k", "missing-primary")
    assert row["detail"] == (
        "its score is exact_match,flexible-extract, that of others exact_match,strict-match: "
        "they are never compared"
    )
    assert done.account.startswith("6 results of 3 artifacts: 5 ranked, 0 siblings, 1 left out")


def test_without_others_the_second_key_counts(report: Any) -> None:
    rows = {"gsm8k": {"exact_match,flexible-extract": 0.875}}
    done = report("lm-eval", {"a/results_1.json": harness(rows)})
    assert figures(done) == {"a": {"gsm8k": 0.875}}


def test_another_direction_is_a_problem(report: Any) -> None:
    files = {
        "a/results_1.json": harness({"own": {"acc,none": 0.875}}, lower=("acc",)),
        "b/results_1.json": harness({"own": {"acc,none": 0.5}}),
    }
    done = report("lm-eval", files)
    assert figures(done) == {"b": {"own": 0.5}}
    (line,) = done.problems
    assert line.startswith("a/results_1.json#own: score: is better lower, says the file")
    assert "higher_is_better = false" in line


def test_by_a_score_that_is_better_lower(report: Any) -> None:
    config = """
    [[metrics]]
    key = "perplexity"
    keys = ["word_perplexity,none"]
    primary = true
    higher_is_better = false
    range = [1, inf]
    """
    rows = [{"wikitext": {"word_perplexity,none": value}} for value in (12.5, 8.25)]
    files = {
        f"{name}/results_1.json": harness(row, lower=("word_perplexity",))
        for name, row in zip("ab", rows, strict=True)
    }
    done = report("lm-eval", files, config)
    assert [run["run"] for run in done.json["runs"]] == ["b", "a"]
    assert done.problems == []
    wrong = report("lm-eval", files, config.replace("higher_is_better = false", ""))
    assert wrong.status == 1
    assert "is better lower, says the file" in wrong.err


def test_a_text_is_a_problem(report: Any) -> None:
    files = {"a/results_1.json": scores(arc="0.875"), "b/results_1.json": scores(arc=0.5)}
    done = report("lm-eval", files)
    assert figures(done) == {"b": {"arc": 0.5}}
    (line,) = done.problems
    told = "is a text, not a number: write it as a number, or set text = true"
    assert line == f"a/results_1.json#arc: score: {told}"


@pytest.mark.parametrize("results", [None, [], {}, {"arc": 0.5}, {"arc": None}, 7])
def test_a_document_without_tasks_is_unreadable(report: Any, results: Any) -> None:
    done = report("lm-eval", {"a/results_1.json": {"results": results}})
    assert done.status == 1
    assert "a/results_1.json" in done.problems[0]
    assert "unreadable 1" in done.err
