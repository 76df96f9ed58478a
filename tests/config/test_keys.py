"""Where a metric stands: a key as it is, else a JMESPath expression, else the next key."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from finalrank.config.keys import expression, finder
from finalrank.text.expressions import BrokenKey

FOLDS = {"folds": [{"dice": 0.5, "auc": 0.7}, {"dice": 0.25, "auc": 0.9}]}

# One key


@pytest.mark.parametrize(
    "key",
    [
        "dice",
        "aupro_0.3",
        "mAP@0.50:0.95",
        "acc,none",
        "metrics/mAP50(B)",
        "mAP50(B)",
        "F1 score",
        "top-1",
        "100",
        "0.5",
        "Genauigkeit_ä",
        "@",
        "a.b",
        "a.b.c",
        "length(a)",
        "folds[0].dice",
        'results."1".Dice',
    ],
)
def test_a_key_is_found_as_it_is_before_it_is_an_expression(key: str) -> None:
    document = {"a": {"b": {"c": 0.1}}, "folds": [{"dice": 0.1}], key: 0.75}
    assert finder([key])(document) == (0.75, key)


@pytest.mark.parametrize(
    ("key", "document", "value"),
    [
        ("test.dice", {"test": {"dice": 0.5}}, 0.5),
        ("foreground_mean.Dice", {"foreground_mean": {"Dice": 0.5}}, 0.5),
        ('results.mean."1".Dice', {"results": {"mean": {"1": {"Dice": 0.5}}}}, 0.5),
        ('mean."(1, 2)".Dice', {"mean": {"(1, 2)": {"Dice": 0.5}}}, 0.5),
        ('results.x."acc,none"', {"results": {"x": {"acc,none": 0.5}}}, 0.5),
        ("folds[-1].auc", FOLDS, 0.9),
        ("folds[0].auc", FOLDS, 0.7),
        ("avg(folds[].dice)", FOLDS, 0.375),
        ("avg(folds[:1].dice)", FOLDS, 0.5),
        ("avg(folds[::2].dice)", FOLDS, 0.5),
        ("max(folds[*].auc)", FOLDS, 0.9),
        ("folds[?auc > `0.8`].dice | [0]", FOLDS, 0.25),
        ("max_by(folds, &auc).dice", FOLDS, 0.25),
        ("avg(values(test))", {"test": {"a": 0.5, "b": 0.25}}, 0.375),
        ("length(folds)", FOLDS, 2),
        ("(dice)", {"dice": 0.5}, 0.5),
        ("test.dice || dice", {"dice": 0.5}, 0.5),
        ("not_null(test.dice, dice)", {"dice": 0.5}, 0.5),
        ("[0].dice", [{"dice": 0.5}], 0.5),
        ("[-1].dice", [{"dice": 0.5}, {"dice": 0.25}], 0.25),
        ("avg([].dice)", [{"dice": 0.5}, {"dice": 0.25}], 0.375),
    ],
)
def test_an_expression_finds_what_it_says(key: str, document: Any, value: float) -> None:
    assert finder([key])(document) == (value, key)


@pytest.mark.parametrize(
    "document", [{"test": {}}, {"test": 0.5}, {"test": [{"dice": 0.5}]}, {"a": 1}, [], [0.5], 0.5]
)
def test_a_path_that_leads_nowhere_is_absent(document: Any) -> None:
    assert finder(["test.dice"])(document) == (None, None)


@pytest.mark.parametrize("key", ["dice", "acc,none", "mAP50(B)"])
@pytest.mark.parametrize("document", [[{"dice": 0.5}], ["dice"], 0.5, "dice", None])
def test_a_name_is_found_in_nothing_but_an_object(key: str, document: Any) -> None:
    assert finder([key])(document) == (None, None)


@pytest.mark.parametrize(
    "key",
    [
        "avg(folds[].dice)",
        "max(folds)",
        "length(dice)",
        "sum(names)",
        "sort_by(mixed, &@)[0]",
        "abs(name)",
        "values(dice)",
        "to_number(name)",
        "floor(infinite)",
        "ceil(nan)",
        "names[::0]",
    ],
)
def test_what_cannot_be_worked_out_is_absent(key: str) -> None:
    document = {
        "dice": 0.5,
        "name": "x",
        "names": ["x"],
        "mixed": [1, "x"],
        "infinite": math.inf,
        "nan": math.nan,
    }
    assert finder([key, "dice"])(document) == (0.5, "dice")


# Several


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("first", ["dice", "test.dice"])
def test_what_is_no_value_goes_on_to_the_next_key(first: str, value: float | None) -> None:
    document = {"dice": value, "test": {"dice": value}, "best": 0.5}
    assert finder([first, "best"])(document) == (0.5, "best")
    assert finder([first])(document) == (None, None)


@pytest.mark.parametrize("value", ["0.5", "", True, False, [], [0.5], {}, {"mean": 0.5}])
@pytest.mark.parametrize("first", ["dice", "test.dice"])
def test_anything_else_is_found_be_it_no_number(first: str, value: Any) -> None:
    document = {"dice": value, "test": {"dice": value}, "best": 0.5}
    assert finder([first, "best"])(document) == (value, first)


def test_the_first_key_that_is_there_counts_whatever_the_files_order() -> None:
    find = finder(["a", "b.c", "d"])
    assert find({"d": 3, "b": {"c": 2}, "a": 1}) == (1, "a")
    assert find({"d": 3, "b": {"c": 2}}) == (2, "b.c")
    assert find({"d": 0}) == (0, "d")
    assert find({"b": {"d": 1}}) == (None, None)


def test_a_literal_null_does_not_hide_the_next_key() -> None:
    assert finder(["a.b", "a"])({"a.b": None, "a": 0.5}) == (0.5, "a")


def test_texts_that_mean_a_missing_value_are_none() -> None:
    find = finder(["dice", "best"], missing=["N/A", ""])
    assert find({"dice": "N/A", "best": 0.5}) == (0.5, "best")
    assert find({"dice": "", "best": 0.5}) == (0.5, "best")
    assert find({"dice": "n/a", "best": 0.5}) == ("n/a", "dice")
    assert find({"dice": ["N/A"], "best": 0.5}) == (["N/A"], "dice")


# What is broken, and what is only a name


@pytest.mark.parametrize(
    ("key", "column", "words"),
    [
        ("folds[-1", 8, "too early"),
        ("avg(folds[].dice", 16, "too early"),
        ("results.mean.", 13, "too early"),
        ("results.mean.1.Dice", 13, '"1"'),
        ("results..Dice[0]", 8, '"."'),
        ("folds[x].dice", 6, '"x"'),
        (".dice", 0, '"."'),
        ('results."1.Dice', 8, '"'),
        ("folds[0]dice", 8, '"d"'),
        ("{dice}", 5, '"}"'),
        ("mean(folds[].dice)", 0, "no function mean"),
        ("avgg(folds[].dice)", 0, '"avg"'),
        ("avgg(x)", 0, '"avg"'),
        ("folds[] | avgg(@)", 10, '"avg"'),
        ("avg(folds[].dice, folds[].auc)", 0, "avg takes 1 argument"),
        ("max_by(folds[])", 0, "max_by takes 2 arguments"),
        # The place is that of the call, not of the same letters in a name before it.
        ("avgg_of.x | avgg(folds[])", 12, '"avg"'),
    ],
)
def test_a_broken_expression_has_a_caret_under_the_place(key: str, column: int, words: str) -> None:
    with pytest.raises(BrokenKey) as caught:
        expression(key)
    assert words in str(caught.value)
    assert f'"{key}"' in str(caught.value)
    (note,) = caught.value.__notes__
    above, below = note.splitlines()
    assert above == f"  {key}"
    assert below == f"  {' ' * column}^"


@pytest.mark.parametrize("key", ["avg(a, b)", "to_number(dice, x)", "length()"])
def test_a_function_that_exists_is_meant_whatever_its_arguments(key: str) -> None:
    with pytest.raises(BrokenKey, match=r"takes 1 argument"):
        expression(key)


def test_there_is_no_caret_under_what_a_terminal_would_not_show() -> None:
    with pytest.raises(BrokenKey) as caught:
        expression("folds\x1b[31m[")
    assert not hasattr(caught.value, "__notes__")


def test_an_expression_that_is_nested_too_deep_is_broken() -> None:
    with pytest.raises(BrokenKey):
        expression("(" * 5000 + "dice" + ")" * 5000)


@pytest.mark.parametrize(
    "key",
    [
        "dice",
        "_private",
        "acc,none",
        "mAP50(B)",
        "metrics/mAP50(B)",
        "aupro_0.3",
        "mAP@0.50:0.95",
        "top-1",
        "F1 score",
        "100",
        "ä",
        " ",
        "%",
    ],
)
def test_what_is_only_a_name_is_no_error(key: str) -> None:
    assert expression(key) is None


# Any document

NAMES = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["a", "b", "1", "acc,none", "a.b", '"', "\\", "'", "`", "[0]", "(1, 2)", "\n"]
)
LEAVES = st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda below: (
        st.dictionaries(NAMES, below, min_size=1, max_size=4)
        | st.lists(below, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def leaves(document: Any, path: str = "") -> list[tuple[str, float]]:
    """Every number with its place, written with quoted identifiers and indices."""
    if isinstance(document, dict):
        dot = "." if path else ""
        below = [(f"{path}{dot}{json.dumps(name)}", value) for name, value in document.items()]
    elif isinstance(document, list):
        below = [(f"{path}[{index}]", value) for index, value in enumerate(document)]
    else:
        return [(path, document)]
    return [leaf for place, value in below for leaf in leaves(value, place)]


@given(DOCUMENTS, st.data())
@settings(deadline=None, max_examples=150)
def test_any_number_is_found_at_its_place(document: Any, data: st.DataObject) -> None:
    assume(not isinstance(document, float))
    path, value = data.draw(st.sampled_from(leaves(document)))
    assume(not (isinstance(document, dict) and path in document))
    assert finder([path])(document) == (value, path)
    assert finder(["not there", "not.there", path])(document) == (value, path)
    # A key of that very name goes first.
    if isinstance(document, dict):
        assert finder([path])(document | {path: "literal"}) == ("literal", path)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
@settings(deadline=None, max_examples=200)
def test_any_text_is_a_name_an_expression_or_broken(key: str) -> None:
    try:
        find = finder([key])
    except BrokenKey:
        return
    assert find({key: 0.5}) == (0.5, key)
    find([])
