"""What init makes of folders: each is drafted, and the report read, as a newcomer would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Done, Finalrank, Tree
from finalrank.config.load import load_settings
from finalrank.inspection.draft.names import paths_of, patterns_for


@pytest.fixture
def drafted(finalrank: Finalrank, tree: Tree) -> Any:
    """What init says, the settings that it writes, and the report by them."""

    def run(files: dict[str, Any], *metrics: str, add: dict[str, Any] | None = None) -> Any:
        root = tree(files)
        made = finalrank("init", root, *(part for name in metrics for part in ("--metric", name)))
        if made.status:
            return made, None, None
        tree(add or {})
        return made, load_settings([str(root)]), finalrank("report", root, "-f", "json")

    return run


def figures(done: Done, key: str) -> dict[str, float | None]:
    """A figure of each run in order, of the only dataset."""
    rows = done.json["runs"]
    own = [next(iter(row["by_dataset"].values())) if "by_dataset" in row else row for row in rows]
    return {row["run"]: each["metrics"][key] for row, each in zip(rows, own, strict=True)}


# Directions, ranges, percentages


def test_directions_come_from_the_registry_and_what_is_unknown_is_told(drafted: Any) -> None:
    files = {
        "good/m.json": {"fid": 7.1, "ece": 0.02, "vibe": 3},
        "bad/m.json": {"fid": 45.0, "ece": 0.31, "vibe": 2},
    }
    made, settings, done = drafted(files, "fid", "ece", "vibe")
    assert [metric.higher_is_better for metric in settings.metrics] == [False, False, True]
    assert list(figures(done, "fid")) == ["good", "bad"]
    assert "vibe: which way is better is not known, and taken for higher" in made.err
    assert "fid: which way" not in made.err


def test_the_command_line_says_which_way_is_better(drafted: Any) -> None:
    files = {"a/m.json": {"vibe": 1, "x:lower": 2}, "b/m.json": {"vibe": 2, "x:lower": 1}}
    made, settings, done = drafted(files, "vibe:lower", "x:lower:higher")
    assert list(figures(done, "vibe")) == ["a", "b"]
    assert [metric.higher_is_better for metric in settings.metrics] == [False, True]
    assert "which way" not in made.err


def test_only_what_can_be_a_share_is_a_percentage(drafted: Any) -> None:
    first = {"acc": 84.5, "psnr": 31.2, "latency_ms": 20.5, "gen_len": 73.5, "bleu": 27.5}
    second = {"acc": 81.25, "psnr": 18.36, "latency_ms": 55.1, "gen_len": 12.5, "bleu": 31.0}
    _, settings, done = drafted({"a/m.json": first, "b/m.json": second}, *first)
    assert {m.key: m.scale for m in settings.metrics if m.scale != 1} == {"acc": 0.01}
    assert figures(done, "psnr") == {"a": 31.2, "b": 18.36}
    assert figures(done, "acc") == {"a": 0.845, "b": 0.8125}


def test_the_maximum_alone_makes_no_percentage(drafted: Any) -> None:
    files = {"a/m.json": {"acc": 84.5}, "b/m.json": {"acc": 0.5}}
    _, settings, done = drafted(files, "acc")
    assert settings.primary.scale == 1
    assert figures(done, "acc") == {"b": 0.5}
    assert "a/m.json: acc: is outside its range from 0 to 1: a percentage?" in done.err


def test_a_sentinel_is_outside_of_the_natural_range(drafted: Any) -> None:
    files = {
        "a/m.json": {"dice": 0.5, "hd95": 4.0},
        "b/m.json": {"dice": 0.25, "hd95": -1.0},
    }
    _, _, done = drafted(files, "dice", "hd95")
    assert figures(done, "hd95") == {"a": 4.0, "b": None}
    assert "b/m.json: hd95: is outside its range from 0 to inf" in done.err


def test_labels_keep_the_spelling(drafted: Any) -> None:
    document = {"BLEU-4": 27.5, "pass@1": 0.5, "hd95": {"mean": 4.0}}
    _, settings, _ = drafted({"a/m.json": document}, "BLEU-4", "pass@1", "hd95.mean")
    assert [metric.label for metric in settings.metrics] == ["BLEU-4", "pass@1", "hd95.mean"]


# Names of files


def test_a_run_of_tomorrow_is_found(drafted: Any) -> None:
    files = {
        "unet/20240201/2024-02-01.json": {"mIoU": 74.0},
        "vit/20240202/2024-02-02.json": {"mIoU": 78.5},
        "vit/20240202/times.json": {"loss": 1},
    }
    later = {"new/20250301/2025-03-01.json": {"mIoU": 91.0}}
    _, settings, done = drafted(files, "mIoU", add=later)
    assert settings.scan.patterns == ("[0-9]*-[0-9]*-[0-9]*.json",)
    assert next(iter(figures(done, "mIoU"))).startswith("new")
    assert len(done.json["excluded"]) == 0


NAMES = st.lists(
    st.sampled_from(["metrics", "test_metrics", "unet", "a1b2c3d4", "2024-01-02", "fold_3", "v2"]),
    min_size=1,
    max_size=3,
).map(lambda parts: "_".join(parts) + ".json")


@given(st.sets(NAMES, min_size=1), st.sets(NAMES))
def test_patterns_find_all_that_was_seen_and_nothing_else(
    names: set[str], others: set[str]
) -> None:
    from fnmatch import fnmatchcase

    patterns = patterns_for(sorted(names), others - names)
    for name in names | others:
        found = any(fnmatchcase(name, pattern) for pattern in patterns)
        assert found == (name in names), patterns


# Splits, folds, seeds, datasets


def test_train_and_validation_files_are_splits(drafted: Any) -> None:
    files = {
        f"{run}/{split}_metrics.json": {"auc": value}
        for run, shift in (("a", 0.0), ("b", 0.125))
        for split, value in (("train", 0.75 + shift), ("val", 0.5 + shift), ("test", 0.25 + shift))
    }
    made, settings, done = drafted(files, "auc")
    assert figures(done, "auc") == {"b": 0.375, "a": 0.25}
    assert {row["reason"] for row in done.json["excluded"]} == {"other-split"}
    assert "split" in made.err
    assert settings.scan.patterns == ("*_metrics.json",)


@pytest.mark.parametrize("kind", ["fold", "seed"])
@pytest.mark.parametrize(
    "path", ["{run}/{kind}_{n}/m.json", "{run}_{kind}{n}/m.json", "{run}/{kind}{n}.json"]
)
def test_folds_and_seeds_in_paths_are_members(kind: str, path: str, drafted: Any) -> None:
    files = {
        path.format(run=run, kind=kind, n=n): {"dice": (n + shift) / 8}
        for run, shift in (("unet", 1), ("vit", 2))
        for n in range(3)
    }
    _, _, done = drafted(files, "dice")
    assert figures(done, "dice") == {"vit": 0.375, "unet": 0.25}


def test_factors_within_the_files_are_found(drafted: Any) -> None:
    files = {
        f"{run}_{n}.json": {"dice": (n + shift) / 8, "seed": n, "dataset": name}
        for run, shift in (("unet", 1), ("vit", 2))
        for n, name in ((0, "kits"), (1, "lits"))
    }
    _, settings, _ = drafted(files, "dice")
    assert {factor.key: factor.role for factor in settings.factors} == {
        "seed": "seed",
        "dataset": "dataset",
    }


def test_files_of_the_same_names_in_most_folders_are_datasets(drafted: Any) -> None:
    files = {
        f"{run}/{task}.json": {"acc": value}
        for run, value in (("a", 0.5), ("b", 0.25))
        for task in ("kits", "lits")
    }
    made, settings, done = drafted(files, "acc")
    assert sorted(done.json["runs"][0]["by_dataset"]) == ["kits", "lits"]
    assert 'write run = "parent" if they are versions of one result' in made.err
    assert settings.has_datasets


# Lists and tables


HISTORY = [{"epoch": n, "val_acc": value} for n, value in enumerate((0.25, 0.75, 0.5))]


@pytest.mark.parametrize(
    ("name", "content", "metric"),
    [
        ("log.json", {"log_history": HISTORY}, "log_history[].val_acc"),
        ("log.json", HISTORY, "[].val_acc"),
        ("log.jsonl", "\n".join(map(json.dumps, HISTORY)), "val_acc"),
        ("log.csv", "epoch,val_acc\n0,0.25\n1,0.75\n2,0.5\n", "val_acc"),
        ("log.json", {"history": {"val_acc": [0.25, 0.75, 0.5], "loss": [3, 2, 1]}}, "val_acc"),
    ],
)
def test_of_a_history_the_last_value_counts_and_it_is_said(
    name: str, content: Any, metric: str, drafted: Any
) -> None:
    made, settings, done = drafted({f"a/{name}": content, f"b/{name}": content}, metric)
    assert set(figures(done, "val_acc").values()) == {0.5}
    assert "the last value of each metric counts (scan.row)" in made.err
    assert settings.scan.row == "last"


MODELS = [{"model": "svm", "f1": 0.5}, {"model": "rf", "f1": 0.75}]


@pytest.mark.parametrize(
    ("name", "content", "metric"),
    [
        ("m.json", MODELS, "[].f1"),
        ("m.json", {"results": MODELS}, "f1"),
        ("m.json", {"svm": {"f1": 0.5}, "rf": {"f1": 0.75}}, "svm.f1"),
        ("m.csv", "model,f1\nsvm,0.5\nrf,0.75\n", "f1"),
        ("m.csv", ",f1\nsvm,0.5\nrf,0.75\n", "f1"),
        ("m.jsonl", "\n".join(map(json.dumps, MODELS)), "f1"),
        ("m.csv", "model,metric,value\nsvm,f1,0.5\nrf,f1,0.75\n", "f1"),
    ],
)
def test_of_a_leaderboard_each_model_is_a_run(
    name: str, content: Any, metric: str, drafted: Any
) -> None:
    _, _, done = drafted({name: content}, metric)
    assert figures(done, "f1") == {"rf": 0.75, "svm": 0.5}


def test_cases_have_a_mean_and_folds_are_members(drafted: Any) -> None:
    cases = {"a/m.json": {"cases": [{"dice": 0.25}, {"dice": 0.75}]}}
    _, settings, done = drafted(cases, "cases[].dice")
    assert settings.primary.keys == ("avg(cases[].dice)",)
    assert figures(done, "dice") == {"a": 0.5}


def test_folds_in_a_list_are_members(drafted: Any) -> None:
    folds = {"b/m.json": {"folds": [{"dice": 0.25}, {"dice": 0.75}]}}
    _, settings, done = drafted(folds, "folds[].dice")
    assert [factor.role for factor in settings.factors] == ["fold"]
    assert figures(done, "dice") == {"b": 0.5}


def test_a_list_of_numbers_is_no_history_without_a_word(drafted: Any) -> None:
    made, _, _ = drafted({"a/m.json": {"x": [0.25, 0.75]}}, "x[]")
    assert made.status == 2
    assert '--metric "x[-1]"' in made.err
    made, settings, done = drafted(
        {"b/m.json": {"dice_per_class": [0.25, 0.75]}}, "dice_per_class[]"
    )
    assert "the mean of the list counts" in made.err
    assert settings.primary.keys == ("avg(dice_per_class[])",)
    assert figures(done, "dice_per_class") == {"b": 0.5}


def test_files_below_those_of_runs_say_nothing_new(drafted: Any) -> None:
    files = {
        f"{run}/{name}": {"acc": value}
        for run, value in (("a", 0.5), ("b", 0.25))
        for name in ("metrics.json", "analysis/summary.json")
    }
    _, settings, done = drafted(files, "acc")
    assert settings.scan.patterns == ("metrics.json",)
    assert figures(done, "acc") == {"a": 0.5, "b": 0.25}


def test_a_known_layout_is_written_as_its_preset(drafted: Any) -> None:
    files = {
        f"Dataset001_X/T__P__2d/fold_{n}/validation/summary.json": {
            "foreground_mean": {"Dice": 0.5 + n / 8},
            "metric_per_case": [],
        }
        for n in range(2)
    }
    _, settings, done = drafted(files, "foreground_mean.Dice")
    assert settings.preset == "nnunet-v2"
    assert figures(done, "Dice") == {"T__P__2d": 0.5625}


@pytest.mark.parametrize(
    ("metric", "wanted"), [("x[-1].dice", 0.75), ("avg(x[].dice)", 0.5), ("x[].dice", None)]
)
def test_a_list_of_which_nothing_says_what_it_is(
    metric: str, wanted: float | None, drafted: Any
) -> None:
    files = {"a/m.json": {"x": [{"dice": 0.25}, {"dice": 0.75}]}}
    made, _, done = drafted(files, metric)
    if wanted is None:
        assert made.status == 2
        assert '--metric "x[-1].dice"' in made.err
        assert '--metric "avg(x[].dice)"' in made.err
    else:
        assert figures(done, "dice") == {"a": wanted}


def test_a_table_of_cases_is_no_runs_table(drafted: Any) -> None:
    made, _, _ = drafted({"a/cases.csv": "case,dice\np1,0.5\np2,0.25\n"}, "dice")
    assert made.status == 2
    assert "each row of a/cases.csv is of a case" in made.err


# What else is told


def test_a_figure_of_training_is_told(drafted: Any) -> None:
    made, _, _ = drafted({"a/m.json": {"train_acc": 0.5, "test_acc": 0.25}}, "train_acc")
    assert "train_acc: its name says that it is a figure of the training set" in made.err


def test_settings_that_differ_are_offered_as_factors(drafted: Any, tmp_path: Path) -> None:
    files: dict[str, Any] = {}
    for name, rate in (("a", 0.1), ("b", 0.01)):
        files[f"{name}/metrics.json"] = {"acc": rate}
        files[f"{name}/.hydra/config.yaml"] = (
            f"optim: {{lr: {rate}}}\nmodel: {{name: net_{name}}}\nepochs: 5\nname: {name}\n"
        )
    made, settings, _ = drafted(files, "acc")
    text = (tmp_path / "runs" / "finalrank.toml").read_text()
    assert '# keys = ["optim.lr"]\n# from = ".hydra/config.yaml"\n' in text
    assert "epochs" not in text
    assert settings.factors == ()
    assert '# keys = ["model.name"]\n' in text
    assert '# keys = ["name"]\n' not in text
    assert "2 settings differ between the trainings" in made.err


def test_counts_of_cases_are_found(drafted: Any) -> None:
    _, settings, _ = drafted({"a/m.json": {"test": {"dice": 0.5, "n_images": 40}}}, "test.dice")
    assert settings.test_set.cases == ("test.n_images",)


def test_name_rules_that_would_drop_the_models_are_switched_off(drafted: Any) -> None:
    files = {f"smoke_net_{n}/m.json": {"acc": n / 8} for n in range(1, 4)}
    made, settings, done = drafted({**files, "dev_run/m.json": {"acc": 0.9}}, "acc")
    assert settings.filter.rules["smoke"].tokens == ()
    assert len(done.json["runs"]) == 3
    assert "the rule smoke in their names: it is switched off" in made.err
    assert "1 of 4 files are left out by the rule dev, such as dev_run/m.json" in made.err


def test_the_baseline_is_a_run_that_is_called_so(drafted: Any) -> None:
    _, settings, done = drafted(
        {"baseline_unet/m.json": {"acc": 0.5}, "new/m.json": {"acc": 0.75}}, "acc"
    )
    assert settings.baseline.match == "baseline"
    assert done.json["baseline"]["run"] == "baseline_unet"


def test_a_known_layout_is_recognised(finalrank: Finalrank, tree: Tree) -> None:
    header = "epoch,metrics/mAP50-95(B)\n"
    root = tree({f"{run}/results.csv": f"{header}1,0.{n}\n" for n, run in ((3, "a"), (4, "b"))})
    told = "the files look like those of the preset ultralytics"
    assert told in finalrank("inspect", root).err
    assert told in finalrank("report", root).err
    assert told in finalrank("init", root, "--metric", "metrics/mAP50-95(B)", "-o", "x.toml").err
    assert finalrank("inspect", root, "--json").json["preset"] == "ultralytics"


def test_inspect_shows_lists_splits_and_factors(finalrank: Finalrank, tree: Tree) -> None:
    files = {
        "a/train.json": {"log": HISTORY, "seed": 1},
        "a/val.json": {"acc": 0.5, "seed": 2},
        "t.csv": "epoch,val_loss\n0,1.5\n1,0.5\n",
    }
    done = finalrank("inspect", tree(files))
    assert "log: a list of 3 rows in 1 file: a history\n" in done.out
    assert "tables of 2 rows in 1 file: a history\n" in done.out
    assert "split: val, train\n" in done.out
    assert "seed: 1, 2\n" in done.out


def test_runs_whose_paths_have_two_shapes_are_told() -> None:
    found = paths_of(["a/fold_0/m.json", "b_fold1.json"], [])
    assert (found.factors, found.run) == ((), "parent")
    assert "seem to name a fold" in found.told
