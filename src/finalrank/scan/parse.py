"""From a file's bytes to its metrics. What is wrong is told in plain words that show no content."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, core_schema

from finalrank.config.evidence import CaseKeys
from finalrank.config.keys import Find, finder, search_by
from finalrank.config.metrics import Metric
from finalrank.model.artifact import CaseCounts, Problem, Used, Values
from finalrank.scan.case_counts import counter, flat_counter, plain_names
from finalrank.scan.readers.interface import Unreadable
from finalrank.scan.readers.json import DuplicateKeyDict, parse_json
from finalrank.text.escape import visible

# A value may be outside its range by so much: an AUPRC of 1.0000000000000002 is a 1.
_TOLERANCE = 1e-9
# Characters of a key that people write for one another.
_SEPARATORS = "-_. "
# For a parser that is asked for metrics alone.
NO_COUNTS = CaseKeys(cases=(), positives=(), negatives=(), missing_predictions=())

# The values of the metrics (None: missing); their problems; the key at which each was found (None
# for all where each metric has one key, its own); the counts of the test set's cases.
Parsed = tuple[Values, tuple[Problem, ...], Used | None, CaseCounts | None]
# From the bytes of a file and its source.
Parse = Callable[[bytes, str], Parsed]


def metrics_parser(
    metrics: Sequence[Metric],
    decode: Callable[[bytes], Any] = parse_json,
    missing: Collection[str] = (),
    case_keys: CaseKeys = NO_COUNTS,
) -> Parse:
    """Return the function that parses a file's bytes.

    `decode` makes of the bytes the mapping in which the keys of the metrics and of the test set's
    counts (`case_keys`) are looked up; `missing` are texts that mean that there is no value. A
    value that is used is a finite number in its metric's range. The function raises Unreadable
    where the bytes are no JSON object, nor a list in which a key finds anything.
    """
    lookups = [_Lookup.of(metric, missing) for metric in metrics]
    parse = partial(_parse, lookups=lookups, decode=decode, count=counter(case_keys))
    names = plain_names(case_keys)
    if (
        decode is parse_json
        and not missing
        and all(map(_is_plain, metrics))
        and names is not None
        and not {metric.key for metric in metrics}.intersection(names)
    ):
        return _quick_parser(metrics, case_keys, parse)
    return parse


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
                return values, (), None, counts
            if not has_similar_key(data, values):
                return {key: values.get(key) for key in searches}, (), None, counts
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
    find: Find
    names: list[str]  # those of its keys that are no expressions

    @classmethod
    def of(cls, metric: Metric, missing: Collection[str]) -> _Lookup:
        """Make the lookup of a metric; `missing` are texts that mean that it has no value."""
        names = [key for key in metric.sources if not search_by(key)]
        return cls(metric, finder(metric.sources, missing), names)


def _similar_key_search(key: str) -> Callable[[bytes], object]:
    """Return a search of lower-cased JSON for the key, in whatever spelling.

    It may find what is no key: the careful parser will tell.
    """
    if not key.isascii():
        return lambda _: True
    letters = [re.escape(letter) for letter in _folded(key)]
    between = f"[{re.escape(_SEPARATORS)}]*"
    return re.compile(between.join(['"', *letters, '"']).encode()).search


def _folded(key: str) -> str:
    """Return the key without what people spell differently."""
    return key.translate(dict.fromkeys(map(ord, _SEPARATORS))).lower()


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


def _parse(
    data: bytes,
    source: str,
    *,
    lookups: Sequence[_Lookup],
    decode: Callable[[bytes], Any],
    count: Callable[[Any], CaseCounts | None],
) -> Parsed:
    """Look the metrics up in a file's bytes; see `metrics_parser`."""
    document = decode(data)
    hits = [lookup.find(document) for lookup in lookups]
    has_hit = any(key is not None for _, key in hits)
    if not isinstance(document, dict) and not (isinstance(document, list) and has_hit):
        raise Unreadable(None, f"is {_described(document)}, not an object: is it a metrics file?")
    values: Values = {}
    problems = []
    for (metric, _, names), (value, key) in zip(lookups, hits, strict=True):
        number = scaled(value, metric.scale)
        fault = near_miss(document, names) if value is None else range_fault(value, number, metric)
        if isinstance(document, DuplicateKeyDict) and any(
            map(document.differs, _tried_keys(metric, key))
        ):
            twice = "is given more than once, with different values: the last one counts"
            problems.append(Problem(source, metric.key, twice))
        if fault:
            problems.append(Problem(source, metric.key, fault))
        values[metric.key] = None if fault else number
    only_own = all(metric.sources == (metric.key,) for metric, *_ in lookups)
    keys = {lookup.metric.key: key for lookup, (_, key) in zip(lookups, hits, strict=True)}
    return values, tuple(problems), None if only_own else keys, count(document)


def _tried_keys(metric: Metric, key: str | None) -> tuple[str, ...]:
    """Return the keys that were looked up: all, or those up to the `key` that was found."""
    end = len(metric.sources) if key is None else metric.sources.index(key) + 1
    return metric.sources[:end]


def near_miss(document: Any, names: list[str]) -> str | None:
    """Say of a missing metric that one of its keys, `names`, is there in another spelling.

    None where it is not: then the metric is missing, and that is no fault.
    """
    if not names or not isinstance(document, dict) or any(name in document for name in names):
        return None
    folded, longest = {_folded(name) for name in names}, 2 * max(map(len, names))
    near = [name for name in document if len(name) <= longest and _folded(name) in folded]
    if not near:
        return None
    return f"is missing, but there is `{visible(min(near))}`: spell the key the same in both places"


def range_fault(value: object, number: float | None, metric: Metric) -> str | None:
    """Say what is wrong with a value; `number` is what `scaled` makes of it. None: nothing."""
    low, high = metric.range
    if number is None:
        hint = ": write it as a number" if isinstance(value, str) else ""
        if metric.keys and isinstance(value, list):
            hint = ": take one, as in `folds[-1]`, or the mean, `avg(folds)`"
        return f"is {_described(value)}, not a number{hint}"
    if math.isfinite(number) and low - _TOLERANCE <= number <= high + _TOLERANCE:
        return None
    hint = ""
    if (low, high) == (0, 1) and number > 1 and not metric.higher_is_better:
        hint = ": a loss or a distance? Set range = [0, inf]"
    elif (low, high) == (0, 1) and metric.scale == 1 and 1 < number <= 100:
        hint = ": a percentage? Divide it by 100, or set scale = 0.01"
    return f"is outside its range from {low:g} to {high:g}{hint}"


def scaled(value: object, scale: float) -> float | None:
    """Return the value times `scale`; None where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # As decimals, which people write: in floats, 81.1 * 0.01 is 0.8109999999999999.
    return float(value) if scale == 1 else float(Decimal(repr(value)) * Decimal(repr(scale)))


def _described(value: object) -> str:
    """Say what kind of JSON value it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "a number")
