"""Any document and any numeral are read as JSON reads them."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import finalrank as package

# Any document

METRICS = ["dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence"]
KEYS = st.sampled_from(METRICS) | st.text(st.characters(), max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.floats(-0.1, 1.1)
    | st.integers()
    | st.integers(-1, 2)
    | st.integers(10**300, 10**330)
    | st.text(st.characters(), max_size=5)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.floats(), max_size=2)
)
DOCUMENTS = st.dictionaries(KEYS, SCALARS, max_size=8)


def value_of(number: object, low: float, high: float) -> float | None:
    """The value by docs/contract.md, section 2, from what `json.loads` made of it."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        number = float(number)
    except OverflowError:
        return None
    if number == low == -math.inf:  # the worst value that there is
        return number
    return number if math.isfinite(number) and low - 1e-6 <= number <= high + 1e-6 else None


def values_read(texts: list[str], config: str = "") -> list[dict[str, float | None]]:
    """What the texts are read as, each in a file of its own that has a primary metric."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "finalrank.toml").write_text(config)
        for number, text in enumerate(texts):
            Path(folder, f"r{number:02}").mkdir()
            Path(folder, f"r{number:02}", "test_metrics.json").write_text(text, encoding="utf-8")
        report = package.load_report(folder)
        return [run.metrics for run in sorted(report.runs, key=lambda run: run.run)]


@given(
    st.lists(DOCUMENTS, min_size=1, max_size=8),
    st.sampled_from([None, 0, 2]),
    st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", "\t:\r\n")]),
)
@settings(deadline=None, max_examples=60)
def test_any_document_is_read_as_json_reads_it(
    documents: list[dict[str, Any]], indent: int | None, separators: tuple[str, str]
) -> None:
    texts = [
        json.dumps(document | {"dice_pos": 0.5}, indent=indent, separators=separators)
        for document in documents
    ]
    expected = [
        {key: value_of(json.loads(text).get(key), 0, 1) for key in METRICS} for text in texts
    ]
    assert repr(values_read(texts)) == repr(expected)


WIDE = """
    [[metrics]]
    key = "dice_pos"
    primary = true
    [[metrics]]
    key = "loss"
    range = [-inf, inf]
"""
NUMERALS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


@given(st.lists(NUMERALS, min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_any_numeral_is_read_to_the_last_bit(numerals: list[str]) -> None:
    texts = [f'{{"dice_pos": 0.5, "loss": {numeral}}}' for numeral in numerals]
    expected = [value_of(float(numeral), -math.inf, math.inf) for numeral in numerals]
    assert [values["loss"] for values in values_read(texts, WIDE)] == expected
