"""docs/contract.md, section 9: commands, options, exit statuses, streams, one-line errors."""

from __future__ import annotations

import os
import re
from pathlib import Path

import jsonschema
import pytest

from commands import SMALL, TROUBLED, assert_one_line
from conftest import EXAMPLES, PUBLISHED, Finalrank, Tree
from modes import bound_by_modes

# Streams and statuses


def test_report_goes_to_stdout_and_all_else_to_stderr(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("report", tree(TROUBLED))
    assert done.status == 0
    assert done.out.startswith("# Clean Final Results\n")
    (problem,) = done.problems
    assert problem.startswith("percent/test_metrics.json: roc_auc_presence: ")
    assert done.account == "4 artifacts: 4 ranked, 0 siblings, 0 left out"


def test_runs_is_the_default_folder(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL)
    at = ("--generated-at", PUBLISHED)
    assert finalrank("report", *at).bytes == finalrank("report", root, *at).bytes
    assert finalrank("explain").bytes == finalrank("explain", root).bytes


def test_the_account_is_that_of_the_published_tree(finalrank: Finalrank) -> None:
    assert finalrank("report", EXAMPLES).account == (
        "50 artifacts: 22 ranked, 14 siblings, 14 left out "
        "(scan 7, dev 4, smoke 2, missing-primary 1)"
    )


def test_reasons_go_by_count_and_then_by_rule(finalrank: Finalrank, tree: Tree) -> None:
    names = ("zero/a", "miss/a", "bad/a", "ct/scan_a", "smoke/a", "dev/a", "dev/b", "ok/a")
    content = {"zero": {"dice_pos": 0}, "miss": {}, "bad": "no JSON"}
    files = {
        f"{name}_test_metrics.json": content.get(name.split("/")[0], {"dice_pos": 0.5})
        for name in names
    }
    assert finalrank("report", tree(files)).account == (
        "8 artifacts: 1 ranked, 0 siblings, 7 left out "
        "(dev 2, smoke 1, scan 1, unreadable 1, missing-primary 1, zero-primary 1)"
    )


@pytest.mark.parametrize("command", ["report", "explain"])
@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_silences_the_account_but_not_problems(
    command: str, option: str, finalrank: Finalrank, tree: Tree
) -> None:
    done = finalrank(command, tree(TROUBLED), option)
    (line,) = done.err.splitlines()
    assert line.startswith("percent/test_metrics.json: ")


def test_strict_is_1_with_a_problem_and_still_writes(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(TROUBLED)
    done = finalrank("report", root, "--strict", "-o", "page.md")
    assert done.status == 1
    assert Path("page.md").read_text().startswith("# Clean")
    (root / "percent/test_metrics.json").unlink()
    assert finalrank("report", root, "--strict").status == 0


@pytest.mark.skipif(os.name == "nt", reason="no mode bits")
def test_strict_counts_a_folder_that_cannot_be_listed(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL)
    assert finalrank("report", root, "--strict").status == 0
    (root / "closed").mkdir(mode=0)
    with bound_by_modes():
        done = finalrank("report", root, "--strict")
    (root / "closed").chmod(0o755)
    assert done.status == 1
    assert done.out.startswith("# Clean")
    assert "problems" not in done.out
    (problem,) = done.problems
    assert problem.startswith("closed: cannot be listed")


# What there is to say no to: status 1, no file touched


def test_an_empty_folder_is_an_answer(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({})
    Path("page.md").write_text("old")
    done = finalrank("report", root, "-o", "page.md")
    assert done.status == 1
    assert Path("page.md").read_text() == "old"
    error, account = done.err.splitlines()
    assert error.startswith("finalrank: runs: ")
    assert account == "0 artifacts: 0 ranked, 0 siblings, 0 left out"


def test_a_folder_without_candidates_is_an_answer(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("report", tree({"a/metrics.json": {"dice_pos": 0.5}}), "-q")
    assert_one_line(done, "runs", "test_metrics*.json", "scan.patterns", status=1)


def test_nothing_valid_is_an_answer(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": {"dice_pos": 0}, "dev/test_metrics.json": {}})
    done = finalrank("report", root, "-o", "page.md")
    assert done.status == 1
    assert not Path("page.md").exists()
    error, account = done.err.splitlines()
    assert error.startswith("finalrank: runs: ")
    assert account.endswith("2 left out (dev 1, zero-primary 1)")
    assert_one_line(finalrank("report", root, "-q"), status=1)


def test_files_with_other_metrics_lead_to_the_configuration(
    finalrank: Finalrank, tree: Tree
) -> None:
    done = finalrank("report", tree({"a/test_metrics.json": {"f1": 0.5}}), "-q")
    assert_one_line(done, "dice_pos", "finalrank.toml", status=1)


# What is wrong with the call: status 2, one line


@pytest.mark.parametrize("command", ["report", "explain"])
def test_runs_must_be_there(command: str, finalrank: Finalrank) -> None:
    assert_one_line(finalrank(command), "runs", "folder")
    assert_one_line(finalrank(command, "no/where"), "no/where", "folder")


@pytest.mark.parametrize("command", ["report", "explain"])
def test_runs_must_be_a_folder(command: str, finalrank: Finalrank, tree: Tree) -> None:
    file = tree(SMALL) / "unet_seed_1/test_metrics.json"
    assert_one_line(finalrank(command, file), "test_metrics.json", "not a folder")


def test_an_empty_name_of_runs_is_named(finalrank: Finalrank) -> None:
    done = finalrank("report", "")
    assert_one_line(done)
    assert "finalrank: :" not in done.err  # an error names the file or the option


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (["repot"], "report"),
        (["report", "--tpo", "3"], "--top"),
        (["report", "--top", "0"], "--top"),
        (["report", "--top", "three"], "--top"),
        (["report", "-f", "xml"], "json"),
        (["report", "-o"], "-o"),
        (["report", "a", "b"], "a: there is no such folder"),
        (["report", "--generated-at", "yesterday"], "--generated-at"),
        (["report", "--check"], "-o"),
        (["report", "--check", "-o", "-"], "-o"),
        (["report", "-o", "page.html"], ".md"),
        (["report", "-o", "page"], "-f"),
        (["report", "-o", "no/page.md"], "no/page.md"),
        (["report", "-o", "runs", "-f", "md"], "runs"),
        (["report", "--template", "no.j2"], "no.j2"),
        (["report", "--template", "no.j2", "-f", "json"], "--template"),
        (["report", "--config", "no.toml"], "no.toml"),
        (["explain", "-f", "md"], "text"),
        (["explain", "--run", "unet_seed_3"], "unet_seed_"),
        (["explain", "-o", "x.md"], "-o"),
        (["schema", "more"], "more"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line(
    args: list[str], named: str, finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL)
    assert_one_line(finalrank(*args), named)


def test_a_wrong_configuration_is_one_line(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL | {"finalrank.toml": "[rank]\ntie = 'min'\n"})
    for command in ("report", "explain"):
        assert_one_line(finalrank(command, root), "finalrank.toml", "rank.tie", '"ties"')


def test_wrong_source_date_epoch_is_one_line(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(SMALL)
    for wrong in ("yesterday", "1e9", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        assert_one_line(finalrank("report"), "SOURCE_DATE_EPOCH")


def test_no_control_character_reaches_the_terminal_in_an_error(finalrank: Finalrank) -> None:
    for args in (
        ["report", "\x1b[31m\nx"],
        ["report", "-o", "\x1b[31m\nx"],
        ["report", "--config", "\x1b[31m\nx"],
        ["report", "--template", "\x1b[31m\nx"],
        ["\x1b[31m\nx"],
        ["report", "--\x1b[31m\nx"],
    ):
        done = finalrank(*args)
        assert_one_line(done)
        assert "\x1b" not in done.err


# Baseline


def test_an_unknown_baseline_names_near_misses(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    done = finalrank("report", "--baseline", "unet_seed_11", "-o", "page.md")
    assert_one_line(done, "unet_seed_11", '"unet_seed_1"')
    assert not Path("page.md").exists()


def test_an_unknown_baseline_from_the_configuration(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL | {"finalrank.toml": "[baseline]\nrun = 'nnunet_fold1'\n"})
    assert_one_line(finalrank("report", root), "nnunet_fold1", '"nnunet_fold0"')


def test_a_baseline_without_valid_artifact(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL | {"unet_seed_3/test_metrics.json": {"dice_pos": 0}})
    done = finalrank("report", "--baseline", "unet_seed_3")
    assert_one_line(done, "unet_seed_3", "no valid artifact")


def test_a_baseline_without_valid_artifact_names_near_misses(
    finalrank: Finalrank, tree: Tree
) -> None:
    # docs/contract.md, section 5: a name that is no ranked run is an error, with near misses.
    tree(SMALL | {"unet_seed_3/test_metrics.json": {"dice_pos": 0}})
    assert_one_line(finalrank("report", "--baseline", "unet_seed_3"), '"unet_seed_1"')


def test_the_option_wins_over_the_configured_baseline(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL | {"finalrank.toml": "[baseline]\nrun = 'nonsense'\n"})
    done = finalrank("report", root, "-f", "json", "--baseline", "unet_seed_2")
    assert done.json["baseline"]["run"] == "unet_seed_2"


# Other options


def test_top_counts_what_is_there(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    for top, shown in ((1, 1), (2, 2), (3, 3), (99, 3)):
        page = finalrank("report", "--top", top).out
        assert f"## Executive Summary (Top {shown} + Clinical Candidate)" in page
        assert f"\nTop {shown} by combined final rank" in page
        assert len(re.findall(r"^\d+\. `", page, re.MULTILINE)) == shown
    assert len(finalrank("report", "--top", 1, "-f", "json").json["runs"]) == 3


def test_config_names_the_file(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL | {"finalrank.toml": "title = 'Beside'"})
    Path("mine.toml").write_text("title = 'Mine'")
    assert finalrank("report", "--config", "mine.toml").out.startswith("# Mine\n")


def test_schema_is_the_one_that_the_summary_obeys(finalrank: Finalrank, tree: Tree) -> None:
    schema = finalrank("schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    for root in (tree(TROUBLED | {"dev/test_metrics.json": {}}), EXAMPLES):
        jsonschema.validate(finalrank("report", root, "-f", "json").json, schema)


def test_version(finalrank: Finalrank) -> None:
    done = finalrank("--version")
    assert (done.status, done.out.split()[0]) == (0, "finalrank")


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("command", [[], ["report"], ["explain"], ["schema"]])
def test_help_opens_with_examples(command: list[str], option: str, finalrank: Finalrank) -> None:
    done = finalrank(*command, option)
    assert done.status == 0
    assert done.out.startswith("Examples:\n  finalrank ")
    assert done.err == ""
