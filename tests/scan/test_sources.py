"""Metrics of any layout: their places, scales and ranges, and what `explain` tells of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

import explained
from conftest import EXAMPLES, Finalrank, Tree
from explained import LOWER, metric, primary

explain = explained.explain
value = explained.value


# Keys


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["aupro_0.3"], {"aupro_0.3": 0.5}),
        (["mAP@0.50:0.95"], {"mAP@0.50:0.95": 0.5}),
        (["acc,none"], {"acc,none": 0.5}),
        (["metrics/mAP50(B)"], {"metrics/mAP50(B)": 0.5}),
        (["a.b"], {"a.b": 0.5, "a": {"b": 0.1}}),
        (["a.b"], {"a": {"b": 0.5}}),
        (["foreground_mean.Dice"], {"foreground_mean": {"Dice": 0.5}}),
        (['results.mean."1".Dice'], {"results": {"mean": {"1": {"Dice": 0.5}}}}),
        (["avg(folds[].dice)"], {"folds": [{"dice": 0.25}, {"dice": 0.75}]}),
        (["test_dice", "eval_dice"], {"eval_dice": 0.5}),
        (["test_dice", "eval_dice"], {"eval_dice": 0.1, "test_dice": 0.5}),
        (["test_dice", "eval_dice"], {"test_dice": None, "eval_dice": 0.5}),
        (["test_dice", "eval_dice"], '{"test_dice": NaN, "eval_dice": 0.5}'),
        # What is no number by its form is not the value.
        (["ap", "ap.test"], {"ap": {"test": 0.5, "train": 0.75}}),
        (["folds", "folds[-1]"], {"folds": [0.25, 0.5]}),
        (["test", "folds", "best"], {"test": {"f1": 0.25}, "folds": [0.25], "best": 0.5}),
        (["avg(folds[].dice)", "dice"], {"dice": 0.5}),
        (["avg(folds[].dice)", "dice"], {"folds": "none", "dice": 0.5}),
        # The key is a name in every output: if there are keys, it is not looked for.
        (["test_dice"], {"dice": 0.1, "test_dice": 0.5}),
    ],
)
def test_where_a_metric_is_found(keys: list[str], said: Any, value: Any) -> None:
    assert value(primary(keys=keys), said) == (0.5, [])


@pytest.mark.parametrize("found", [[0.5], [], {"mean": 0.5}, {}])
def test_an_object_or_a_list_is_a_problem_where_no_key_gives_a_number(
    found: Any, value: Any
) -> None:
    words = f"dice: is {'a list' if isinstance(found, list) else 'an object'}, not a number"
    number, (problem,) = value(primary(keys=["dice", "ap.test"]), {"dice": found})
    assert (number, problem.startswith(words)) == (None, True)
    # What else is wrong stands at its own key.
    number, (problem,) = value(primary(keys=["dice", "best"]), {"dice": found, "best": "0.5"})
    assert problem == "dice: is a text, not a number: write it as a number, or set text = true"


def test_a_key_without_keys_may_be_a_path(explain: Any) -> None:
    for key in ("test.dice", "avg(folds[].dice)"):
        done = explain(primary(key), {"a": {"test": {"dice": 0.5}, "folds": [{"dice": 0.5}]}})
        assert done.json[0]["metrics"] == {key: 0.5}
        assert "keys" not in done.json[0]
        assert f"{key} from" not in explain(primary(key), {}, "-f", "text").out


def test_a_key_is_not_found_at_its_own_name_where_it_has_keys(value: Any) -> None:
    assert value(primary(keys=["test_dice"]), {"dice": 0.1}) == (None, [])


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("0.5", "is a text, not a number: write it as a number, or set text = true"),
        (True, "is true, not a number"),
        (False, "is false, not a number"),
    ],
)
@pytest.mark.parametrize("first", ["test_dice", "test.dice"])
def test_what_is_no_number_is_a_problem_and_the_next_key_is_not_tried(
    first: str, found: Any, words: str, value: Any
) -> None:
    said = {"test_dice": found, "test": {"dice": found}, "best": 0.5}
    number, (problem,) = value(primary(keys=[first, "best"]), said)
    assert number is None
    assert problem.startswith(f"dice: {words}")


def test_a_list_of_figures_is_a_problem_until_it_is_averaged(value: Any) -> None:
    said = {"folds": [{"dice": 0.25}, {"dice": 0.75}]}
    found, (problem,) = value(primary(keys=["folds[].dice"]), said)
    assert found is None
    assert problem.startswith("dice: is a list, not a number")
    assert value(primary(keys=["avg(folds[].dice)"]), said) == (0.5, [])


@pytest.mark.parametrize(("keys", "found"), [("length(folds)", 2.0), ("sum(folds)", 0.75)])
def test_what_an_expression_works_out_is_a_number(keys: str, found: float, value: Any) -> None:
    config = primary(keys=[keys], range=[0, 10])
    assert value(config, {"folds": [0.25, 0.5]}) == (found, [])


def test_a_figure_of_another_type_is_worked_out_all_the_same(value: Any) -> None:
    # A key that is written twice makes no other kind of object.
    said = '{"test": {"a": 0.5, "a": 0.5, "b": 0.25}}'
    assert value(primary(keys=["max(values(test))"]), said) == (0.5, [])


# Problems that name a key


def test_a_key_that_is_given_twice_is_told_whatever_it_is_called(value: Any) -> None:
    twice = "dice: is given more than once, with different values: the last one counts"
    config = primary(keys=["test_dice", "eval_dice"])
    assert value(config, '{"test_dice": 0.25, "test_dice": 0.5}') == (0.5, [twice])
    assert value(config, '{"test_dice": 0.5, "test_dice": 0.5}') == (0.5, [])
    assert value(config, '{"dice": 0.1, "dice": 0.2, "test_dice": 0.5}') == (0.5, [])


@pytest.mark.parametrize(
    ("keys", "text", "found"),
    [
        ("test.f1", '{"test": {"f1": 0.25, "f1": 0.5}}', 0.5),
        ("test.f1", '{"test": {"f1": 0.5, "f1": 0.25, "f1": 0.5}}', 0.5),
        ("test.f1", '{"test": {"f1": 0.25}, "test": {"f1": 0.5}}', 0.5),
        ("test.f1", '{"test": {"f1": 0.25}, "test": {"loss": 0.5}}', None),
        ("test.f1", '{"test": {"f1": 0.25, "f1": NaN}}', None),
        ("a.b.c.d", '{"a": {"b": {"c": {"d": 0.25}, "c": {"d": 0.5}}}}', 0.5),
        ("folds[1].f1", '{"folds": [{"f1": 1}, {"f1": 0.25, "f1": 0.5}]}', 0.5),
        ("avg(folds[].f1)", '{"folds": [{"f1": 0.25}, {"f1": 0.5, "f1": 0.75}]}', 0.5),
        ("max(values(test))", '{"test": {"f1": 0.75, "f1": 0.5}}', 0.5),
        ("[0].f1", '[{"f1": 0.25, "f1": 0.5}]', 0.5),
    ],
)
def test_a_key_that_is_given_twice_below_an_object_is_told(
    keys: str, text: str, found: float | None, value: Any
) -> None:
    twice = "dice: is given more than once, with different values: the last one counts"
    assert value(primary(keys=[keys]), text) == (found, [twice])


@pytest.mark.parametrize(
    "text",
    [
        '{"test": {"f1": 0.5, "f1": 0.5}}',
        '{"test": {"f1": 0.5, "loss": 1, "loss": 2}}',
        '{"test": {"f1": 0.5}, "val": {"f1": 0.25, "f1": 0.75}}',
        '{"test": {"f1": 0.5, "loss": 1}, "test": {"f1": 0.5, "loss": 2}}',
        '{"test": {"f1": 0.5}, "n": [{"f1": 0.25, "f1": 0.75}], "x": 1, "x": 2}',
        '{"test": {"f1": 0.5, "a": NaN}, "test": {"f1": 0.5, "a": NaN}}',
        '{"a": {"f1": 0.25, "f1": 0.75}, "b": {"f1": 0.5}, "test": {"f1": 0.5}}',
    ],
)
def test_what_is_given_twice_elsewhere_makes_no_difference(text: str, value: Any) -> None:
    assert value(primary(keys=["test.f1"]), text) == (0.5, [])


def test_the_deepest_file_may_have_a_key_twice(value: Any) -> None:
    path = ".".join(["a"] * 100)
    text = '{"b": [' + '{"a":' * 495 + '{"x": 1, "x": 2}' + "}" * 495 + "], "
    text += '"a":' + '{"a":' * 99 + "0.5" + "}" * 100
    assert value(primary(keys=[path]), text) == (0.5, [])


def test_a_key_that_was_not_used_may_be_given_twice(value: Any) -> None:
    said = '{"test_dice": 0.5, "eval_dice": 0.1, "eval_dice": 0.2}'
    assert value(primary(keys=["test_dice", "eval_dice"]), said) == (0.5, [])


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["test_dice", "eval_dice"], "eval-Dice"),
        (["test.dice", "test_dice"], "TestDice"),
        (["acc,none", "test_dice"], "Acc,None"),
    ],
)
def test_a_key_that_is_spelt_otherwise_is_named(keys: list[str], name: str, value: Any) -> None:
    missing = f"is missing, but there is `{name}`: spell the key the same in both places"
    assert value(primary(keys=keys), {name: 0.5}) == (None, [f"dice: {missing}"])


def test_the_last_step_of_a_path_is_no_name_to_resemble(value: Any) -> None:
    assert value(primary(keys=["test.dice"]), {"Dice": 0.5, "Test": {"dice": 0.5}}) == (None, [])


def test_a_look_alike_of_a_key_that_was_not_needed_is_no_problem(value: Any) -> None:
    said = {"eval_dice": 0.5, "Test-Dice": 0.1}
    assert value(primary(keys=["test_dice", "eval_dice"]), said) == (0.5, [])


# Texts that mean a missing value


def test_texts_can_mean_a_missing_value(value: Any) -> None:
    config = '[scan]\nmissing = ["N/A", "-"]\n' + primary(keys=["test_dice", "eval_dice"])
    for text in ("N/A", "-"):
        assert value(config, {"test_dice": text}) == (None, [])
        assert value(config, {"test_dice": text, "eval_dice": 0.5}) == (0.5, [])
    _, (problem,) = value(config, {"test_dice": "n/a"})
    assert problem.startswith("dice: is a text")


def test_they_are_missing_where_the_key_is_plain_too(value: Any) -> None:
    assert value('[scan]\nmissing = ["N/A"]\n' + primary(), {"dice": "N/A"}) == (None, [])
    _, (problem,) = value(primary(), {"dice": "N/A"})
    assert problem.startswith("dice: is a text")


# Scale and range


@pytest.mark.parametrize(
    ("scale", "said", "found"),
    [
        (0.01, 38.37, 0.3837),
        (0.01, 29.0, 0.29),
        (0.01, 57.0, 0.57),
        (0.01, 100, 1.0),
        (0.01, 0.7, 0.007),
        (0.01, 69.3, 0.693),
        (0.001, 357, 0.357),
        (1, 0.25, 0.25),
        (0.5, 0.5, 0.25),
        (100, 0.0029, 0.29),
    ],
)
def test_a_scaled_value_is_the_one_that_people_write(
    scale: float, said: float, found: float, value: Any
) -> None:
    assert value(primary(scale=scale), {"dice": said}) == (found, [])


def test_every_percentage_of_two_decimals_is_exact(explain: Any) -> None:
    runs = {f"r{n:05}": {"dice": n / 100} for n in range(300, 10_000, 37)}
    rows = explain(primary(scale=0.01), runs).json
    exact = {run: float(f"0.{int(run[1:]):04}") for run in runs}
    assert {row["run"]: row["metrics"]["dice"] for row in rows} == exact


def test_the_range_is_that_of_the_scaled_value(value: Any) -> None:
    assert value(primary(scale=0.01), {"dice": 100.0}) == (1.0, [])
    found, (problem,) = value(primary(scale=0.01), {"dice": 101.0})
    assert (found, problem) == (None, "dice: is outside its range from 0 to 1")


def test_a_percentage_without_a_scale_says_what_to_write(value: Any) -> None:
    found, (problem,) = value(primary(), {"dice": 38.37})
    assert found is None
    assert problem.endswith("a percentage? Divide it by 100, or set scale = 0.01")


@pytest.mark.parametrize(
    ("bounds", "said", "good"),
    [
        ([0, float("inf")], 1e300, True),
        ([0, float("inf")], 0, True),
        ([0, float("inf")], -0.5, False),
        ([float("-inf"), float("inf")], -1e300, True),
        ([float("-inf"), 0], -7, True),
        ([float("-inf"), 0], 7, False),
    ],
)
def test_a_range_may_have_no_end(bounds: list[float], said: float, good: bool, value: Any) -> None:
    found, problems = value(primary(range=bounds), {"dice": said})
    assert (found, bool(problems)) == ((said, False) if good else (None, True))


def test_what_is_too_large_once_scaled_is_told(value: Any) -> None:
    config = primary(scale=1e10, range=[0, float("inf")])
    found, problems = value(config, {"dice": 1e308})
    assert found is None
    assert len(problems) == 1


def test_an_open_range_is_null_in_the_summary(finalrank: Finalrank, tree: Tree) -> None:
    config = primary("hd95", range=[0, float("inf")], higher_is_better=False)
    root = tree({"a/test_metrics.json": {"hd95": 12.5}, "finalrank.toml": config})
    summary = finalrank("report", root, "-f", "json").json
    assert summary["metrics"][0]["range"] == [0, None]
    assert summary["runs"][0]["metrics"] == {"hd95": 12.5}


# A list at the top


def test_a_list_is_read_where_a_key_leads_into_it(value: Any) -> None:
    said = [{"dice": 0.25}, {"dice": 0.75}]
    assert value(primary(keys=["[-1].dice"]), said) == (0.75, [])
    assert value(primary(keys=["avg([].dice)"]), said) == (0.5, [])
    assert value(primary("[0].dice") + metric(), said)[1] == []


@pytest.mark.parametrize("config", [primary(), primary(keys=["[0].iou"]), primary(keys=["dice"])])
def test_any_other_list_is_unreadable_as_ever(config: str, explain: Any) -> None:
    done = explain(config, {"a": [{"dice": 0.5}]})
    assert done.json[0]["reason"] == "unreadable"
    (problem,) = done.problems
    assert "is a list, not an object" in problem


@pytest.mark.parametrize("said", [0.5, "a text", None, True])
def test_what_is_neither_list_nor_object_is_unreadable(said: Any, explain: Any) -> None:
    for key in ("@", "length(@)", "to_number(@)"):
        done = explain(primary(keys=[key]), {"a": json.dumps(said)})
        assert done.json[0]["reason"] == "unreadable"


def test_one_file_may_be_a_list_and_another_an_object(explain: Any) -> None:
    files = {"a": [{"dice": 0.25}], "b": {"dice": 0.5}, "c": [], "d": {}}
    rows = explain(primary(keys=["[0].dice", "dice"]), files).json
    assert {row["run"]: (row["metrics"]["dice"], row["reason"]) for row in rows} == {
        "b": (0.5, None),
        "a": (0.25, None),
        "c": (None, "unreadable"),
        "d": (None, "missing-primary"),
    }
    keys = {row["run"]: row["keys"] and row["keys"]["dice"] for row in rows if not row["reason"]}
    assert keys == {"a": "[0].dice", "b": "dice"}


def test_what_a_key_finds_in_a_list_is_checked_as_ever(value: Any) -> None:
    _, (problem,) = value(primary(keys=["[0].dice"]), [{"dice": "0.5"}])
    assert problem == "dice: is a text, not a number: write it as a number, or set text = true"


# What explain tells

TWO = primary(keys=["test.dice", "dice"], label="Dice") + metric("auc", keys=["auc"]) + metric("ap")
FILES = {"a": {"test": {"dice": 0.75}, "auc": 0.5}, "b": {"dice": 0.5, "ap": 0.5}, "c": {}}


def test_the_keys_that_were_used_are_in_the_json(explain: Any) -> None:
    rows = explain(TWO, FILES).json
    assert {row["run"]: row["keys"] for row in rows} == {
        "a": {"dice": "test.dice", "auc": "auc", "ap": None},
        "b": {"dice": "dice", "auc": None, "ap": "ap"},
        "c": {"dice": None, "auc": None, "ap": None},
    }
    assert list(rows[0])[-1] == "keys"


def test_the_text_tells_those_of_metrics_with_several_places(explain: Any) -> None:
    text = explain(TWO, FILES, "-f", "text").out
    assert "the only valid artifact; Dice from test.dice\n" in text
    assert "the only valid artifact; Dice from dice\n" in text
    assert text.count(" from ") == 2


def test_a_key_is_shown_as_a_name(explain: Any) -> None:
    config = primary(keys=["a\u202eb", "dice"])
    text = explain(config, {"a": {"a\u202eb": 0.5}}, "-f", "text").out
    assert r"dice from a\u202eb" in text
    assert "\u202e" not in text


def test_with_the_default_configuration_there_are_none(finalrank: Finalrank) -> None:
    rows = finalrank("explain", EXAMPLES, "-f", "json").json
    assert rows
    assert not any("keys" in row for row in rows)
    assert " from " not in finalrank("explain", EXAMPLES).out


def test_the_csv_has_no_column_more(explain: Any) -> None:
    header = explain(TWO, FILES, "-f", "csv").out.splitlines()[0]
    assert header == "source,run,rank,verdict,reason,detail,dice,auc,ap"


# Lower is better, from a path


def test_everything_follows_where_lower_is_better(finalrank: Finalrank, tree: Tree) -> None:
    config = primary("hd95", keys=["surface.hd95"], **LOWER) + '[baseline]\nmatch = "base"\n'
    hd95 = {"a/test_metrics_1": 9.0, "a/test_metrics_2": 4, "base/test_metrics": 6}
    hd95 |= {"c/test_metrics": 8, "near/dev_test_metrics": 7, "far/dev_test_metrics": 8.5}
    files = {f"{name}.json": {"surface": {"hd95": value}} for name, value in hd95.items()}
    root = tree({**files, "finalrank.toml": config})
    summary = finalrank("report", root, "-f", "json").json
    assert [(run["run"], run["metrics"]["hd95"]) for run in summary["runs"]] == [
        ("a", 4),
        ("base", 6),
        ("c", 8),
    ]
    assert summary["runs"][0]["source"] == "a/test_metrics_2.json"
    assert [run["delta"]["hd95"]["absolute"] for run in summary["runs"]] == [-2, 0, 2]
    assert [run["ranks"]["hd95"] for run in summary["runs"]] == [1, 2, 3]
    # Below the third on the podium, not above it.
    assert [row["run"] for row in summary["notable_exclusions"]] == ["near"]
    page = finalrank("report", root).out
    assert "`a` (`runs/a/test_metrics_2.json`)" in page
    assert "lower is better" in page
    assert "-2.0000" in page


def test_digits(finalrank: Finalrank, tree: Tree) -> None:
    config = primary("hd95", digits=1, **LOWER) + metric("dice", digits=6)
    root = tree({"a/test_metrics.json": {"hd95": 12.345, "dice": 0.5}, "finalrank.toml": config})
    page = finalrank("report", root).out
    assert "`hd95=12.3`, `dice=0.500000`" in page
    assert finalrank("report", root, "-f", "json").json["runs"][0]["metrics"]["hd95"] == 12.345
