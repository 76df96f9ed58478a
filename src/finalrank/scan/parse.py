"""From a file's bytes to its metrics. Tells what is wrong in plain words, never what it says."""

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

# Give or take this much, a value lies in its range: an AUPRC of 1.0000000000000002 is a 1.
_TOLERANCE = 1e-9
# What people write in place of one another in a key.
_SEPARATORS = "-_. "

# What a reader looks for that is asked for metrics alone.
NO_COUNTS = CaseKeys(cases=(), positives=(), negatives=(), missing_predictions=())

Parsed = tuple[Values, tuple[Problem, ...], Used | None, CaseCounts | None]
Parse = Callable[[bytes, str], Parsed]


def metrics_parser(
    metrics: Sequence[Metric],
    decode: Callable[[bytes], Any] = parse_json,
    missing: Collection[str] = (),
    case_keys: CaseKeys = NO_COUNTS,
) -> Parse:
    """A function from a file's bytes and its source to the metrics' values and their problems.

    A value is a finite number in its metric's range; None is missing. The third is the key that
    each was found at, None where it is the metric's only one; the fourth what it says of its test
    set. `decode` makes of the bytes what the
    keys look into; `missing` are texts that mean no value. It raises Unreadable where the bytes
    are no JSON object, nor a list in which a key finds anything.
    """
    lookups = [_Lookup.of(metric, missing) for metric in metrics]
    careful = partial(_careful, lookups=lookups, decode=decode, count=counter(case_keys))
    names = plain_names(case_keys)
    if (
        decode is parse_json
        and not missing
        and all(map(_is_plain, metrics))
        and names is not None
        and not {metric.key for metric in metrics}.intersection(names)
    ):
        return _quick(metrics, case_keys, careful)
    return careful


def _quick(metrics: Sequence[Metric], case_keys: CaseKeys, careful: Parse) -> Parse:
    """`careful`, but for the files in which nothing can be amiss."""
    plain = _plain_reader(metrics)
    count = flat_counter(case_keys)
    keys_in = re.compile(
        b'"(?:%s)"' % b"|".join(re.escape(metric.key.encode()) for metric in metrics)
    ).findall
    look_alikes = {metric.key: _look_alike(metric.key) for metric in metrics}

    usual: list[bytes] = []  # the keys of the last file, which are mostly those of the next

    def read(data: bytes, source: str) -> Parsed:
        nonlocal usual
        found = keys_in(data)
        if found != usual:
            # A key that is given twice is for the careful one.
            if len(found) != len(set(found)):
                return careful(data, source)
            usual = found
        # So is one that may be written with an escape.
        if data.find(b"\\") < 0:
            try:
                values, counts = plain(data), count(data)
            except ValueError:
                return careful(data, source)
            if len(values) == len(look_alikes):
                return values, (), None, counts
            if not _has_look_alike(data, values):
                return {key: values.get(key) for key in look_alikes}, (), None, counts
        return careful(data, source)

    def _has_look_alike(data: bytes, values: Values) -> bool:
        text = data.lower()
        return any(search(text) for key, search in look_alikes.items() if key not in values)

    return read


def _is_plain(metric: Metric) -> bool:
    """Whether its value stands at its own key, as it is."""
    own = metric.sources == (metric.key,) and not search_by(metric.key)
    return own and metric.scale == 1


class _Lookup(NamedTuple):
    """How a metric is found in a file."""

    metric: Metric
    find: Find
    names: list[str]  # those of its keys that are no expressions

    @classmethod
    def of(cls, metric: Metric, missing: Collection[str]) -> _Lookup:
        names = [key for key in metric.sources if not search_by(key)]
        return cls(metric, finder(metric.sources, missing), names)


def _look_alike(key: str) -> Callable[[bytes], object]:
    """Searches lower-cased JSON for a key, be it spelt otherwise; may find what is none."""
    if not key.isascii():
        return lambda _: True
    letters = [re.escape(letter) for letter in _folded(key)]
    between = f"[{re.escape(_SEPARATORS)}]*"
    return re.compile(between.join(['"', *letters, '"']).encode()).search


def _folded(key: str) -> str:
    """The key without what people spell differently."""
    return key.translate(dict.fromkeys(map(ord, _SEPARATORS))).lower()


def _plain_reader(metrics: Sequence[Metric]) -> Callable[[bytes], Values]:
    """Reads the files in which nothing is amiss, several times faster than `json`.

    What is missing has no value. It raises ValueError at anything else: null, NaN, a text, a
    value out of its range, a byte order mark, half a surrogate pair, ... whether that is a fault or
    not is for the careful reader to say.
    """
    fields = {}
    for metric in metrics:
        low, high = metric.range
        number = core_schema.float_schema(strict=True, ge=low, le=high, allow_inf_nan=False)
        fields[metric.key] = core_schema.typed_dict_field(number, required=False)
    schema = core_schema.typed_dict_schema(fields, extra_behavior="ignore")
    return SchemaValidator(schema).validate_json


def _careful(
    data: bytes,
    source: str,
    *,
    lookups: Sequence[_Lookup],
    decode: Callable[[bytes], Any],
    count: Callable[[Any], CaseCounts | None],
) -> Parsed:
    document = decode(data)
    found = [lookup.find(document) for lookup in lookups]
    addressed = isinstance(document, list) and any(key is not None for _, key in found)
    if not isinstance(document, dict) and not addressed:
        raise Unreadable(None, f"is {_described(document)}, not an object: is it a metrics file?")
    values: Values = {}
    problems = []
    for (metric, _, names), (value, key) in zip(lookups, found, strict=True):
        number = scaled(value, metric.scale)
        fault = near_miss(document, names) if value is None else range_fault(value, number, metric)
        if isinstance(document, DuplicateKeyDict) and any(
            map(document.differs, _tried(metric, key))
        ):
            twice = "is given more than once, with different values: the last one counts"
            problems.append(Problem(source, metric.key, twice))
        if fault:
            problems.append(Problem(source, metric.key, fault))
        values[metric.key] = None if fault else number
    own = all(metric.sources == (metric.key,) for metric, *_ in lookups)
    keys = {lookup.metric.key: key for lookup, (_, key) in zip(lookups, found, strict=True)}
    return values, tuple(problems), None if own else keys, count(document)


def _tried(metric: Metric, key: str | None) -> tuple[str, ...]:
    """The keys that were looked for, up to the one that was found."""
    end = len(metric.sources) if key is None else metric.sources.index(key) + 1
    return metric.sources[:end]


def near_miss(document: Any, names: list[str]) -> str | None:
    """What is wrong where a metric is missing: nothing, unless its key is there spelt otherwise."""
    if not names or not isinstance(document, dict) or any(name in document for name in names):
        return None
    folded, longest = {_folded(name) for name in names}, 2 * max(map(len, names))
    near = [name for name in document if len(name) <= longest and _folded(name) in folded]
    if not near:
        return None
    return f"is missing, but there is `{visible(min(near))}`: spell the key the same in both places"


def range_fault(value: object, number: float | None, metric: Metric) -> str | None:
    """What is wrong with a value that is there."""
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
    """The value if it is a number, scaled."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Decimals, as people write them: 38.37 times 0.01 is 0.3837.
    return float(value) if scale == 1 else float(Decimal(repr(value)) * Decimal(repr(scale)))


def _described(value: object) -> str:
    """What kind of JSON value it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object", type(None): "null"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "a number")
