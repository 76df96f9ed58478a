"""From a file's bytes to its metrics. What is wrong is told in plain words that show no content."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, core_schema

from finalrank.config.keys import search_by
from finalrank.config.tables.evidence import CaseKeys
from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import CaseCounts, Problem, Remarks, Used, Values
from finalrank.model.reasons import GIVEN_TWICE
from finalrank.scan.figures.case_counts import counter, flat_counter, plain_names
from finalrank.scan.figures.faults import (
    SEPARATORS,
    described,
    folded,
    in_list,
    near_miss,
    range_fault,
    scaled,
)
from finalrank.scan.figures.find import Found, figure_finder
from finalrank.scan.figures.texts import number_in_text
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json, with_other_values

TWICE = f"{GIVEN_TWICE}, with different values: the last one counts"
# For a parser that is asked for metrics alone.
NO_COUNTS = CaseKeys(cases=(), positives=(), negatives=(), missing_predictions=())

# The values of the metrics (None: missing); their problems; the key at which each was found (None
# for all where each metric has one key, its own); the counts of the test set's cases; what else is
# to be told of the values, if anything.
Parsed = tuple[Values, tuple[Problem, ...], Used | None, CaseCounts | None, Remarks | None]
# From the bytes of a file and its source.
Parse = Callable[[bytes, str], Parsed]


def _json(data: bytes, name: str) -> Any:
    return parse_json(data)


def metrics_parser(
    metrics: Sequence[Metric],
    decode: Callable[[bytes, str], Any] = _json,
    missing: Collection[str] = (),
    case_keys: CaseKeys = NO_COUNTS,
    *,
    quick: bool = True,
) -> Parse:
    """Return the function that parses a file's bytes.

    `decode` makes of the bytes and the name of a file the mapping in which the keys of the metrics
    and of the test set's counts (`case_keys`) are looked up; `missing` are texts that mean that
    there is no value; `quick`: of a flat JSON object, `decode` gives what it holds, and need not be
    called. A value that is used is a finite number in its metric's range. The function raises
    Unreadable where the bytes hold no object, nor a list in which a key finds anything.
    """
    look_up = document_parser(metrics, missing, case_keys)

    def parse(data: bytes, source: str) -> Parsed:
        return look_up(decode(data, source), source)

    names = plain_names(case_keys)
    if (
        quick
        and not missing
        and all(map(_is_plain, metrics))
        and names is not None
        and not {metric.key for metric in metrics}.intersection(names)
    ):
        return _quick_parser(metrics, case_keys, parse)
    return parse


def document_parser(
    metrics: Sequence[Metric], missing: Collection[str], case_keys: CaseKeys
) -> Callable[[Any, str], Parsed]:
    """Return the function that does so in a decoded file, or in a part of one."""
    lookups = [_Lookup.of(metric, missing) for metric in metrics]
    return partial(_look_up, lookups=lookups, count=counter(case_keys))


def _quick_parser(metrics: Sequence[Metric], case_keys: CaseKeys, careful: Parse) -> Parse:
    """Return a function that gives what `careful` does, several times faster for most files.

    It is for metrics that stand at their own keys in flat JSON. Where a quick look cannot tell that
    all is well in a file, it calls `careful`.
    """
    values_in = _strict_parser(metrics)
    count = flat_counter(case_keys)
    keys_in = re.compile(
        b'"(?:%s)"' % b"|".join(re.escape(metric.key.encode()) for metric in metrics)
    ).findall
    searches = {metric.key: _similar_key_search(metric.key) for metric in metrics}
    usual_keys: list[bytes] = []  # those of the last file, which are mostly those of the next

    def parse(data: bytes, source: str) -> Parsed:
        nonlocal usual_keys
        keys = keys_in(data)
        if keys != usual_keys:
            if len(keys) != len(set(keys)):  # one is given twice
                return careful(data, source)
            usual_keys = keys
        if data.find(b"\\") < 0:  # no key is written with an escape, which the search would miss
            try:
                values, counts = values_in(data), count(data)
            except ValueError:
                return careful(data, source)
            if len(values) == len(searches):
                return values, (), None, counts, None
            if not has_similar_key(data, values):
                return {key: values.get(key) for key in searches}, (), None, counts, None
        return careful(data, source)

    def has_similar_key(data: bytes, values: Values) -> bool:
        text = data.lower()
        return any(search(text) for key, search in searches.items() if key not in values)

    return parse


def _is_plain(metric: Metric) -> bool:
    """Return whether its value stands at its own key, not scaled."""
    own = metric.sources == (metric.key,) and not search_by(metric.key)
    return own and metric.scale == 1


class _Lookup(NamedTuple):
    """How a metric is found in a file."""

    metric: Metric
    find: Callable[[Any], Found]
    names: list[str]  # those of its keys that are no expressions

    @classmethod
    def of(cls, metric: Metric, missing: Collection[str]) -> _Lookup:
        """Make the lookup of a metric; `missing` are texts that mean that it has no value."""
        names = [key for key in metric.sources if not search_by(key)]
        return cls(metric, figure_finder(metric.sources, missing), names)


def _similar_key_search(key: str) -> Callable[[bytes], object]:
    """Return a search of lower-cased JSON for the key, in whatever spelling.

    It may find what is no key: the careful parser will tell.
    """
    if not key.isascii():
        return lambda _: True
    letters = [re.escape(letter) for letter in folded(key)]
    between = f"[{re.escape(SEPARATORS)}]*"
    return re.compile(between.join(['"', *letters, '"']).encode()).search


def _strict_parser(metrics: Sequence[Metric]) -> Callable[[bytes], Values]:
    """Return a function that finds the metrics in flat JSON, several times faster than `json`.

    A metric without a key has no value. The function raises ValueError at whatever may be wrong or
    needs a closer look: null, NaN, a text, a value out of its range, a byte order mark, half a
    surrogate pair, ...
    """
    fields = {}
    for metric in metrics:
        low, high = metric.range
        number = core_schema.float_schema(strict=True, ge=low, le=high, allow_inf_nan=False)
        fields[metric.key] = core_schema.typed_dict_field(number, required=False)
    schema = core_schema.typed_dict_schema(fields, extra_behavior="ignore")
    return SchemaValidator(schema).validate_json


def _look_up(
    document: Any,
    source: str,
    *,
    lookups: Sequence[_Lookup],
    count: Callable[[Any], CaseCounts | None],
) -> Parsed:
    """Look the metrics up in a decoded file; see `metrics_parser`."""
    hits = [lookup.find(document) for lookup in lookups]
    has_hit = any(hit.key is not None or hit.nan for hit in hits)
    if not isinstance(document, dict) and not (isinstance(document, list) and has_hit):
        raise Unreadable(None, f"is {described(document)}, not an object: is it a metrics file?")
    values: Values = {}
    problems = []
    for lookup, hit in zip(lookups, hits, strict=True):
        metric = lookup.metric
        number = _number(hit.value, metric)
        fault = _fault(document, lookup, hit, number)
        twice = _is_ambiguous(document, lookup, hit) and TWICE
        told = [twice, hit.stranger is not None and in_list(hit.stranger), fault]
        problems += [Problem(source, metric.key, reason) for reason in told if reason]
        values[metric.key] = None if fault else number
    only_own = all(metric.sources == (metric.key,) for metric, *_ in lookups)
    keys = {lookup.metric.key: hit.key for lookup, hit in zip(lookups, hits, strict=True)}
    found = None if only_own else keys
    return values, tuple(problems), found, count(document), _remarks(lookups, hits, values)


def _number(value: Any, metric: Metric) -> float | None:
    """Return the number that was found of a metric, in its own unit; None where it is none."""
    if metric.text and isinstance(value, str):
        return number_in_text(value, sd=metric.sd, scale=metric.scale)
    return scaled(value, metric.scale)


def _fault(document: Any, lookup: _Lookup, hit: Found, number: float | None) -> str | None:
    """Say what is wrong with what was found of a metric, or with its key; None: nothing."""
    if hit.value is not None:
        return range_fault(hit.value, number, lookup.metric)
    nowhere = not hit.nan and hit.stranger is None
    return near_miss(document, lookup.names) if nowhere else None


def _is_ambiguous(document: Any, lookup: _Lookup, hit: Found) -> bool:
    """Return whether what was found, `hit`, hangs on a key with several values.

    That is one of the keys looked up at the top, or any on the way of an expression: with another
    of its values, something else is found.
    """
    if not isinstance(document, DuplicateKeyDict | list):
        return False
    tried = _tried_keys(lookup.metric, hit.key)
    if isinstance(document, DuplicateKeyDict) and any(map(document.differs, tried)):
        return True
    if not any(map(search_by, tried)):
        return False
    other = lookup.find(with_other_values(document))
    both_nan = bool(other.nan and hit.nan)
    return (other.value, other.key) != (hit.value, hit.key) and not both_nan


def _remarks(lookups: Sequence[_Lookup], hits: Sequence[Found], values: Values) -> Remarks | None:
    """Return what is to be told of the values, None where that is nothing."""
    by_key = {lookup.metric.key: hit for lookup, hit in zip(lookups, hits, strict=True)}
    nan = {key: hit.nan for key, hit in by_key.items() if hit.nan}
    averaged = {
        key: hit.averaged for key, hit in by_key.items() if hit.averaged and values[key] is not None
    }
    return Remarks(nan, averaged) if nan or averaged else None


def _tried_keys(metric: Metric, key: str | None) -> tuple[str, ...]:
    """Return the keys that were looked up: all, or those up to the `key` that was found."""
    end = len(metric.sources) if key is None else metric.sources.index(key) + 1
    return metric.sources[:end]
