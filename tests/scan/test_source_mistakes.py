"""What a newcomer gets wrong in the places of metrics, and expressions that fail."""

from __future__ import annotations

from typing import Any

import pytest

import explained
from explained import metric, primary, refused

explain = explained.explain


@pytest.mark.parametrize(
    ("key", "column", "words"),
    [
        ("results.mean.1.Dice", 13, "double quotes"),
        ("folds[-1.auc", 8, '"."'),
        ("folds[].auc | avg(@", 19, "too early"),
        ("avgg(folds[].auc)", 0, 'did you mean "avg"?'),
        ("mean(folds[].auc)", 0, "no function mean; avg, "),
        ("avg(folds[].auc, folds[].ap)", 0, "avg takes 1 argument"),
        ("avg_of.all | avg(folds[], folds[])", 13, "avg takes 1 argument"),
    ],
)
def test_a_broken_expression_is_shown_with_its_place(
    key: str, column: int, words: str, explain: Any
) -> None:
    done = explain(primary(keys=["dice", key]), {"a": {"dice": 0.5}})
    above, below = refused(done, "metrics[0].keys: ", f'"{key}" is no JMESPath', words)
    assert (above, below) == (f"  {key}", f"  {' ' * column}^")


@pytest.mark.parametrize("key", ["AP@[.5:.95]", "folds[-1", "results.mean.1.Dice"])
def test_a_metric_may_have_a_name_of_its_own_that_is_no_expression(key: str, explain: Any) -> None:
    (row,) = explain(primary(key), {"a": {key: 0.5}}).json
    assert row["metrics"] == {key: 0.5}


@pytest.mark.parametrize("key", ["acc,none", "mAP50(B)", "metrics/mAP50(B)", "top-1", "F1 score"])
def test_what_is_only_a_name_is_no_error(key: str, explain: Any) -> None:
    assert explain(primary(keys=[key]), {"a": {key: 0.5}}).json[0]["keys"] == {"dice": key}


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (primary(kees=["a"]), ["metrics[0].kees: unknown key", 'did you mean "keys"']),
        (primary(higher_better=False), ['did you mean "higher_is_better"']),
        (primary(keys="dice"), ["metrics[0].keys: write a list", '["a", "b"]']),
        (primary(keys=[3]), ["metrics[0].keys[0]: write a text in quotes"]),
        (primary(keys=[""]), ["metrics[0].keys: ", "write where the value stands"]),
        (primary(scale="0.01"), ["metrics[0].scale: write a number"]),
        (primary(scale=0), ["metrics[0].scale: ", "greater than 0"]),
        (primary(scale=float("inf")), ["metrics[0].scale: ", "finite"]),
        (primary(digits=1.5), ["metrics[0].digits: write a whole number"]),
        (primary(digits=16), ["metrics[0].digits: ", "15"]),
        (primary(range=[1, 0]), ["metrics[0].range: write the smaller bound first"]),
        (primary(range=0.5), ["metrics[0].range: write a list"]),
        (primary(higher_is_better="no"), ["metrics[0].higher_is_better: write true or false"]),
        ('[[metrics]]\nkeys = ["a"]\nprimary = true\n', ["metrics[0].key: ", 'write key = "']),
        ('[[metrics]]\nlabel = "Dice"\nprimary = true\n', ["metrics[0].key: ", 'write key = "']),
        (metric(), ["no metric is primary: give exactly one `primary = true`"]),
        (primary() + primary("iou"), ["more than one metric is primary: give exactly one"]),
        (metric(ranked=False), ["no metric is primary: give exactly one"]),
        (primary(ranked=False), ["so it must be ranked"]),
        ("metrics = []", ["metrics: "]),
        ('metrics = "dice"', ["metrics: write [[metrics]]"]),
        ('[metrics]\nkey = "dice"\n', ["metrics: "]),
        ("[scan]\nmissing = 'N/A'", ["scan.missing: write a list"]),
        ("[scan]\nreader = 'xml'", ["scan.reader: ", "json", "lightning"]),
        ("[select]\nby = 'best'", ["select.by: ", "primary", "newest"]),
        ("[select]\nfallback = 'old.json'", ["select.fallback: write a list"]),
        ("preset = 2", ["preset: write a text in quotes"]),
        ("preset = 'nnunet'", ['no preset "nnunet"', '"nnunet-v1"', '"nnunet-v2"']),
        ("preset = 'zzz'", ['no preset "zzz"', "there are detectron2, huggingface, keras"]),
    ],
)
def test_every_mistake_is_one_line_that_says_what_to_write(
    config: str, parts: list[str], explain: Any
) -> None:
    assert refused(explain(config, {"a": {"dice": 0.5}}), *parts) == []


# What fails on one file is its own affair


@pytest.mark.parametrize(
    "key",
    [
        "o[?a > `0`].a | [0]",
        "max_by(o, &a).a",
        "sort_by(o, &a)[0].a",
        "merge(@, name)",
        "&name",
        "to_number(digits)",
    ],
)
def test_an_expression_that_fails_on_a_file_finds_nothing_in_it(key: str, explain: Any) -> None:
    odd = {"o": [{"a": 1}, {"a": "x"}], "name": 3, "digits": "1" * 400}
    good = {"o": [{"a": 0.25}, {"a": 0.5}], "name": "b", "digits": "0.5", "best": 0.75}
    rows = explain(primary(keys=[key, "best"], range=[0, 1]), {"a": odd, "b": good}).json
    assert {row["run"]: row["verdict"] for row in rows} == {"a": "excluded", "b": "kept"}


@pytest.mark.parametrize("sign", ["|", "||", "&&"])
def test_a_chain_without_an_end_is_one_line(sign: str, explain: Any) -> None:
    done = explain(primary(keys=[sign.join(["a"] * 3000)]), {"a": {"a": 0.5}})
    assert (done.status, len(done.err.splitlines())) == (2, 1)
    assert len(done.err) < 500


def test_a_metric_below_zero_has_no_zero(explain: Any) -> None:
    config = primary(range=[float("-inf"), float("inf")])
    rows = explain(config, {"a": {"dice": -3.5}, "b": {"dice": -1.5}}).json
    assert [(row["run"], row["verdict"]) for row in rows] == [("b", "kept"), ("a", "kept")]
