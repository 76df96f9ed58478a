"""What the section of the evidence says, sentence by sentence, of trees that are not the usual."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from conftest import Finalrank, Tree

DICE, ROC, AP = "dice_pos", "roc_auc_presence", "average_precision_presence"
USUAL = {"num_cases": 400, "num_positive": 80, "num_negative": 320}
TOY = {"num_cases": 40, "num_positive": 2, "num_negative": 38}

IDENTICAL = "has the figures of another run on cases that may be the same."

Files = dict[str, Any]
Parts = dict[str, str]


def metrics(dice: float, roc: float | None = None, ap: float | None = None) -> Files:
    found = {DICE: dice, ROC: roc, AP: ap}
    return {key: value for key, value in found.items() if value is not None}


@pytest.fixture
def parts(tree: Tree, finalrank: Finalrank) -> Callable[..., Parts]:
    """The parts of the section, by their numbers; "0" is in short."""

    trees = count(1)

    def of(runs: dict[str, Files], config: str = "", **more: Any) -> Parts:
        top = f"runs{next(trees)}"
        files: Files = {f"{run}/test_metrics.json": held for run, held in runs.items()}
        files |= more | {"finalrank.toml": config}
        root = tree({f"{top}/{name}": held for name, held in files.items()})
        done = finalrank("report", root / top, "--evidence", "-q")
        assert done.status == 0, done.err
        section = done.out.partition(") Evidence\n")[2].partition("### How this")[0]
        first, *others = section.split("\n### ")
        return {"0": first} | {part[2]: part for part in others}

    return of


def on(files: dict[str, Files], counts: Files) -> dict[str, Files]:
    return {run: held | counts for run, held in files.items()}


# Test sets


def test_a_metric_that_the_page_does_not_show_has_its_name(parts: Callable[..., Parts]) -> None:
    config = """
        [[metrics]]
        key = "dice_pos"
        primary = true
        [[metrics]]
        key = "precision"
        label = "Average P"
        kind = "average-precision"
        ranked = false
    """
    said = parts({"a": {DICE: 0.5, "precision": 0.01} | USUAL, "b": {DICE: 0.4} | USUAL}, config)
    assert "`a` (Average P 0.0100, at least 0.1087 with 400 cases, " in said["1"]
    # What is not shown is not in the table of what was left out.
    assert "Average P" not in said["8"]


def test_what_was_not_compared_is_not_called_alike(parts: Callable[..., Parts]) -> None:
    runs = {"a": metrics(0.6) | USUAL, "b": metrics(0.5) | TOY}
    said = parts(runs, 'filter.test_set = "ignore"')
    assert "- Test sets are not compared: `filter.test_set` is `ignore`." in said["1"]
    assert "reference" not in said["1"]
    assert "another test set" not in said["1"]
    alike = parts({"a": metrics(0.6) | USUAL}, 'filter.test_set = "ignore"')
    assert "- Test sets: not compared (5.1)." in alike["0"]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            USUAL,
            "no run is on another test set than the reference, is on fewer than 10 positives or "
            f"negatives, or {IDENTICAL}",
        ),
        (
            {"num_cases": 400},
            f"no run is on another test set than the reference, or {IDENTICAL}",
        ),
        (
            USUAL | {"num_missing_predictions": 0},
            "no run is on another test set than the reference, is on fewer than 10 positives or "
            f"negatives, lacks predictions, or {IDENTICAL}",
        ),
        (
            USUAL | {"num_missing_predictions": 3},
            "no run is on another test set than the reference, is on fewer than 10 positives or "
            f"negatives, or {IDENTICAL}",
        ),
        (
            {"num_cases": 400, "num_positive": 80, "num_negative": 300},
            f"no run is on fewer than 10 positives or negatives, or {IDENTICAL}",
        ),
    ],
)
def test_only_what_the_files_say_is_clear(
    counts: Files, sentence: str, parts: Callable[..., Parts]
) -> None:
    said = parts(on({"a": metrics(0.6), "b": metrics(0.5)}, counts))
    assert sentence in said["1"]


def test_where_the_files_say_nothing_nothing_is_clear(parts: Callable[..., Parts]) -> None:
    said = parts({"a": metrics(0.6), "b": metrics(0.5)})
    assert "As far as the files say" not in said["1"]
    assert "Whether the runs can be compared at all is not in the files." in said["1"]
    assert "- Test sets: not in the files (5.1)." in said["0"]


def test_the_flags_of_the_best_places_come_first(parts: Callable[..., Parts]) -> None:
    toys = on({f"a{number}": metrics(number / 10) for number in range(1, 8)}, TOY)
    usual = on({f"b{number}": metrics(number / 1000) for number in range(1, 9)}, USUAL)
    said = parts(toys | usual)
    (line,) = (line for line in said["1"].splitlines() if "another set" in line)
    assert [line.index(f"`a{number}`") for number in (7, 6, 5, 4, 3)] == sorted(
        line.index(f"`a{number}`") for number in (3, 4, 5, 6, 7)
    )
    assert line.endswith(" and 2 more.")
    told = "another test set 7, few cases 7; of the podium `a7`, `a6`, `a5` (5.1)."
    assert f"- Test sets: 7 of 15 runs stand out: {told}" in said["0"]


def test_counts_that_agree_are_the_same_ones(parts: Callable[..., Parts]) -> None:
    said = parts(on({"a": metrics(0.6), "b": metrics(0.5)}, USUAL))
    assert "- Test sets: the counts of all 2 runs agree; equal counts are not yet" in said["0"]
    runs = {"nnunet": metrics(0.6) | {"num_cases": 100}}
    runs |= {f"b{n}": metrics(n / 100) | {"num_cases": 100, "num_positive": n} for n in (20, 30)}
    said = parts(runs)
    assert "- Test sets: no count contradicts the reference, but not all state" in said["0"]


def test_how_a_run_was_chosen_says_nothing_of_its_cases(parts: Callable[..., Parts]) -> None:
    runs = on({"a": metrics(0.6), "b": metrics(0.5)}, USUAL)
    said = parts(runs, 'select.by = "validation"')
    assert "- Test sets: the counts of all 2 runs agree" in said["0"]
    assert "validation" not in said["1"]
    assert "decide where there is a choice: `a`, `b`." in said["3"]


def test_folds_have_cases_of_their_own(parts: Callable[..., Parts]) -> None:
    runs = {f"{kind}_{n}": metrics(n / 10) for n in (1, 2) for kind in ("u/fold", "v/seed")}
    said = parts(on(runs, USUAL))
    assert "are tested on different cases, whatever their counts: `u` (2 folds)." in said["1"]
    assert "`v`" not in said["1"]


# The choice


def test_the_best_of_seeds_was_chosen_among_them(parts: Callable[..., Parts]) -> None:
    runs = {f"m/seed_{n}": metrics(0.5 + n / 10, ap=0.5 - n / 10) for n in (1, 2, 3)}
    said = parts(runs | {"a": metrics(0.1, ap=0.1)}, 'rank.groups = "best"')
    assert "1 of 2 runs chose among 3 test artifacts, by their test Dice_pos." in said["3"]
    assert "The best of seeds or folds is chosen by its test Dice_pos" in said["3"]
    assert "| `m/seed_3` | 3 | 0.8000 | 0.6500 | +0.1500 |" in said["3"]
    assert "| `m/seed_3` | AP | 0.2000 | 0.4000 | `m/seed_1/test_metrics.json` |" in said["3"]
    assert "luck" in said["3"]


def test_a_name_chose_without_luck(parts: Callable[..., Parts]) -> None:
    newer = {"a/test_metrics_2.json": metrics(0.5)}
    said = parts({"a": metrics(0.6)}, 'select.by = "newest"', **newer)
    assert "1 of 1 run chose among 2 test artifacts, by the name of the file." in said["3"]
    assert "at most -0.1000, in `a`." in said["3"]
    assert "luck" not in said["3"]
    assert "- Chosen by test metrics: none (5.3)." in said["0"]


@pytest.mark.parametrize(
    ("sidecars", "chose"),
    [((), "2"), (("a",), "1"), (("a", "b"), "none")],
)
def test_validation_chose_where_there_is_any(
    sidecars: tuple[str, ...], chose: str, parts: Callable[..., Parts]
) -> None:
    more: dict[str, Any] = {
        f"{run}/test_metrics_2.json": metrics(0.5) | {"num_cases": 9} for run in "ab"
    }
    for run in sidecars:
        more |= {f"{run}/val_metrics{end}.json": metrics(0.5) for end in ("", "_2")}
    said = parts({"a": metrics(0.6), "b": metrics(0.7)}, 'select.by = "validation"', **more)
    told = f"by the validation Dice_pos where there is one; {chose} of them by test metrics."
    assert told in said["3"]
    assert ("luck" in said["3"]) == (chose != "none")


# The winner


def test_what_orders_those_who_share_the_first_place(parts: Callable[..., Parts]) -> None:
    by_name = parts({"b": metrics(0.5, 0.5, 0.5), "a": metrics(0.5, 0.5, 0.5)})
    alike = "`a`, `b` share the first place: they are alike in every metric, and only their names"
    assert f"{alike} order them in the table above." in by_name["6"]
    told = "`a`, `b` share the first place by mean rank"
    average = 'rank.ties = "average"'
    by_name = parts({"b": metrics(0.5, 0.4, 0.3), "a": metrics(0.5, 0.3, 0.4)}, average)
    assert f"{told}; only their names order them in the table above." in by_name["6"]
    by_dice = parts({"b": metrics(0.6, 0.5, 0.5), "a": metrics(0.5, 0.6, 0.5)}, average)
    assert f"{told}; Dice_pos orders them in the table above." in by_dice["6"]
    assert "They still share it under " in by_dice["6"]
    assert "| Without Dice_pos | `a` | only some | 2 of 2 |" in by_dice["6"]


def test_who_leads_the_complete_runs_may_be_another(parts: Callable[..., Parts]) -> None:
    # What lacks a metric takes ranks from the others on those that it has.
    more = {f"c{n}": metrics(0.6 + n / 100) for n in range(3)}
    said = parts({"a": metrics(0.9, 0.8, 0.8), "b": metrics(0.5, 0.9, 0.9)} | more)
    assert "The winner of the ranking above is `a`: the readings are over the 2 runs" in said["0"]
    shared = parts({"a": metrics(0.9, 0.8), "b": metrics(0.5, 0.9)} | more)
    told = "`a`, `b` share the first place by mean rank over the 2 runs that have every metric."
    assert told in shared["0"]
    lacking = parts({"a": metrics(0.9), "b": metrics(0.5, 0.9, 0.9), "c": metrics(0.4, 0.8, 0.8)})
    assert "The winner of the ranking above is `a`, which lacks a ranked metric:" in lacking["0"]
    assert "The rule for them decides who is first: `a` (available), `b` (worst" in lacking["0"]
    assert "First is `a` by *available*, `b` by *worst* and *complete*." in lacking["2"]


def test_what_no_run_has_is_named(parts: Callable[..., Parts]) -> None:
    said = parts({"a": metrics(0.6, 0.5), "b": metrics(0.5, 0.6)})
    assert "- Missing metrics: no run has AP; no other is missing (5.2)." in said["0"]
    assert "Over the 2 runs with every other ranked metric, " in said["6"]


def test_complete_runs_alone_are_ranked(parts: Callable[..., Parts]) -> None:
    runs = {"a": metrics(0.9, 0.8), "b": metrics(0.6, 0.7, 0.7), "c": metrics(0.5, 0.6, 0.6)}
    said = parts(runs, 'rank.missing = "complete"')
    assert "- Missing metrics: 1 of 3 runs lacks one, and is not ranked" in said["0"]
    assert "Places are among all 3 runs, also those that are not ranked." in said["2"]


def test_the_winner_that_is_the_baseline(parts: Callable[..., Parts]) -> None:
    runs = on({"nnunet": metrics(0.9, 0.8, 0.8), "b": metrics(0.6, 0.7, 0.7)}, USUAL)
    said = parts(runs)
    assert "- `nnunet` is the baseline itself." in said["0"]
    # Who is second is compared with it once.
    assert said["4"].count("| `b` | `nnunet` |") == 1
    assert "| `nnunet` | `b` |" not in said["4"]
    assert "| `nnunet` (baseline) | ROC-AUC |" in said["4"]


def test_more_positives_than_negatives_are_a_warning(parts: Callable[..., Parts]) -> None:
    usual = {"num_cases": 400, "num_positive": 320, "num_negative": 80}
    for counts, warned in ((USUAL, False), (usual, True)):
        said = parts(on({"a": metrics(0.9, 0.8, 0.8), "b": metrics(0.6, 0.7, 0.7)}, counts))
        assert ("can be far too narrow" in said["4"]) == warned


def test_who_has_intervals(parts: Callable[..., Parts]) -> None:
    runs = on({f"a{n}": metrics(n / 10, n / 10, n / 10) for n in range(1, 6)}, USUAL)
    assert "alone, for the podium; for all runs by `--intervals all`." in parts(runs)["4"]
    runs = {run: runs[run] for run in ("a1", "a2")}
    assert "alone, for every ranked run. SE is the standard error." in parts(runs)["4"]


def test_many_who_share_a_value_are_counted(parts: Callable[..., Parts]) -> None:
    runs = {f"a{number}": metrics(0.5, number / 10, number / 10) for number in range(1, 9)}
    said = parts(runs)
    assert "`a1`, `a2`, `a3`, `a4`, `a5` and 3 more have the same Dice_pos" in said["6"]
    assert "; their ranks 1 to 8 there come from their names." in said["6"]


def test_of_one_metric_there_is_little_to_vary(parts: Callable[..., Parts]) -> None:
    one = '[[metrics]]\nkey = "loss"\nprimary = true\nhigher_is_better = false\n'
    runs: dict[str, Files] = {"a": {"loss": 0.2}, "b": {"loss": 0.3}}
    said = parts(runs, one, **{"a/test_metrics_2.json": {"loss": 0.4}})
    part = next(part for part in said.values() if part.partition(" ")[2].startswith("Does the"))
    assert "With one ranked metric there is little to vary." in part
    # Better is less, and still an advantage.
    chosen = next(part for part in said.values() if "What was chosen" in part)
    assert "| Run | Artifacts | loss (lower is better) | Median of siblings | Advantage |" in chosen
    assert "| `a` | 2 | 0.2000 | 0.4000 | +0.2000 |" in chosen


# Single cases


def test_who_has_no_cases_is_named(parts: Callable[..., Parts]) -> None:
    table = "case,dice_pos\n" + "".join(f"c{number},0.{number}\n" for number in range(1, 6))
    runs = {run: metrics(dice) for run, dice in (("a", 0.6), ("b", 0.5), ("nnunet", 0.4))}
    said = parts(runs, **{"a/test_cases.csv": table, "b/test_cases.csv": table})
    assert "- No values by case: `nnunet`." in said["5"]
    # With no more runs than the podium has places, all are on it.
    assert "| Run | First | Place |" in said["5"]
    assert "- The baseline `nnunet` is not among them: there are no differences to it." in said["5"]
    assert "- Of fewer than 10 cases the intervals are too narrow: Dice_pos." in said["5"]
    alone = parts(runs, **{"a/test_cases.csv": "case,dice_pos\nx,0.5\n"})
    assert "- There is nothing to resample in fewer than two cases." in alone["5"]
    assert "| Place |" not in alone["5"]


def test_the_winner_against_the_baseline_in_short(parts: Callable[..., Parts]) -> None:
    def cases(shift: float) -> str:
        return "case,dice_pos\n" + "".join(f"c{n},{n / 100 + shift}\n" for n in range(40))

    more = {"a/test_cases.csv": cases(0.2), "nnunet/test_cases.csv": cases(0)}
    said = parts({"a": metrics(0.6), "nnunet": metrics(0.4)}, **more)
    assert (
        "- Over 40 single cases, `a` against the baseline: "
        "Dice_pos +0.2000 [0.2000, 0.2000], p < 0.0001, adjusted < 0.0001 (5.5)." in said["0"]
    )
    drawn = "- With the 40 single cases drawn anew, `a` is first of the 2 that have them in 100.0 %"
    assert f"{drawn}, by Dice_pos (5.5)." in said["0"]
    assert "Not answered" not in said["0"]


def test_cases_of_one_run_place_nobody(parts: Callable[..., Parts]) -> None:
    table = "case,dice_pos\n" + "".join(f"c{n},0.{n + 10}\n" for n in range(40))
    said = parts({"a": metrics(0.6), "b": metrics(0.5)}, **{"a/test_cases.csv": table})
    told = "- Not answered: the place of `a` by single cases, as no other run has them (5.5)."
    assert told in said["0"]
    assert "drawn anew" not in said["0"]


def test_the_winner_against_the_second_over_the_cases(parts: Callable[..., Parts]) -> None:
    def table(shift: float) -> str:
        return "case,dice_pos\n" + "".join(f"c{n},{n / 100 + shift}\n" for n in range(40))

    runs = {run: metrics(dice) for run, dice in (("a", 0.6), ("b", 0.5), ("c", 0.4))}
    tables = {f"{run}/test_cases.csv": table(n / 10) for n, run in enumerate("cba")}
    said = parts(runs, **tables)
    told = "`a` against the second, `b`"
    assert f"- Over 40 single cases, {told}: Dice_pos +0.1000 [0.1000, 0.1000] (5.5)." in said["0"]
    assert f"{told}, likewise: Dice_pos +0.1000 [0.1000, 0.1000] over 40 cases." in said["5"]
    assert "- There is no baseline to have differences to: name one with `--baseline`." in said["5"]


def test_a_winner_without_cases_of_the_others_is_told(parts: Callable[..., Parts]) -> None:
    tables = {
        f"{run}/test_cases.csv": "case,dice_pos\n" + "".join(f"{name}{n},0.5\n" for n in range(9))
        for run, name in (("a", "P"), ("nnunet", "p"), ("b", "p"))
    }
    said = parts({"a": metrics(0.6), "b": metrics(0.5), "nnunet": metrics(0.4)}, **tables)
    told = "- Not answered: the place of `a` by single cases, as it has"
    assert f"{told} too few that could be compared (5.5)." in said["0"]
    unlike = "9 of the reference's without a value here, none of them by a name that the reference"
    assert f"- `a`: 9 cases, {unlike} has: not compared." in said["5"]
    pooled = "- In 1 of 2 rows the mean over these cases is not the figure in the artifact"
    assert pooled in said["5"]
    del tables["a/test_cases.csv"]
    said = parts({"a": metrics(0.6), "b": metrics(0.5), "nnunet": metrics(0.4)}, **tables)
    assert f"{told} no usable values (5.5)." in said["0"]


def test_a_metric_of_some_cases_is_told_with_their_number(parts: Callable[..., Parts]) -> None:
    def table(shift: float) -> str:
        rows = [f"c{n},{0.1 + shift if n < 12 else ''},{n / 100 + shift}\n" for n in range(40)]
        return "".join(["case,dice_pos,roc_auc_presence\n", *rows])

    runs = {"a": metrics(0.6, 0.7), "b": metrics(0.5, 0.6), "nnunet": metrics(0.1, 0.2)}
    tables = {f"{run}/test_cases.csv": table(n / 10) for n, run in enumerate(("nnunet", "b", "a"))}
    said = parts(runs, **tables)
    assert "- Over 12 single cases, `a` against the baseline: Dice_pos +0.2000 [" in said["0"]
    assert "- Over 40 single cases, `a` against the baseline: ROC-AUC +0.2000 [" in said["0"]
    # A run that has not enough of it is not compared on it.
    tables["b/test_cases.csv"] = "case,dice_pos,roc_auc_presence\n" + "".join(
        f"c{n},,{n / 100}\n" for n in range(40)
    )
    said = parts(runs, **tables)
    assert "- `b`: 40 cases: not compared on Dice_pos, of which it has too few." in said["5"]


def test_a_rounded_table_is_the_artifacts(parts: Callable[..., Parts]) -> None:
    values = [0.12344, 0.45674, 0.78904]
    table = "case,dice_pos\n" + "".join(f"c{n},{round(v, 4)}\n" for n, v in enumerate(values))
    runs = {run: metrics(sum(values) / 3) for run in "ab"}
    said = parts(runs, **{f"{run}/test_cases.csv": table for run in "ab"})
    assert "is not the figure in the artifact" not in said["5"]


def test_the_page_says_how_a_table_is_called(parts: Callable[..., Parts]) -> None:
    own = 'scan.patterns = ["results*.json"]'
    runs = {"b/results.json": metrics(0.5), "a/results_2.json": metrics(0.6)}
    said = parts({}, own, **runs)
    assert (
        "beside each artifact, which `sidecars.replace` and `sidecars.cases` name, that has"
        in said["5"]
    )
    said = parts({}, own + '\nsidecars.replace = "results"', **runs)
    assert "such as `test_cases_2.csv` beside `results_2.json`, that has" in said["5"]


def test_the_best_places_come_first_in_the_tables_of_cases(parts: Callable[..., Parts]) -> None:
    # Of thirty runs by name the page would leave the winner out.
    runs = {f"r{n:02}": metrics(0.3 + n / 100) for n in range(30)}
    tables = {
        f"{run}/test_cases.csv": f"case,dice_pos\nx,{held[DICE]}\ny,{held[DICE]}\n"
        for run, held in runs.items()
    }
    said = parts(runs, **tables)
    rows = [line.split("`")[1] for line in said["5"].splitlines() if line.startswith("| `")]
    assert rows == sorted(runs, reverse=True) + sorted(runs, reverse=True)[:25]


def test_a_group_has_the_mean_of_its_members_cases(parts: Callable[..., Parts]) -> None:
    values = {
        "nnunet/seed_1": (0.1, 0.2, 0.3),
        "nnunet/seed_2": (0.3, 0.2, 0.1),
        "a": (0.4, 0.5, 0.6),
    }
    tables = {
        f"{run}/test_cases.csv": "case,dice_pos\n"
        + "".join(f"c{n},{v}\n" for n, v in enumerate(of))
        for run, of in values.items()
    }
    runs = {run: metrics(sum(of) / 3) for run, of in values.items()}
    said = parts(runs, 'rank.groups = "collapse"', **tables)
    assert (
        "| `nnunet` (baseline) | Dice_pos | 3 | 0.2000 | [0.2000, 0.2000] | 0.2000 |" in said["5"]
    )
    assert "| `a` | Dice_pos | 3 | 0.5000 |" in said["5"]
    assert "+0.3000 [" in said["0"]


# Words elsewhere


def test_evidence_has_no_place_in_csv_alone(tree: Tree, finalrank: Finalrank) -> None:
    runs = tree({"a/test_metrics.json": metrics(0.5)})
    done = finalrank("report", runs, "--evidence", "-f", "csv")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "finalrank: --evidence: CSV has no place for it; give -f md, -f json or -o FILE.md\n"
    )
    both = finalrank("report", runs, "--evidence", "-o", "r.csv", "-o", "r.md")
    assert both.status == 0


def test_a_template_without_the_section_beside_it(tree: Tree, finalrank: Finalrank) -> None:
    template = '{% if evidence %}{% include "evidence/in_short.md.j2" %}{% endif %}\n'
    root = tree({"runs/a/test_metrics.json": metrics(0.5), "own.md.j2": template})
    done = finalrank("report", root / "runs", "--evidence", "--template", root / "own.md.j2")
    assert done.status == 2
    assert done.err.splitlines()[-1].endswith(
        "own.md.j2:1: cannot find evidence/in_short.md.j2: put it beside the template"
    )


def test_what_no_run_has_is_named_where_all_must_have_it(tree: Tree, finalrank: Finalrank) -> None:
    files = {f"{run}/test_metrics.json": metrics(0.5, 0.5) for run in "ab"}
    done = finalrank("report", tree(files | {"finalrank.toml": 'rank.missing = "complete"'}))
    assert done.status == 1
    assert done.problems[0].endswith(
        f'no artifact has {AP}; rank the others (ranked), or set rank.missing = "available"'
    )
