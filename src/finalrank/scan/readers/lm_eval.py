"""The reader of lm-evaluation-harness: tasks as results, each with what is said of it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from finalrank.scan.readers.interface import Reader
from finalrank.scan.readers.json import DuplicateKeyDict, made_of_both, parse_json

# Of each task, a row of its own at these keys of the document.
_BY_TASK = ("higher_is_better", "n-samples", "n-shot")
_SAMPLES = "n-samples"


def lm_eval(data: bytes) -> Any:
    """Return the JSON document, with what is said of each task beside its scores in `results`.

    A group of tasks stands for them where it has a score, and is left out where it has none. Its
    samples are those of its tasks. Raises Unreadable.
    """
    return made_of_both(parse_json(data), _by_task)


def _by_task(document: Any) -> Any:
    tasks = document.get("results") if isinstance(document, dict) else None
    if not isinstance(tasks, dict):
        return document
    groups = _groups(document)
    within = {
        task for group in groups if _has_score(tasks.get(group)) for task in _below(group, groups)
    }
    counted = {
        task: _told(task, row, document, groups)
        for task, row in tasks.items()
        if task not in within and (task not in groups or _has_score(row))
    }
    # What is said by task is not said of a task that it leaves out.
    rest = {key: part for key, part in document.items() if key not in _BY_TASK}
    return rest | {"results": counted}


def higher_is_better(result: Any, key: str) -> bool | None:
    """Return what a task says of the direction of the score at a key, such as `acc,none`."""
    directions = result.get("higher_is_better") if isinstance(result, dict) else None
    told = directions.get(key.partition(",")[0]) if isinstance(directions, dict) else None
    return told if isinstance(told, bool) else None


def _groups(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the tasks and groups in each group; a task is listed as one without any."""
    listed = document.get("group_subtasks")
    if not isinstance(listed, dict):
        return {}
    groups = {
        group: [task for task in tasks if isinstance(task, str) and task != group]
        for group, tasks in listed.items()
        if isinstance(tasks, list)
    }
    return {group: tasks for group, tasks in groups.items() if tasks}


def _below(group: str, groups: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the tasks and groups below a group, each once."""
    seen, waiting = {group}, [group]
    while waiting:
        for task in groups.get(waiting.pop(), ()):
            if task not in seen:
                seen.add(task)
                waiting.append(task)
                yield task


def _has_score(row: Any) -> bool:
    """Return whether a row has a figure: a number at a key of a metric and a filter."""
    pairs = row.items() if isinstance(row, dict) else ()
    return any("," in key and isinstance(value, float) for key, value in pairs)


def _told(task: str, row: Any, document: Mapping[str, Any], groups: Mapping[str, list[str]]) -> Any:
    """Return the row of a task with what other parts of the document say of it."""
    if not isinstance(row, dict):
        return row
    parts = {key: part for key in _BY_TASK if isinstance(part := document.get(key), dict)}
    beside = {key: part[task] for key, part in parts.items() if task in part}
    if task in groups and _SAMPLES not in beside:
        beside[_SAMPLES] = {"effective": _samples_below(task, parts.get(_SAMPLES, {}), groups)}
    if isinstance(row, DuplicateKeyDict):
        return DuplicateKeyDict([*beside.items(), *row.pairs])
    return {**beside, **row}


def _samples_below(
    group: str, samples: Mapping[str, Any], groups: Mapping[str, list[str]]
) -> float | None:
    """Return how many samples the tasks below a group have; None where one does not say."""
    tasks = [task for task in _below(group, groups) if task not in groups]
    counts = [
        row.get("effective") if isinstance(row := samples.get(task), dict) else None
        for task in tasks
    ]
    numbers = [count for count in counts if isinstance(count, float)]
    return sum(numbers) if tasks and len(numbers) == len(tasks) else None


READER = Reader("lm-eval", lm_eval, artifact="json", higher_is_better=higher_is_better)
