"""Fuzz the reader of metrics files against a slow and plain reading of its own.

python checks/fuzz_reader.py [--seconds 60] [--seed N]

Bytes of every kind go into `finalrank.scan.parse.metrics_parser`; what comes out must be what
docs/contract.md, section 2, says, to the last bit of every value. Prints one line of counts. A
failure prints the smallest bytes that it was shrunk to and exits 1; the same seed finds it again.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from operator import add, mul
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.model.artifact import Problem, Values
from finalrank.scan.parse import Parsed, metrics_parser
from finalrank.scan.readers.interface import Unreadable

METRICS = (*Settings().metrics, Metric(key="hd95", higher_is_better=False, range=(0, math.inf)))
KEYS = tuple(metric.key for metric in METRICS)
SOURCE = "a/test_metrics.json"
# Stands wherever a file has words of its own: no message may show it.
MARKER = "Qzq"
TOLERANCE = 1e-6
MAX_DEPTH = 500
# Up to here `json` itself can tell whether a document is well formed.
PARSEABLE_DEPTH = 2_000
EXAMPLES_A_ROUND = 500

TWICE = "is given more than once, with different values: the last one counts"
SPELT_OTHERWISE = re.compile(r"is missing, but there is `(.+)`: ")
TOO_DEEP = f"is nested over {MAX_DEPTH} levels deep"
PLACE = re.compile(r"line ([1-9][0-9]*) column [1-9][0-9]*")
CLASS_NAME = re.compile(r"\w(?:Error|Exception|Warning)\b")

T = TypeVar("T")
Mutation = Callable[[bytes], bytes]
Read = Callable[[bytes, str], Parsed]


class Broken(Exception):  # noqa: N818 - it is a finding
    """A property that does not hold for these bytes."""

    def __init__(self, data: bytes, why: str) -> None:
        """Keep the bytes and what is wrong."""
        super().__init__(why)
        self.data = data
        self.why = why


def main() -> int:
    """Fuzz until the time is over, and print the counts."""
    args = _arguments()
    try:
        tally = fuzz(metrics_parser(METRICS), args.seconds, args.seed)
    except Broken as broken:
        print(f"fuzz_reader: {broken.why} (seed {args.seed})\n{broken.data!r}")
        return 1
    counts = ", ".join(f"{tally[name]} {name}" for name in ("accepted", "refused", "with problems"))
    print(f"{tally['tried']} tried: {counts} (seed {args.seed})")
    return 0


def fuzz(read: Read, seconds: float, first_seed: int) -> Counter[str]:
    """Try rounds of examples until the time is over, one at least; the counts, or raise Broken."""
    tally: Counter[str] = Counter()
    end = time.monotonic() + seconds
    found: list[Broken] = []
    number = first_seed
    while tally["tried"] < EXAMPLES_A_ROUND or time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=EXAMPLES_A_ROUND,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        )
        @given(FILES)
        def one_round(files: list[bytes]) -> None:
            # Hypothesis cannot be told to stop: a late round passes, unless it is shrinking. Some
            # are tried on the slowest machine, too.
            if time.monotonic() > end and tally["tried"] >= EXAMPLES_A_ROUND and not found:
                return
            try:
                for data in files:
                    tally.update(outcome(read, data))
            except Broken as broken:
                found.append(broken)
                raise

        one_round()
        number += 1
    return tally


# Inputs: JSON as text, since what matters are repeated keys, escapes and numerals as written.

ODD_NUMERALS = """
-0 -0.0 0e9 1E-400 1e400 -1e400 NaN Infinity -Infinity 5e-324 1e-5 -1e-9 1.0000000000000002
1.000000001
"""
NO_JSON = r"""
-NaN +Infinity -Inf +1 .5 1. 01 -01 1e 1e+ 0x1 nan inf None True undefined - --1 1_0 1\f 1, ,1
Qzq 'Qzq' "\q" "\u12" "\ud83d\u" "Qzq "" [1 [1,] {"a" {"a"} {"a":} {"a":1,} {1:1} [1] ] }
/*Qzq*/1 1//Qzq 1#Qzq
"""


def _quoted(text: str, *, ascii_only: bool, escaped: frozenset[int]) -> str:
    """A JSON string, with the letters at these positions as escapes."""
    dumped = json.dumps(text, ensure_ascii=ascii_only)
    if "\\" in dumped:
        return dumped
    letters = (
        f"\\u{ord(letter):04x}" if at in escaped and ord(letter) < 0x10000 else letter
        for at, letter in enumerate(text)
    )
    return f'"{"".join(letters)}"'


def _respelt(key: str, capital: Callable[[str], str], separators: list[str]) -> str:
    """The key as somebody else may spell it."""
    between = [*separators, *"____"]
    words = zip(capital(key).split("_"), between, strict=False)
    return "".join(word + separator for word, separator in words).strip("_")


def _nested(opening: str, levels: int, inner: str) -> str:
    closing = "".join("]" if char == "[" else "}" for char in reversed(opening) if char in "[{")
    return opening * levels + inner + closing * levels


def _object(members: list[tuple[str, str]], between: tuple[str, str]) -> str:
    comma, colon = between
    return "{" + comma.join(f"{key}{colon}{value}" for key, value in members) + "}"


def _list(values: list[str]) -> str:
    return f"[{','.join(values)}]"


def _rarely(odd: st.SearchStrategy[T], usual: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    return st.integers(0, 24).flatmap(lambda number: odd if number == 24 else usual)


WORDS = st.text(st.characters(), max_size=6) | st.text('"\\/\n\x00\x7f\u2028é', max_size=4)
MARKED = st.builds("{}{}{}".format, WORDS, st.just(MARKER), WORDS)
RESPELT = st.builds(
    _respelt,
    st.sampled_from(KEYS),
    st.sampled_from([str, str.capitalize, str.title, str.upper]),
    st.lists(st.sampled_from(["", "_", "-", ".", " ", "_" * 9, "/", "\t"]), max_size=3),
)
STRINGS = st.builds(
    _quoted,
    MARKED | WORDS | RESPELT,
    ascii_only=st.booleans(),
    escaped=st.frozensets(st.integers(0, 6), max_size=2),
) | st.sampled_from([r'"\ud800"', r'"\udc00\ud800"', rf'"{MARKER}\ud83d\ude00"', r'"\/\b"'])
ESCAPED_KEYS = st.builds(
    _quoted,
    st.sampled_from(KEYS),
    ascii_only=st.just(True),
    escaped=st.frozensets(st.integers(0, 6), max_size=2),
)
METRIC_KEYS = st.sampled_from([f'"{key}"' for key in KEYS])
ALL_KEYS = st.one_of(
    METRIC_KEYS, METRIC_KEYS, METRIC_KEYS, ESCAPED_KEYS, RESPELT.map(json.dumps), STRINGS
)

FLOATS = st.one_of(
    st.floats(0, 1),
    st.floats(),
    st.floats(-2e-9, 2e-9),
    st.floats(1 - 2e-9, 1 + 2e-9),
    st.floats(1, 100),
).map(json.dumps)
NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)
HUGE = st.builds(
    "{}{}".format,
    st.sampled_from(["", "-"]),
    st.builds(mul, st.sampled_from("19"), st.sampled_from([17, 308, 309]) | st.integers(400, 6000)),
)
SCALARS = st.one_of(
    FLOATS,
    NUMERALS,
    st.sampled_from(ODD_NUMERALS.split()),
    st.sampled_from(["true", "false", "null"]),
    STRINGS,
    HUGE,
)
BETWEEN = st.sampled_from([(", ", ": "), (",", ":"), (",\n  ", ": "), (" ,\r\n\t", " :\n")])
CONTAINERS = st.builds(_list, st.lists(SCALARS, max_size=3)) | st.builds(
    _object, st.lists(st.tuples(ALL_KEYS, SCALARS), max_size=3), BETWEEN
)
DEEP = st.builds(
    _nested,
    st.sampled_from(["[", '{"":', '[{"dice_pos":']),
    st.integers(0, 1200) | st.sampled_from([248, 249, 498, 499, 500, 501, 100_000]),
    st.sampled_from(["1", "{}", '"]"', '"\\"["', rf'"{MARKER}"']),
)
VALUES = _rarely(
    st.sampled_from(NO_JSON.split()) | DEEP, st.one_of(SCALARS, SCALARS, SCALARS, CONTAINERS)
)
# Files as they are in real life, too: every metric once, and nothing amiss.
TIDY = st.tuples(*[FLOATS | st.just("null") for _ in KEYS]).map(
    lambda values: [(f'"{key}"', value) for key, value in zip(KEYS, values, strict=True)]
)
MEMBERS = st.lists(st.tuples(ALL_KEYS, VALUES), max_size=5)
OBJECTS = st.builds(_object, MEMBERS | st.builds(add, TIDY, MEMBERS), BETWEEN)
TEXTS = _rarely(VALUES | DEEP, OBJECTS)

RUBBISH = st.sampled_from(
    [
        *(b"\0", b"\0\0\0\0", b" ", b"\n", b"\r\n", b"\f", b"\xa0", b"\xff", b"\xed\xa0\x80"),
        *(b"\xef\xbb\xbf", b",", b":", b'"', b"\\", b"{", b"}", b"[", b"]", b"{}", b"]]]]", b"'"),
        *(b"/* Qzq */", b"// Qzq\n", b"# Qzq\n", b"Qzq", b"<!-- Qzq -->", b"<html>", b"```json\n"),
        *(b"PK\x03\x04", b"\x1f\x8b\x08", b"version https://git-lfs.github.com/spec/v1\n"),
        *(b"\n<<<<<<< Qzq\n", b"\n=======\n", b"\n>>>>>>> Qzq\n", b'"dice_pos": 0.5,', b"-", b"."),
    ]
) | st.binary(max_size=4)


def _encoded(text: str, encoding: str) -> bytes:
    if encoding == "surrogates":
        return text.encode("utf-8", "surrogatepass")
    return text.encode(encoding, "replace")


def _spliced(start: int, length: int, what: bytes, data: bytes) -> bytes:
    """The data with a piece of it taken out, and something else put in."""
    at = start % (len(data) + 1)
    return data[:at] + what + data[at + length :]


def _flipped(at: int, bit: int, data: bytes) -> bytes:
    if not data:
        return data
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


def _doubled(start: int, length: int, data: bytes) -> bytes:
    at = start % (len(data) + 1)
    return data[: at + length] + data[at:]


def _appended(what: bytes, data: bytes) -> bytes:
    return data + what


def _both(first: Mutation, second: Mutation) -> Mutation:
    return lambda data: second(first(data))


DOCUMENTS = st.builds(_encoded, TEXTS, st.sampled_from(["utf-8", "utf-8", "utf-8-sig"]))
WIDE = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "latin-1", "surrogates"]
ANYWHERE, A_FEW = st.integers(0, 400), st.integers(0, 30)
MUTATIONS = st.one_of(
    st.builds(partial, st.just(_spliced), ANYWHERE, st.just(1 << 30), st.just(b"")),
    st.builds(partial, st.just(_spliced), ANYWHERE, A_FEW, st.just(b"")),
    st.builds(partial, st.just(_spliced), ANYWHERE, st.integers(0, 2), RUBBISH),
    st.builds(partial, st.just(_flipped), ANYWHERE, st.integers(0, 7)),
    st.builds(partial, st.just(_doubled), ANYWHERE, A_FEW),
    st.builds(partial, st.just(add), RUBBISH | DOCUMENTS),
    st.builds(partial, st.just(_appended), RUBBISH | DOCUMENTS),
)
BASES = _rarely(
    st.builds(_encoded, TEXTS, st.sampled_from(WIDE)) | st.binary(max_size=40), DOCUMENTS
)
# A file, and what may become of it: to make one costs more than to read it.
FILES = st.builds(
    lambda data, mutations: [data, *(mutation(data) for mutation in mutations)],
    BASES,
    st.lists(MUTATIONS, max_size=3) | st.builds(lambda *two: [_both(*two)], MUTATIONS, MUTATIONS),
)


# The reference: docs/contract.md, section 2, word by word and without any haste.


@dataclass(frozen=True)
class Expected:
    """What a file must be read as."""

    values: Values
    faults: dict[str, str]  # how the reason begins, by metric with a value that is none
    twice: frozenset[str]  # metrics that are given different values
    perhaps_twice: frozenset[str]  # ... or lists or objects, of which none is usable anyway
    look_alikes: dict[str, list[str]]  # by metric that is absent


def expected(data: bytes) -> Expected | str:
    """What the bytes must be read as, or how the reason must begin for which they are refused."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    depth = _depth(text)
    if depth > PARSEABLE_DEPTH:
        return ""
    with _no_limits():
        try:
            pairs = json.loads(text, object_pairs_hook=_Pairs)
        except ValueError:
            return ""
        if depth > MAX_DEPTH:
            return TOO_DEEP
        if isinstance(pairs, _Pairs):
            return _expected(pairs)
        return f"is {_described(pairs)}, not an object"


