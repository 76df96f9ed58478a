"""What a run was tested on: the counts in a file, the reference, and who is told apart by them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conftest import EXAMPLES, Done, Finalrank, Tree

DICE, ROC = "dice_pos", "roc_auc_presence"
USUAL = {"num_samples": 612.0, "num_positive": 107.0, "num_negative": 505.0}
TOY = {"num_samples": 40, "num_positive": 1, "num_negative": 39}
# Two runs on the test set that most runs are on.
USUALS: dict[str, Any] = {"nnunet": USUAL, "usual": USUAL}
REFERENCE = "- Runs on another test set than the most common one"


def bullets(done: Done) -> list[str]:
    """The lines on test sets."""
    assert done.status == 0, done.err
    return [
        line
        for line in done.out.splitlines()
        if re.match(r"- .*(test set|positives or negatives|other cases)", line)
    ]


@pytest.fixture
def page(finalrank: Finalrank, tree: Tree) -> Any:
    """The page of runs of one artifact each, all of which have a Dice."""

    def run(runs: dict[str, Any], config: str = "", command: str = "report", *args: str) -> Done:
        files = {
            f"{name}/test_metrics.json": content
            if isinstance(content, str)
            else {DICE: 0.5} | content
            for name, content in runs.items()
        }
        return finalrank(command, tree({**files, "finalrank.toml": config}), *args)

    return run


# The counts


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"num_samples": 40.0}, "40 cases"),
        ({"num_cases": 40}, "40 cases"),
        ({"num_samples": 40, "num_cases": 612}, "40 cases"),
        ({"num_samples": None, "num_cases": 40}, "40 cases"),
        ({"num_samples": 1}, "1 case"),
        ({"num_samples": 0}, "0 cases"),
        # Of three the third follows.
        ({"num_cases": 40, "num_positives": 30}, "40 cases, 30 positives, 10 negatives"),
        ({"num_cases": 40, "num_negatives": 10}, "40 cases, 30 positives, 10 negatives"),
        ({"num_positive": 20, "num_negative": 20}, "40 cases, 20 positives, 20 negatives"),
        # Nothing follows from what cannot be.
        ({"num_cases": 40, "num_positive": 50}, "40 cases, 50 positives"),
        ({"num_cases": 40, "num_negative": 50}, "40 cases, 50 negatives"),
    ],
)
def test_what_an_artifact_says_of_its_test_set(counts: Any, told: str, page: Any) -> None:
    done = page(USUALS | {"odd": counts})
    assert f"(`odd`: {told})" in bullets(done)[0]
    assert (
        "the most common one (612 cases, 107 positives, 505 negatives): **1**" in bullets(done)[0]
    )
    assert done.problems == []


@pytest.mark.parametrize(
    "count",
    [
        *("-40", "40.5", '"40"', "true", "NaN", "Infinity", "-Infinity", "1e400", "[40]", "{}"),
        *("null", "1e300", "9007199254740993", '""', "9" * 5000),
    ],
)
@pytest.mark.parametrize("key", ["num_samples", "num_positive", "num_missing_predictions"])
def test_nonsense_is_unknown_and_no_problem(count: str, key: str, page: Any) -> None:
    text = f'{{"{DICE}": 0.5, "{key}": {count}}}'
    done = page(USUALS | {"odd": text}, "", "report", "--strict")
    assert (done.status, done.problems, bullets(done)) == (0, [], [])
    report = page(USUALS | {"odd": text}, "", "report", "-f", "json").json
    assert [run["metrics"][DICE] for run in report["runs"]] == [0.5, 0.5, 0.5]


def test_what_is_nonsense_under_one_key_is_not_looked_for_under_the_next(page: Any) -> None:
    # It is there, so it is what the author meant.
    for nonsense in ('"forty"', "40.5", "-1", "true"):
        text = f'{{"{DICE}": 0.5, "num_samples": {nonsense}, "num_cases": 40}}'
        assert bullets(page(USUALS | {"odd": text})) == []
    # What is not there, is.
    text = f'{{"{DICE}": 0.5, "num_samples": NaN, "num_cases": 40}}'
    assert len(bullets(page(USUALS | {"odd": text}))) == 1


def test_a_count_that_is_given_twice_is_the_last(page: Any) -> None:
    for first, last, odd in ((40, 612, 0), (612, 40, 1)):
        text = f'{{"{DICE}": 0.5, "num_samples": {first}, "num_samples": {last}}}'
        assert len(bullets(page(USUALS | {"odd": text}))) == odd


def test_a_count_is_found_however_its_file_is_written(page: Any) -> None:
    plain = f'{{"{DICE}": 0.5, "num_samples": 40}}'
    for text in (
        plain,
        "\ufeff" + plain,
        plain.replace("num_s", "num_\\u0073"),
        plain.replace("}", f', "{ROC}": null}}'),
        plain.replace("0.5", "5e-1").replace("40", "4.0e1"),
    ):
        assert "(`odd`: 40 cases)" in bullets(page(USUALS | {"odd": text}))[0]


def test_counts_stand_where_the_configuration_says(page: Any) -> None:
    config = """
        [test_set]
        cases = ["test.n", "length(cases)"]
        positives = ["test.pos"]
        negatives = []
    """
    runs = {
        "nnunet": {"test": {"n": 50, "pos": 20}},
        "usual": {"test": {"n": 50, "pos": 20}},
        "a": {"cases": ["x", "y"] * 25, "num_negative": 1, "test": {"pos": 20}},
        "b": {"cases": [], "test": "none"},
        "c": {"test": {"n": 50, "pos": 21}},
    }
    done = page(runs, config)
    assert bullets(done) == [
        f"{REFERENCE} (50 cases, 20 positives, 30 negatives): **2** "
        "(`b`: 0 cases; `c`: 50 cases, 21 positives, 29 negatives)"
    ]
    assert done.problems == []


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ("[test_set]\ncases = ['test[']", "test_set.cases"),
        ("[test_set]\ncases = ['']", "test_set.cases"),
        ("[test_set]\ncases = 'n'", "test_set.cases"),
        ("[test_set]\nmin_class_size = 0", "test_set.min_class_size"),
        ("[test_set]\ncase = ['n']", 'did you mean "cases"'),
        ("[filter]\ntest_set = 'drop'", "filter.test_set"),
        ("[filter.rules.'test-set']\ntokens = ['x']", "filter.rules"),
        ("[filter.rules.incomplete]\ntokens = ['x']", "filter.rules"),
    ],
)
def test_a_wrong_configuration_is_one_line(config: str, fault: str, page: Any) -> None:
    done = page({"a": USUAL}, config)
    assert (done.status, done.out) == (2, "")
    first = done.err.splitlines()[0]
    assert first.startswith("finalrank: ")
    assert fault in first
    assert "Traceback" not in done.err


def test_a_key_may_be_a_metric_and_a_count(page: Any) -> None:
    config = f"""
        [[metrics]]
        key = "{DICE}"
        primary = true
        [[metrics]]
        key = "num_samples"
        range = [0, inf]
        [[metrics]]
        key = "n"
        range = [0, inf]
        [test_set]
        cases = ["num_samples"]
        positives = ["n"]
    """
    runs = {"nnunet": {"num_samples": 612, "n": 30}, "odd": {"num_samples": 40, "n": 12}}
    done = page(runs, config)
    assert "(`odd`: 40 cases, 12 positives, 28 negatives)" in bullets(done)[0]
    (first, second) = page(runs, config, "report", "-f", "json").json["runs"]
    assert (first["metrics"]["num_samples"], second["metrics"]["n"]) == (612, 12)


def test_one_key_may_be_two_counts(page: Any) -> None:
    config = "[test_set]\ncases = ['n']\npositives = ['n']"
    done = page({"usual": {"n": 50}, "odd": {"n": 40}}, config)
    assert "(`odd`: 40 cases, 40 positives, 0 negatives)" in bullets(done)[0]


# Which one is the reference


@pytest.mark.parametrize("baseline", ["nnunet", "other"])
def test_it_is_the_most_common_whatever_the_baseline_stands_on(baseline: str, page: Any) -> None:
    runs: dict[str, Any] = {baseline: TOY, "b": USUAL, "c": USUAL, "d": {}}
    (line, _) = bullets(page(runs))
    assert line == (
        "- Runs on another test set than the most common one (612 cases, 107 positives, "
        f"505 negatives): **1** (`{baseline}`: 40 cases, 1 positive, 39 negatives)"
    )


def test_of_equally_common_ones_the_larger_is_the_reference(page: Any) -> None:
    (line, _) = bullets(page({"a": TOY, "b": USUAL}))
    assert "the most common one (612 cases" in line


def test_only_counts_that_both_have_are_compared(page: Any) -> None:
    config = "[test_set]\nmin_class_size = 1"
    runs = {
        "nnunet": {"num_samples": 612},
        "a": USUAL,
        "b": {"num_missing_predictions": 5},
        "c": {},
    }
    assert bullets(page(runs, config)) == []
    assert len(bullets(page({**runs, "d": {"num_cases": 611}}, config))) == 1


def test_missing_predictions_make_no_other_test_set(page: Any) -> None:
    runs = USUALS | {"a": USUAL | {"num_missing_predictions": 7}}
    assert bullets(page(runs)) == []


# The bullets


def test_a_line_names_five_and_counts_the_rest(page: Any) -> None:
    runs: dict[str, Any] = dict(USUALS)
    runs |= {f"toy{n}": TOY for n in range(5)}
    runs |= {f"usual{n}": USUAL for n in range(7)}
    five = "; ".join(f"`toy{n}`: 40 cases, 1 positive, 39 negatives" for n in range(5))
    for more in ("", " and 1 more", " and 2 more"):
        count = len(runs) - 9
        assert bullets(page(runs)) == [
            f"{REFERENCE} (612 cases, 107 positives, 505 negatives): **{count}** ({five}{more})",
            f"- Runs tested on fewer than 10 positives or negatives: **{count}** ({five}{more})",
        ]
        runs[f"toy{count}"] = TOY


@pytest.mark.parametrize(
    ("positives", "negatives", "small"),
    [(10, 10, False), (9, 100, True), (100, 9, True), (0, 100, True), (None, 100, False)],
)
def test_fewer_than_ten_are_told(positives: Any, negatives: int, small: bool, page: Any) -> None:
    run = {"num_positive": positives, "num_negative": negatives}
    lines = bullets(page({"a": run, "b": run}))
    assert len(lines) == small
    assert all("fewer than 10 positives or negatives: **2**" in line for line in lines)


def test_how_few_is_configurable(page: Any) -> None:
    config = "[test_set]\nmin_class_size = 108"
    (line,) = bullets(page({"a": USUAL}, config))
    assert line.startswith("- Runs tested on fewer than 108 positives or negatives: **1** (`a`: ")


def test_ignored_is_the_other_test_set_alone(page: Any) -> None:
    (line,) = bullets(page(USUALS | {"a": TOY}, '[filter]\ntest_set = "ignore"'))
    assert "fewer than 10" in line


def test_the_published_tree_says_nothing(finalrank: Finalrank) -> None:
    assert bullets(finalrank("report", EXAMPLES)) == []


def test_names_on_these_lines_are_data(page: Any) -> None:
    (line, _) = bullets(page(USUALS | {"a|`*b": TOY}))
    assert line.endswith("(``a|`*b``: 40 cases, 1 positive, 39 negatives)")


def test_only_what_stands_for_a_run_is_told(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        "nnunet/test_metrics.json": {DICE: 0.5} | USUAL,
        "a/test_metrics.json": {DICE: 0.5} | USUAL,
        "a/test_metrics_toy.json": {DICE: 0.4} | TOY,
        "b/test_metrics_dev.json": {DICE: 0.9} | TOY,
    }
    assert bullets(finalrank("report", tree(files))) == []


# To exclude what is on another

EXCLUDE = '[filter]\ntest_set = "exclude"'


@pytest.fixture
def mixed(tree: Tree) -> Any:
    """A run that was tested twice, one on other cases alone, one that says nothing, a baseline."""
    return tree(
        {
            "nnunet/test_metrics.json": {DICE: 0.1} | USUAL,
            "usual/test_metrics.json": {DICE: 0.05} | USUAL,
            "twice/test_metrics.json": {DICE: 0.4} | USUAL,
            "twice/test_metrics_toy.json": {DICE: 0.9} | TOY,
            "toy/test_metrics.json": {DICE: 0.8} | TOY,
            "unknown/test_metrics.json": {DICE: 0.3},
            "finalrank.toml": EXCLUDE,
        }
    )


def test_what_is_on_another_test_set_is_left_out(finalrank: Finalrank, mixed: Any) -> None:
    done = finalrank("report", mixed, "-f", "json")
    assert done.account == "6 artifacts: 4 ranked, 0 siblings, 2 left out (test-set 2)"
    report = done.json
    assert [run["source"] for run in report["runs"]] == [
        "twice/test_metrics.json",
        "unknown/test_metrics.json",
        "nnunet/test_metrics.json",
        "usual/test_metrics.json",
    ]
    told = (
        "tested on 40 cases, 1 positive, 39 negatives, not 612 cases, 107 positives, 505 negatives"
    )
    assert report["excluded"] == [
        {"source": source, "run": run, "reason": "test-set", "detail": told}
        for run, source in (
            ("toy", "toy/test_metrics.json"),
            ("twice", "twice/test_metrics_toy.json"),
        )
    ]
    assert report["counts"] == {
        "artifacts_found": 6,
        "artifacts_valid": 4,
        "runs_found": 5,
        "runs_valid": 4,
    }
    # One line says so of all of them.
    assert report["notable_exclusions"] == []
    (line,) = bullets(finalrank("report", mixed))
    assert "612 cases, 107 positives, 505 negatives" in line
    for source in ("toy/test_metrics.json", "twice/test_metrics_toy.json"):
        assert f"`{source}`: 40 cases, 1 positive, 39 negatives" in line


def test_explain_tells_of_the_test_set(finalrank: Finalrank, mixed: Any) -> None:
    rows = {row["source"]: row for row in finalrank("explain", mixed, "-f", "json").json}
    assert len(rows) == 6
    row = rows["twice/test_metrics_toy.json"]
    assert (row["verdict"], row["reason"], row["rank"]) == ("excluded", "test-set", 1)
    assert row["detail"].startswith("tested on 40 cases")
    assert rows["twice/test_metrics.json"]["detail"] == "the only valid artifact"
    assert rows["toy/test_metrics.json"]["rank"] is None


def test_the_reasons_are_told_in_order(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(
        {
            "a/test_metrics.json": {DICE: 0.5} | USUAL,
            "b/test_metrics.json": {DICE: 0.5, "num_samples": 5},
            "c/test_metrics_dev.json": {DICE: 0.5} | TOY,
            "d/test_metrics.json": {DICE: 0} | TOY,
            "e/test_metrics.json": "{" + str(TOY),
        }
    )
    config = root / "finalrank.toml"
    config.write_text(EXCLUDE + '\n[baseline]\nrun = "a"')
    account = finalrank("report", root).account
    # One verdict each, by the first rule that applies.
    assert account.endswith("4 left out (dev 1, unreadable 1, zero-primary 1, test-set 1)")


def test_what_is_known_of_an_excluded_file_is_still_a_problem(
    finalrank: Finalrank, tree: Tree
) -> None:
    files = {
        "nnunet/test_metrics.json": {DICE: 0.1} | USUAL,
        "a/test_metrics.json": {DICE: 0.5, ROC: 92.3} | TOY,
        "finalrank.toml": EXCLUDE,
    }
    done = finalrank("report", tree(files), "--strict")
    assert done.status == 1
    assert done.problems[0].startswith(f"a/test_metrics.json: {ROC}: ")


def test_nothing_is_excluded_where_no_test_set_is_known(page: Any) -> None:
    done = page({"a": {}, "b": {"num_samples": "many"}}, EXCLUDE)
    assert done.account == "2 artifacts: 2 ranked, 0 siblings, 0 left out"


def test_a_group_is_as_many_runs_as_it_has_members(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"nnunet/fold_{n}/test_metrics.json": {DICE: 0.5} | USUAL for n in range(3)}
    files |= {"a/test_metrics.json": {DICE: 0.6} | TOY, "b/test_metrics.json": {DICE: 0.6} | TOY}
    root = tree(files)
    (root / "finalrank.toml").write_text(f'{EXCLUDE}\n[rank]\ngroups = "collapse"')
    done = finalrank("report", root, "-f", "json")
    assert done.account.endswith("3 ranked, 0 siblings, 2 left out (test-set 2)")
    assert [run["run"] for run in done.json["runs"]] == ["nnunet"]


def test_one_reference_decides_what_is_excluded_and_what_is_told(page: Any) -> None:
    counts = {"num_samples": 100, "num_positive": 25, "num_negative": 75}
    runs: dict[str, Any] = {
        # The baseline's own counts contradict each other, and are those of no test set.
        "nnunet_z": {DICE: 0.9} | counts | {"num_samples": 77},
        "nnunet_a": {DICE: 0.4, "num_samples": 100},
        "b": {DICE: 0.5} | counts,
        "c": {DICE: 0.6} | counts,
        "e": {DICE: 0.3, "num_negative": 75},
    }
    report = page(runs, EXCLUDE, "report", "-f", "json", "--evidence").json
    assert [row["run"] for row in report["excluded"]] == ["nnunet_z"]
    comparability = report["evidence"]["comparability"]
    assert comparability["reference"] == {
        "cases": 100,
        "positives": 25,
        "negatives": 75,
        "missing_predictions": None,
        "names": None,
    }
    assert comparability["flags"] == []


def test_a_baseline_on_other_cases_says_so(page: Any) -> None:
    runs = {"a": USUAL, "b": USUAL, "base": USUAL | {"num_samples": 50}}
    done = page(runs, EXCLUDE + '\n[baseline]\nrun = "base"\n')
    assert (done.status, done.out) == (2, "")
    assert 'baseline "base" (--baseline, baseline.run) is tested on other cases' in done.err
