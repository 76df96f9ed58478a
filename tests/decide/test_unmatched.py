"""What the user's own file or command line names and nothing has."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

FILES: dict[str, Any] = {
    "unet/test_metrics.json": {"dice": 0.5, "test": {"hd95": 0.25}, "auc": None},
    "vnet/test_metrics.json": {"dice": 0.25},
    "old_unet/test_metrics.json": {"dice": 0.75},
}
NO_GROUP = (
    "no two runs differ in a seed or a fold alone; see how their names end, or name a factor with "
    "that role"
)
DICE = '[[metrics]]\nkey = "dice"\nprimary = true\n'


@pytest.fixture
def told(finalrank: Finalrank, tree: Tree) -> Any:
    """The lines that tell of settings, without the name of the file in front."""

    def run(config: str, *args: object, command: str = "report") -> list[str]:
        root = tree({**FILES, "finalrank.toml": config})
        done: Done = finalrank(command, root, *args)
        assert done.status == 0, done.err
        return [line.partition("finalrank.toml: ")[2] or line for line in done.problems]

    return run


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (
            DICE + '[[metrics]]\nkey = "hd"\nkeys = ["test.hd59"]',
            'metrics: "hd" has no value in any file; did you mean "test.hd95"?',
        ),
        (
            DICE + '[[metrics]]\nkey = "zzz"\nranked = false',
            'metrics: "zzz" has no value in any file; see what there is by `finalrank inspect`',
        ),
        (
            DICE + "[runs.unett]\nprotocol = 'p'",
            'runs: "unett" matches nothing; did you mean "unet" or "vnet" or "old_unet"?',
        ),
        (DICE + "[runs.'x*']\nprotocol = 'p'", 'runs: "x*" matches nothing'),
        (
            DICE + "[filter.rules.draft]\ntokens = ['olt']",
            'filter.rules.draft: leaves nothing out; did you mean "old"?',
        ),
        (
            DICE + "[scan]\npatterns = ['test_metrics.json', 'x.json']",
            'scan.patterns: "x.json" matches nothing',
        ),
        (DICE + "[scan]\nexclude = ['x/*']", 'scan.exclude: "x/*" matches nothing'),
        (DICE + "[scan]\ninclude = ['*', 'y/*']", 'scan.include: "y/*" matches nothing'),
        (
            DICE + "[select]\nfallback = ['test_metric.json']",
            'select.fallback: "test_metric.json" matches nothing; '
            'did you mean "test_metrics.json"?',
        ),
        (
            DICE + '[[factors]]\nkey = "lr"\nkeys = ["test.hd59"]',
            'factors: "lr" has no value in any result; did you mean "test.hd95"?',
        ),
        (
            DICE + '[[factors]]\nkey = "f"\nrole = "fold"\nkeys = ["tset.hd95"]',
            'factors: "f" has no value in any result; did you mean "test.hd95"?',
        ),
        (
            DICE + '[[factors]]\nkey = "x"\nfrom = "test_metrics.json"\nkeys = ["dise"]',
            'factors: "x" has no value in any result; did you mean "dice"?',
        ),
        (
            f"scan.run = '(?P<run>[^/]+)(?:/fold(?P<fold>\\d))?'\n{DICE}",
            'scan.run: "fold" has no value in any result',
        ),
        (DICE + "[rank]\ngroups = 'collapse'", f"rank.groups: {NO_GROUP}"),
        (DICE + "[rank]\nmembers = '(?P<kind>run)_\\d+$'", f"rank.members: {NO_GROUP}"),
        (DICE + "[rank]\nfolds = 5", f"rank.folds: {NO_GROUP}"),
    ],
)
@pytest.mark.parametrize("command", ["report", "explain"])
def test_it_is_told_with_the_nearest_name(
    config: str, line: str, command: str, told: Any, finalrank: Finalrank
) -> None:
    assert told(config, command=command) == [line]
    assert told(config, "-q", command=command) == []  # the last line is the one that tells
    if command == "report":
        assert finalrank("report", "runs", "--strict").status == 1


def test_the_command_lines_globs_are_its_own(told: Any) -> None:
    assert told(DICE, "--exclude", "x/*", "--exclude", "vnet/*") == [
        '--exclude: "x/*" matches nothing'
    ]
    # Those of the file are not in force.
    config = DICE + "[scan]\ninclude = ['y/*']"
    assert told(config, "--include", "*net*") == []


@pytest.mark.parametrize(
    "config",
    [
        DICE,
        # Null, a problem, a rule that is switched off, a group, a name of a left-out run.
        DICE + '[[metrics]]\nkey = "auc"',
        DICE + "[filter.rules.smoke]\ntokens = []",
        DICE + "[filter.rules.old]\ntokens = ['old']\n[runs.old_unet]\nprotocol = 'p'",
        DICE + "[scan]\nexclude = ['v*']\n[runs.'*']\nprotocol = 'p'",
        # A factor that one result has; runs that are asked for one by one.
        DICE + '[[factors]]\nkey = "hd"\nkeys = ["test.hd95"]',
        DICE + "[rank]\ngroups = 'expand'",
    ],
)
def test_what_matches_is_not_told(config: str, told: Any, finalrank: Finalrank) -> None:
    assert told(config) == []
    assert finalrank("report", "runs", "--strict").status == 0


def test_a_problem_is_told_once(finalrank: Finalrank, tree: Tree) -> None:
    config = DICE + '[[metrics]]\nkey = "hd95"'
    files = {"a/test_metrics.json": {"dice": 0.5, "hd95": 7}}
    done = finalrank("report", tree({**files, "finalrank.toml": config}))
    assert len(done.problems) == 1
    assert "outside its range" in done.problems[0]


def test_presets_and_defaults_are_not_told(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": {"dice_pos": 0.5}})
    assert finalrank("report", root, "--strict").problems == []
    root = tree({"a/eval_results.json": {"eval_accuracy": 0.5}})
    assert finalrank("report", root, "--preset", "huggingface", "--strict").status == 0


def test_a_note_on_a_group_is_one(finalrank: Finalrank, tree: Tree) -> None:
    files = {f"m/seed_{n}/test_metrics.json": {"dice": 0.5} for n in range(2)}
    config = f"[rank]\ngroups = 'collapse'\n{DICE}[runs.m]\nprotocol = 'p'"
    assert finalrank("report", tree({**files, "finalrank.toml": config}), "--strict").status == 0


def test_where_there_is_nothing_that_is_told_alone(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("report", tree({"finalrank.toml": DICE + "[scan]\npatterns = ['x.json']"}))
    assert (done.status, len(done.err.splitlines())) == (1, 2)


@pytest.mark.parametrize(
    ("wanted", "document", "hint"),
    [
        ("dice", {"mean": {"DSC": 0.5}, "loss": 1.0}, '"mean.DSC"'),
        ("hd95", {"hausdorff_distance_95": 4.5}, '"hausdorff_distance_95"'),
        ("roc_auc", {"folds": [{"auroc": 0.5}]}, '"folds[].auroc"'),
    ],
)
def test_a_metric_that_no_file_has_has_its_other_spellings_told(
    wanted: str, document: Any, hint: str, finalrank: Finalrank, tree: Tree
) -> None:
    metrics = f'[[metrics]]\nkey = "x"\nprimary = true\n[[metrics]]\nkey = "{wanted}"\n'
    config = f'[scan]\npatterns = ["m.json"]\n{metrics}'
    root = tree({"a/m.json": {"x": 0.5, **document}, "finalrank.toml": config})
    told = [line for line in finalrank("report", root).err.splitlines() if "has no value" in line]
    assert len(told) == 1
    assert told[0].endswith(f"has no value in any file; did you mean {hint}?")