class _Pairs(list[tuple[str, Any]]):
    """An object as it is written, every key with its value."""


def _expected(pairs: _Pairs) -> Expected:
    values: Values = {}
    faults, look_alikes = {}, {}
    twice, perhaps_twice = set(), set()
    for metric in METRICS:
        key = metric.key
        given_values = [value for name, value in pairs if name == key]
        values[key], fault = _value(given_values[-1] if given_values else None, metric)
        if fault:
            faults[key] = fault
        if any(_differ(other, given_values[-1]) for other in given_values[:-1]):
            twice.add(key)
        elif len(given_values) > 1 and isinstance(given_values[-1], list):
            perhaps_twice.add(key)
        if not given_values and (others := sorted({k for k, _ in pairs if _look_alike(k, key)})):
            look_alikes[key] = others
    return Expected(values, faults, frozenset(twice), frozenset(perhaps_twice), look_alikes)


def _value(value: object, metric: Metric) -> tuple[float | None, str | None]:
    """The value, None where it is missing, and how a problem's reason begins."""
    if value is None:
        return None, None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, f"is {_described(value)}, not a number"
    number = _float(value)
    low, high = metric.range
    if math.isnan(number):
        return None, None
    if number == _worst(metric):
        return number, None
    if math.isinf(number) and number in (low, high):
        return None, "is infinite on its better side"
    if math.isfinite(number) and low - TOLERANCE <= number <= high + TOLERANCE:
        return number, None
    return None, "is outside its range"


