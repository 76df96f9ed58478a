"""From the bytes of a file to its results: of each where it stands, its factors, its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from finalrank.config.settings import Settings
from finalrank.config.tables.factors import Factor
from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Problem
from finalrank.scan.figures.conditions import condition_finder
from finalrank.scan.parse import TWICE, Parsed, document_parser, metrics_parser
from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, with_other_values
from finalrank.scan.results.elements import Element, elements_reader, place_finder
from finalrank.scan.results.texts import is_plain, text_of
from finalrank.scan.rows.documents import document_reader


class Result(NamedTuple):
    """One result as its file holds it."""

    element: Element
    texts: Mapping[str, str | None]  # by the key of each factor that the file itself gives
    faults: tuple[tuple[str, str], ...]  # of factors: the key, and what is wrong with its value
    parsed: Parsed | Unreadable
    conditions: tuple[str, ...] = ()  # the filter rules that are true of it


# From the bytes and the source of a file. Raises Unreadable.
ReadResults = Callable[[bytes, str], list[Result]]


def results_reader(settings: Settings, reader: Reader) -> ReadResults:
    """Return the function that reads every result in a file; it raises Unreadable for none."""
    scan, decode = settings.scan, document_reader(settings)
    own = settings.factors_in_files
    conditions = condition_finder(settings.conditions)
    if not scan.elements and not own and not reader.says_more and not conditions:
        whole = metrics_parser(
            settings.metrics, decode, scan.missing, settings.test_set, quick=False
        )
        return lambda data, source: [Result(Element(None), {}, (), whole(data, source))]
    elements_in = elements_reader(scan.elements, scan.element_name)
    look_up = document_parser(settings.metrics, scan.missing, settings.test_set)
    check = partial(_checked, reader=reader, metrics=settings.metrics)
    finds = [(factor, place_finder(factor.sources)) for factor in own]

    def read(data: bytes, source: str) -> list[Result]:
        document = decode(data, source)
        results = []
        for element in elements_in(document):
            texts, faults = _factors(finds, element, document)
            try:
                parsed: Parsed | Unreadable = check(look_up(element.value, source), element.value)
            except Unreadable as refusal:
                if not scan.elements:
                    raise
                parsed = refusal
            holding = conditions(element.value) if conditions else ()
            results.append(Result(element, texts, faults, parsed, holding))
        if scan.elements and _is_given_twice(document, elements_in):
            first = results[0]
            results[0] = first._replace(faults=(*first.faults, ("scan.results", TWICE)))
        return results

    return read


def _is_given_twice(document: Any, elements_in: Callable[[Any], list[Element]]) -> bool:
    """Return whether other results are found with another value of a key that is given twice.

    A key in a result itself does not count: that is told of its metric.
    """
    if not isinstance(document, DuplicateKeyDict):
        return False
    try:
        others = {each.label: each.value for each in elements_in(with_other_values(document))}
    except Unreadable:
        return True
    found = {each.label: each.value for each in elements_in(document)}
    own = {label for label, value in found.items() if isinstance(value, DuplicateKeyDict)}
    return others.keys() != found.keys() or any(
        value != others[label] and repr(value) != repr(others[label])
        for label, value in found.items()
        if label not in own
    )


def _checked(parsed: Parsed, result: Any, *, reader: Reader, metrics: Sequence[Metric]) -> Parsed:
    """Return what was found: NaN with its reason, and no figure of another direction."""
    values, problems, used, counts, remarks = _explained(parsed, result, reader)
    if reader.higher_is_better is None:
        return values, problems, used, counts, remarks
    wrong = []
    for metric in metrics:
        key = used[metric.key] if used else metric.key
        higher = reader.higher_is_better(result, key) if key else None
        if higher is not None and higher != metric.higher_is_better:
            wrong.append(metric)
    told = [Problem("", metric.key, _direction_fault(metric)) for metric in wrong]
    values = values | dict.fromkeys(metric.key for metric in wrong)
    return values, (*problems, *told), used, counts, remarks


def _direction_fault(metric: Metric) -> str:
    here, there = ("higher", "lower") if metric.higher_is_better else ("lower", "higher")
    setting = "false" if metric.higher_is_better else "true"
    return (
        f"is better {there}, says the file, and {here} by the configuration: set "
        f"higher_is_better = {setting}, or name another key"
    )


def _explained(parsed: Parsed, document: Any, reader: Reader) -> Parsed:
    """Return what was found, with the reason why figures are NaN, where the reader knows it."""
    values, problems, used, counts, remarks = parsed
    if not remarks or not remarks.nan or not reader.why_nan:
        return parsed
    reason = reader.why_nan(document)
    because = {key: reason for key in remarks.nan if reason}
    return values, problems, used, counts, replace(remarks, because=because)


def _factors(
    finds: list[tuple[Factor, Callable[[Element, Any], Any]]], element: Element, document: Any
) -> tuple[dict[str, str | None], tuple[tuple[str, str], ...]]:
    """Return the texts of the factors that stand in the file itself, and what is wrong with any."""
    texts: dict[str, str | None] = {}
    faults = []
    for factor, find in finds:
        value = find(element, document)
        texts[factor.key] = text_of(value)
        if not is_plain(value):
            faults.append((factor.key, "is an object or a list: name a key in it"))
    return texts, tuple(faults)
