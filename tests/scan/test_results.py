"""Several results in a file, and the factors of each: from its path, itself, or beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

F1 = '[[metrics]]\nkey = "f1"\nprimary = true\n'
FOLD = '[[factors]]\nkey = "fold"\nkeys = ["@index"]\nrole = "fold"\n'
LR = '[[factors]]\nkey = "lr"\nkeys = ["optim.lr"]\nfrom = "{}"\nrole = "{}"\n'


@pytest.fixture
def made(finalrank: Finalrank, tree: Tree) -> Any:
    """What a command says of the files, by a configuration whose first table is `[scan]`."""

    def run(files: Mapping[str, Any], config: str, *args: str) -> Done:
        scan = '[scan]\npatterns = ["m.json"]\n'
        root = tree({**files, "finalrank.toml": scan + config})
        return finalrank(*(args or ("report", "-f", "json")), root)

    return run


def values(done: Done) -> dict[str, float]:
    """The F1 of each run, in combined order."""
    return {row["run"]: row["metrics"]["f1"] for row in done.json["runs"]}


# Several in a file


@pytest.mark.parametrize(
    ("content", "config"),
    [
        ({"models": {"svm": {"f1": 0.5}, "rf": {"f1": 0.75}}}, 'results = ["models"]\nname="@key"'),
        ([{"model": "svm", "f1": 0.5}, {"model": "rf", "f1": 0.75}], 'results=["@"]\nname="model"'),
        ({"a": {"svm": {"f1": 0.5}}, "b": {"rf": {"f1": 0.75}}}, 'results=["a","b"]\nname="@key"'),
    ],
)
def test_each_is_a_run(content: Any, config: str, made: Any) -> None:
    done = made({"tuned/m.json": content, "m.json": content}, f"{config}\n{F1}")
    assert values(done) == {"rf": 0.75, "tuned/rf": 0.75, "svm": 0.5, "tuned/svm": 0.5}
    sources = {row["run"]: row["source"] for row in done.json["runs"]}
    label = {"@key": "rf", "model": "rf"}
    assert sources["tuned/rf"] == f"tuned/m.json#{label.get('@key')}"
    assert done.account == "4 results of 2 artifacts: 4 ranked, 0 siblings, 0 left out"


def test_folds_and_the_ensemble_of_a_file_are_one_run(made: Any) -> None:
    files = {
        "k/m.json": {"folds": [{"f1": 0.5}, {"f1": 0.75}], "all": {"f1": 0.7}},
        "j/m.json": {"folds": [{"f1": 0.5}, {"f1": 0.25}]},
    }
    done = made(files, f'results = ["folds", "{{all: all}}"]\n{F1}{FOLD}')
    assert values(done) == {"k": 0.7, "j": 0.375}
    group = done.json["runs"][0]["group"]
    assert (group["kind"], group["cross_validation"], group["expected"]) == (
        "fold",
        "k/m.json#all",
        2,
    )
    page = made(files, f'results = ["folds", "{{all: all}}"]\n{F1}{FOLD}', "report").out
    assert "0.7000 (folds 0.6250 +- 0.1768, 2 of 2)" in page
    assert "0.3750 +- 0.1768 (n=2 folds)" in page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"folds": [0.5, 0.75]}, "finds no list or object of results"),
        ({"folds": 3}, "finds no list or object of results"),
        ({"other": 1}, "has no results where scan.results looks for them"),
        ({"folds": []}, "has no results where scan.results looks for them"),
    ],
)
def test_a_file_without_results_counts_once(content: Any, reason: str, made: Any) -> None:
    files = {"bad/m.json": content, "good/m.json": {"folds": [{"f1": 0.5}]}}
    done = made(files, f'results = ["folds"]\n{F1}')
    assert done.account == "2 artifacts: 1 ranked, 0 siblings, 1 left out (unreadable 1)"
    (problem,) = done.json["problems"]
    assert (problem["source"], reason in problem["reason"]) == ("bad/m.json", True)


def test_an_element_that_is_no_result_is_told_and_the_others_stay(made: Any) -> None:
    files = {"a/m.json": {"folds": [{"f1": 0.5}, 7]}}
    done = made(files, f'results = ["folds"]\n{F1}{FOLD}')
    assert (
        done.account == "2 results of 1 artifacts: 1 ranked, 0 siblings, 1 left out (unreadable 1)"
    )
    assert done.json["problems"][0]["source"] == "a/m.json#1"
    # A fold that cannot be read is one that there was.
    assert done.json["runs"][0]["incomplete"] == {"f1": "1 of 2 folds"}


def test_of_two_results_of_one_identity_one_is_kept(made: Any) -> None:
    done = made({"a/m.json": [{"f1": 0.5}, {"f1": 0.75}]}, f'results = ["@"]\n{F1}')
    assert values(done) == {"a": 0.75}
    assert done.account == "2 results of 1 artifacts: 1 ranked, 1 siblings, 0 left out"


def test_a_long_list_is_read_whole(made: Any) -> None:
    rows = [{"model": f"m{n}", "f1": n / 10_000} for n in range(1, 5_001)]
    done = made({"m.json": rows}, f'results = ["@"]\nname = "model"\n{F1}')
    assert done.account == "5000 results of 1 artifacts: 5000 ranked, 0 siblings, 0 left out"
    assert next(iter(values(done))) == "m5000"


# Factors


def tuned(path: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """A run a folder, each with its own file of factors."""
    files: dict[str, Any] = {}
    for n, (folder, text) in enumerate(texts.items(), start=1):
        files |= {f"{folder}/m.json": {"f1": n / 10}, f"{folder}/{path}": text}
    return files


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        (".hydra/config.yaml", ("optim:\n  lr: 0.1\n", "optim: {lr: '1e-3'}\n")),
        ("config.json", ('{"optim": {"lr": 0.1}}', '{"optim": {"lr": "1e-3"}}')),
        ("params.toml", ("optim.lr = 0.1", "[optim]\nlr = '1e-3'")),
    ],
)
def test_a_variant_from_a_file_beside_names_the_run(
    path: str, texts: tuple[str, str], made: Any
) -> None:
    files = tuned(path, {"u/0": texts[0], "u/1": texts[1]})
    config = f"run = '(?P<run>u)/'\n{F1}{LR.format(path, 'variant')}"
    done = made(files, config)
    assert values(done) == {"u lr=1e-3": 0.2, "u lr=0.1": 0.1}
    assert [row["factors"] for row in done.json["runs"]] == [{"lr": ["1e-3"]}, {"lr": ["0.1"]}]
    lines = made(files, config, "report", "-f", "csv").out.splitlines()
    assert [line.split(",")[-1] for line in lines] == ["lr", "1e-3", "0.1"]


def test_the_nearest_file_above_counts_and_none_above_the_runs_folder(made: Any) -> None:
    files = {
        "a/params.yaml": "optim: {lr: 1}",
        "a/x/y/m.json": {"f1": 0.5},
        "a/x/params.yaml": "optim: {lr: 2}",
        "b/m.json": {"f1": 0.25},
        "../params.yaml": "optim: {lr: 3}",
    }
    done = made(files, F1 + LR.format("params.yaml", "variant"))
    assert values(done) == {"a/x/y lr=2": 0.5, "b": 0.25}
    assert done.problems == [
        "b/m.json: lr: has no file beside it or above it that gives this factor"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("optim: [", "is not YAML that can be loaded safely"),
        ("!!python/object/apply:os.getcwd []", "is not YAML that can be loaded safely"),
        ("optim: {lr: {a: 1}}", "is an object or a list"),
    ],
)
def test_a_broken_file_is_told_once(text: str, reason: str, made: Any) -> None:
    files = {f"a/{n}/m.json": {"f1": 0.5} for n in range(3)} | {"a/params.yaml": text}
    done = made(files, F1 + LR.format("params.yaml", ""))
    told = [line for line in done.problems if reason in line]
    assert len(told) == 1
    assert told[0].startswith("a/params.yaml: ")
    assert done.account == "3 artifacts: 3 ranked, 0 siblings, 0 left out"


def test_without_the_file_that_gives_its_fold_a_result_is_left_out_and_was_there(made: Any) -> None:
    files = tuned("params.yaml", {"u/0": "optim: {lr: 0}", "u/1": "optim: {lr: 1}"})
    files |= {"u/2/m.json": {"f1": 0.9}}
    done = made(files, f"run = '(?P<run>u)/'\n{F1}{LR.format('params.yaml', 'fold')}")
    assert done.account == "3 artifacts: 2 ranked, 0 siblings, 1 left out (no-fold 1)"
    (row,) = done.json["runs"]
    assert (row["run"], row["incomplete"]) == ("u", {"f1": "2 of 3 folds"})


def test_a_factor_without_a_role_annotates(made: Any) -> None:
    files = tuned("params.yaml", {"a": "optim: {lr: 1}", "b": "optim: {lr: true}"})
    done = made(files, F1 + LR.format("params.yaml", ""))
    assert {row["run"]: row["factors"]["lr"] for row in done.json["runs"]} == {
        "a": ["1"],
        "b": ["true"],
    }


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ('[[factors]]\nkey = "rank"', "is a column of a table"),
        ('[[factors]]\nkey = "f1"', "is a metric"),
        ('[[factors]]\nkey = "a"\n[[factors]]\nkey = "a"', "is given twice"),
        ('[[factors]]\nkey = "a"\nrole = "fold"\n[[factors]]\nkey = "b"\nrole = "fold"', "both"),
        ('[[factors]]\nkey = "a"\nfrom = "../x.yaml"', "below the artifact's folder"),
        ('[[factors]]\nkey = "a"\nkeys = [""]', "a key is empty"),
        ('[[factors]]\nkey = "a"\nrole = "site"', "factors"),
    ],
)
def test_a_wrong_factor_is_one_line(config: str, fault: str, made: Any) -> None:
    done = made({"a/m.json": {"f1": 0.5}}, F1 + config)
    assert (done.status, done.out) == (2, "")
    assert fault in done.err.splitlines()[0]


# Paths


def test_paths_that_do_not_match_are_told_once(made: Any) -> None:
    files = {"D/a/m.json": {"f1": 0.5}, "m.json": {"f1": 0.75}, "x/m.json": {"f1": 0.7}}
    done = made(files, f"run = '(?P<dataset>D)/(?P<run>[^/]+)/'\n{F1}")
    assert sorted(done.problems) == [
        "m.json: scan.run: does not match: it is of the run of its folder (2 in all)"
    ]
    # Where others have a dataset, they have none to be compared in.
    assert done.account == "3 artifacts: 1 ranked, 0 siblings, 2 left out (no-dataset 2)"


def test_name_rules_do_not_look_at_what_a_factor_took(made: Any) -> None:
    files = {f"{run}/dev/m.json": {"f1": 0.5} for run in ("a", "b", "smoke")}
    done = made(files, f"run = '(?P<run>[^/]+)/(?P<split>dev)/'\n{F1}")
    assert sorted(values(done)) == ["a", "b"]
    assert done.account.endswith("1 left out (smoke 1)")


def test_a_run_without_a_name_is_called_by_the_runs_folder(made: Any) -> None:
    files = {f"fold_{n}/m.json": {"f1": 0.5} for n in range(2)}
    done = made(files, f"run = '(?P<run>)fold_(?P<fold>\\d)/'\n{F1}")
    assert values(done) == {"runs": 0.5}


def test_of_several_folders_a_group_may_be_the_folders_own_name(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({f"{ds}/{run}/m.json": {"f1": 0.5} for ds in ("D1", "D2") for run in ("a", "b")})
    config = root / "c.toml"
    config.write_text(
        f"[scan]\npatterns = ['m.json']\nrun = '(?P<dataset>[^/]+)/(?P<run>[^/]+)/'\n{F1}"
    )
    done = finalrank("report", root / "D1", root / "D2", "--config", config, "-f", "json")
    assert [row["run"] for row in done.json["runs"]] == ["a", "b"]
    assert [row["name"] for row in done.json["datasets"]] == ["D1", "D2"]


@pytest.mark.parametrize(
    ("name", "run", "seed"), [("unet_seed_1", "unet", 1), ("u/seed=1", "u", 1)]
)
def test_what_a_factor_says_is_taken_off_the_name(
    name: str, run: str, seed: int, made: Any
) -> None:
    files = {f"{name}/m.json": {"f1": 0.5, "seed": seed}}
    files |= {f"{name[:-1]}2/m.json": {"f1": 0.75, "seed": 2}}
    done = made(files, f'{F1}[[factors]]\nkey = "seed"\nrole = "seed"')
    assert values(done) == {run: 0.625}
    expanded = made(
        files, f'{F1}[[factors]]\nkey = "seed"\nrole = "seed"\n[rank]\ngroups = "expand"'
    )
    assert sorted(values(expanded)) == [f"{run} seed 1", f"{run} seed 2"]


def test_explain_tells_of_members(made: Any) -> None:
    files = {f"u/fold_{n}/m.json": {"f1": 0.5} for n in range(2)}
    config = f"run = '(?P<run>u)/fold_(?P<fold>\\d)/'\n{F1}"
    rows = made(files, config, "explain", "-f", "json").json
    assert {(row["run"], row["verdict"], row["rank"]) for row in rows} == {("u", "member", 1)}
    text = made(files, config, "explain", "--run", "u").out
    assert text.startswith("u: rank 1; 2 artifacts, 2 valid\n")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"results": {"svm": {"dice": 0.25, "dice": 0.5}}}', "dice"),
        ('{"results": {"svm": {"test": {"dice": 0.25, "dice": 0.5}}}}', "dice"),
        ('{"results": {"svm": {"dice": 0.25}}, "results": {"svm": {"dice": 0.5}}}', "scan.results"),
        ('{"results": {"a": {"dice": 1}}, "results": {"svm": {"dice": 0.5}}}', "scan.results"),
        ('{"results": 1, "results": {"svm": {"dice": 0.5}}}', "scan.results"),
        ('{"results": {"svm": {"dice": 0.5}}, "x": 1, "x": 2}', None),
    ],
)
def test_a_key_that_is_given_twice_is_told(text: str, place: str | None, made: Any) -> None:
    config = """results = ["results"]
name = "@key"
[[metrics]]
key = "dice"
primary = true
keys = ["dice", "test.dice"]
"""
    done = made({"a/m.json": text}, config)
    told = "is given more than once, with different values: the last one counts"
    assert [row["metrics"] for row in done.json["runs"]] == [{"dice": 0.5}]
    expected = [{"source": "a/m.json#svm", "place": place, "reason": told}] if place else []
    assert done.json["problems"] == expected