def _worst(metric: Metric) -> float | None:
    """What is infinite on the worse side of a metric that has no bound there."""
    low, high = metric.range
    if metric.higher_is_better:
        return low if low == -math.inf else None
    return high if high == math.inf else None


def _described(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    kinds = {str: "a text", list: "a list", _Pairs: "an object", type(None): "null"}
    return kinds.get(type(value), "a number")


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _kind(value: object) -> object:
    """What is equal for equal values: numbers by what they read as, NaN like NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return type(value), value
    number = _float(value)
    return float, "NaN" if math.isnan(number) else number


def _differ(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return type(one) is not type(other)
    return _kind(one) != _kind(other)


def _look_alike(name: str, key: str) -> bool:
    """Whether a key is another one but for letter case and separators; not if it is far longer."""
    plain = [text.lower().translate(dict.fromkeys(map(ord, "-_. "))) for text in (name, key)]
    return plain[0] == plain[1] and len(name) <= 2 * len(key)


def _depth(text: str) -> int:
    """How deep the brackets outside of strings are nested, at most."""
    depth = deepest = 0
    in_string = escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif in_string:
            escaped = char == "\\"
            in_string = char != '"'
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


@contextmanager
def _no_limits() -> Iterator[None]:
    """Neither of levels nor of digits: what the subject may not lean on, the reference may."""
    levels, digits = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    sys.setrecursionlimit(10 * PARSEABLE_DEPTH)
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.setrecursionlimit(levels)
        sys.set_int_max_str_digits(digits)


# Properties


def outcome(read: Read, data: bytes) -> list[str]:
    """Which counts the bytes add to; raises Broken."""
    due = expected(data)
    try:
        values, problems, *_ = read(data, SOURCE)
    except Unreadable as refusal:
        _check_words(data, refusal.place, refusal.reason)
        _check_place(data, refusal.place)
        if isinstance(due, Expected):
            raise Broken(data, f"is refused: {refusal.reason}") from None
        if not refusal.reason.startswith(due):
            raise Broken(data, f"is refused for {refusal.reason!r}, not {due!r}") from None
        return ["tried", "refused"]
    except Exception as error:
        raise Broken(data, f"raises {error!r}") from error
    if isinstance(due, str):
        raise Broken(data, "is accepted")
    _check_values(data, values, due)
    _check_problems(data, problems, due)
    return ["tried", "accepted", *(["with problems"] if problems else [])]


def _check_values(data: bytes, values: Values, due: Expected) -> None:
    if list(values) != list(KEYS):
        raise Broken(data, f"has values for {list(values)}")
    for metric in METRICS:
        value, right = values[metric.key], due.values[metric.key]
        low, high = metric.range
        in_range = value is not None and (
            type(value) is float
            and (math.isfinite(value) or value == _worst(metric))
            and low - TOLERANCE <= value <= high + TOLERANCE
        )
        if value is not None and not in_range:
            raise Broken(data, f"{metric.key} is {value!r}: no value")
        if _hex(value) != _hex(right):
            raise Broken(data, f"{metric.key} is {value!r}, not {right!r}")


def _hex(value: float | None) -> str | None:
    return value if value is None else value.hex()


def _check_problems(data: bytes, problems: tuple[Problem, ...], due: Expected) -> None:
    places = [problem.place for problem in problems]
    order = [key for key in KEYS for place in places if place == key]
    if places != order or any(problem.source != SOURCE for problem in problems):
        raise Broken(data, f"has problems at {places}")
    for problem in problems:
        _check_words(data, problem.place, problem.reason)
    for key in KEYS:
        reasons = [problem.reason for problem in problems if problem.place == key]
        twice = reasons.count(TWICE)
        if twice != (key in due.twice) and not (twice == 1 and key in due.perhaps_twice):
            raise Broken(data, f"{key}: is given twice or not: {reasons}")
        others = [reason for reason in reasons if reason != TWICE]
        if len(others) != (key in due.faults or key in due.look_alikes):
            raise Broken(data, f"{key}: has other problems than it should: {reasons}")
        for reason in others:
            named = SPELT_OTHERWISE.match(reason)
            if (named and named[1]) not in due.look_alikes.get(key, [None]):
                raise Broken(data, f"{key}: has another key that is like it: {reason}")
            if not named and not reason.startswith(due.faults[key]):
                raise Broken(data, f"{key}: {reason}; rather: {due.faults[key]}")


def _check_words(data: bytes, place: str | None, reason: str) -> None:
    """A message is one printable line in plain words, and shows nothing of the file's own."""
    for text in (place or "-", reason):
        if not text or not text.isprintable():
            raise Broken(data, f"is told in other than one printable line: {text!r}")
        if MARKER.lower() in text.lower():
            raise Broken(data, f"is shown in a message: {text!r}")
        if CLASS_NAME.search(text):
            raise Broken(data, f"is told with the name of a class: {text!r}")


def _check_place(data: bytes, place: str | None) -> None:
    """A place is one that the file has."""
    if place is None:
        return
    found = PLACE.fullmatch(place)
    if not found or int(found[1]) > data.count(b"\n") + 1:
        raise Broken(data, f"has no such place: {place!r}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz the reader of metrics files.")
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument(
        "--seed", type=int, default=time.time_ns() & 0xFFFFFFFF, help="of the first round"
    )
    return parser.parse_args()


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):
        # A reader that has seen enough, such as `head`, is no error.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
