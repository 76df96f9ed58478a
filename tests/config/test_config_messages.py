"""docs/contract.md, section 10: a mistake in the configuration is one line that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import configured_runs
from configured_runs import PRIMARY, RUNS, assert_one_line
from conftest import Finalrank, Tree

configured = configured_runs.configured


# What is wrong with it


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        ("titel = 'x'", ["titel", '"title"']),
        ("[rank]\ntie = 'min'", ["rank.tie", '"ties"']),
        ("[scan]\npattern = []", ["scan.pattern", '"patterns"']),
        ("[filter]\nzeros = 0", ["filter.zeros", '"zero"']),
        ("[filter.rules.mine]\ntoken = []\ntokens = []", ["filter.rules.mine.token", '"tokens"']),
        ("[filter.rule.mine]\ntokens = []", ["filter.rule", '"rules"']),
        ("[baseline]\nruns = ''", ["baseline.runs", '"run"']),
        ("[recomendation]\ntitle = ''", ["recomendation", '"recommendation"']),
        ("[recommendation]\ntitel = ''", ["recommendation.titel", '"title"']),
        ("[runs.a]\nkeyfeature = ''", ["runs.a.keyfeature", '"key_feature"']),
        ('[runs."a/b.c"]\nprotocoll = ""', ["protocoll", '"protocol"']),
        ("[[metrics]]\nkey = 'f'\nprimary = true\nlable = 'F'", ["lable", '"label"']),
        ("[[metric]]\nkey = 'f'", ["metric", '"metrics"']),
        # What is misspelt is missing, too: the misspelling is what to tell.
        ("[[metrics]]\nkee = 'f'", ["metrics[0].kee", '"key"']),
        ("[filter.rules.dev]\ntoken = ['a']", ["filter.rules.dev.token", '"tokens"']),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unknown_key_names_file_key_and_nearest(
    config: str, parts: list[str], configured: Any
) -> None:
    assert_one_line(configured(config), *parts)


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("title = 3", "title"),
        ("top = 'three'", "top"),
        ("top = 0", "top"),
        ("top = true", "top"),
        ("top = 2.5", "top"),
        ("scan = 3", "scan"),
        ("[scan]\npatterns = 'x'", "scan.patterns"),
        ("[scan]\npatterns = [3]", "scan.patterns"),
        ("[scan]\nmax_bytes = -1", "scan.max_bytes"),
        ("[scan]\nmax_bytes = '1'", "scan.max_bytes"),
        ("[filter]\nzero = 'tiny'", "filter.zero"),
        ("[filter]\nzero = nan", "filter.zero"),
        ("[filter]\nzero = true", "filter.zero"),
        ("[filter.rules.mine]\ntokens = 'x'", "filter.rules.mine.tokens"),
        ("[filter.rules.mine]\nwhere = 'path'", "filter.rules.mine"),
        ("[filter.rules.mine]\nwhen = 'n_cases <'", "filter.rules.mine.when"),
        ("[scan]\nrow = 'first'", "scan.row"),
        ("[scan]\nrow = 'best:'", "scan.row"),
        ("[scan]\nrow = 'best:val_loss'", "val_loss:lower"),
        ("[scan]\ntable = {metric = 'name'}", "scan.table"),
        ("[scan]\nrow = 'best:x:lower'\ntable = {metric = 'n', value = 'v'}", "scan"),
        ("[[metrics]]\nkey = 'a'\nprimary = true\nsd = true", "text = true"),
        ("[filter.rules.mine]\ntokens = ['two words']", "two words"),
        ("[filter.rules.mine]\ntokens = ['x']\nwhere = 'run'", "filter.rules.mine.where"),
        ("[filter.rules.unreadable]\ntokens = ['x']", "unreadable"),
        ("[filter]\nrules = []", "filter.rules"),
        ("[rank]\nties = 'max'", "rank.ties"),
        ("[baseline]\nrun = 3", "baseline.run"),
        ("[baseline]\nmatch = ['x']", "baseline.match"),
        ("runs = 3", "runs"),
        ("[runs]\na = 'x'", "runs.a"),
        ("[runs.a]\nkey_feature = 3", "runs.a.key_feature"),
        ("metrics = []", "metrics"),
        ("metrics = 'f'", "metrics"),
        ("[metrics]\nkey = 'f'", "metrics"),
        ("[[metrics]]\nlabel = 'F'\nprimary = true", "key"),
        ("[[metrics]]\nkey = ''\nprimary = true", "key"),
        ("[[metrics]]\nkey = 3\nprimary = true", "key"),
        ("[[metrics]]\nkey = 'f'", "primary"),
        (PRIMARY + PRIMARY.replace("'f'", "'g'"), "primary"),
        (PRIMARY + "[[metrics]]\nkey = 'f'", "twice"),
        (PRIMARY + "ranked = false", "ranked"),
        (PRIMARY + "ranked = 1", "ranked"),
        (PRIMARY + "higher_is_better = 'no'", "higher_is_better"),
        (PRIMARY + "range = [1, 0]", "range"),
        (PRIMARY + "range = [0]", "range"),
        (PRIMARY + "range = [0, 1, 2]", "range"),
        (PRIMARY + "range = [0, '1']", "range"),
        (PRIMARY + "range = [0, true]", "range"),
        (PRIMARY + "range = [0, nan]", "range"),
        (PRIMARY + "columns = ['ff']", '"f"'),
        (PRIMARY + "columns = 'f'", "columns"),
        ("title = \ntop = 3", "line 1"),
        ("title = 'a'\ntitle = 'b'\n", "line 2"),
        ("{'title': 1}", "line 1"),
    ],
)
def test_every_other_mistake_is_one_line(config: str, part: str, configured: Any) -> None:
    assert_one_line(configured(config), part)


def test_an_error_counts_the_others(configured: Any) -> None:
    assert_one_line(configured("top = 0\ntitle = 3\n[rank]\nties = ''"), "2 more")


@pytest.mark.parametrize("content", [b"\xff\xfet\x00", b"title = '\xff'"])
def test_a_configuration_that_is_not_utf8(content: bytes, finalrank: Finalrank, tree: Tree) -> None:
    root = tree(RUNS)
    Path("the.toml").write_bytes(content)
    assert_one_line(finalrank("report", root, "--config", "the.toml"), "UTF-8")


def test_a_configuration_that_is_a_folder_or_a_dangling_link(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree(RUNS)
    Path("the.toml").mkdir()
    assert_one_line(finalrank("report", root, "--config", "the.toml"))
    (root / "finalrank.toml").symlink_to("nowhere.toml")
    done = finalrank("report", root)
    assert (done.status, len(done.err.splitlines())) == (2, 1)


def test_a_rule_name_is_on_one_line(configured: Any) -> None:
    out = configured('[filter.rules."a\\nb"]\ntokens = ["q"]').out
    assert "excluded dev/smoke/scan/a b artifacts and" in out


@pytest.mark.parametrize("key", ["rank", "run", "source", "mean_rank", "metrics_used"])
def test_a_metric_cannot_have_the_name_of_a_column(key: str, configured: Any) -> None:
    assert_one_line(configured(f"[[metrics]]\nkey = '{key}'\nprimary = true"), key)


def test_a_configuration_that_is_nested_too_deep(configured: Any) -> None:
    assert_one_line(configured("x = " + "[" * 3000 + "]" * 3000), "nested")


def test_a_range_the_wrong_way_round_is_one_mistake(configured: Any) -> None:
    done = configured("[[metrics]]\nkey = 'f'\nprimary = true\nrange = [2, 1]")
    assert_one_line(done, "range")
    assert "more)" not in done.err


def test_a_key_that_means_the_opposite_is_not_proposed(tree: Tree, finalrank: Finalrank) -> None:
    root = tree({"a/test_metrics.json": {"hd95": 7.5}})
    (root / "finalrank.toml").write_text('[[metrics]]\nkey = "hd95"\nlower_is_better = true\n')
    done = finalrank("report", root)
    assert done.status == 2
    assert done.err.endswith("unknown key; write higher_is_better = false\n")
    (root / "finalrank.toml").write_text(
        '[[metrics]]\nkey = "hd95"\nprimary = true\nhigher_is_better = false\n'
    )
    (problem,) = finalrank("explain", root).problems
    assert problem.endswith(": a loss or a distance? Set range = [0, inf]")


def test_a_number_of_thousands_of_digits_is_one_line(tree: Tree, finalrank: Finalrank) -> None:
    root = tree(
        {"a/test_metrics.json": {"dice_pos": 0.5}, "finalrank.toml": "top = 1" + "0" * 4300}
    )
    done = finalrank("report", root)
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("finalrank.toml: has a number that is too long\n")
