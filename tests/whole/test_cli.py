"""docs/contract.md, section 9: commands, options, exit statuses, streams, one-line errors."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import EXAMPLES, GOLDEN, PUBLISHED, Done, Finalrank, Tree
from finalrank.scan.scanner import scan

COMMAND = [sys.executable, "-m", "finalrank"]
SMALL = {
    "unet_seed_1/test_metrics.json": {"dice_pos": 0.5, "roc_auc_presence": 0.9},
    "unet_seed_2/test_metrics.json": {"dice_pos": 0.4, "roc_auc_presence": 0.8},
    "nnunet_fold0/test_metrics.json": {"dice_pos": 0.2},
}
TROUBLED = SMALL | {"percent/test_metrics.json": {"dice_pos": 0.3, "roc_auc_presence": 90.0}}


def spawned(*args: object, timeout: float = 30) -> subprocess.CompletedProcess[bytes]:
    """`finalrank ARGS` in a process of its own."""
    command = [*COMMAND, *map(str, args)]
    return subprocess.run(command, timeout=timeout, check=False, capture_output=True)


def in_shell(script: str, **names: object) -> subprocess.CompletedProcess[bytes]:
    """A bash script in which $F is finalrank."""
    variables = {name: str(value) for name, value in names.items()}
    return subprocess.run(
        ["bash", "-c", script.replace("$F", f"{sys.executable} -m finalrank")],
        capture_output=True,
        timeout=30,
        check=False,
        env=os.environ | variables,
    )


def assert_one_line(done: Done, *parts: object, status: int = 2) -> None:
    """The command failed with one line that holds the parts, and printed nothing."""
    assert done.status == status
    assert done.bytes == b""
    (line,) = done.err.splitlines()
    assert line.startswith("finalrank: ")
    assert "Traceback" not in line
    assert "Usage" not in line
    for part in parts:
        assert str(part) in line


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
def test_strict_counts_a_folder_that_cannot_be_listed(finalrank: Finalrank) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for source, content in SMALL.items():
            (root / source).parent.mkdir()
            (root / source).write_text(json.dumps(content))
        root.chmod(0o755)
        # All that is imported late is imported now: another user may not read this Python.
        assert finalrank("report", root, "--strict").status == 0
        (root / "closed").mkdir(mode=0)
        superuser = os.geteuid() == 0
        if superuser:
            os.seteuid(65534)
        try:
            done = finalrank("report", root, "--strict")
        finally:
            if superuser:
                os.seteuid(0)
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


# Outputs


def test_several_outputs_come_from_one_scan(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = []

    def counted(*args: Any) -> Any:
        scans.append(args)
        return scan(*args)

    monkeypatch.setattr("finalrank.pipeline.scan", counted)
    root = tree(SMALL)
    files = ["a.md", "b.json", "c.csv", "d.MD", "e.markdown"]
    options = [option for file in files for option in ("-o", file)]
    done = finalrank("report", root, *options, "--generated-at", PUBLISHED)
    assert (done.status, done.bytes, len(scans)) == (0, b"", 1)
    for file, form in zip(files, ("md", "json", "csv", "md", "md"), strict=True):
        alone = finalrank("report", root, "-f", form, "--generated-at", PUBLISHED)
        assert Path(file).read_bytes() == alone.bytes


def test_the_format_option_names_what_the_suffix_does_not(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "-f", "json", "-o", "page", "-o", "table.csv").status == 0
    assert json.loads(Path("page").read_text())["schema_version"] == 1
    assert Path("table.csv").read_text().startswith("rank,run,source,mean_rank,metrics_used,")


def test_a_dash_is_standard_output(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    done = finalrank("report", "-o", "-", "-o", "a.json", "--generated-at", PUBLISHED)
    assert done.out.startswith("# Clean")
    assert not Path("-").exists()
    assert json.loads(Path("a.json").read_text())["title"] == "Clean Final Results"
    twice = finalrank("report", "-o", "-", "-o", "-", "--generated-at", PUBLISHED)
    assert twice.bytes == done.bytes


def test_the_same_output_twice(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    done = finalrank("report", "-o", "a.md", "-o", "a.md", "-o", "./a.md")
    assert done.status == 0
    assert Path("a.md").read_text().startswith("# Clean")
    assert sorted(os.listdir()) == ["a.md", "runs"]


def test_check_passes_and_writes_nothing(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "-o", "a.md", "-o", "b.json", "-o", "c.csv").status == 0
    before = {name: os.stat(name).st_mtime_ns for name in ("a.md", "b.json", "c.csv")}
    options = ("--check", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    done = finalrank("report", *options, "--generated-at", "2001-01-01")
    assert (done.status, done.bytes, done.problems) == (0, b"", [])
    assert {name: os.stat(name).st_mtime_ns for name in before} == before


def test_check_names_what_is_stale(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(SMALL)
    finalrank("report", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    Path("c.csv").unlink()
    page = Path("a.md").read_text()
    Path("a.md").write_text(page.replace("0.5000", "0.9000"))
    before = Path("a.md").read_bytes()
    done = finalrank("report", "--check", "-o", "a.md", "-o", "b.json", "-o", "c.csv")
    assert done.status == 1
    stale = done.problems
    assert len(stale) == 2
    assert "a.md" in stale[0]
    assert "c.csv" in stale[1]
    assert "missing" in stale[1]
    assert Path("a.md").read_bytes() == before
    assert not Path("c.csv").exists()
    # A new result makes all of them stale.
    (root / "unet_seed_1/test_metrics.json").write_text('{"dice_pos": 0.6}')
    done = finalrank("report", "--check", "-o", "a.md", "-o", "b.json", "-q")
    assert (done.status, len(done.err.splitlines())) == (1, 2)


@pytest.mark.parametrize(
    "edit",
    [
        lambda page: page + b"\n",
        lambda page: page[:-1],
        lambda page: page.replace(b"_Generated: 2", b"_Generated: x", 1),
        lambda page: b"",
        lambda page: page.replace(b"\n", b"\r\n"),
        lambda page: b"\xff" + page,
    ],
)
def test_check_sees_every_edit(edit: Any, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    finalrank("report", "-o", "a.md")
    Path("a.md").write_bytes(edit(Path("a.md").read_bytes()))
    assert finalrank("report", "--check", "-o", "a.md").status == 1


def test_if_changed_leaves_a_file_whose_time_alone_differs(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree(SMALL)
    files = ("-o", "a.md", "-o", "b.json", "-o", "c.csv")
    finalrank("report", *files, "--generated-at", PUBLISHED)
    for name in ("a.md", "b.json", "c.csv"):
        os.utime(name, (1, 1))
    done = finalrank("report", *files, "--if-changed")
    assert done.status == 0
    assert {os.stat(name).st_mtime for name in ("a.md", "b.json", "c.csv")} == {1}
    (root / "unet_seed_1/test_metrics.json").write_text('{"dice_pos": 0.6}')
    assert finalrank("report", *files, "--if-changed").status == 0
    assert all(os.stat(name).st_mtime > 1 for name in ("a.md", "b.json", "c.csv"))
    assert "0.6000" in Path("a.md").read_text()


def test_if_changed_writes_what_is_not_there(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    assert finalrank("report", "--if-changed", "-o", "a.md").status == 0
    assert Path("a.md").exists()
    assert finalrank("report", "--if-changed").out.startswith("# Clean")


def test_without_if_changed_the_time_is_renewed(finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    finalrank("report", "-o", "a.md", "--generated-at", "2001-01-01")
    finalrank("report", "-o", "a.md", "--generated-at", PUBLISHED)
    assert "_Generated: 2026-02-15 08:14:41_" in Path("a.md").read_text()


def test_if_changed_and_check_where_the_title_tells_a_time(
    finalrank: Finalrank, tree: Tree
) -> None:
    tree(SMALL | {"finalrank.toml": 'title = "As of 2026-02-15 08:14:41"\n'})
    finalrank("report", "-o", "a.md", "--generated-at", "2001-01-01")
    done = finalrank("report", "-o", "a.md", "--check", "--generated-at", PUBLISHED)
    assert done.status == 0


def test_if_changed_does_not_read_from_a_pipe(tree: Tree) -> None:
    tree(SMALL)
    os.mkfifo("pipe.md")
    with subprocess.Popen(["cat", "pipe.md"], stdout=subprocess.PIPE) as reader:
        try:
            done = spawned("report", "--if-changed", "-o", "pipe.md", timeout=5)
            output, _ = reader.communicate(timeout=5)
        finally:
            reader.kill()
    assert done.returncode == 0
    assert output.startswith(b"# Clean")


def test_check_of_a_pipe_does_not_hang(tree: Tree) -> None:
    tree(SMALL)
    os.mkfifo("pipe.md")
    assert spawned("report", "--check", "-o", "pipe.md", timeout=5).returncode in (1, 2)


# Times


@contextmanager
def zone(monkeypatch: pytest.MonkeyPatch, name: str) -> Iterator[None]:
    """Local time in another zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (PUBLISHED, "2026-02-15 08:14:41"),
        ("2026-02-15 08:14:41", "2026-02-15 08:14:41"),
        ("2026-02-15T08:14", "2026-02-15 08:14:00"),
        ("2026-02-15", "2026-02-15 00:00:00"),
        ("2026-02-15T08:14:41.999999", "2026-02-15 08:14:41"),
        ("2026-02-15T08:14:41Z", "2026-02-15 08:14:41"),
        ("2026-02-15T08:14:41+02:00", "2026-02-15 08:14:41"),
    ],
)
def test_generated_at_forms(given: str, shown: str, finalrank: Finalrank, tree: Tree) -> None:
    tree(SMALL)
    page = finalrank("report", "--generated-at", given).out
    assert f"\n_Generated: {shown}_\n" in page
    summary = finalrank("report", "--generated-at", given, "-f", "json").json
    assert datetime.fromisoformat(summary["generated_at"]) == datetime.fromisoformat(shown)


def test_generated_at_wins_over_source_date_epoch_which_is_utc(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(SMALL)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1771143281")
    with zone(monkeypatch, "UTC-9"):
        epoch = finalrank("report").out
        given = finalrank("report", "--generated-at", "2001-01-01").out
    assert "_Generated: 2026-02-15 08:14:41_" in epoch
    assert "_Generated: 2001-01-01 00:00:00_" in given


def test_without_a_given_time_it_is_local_time(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree(SMALL)
    with zone(monkeypatch, "UTC-9"):
        before = datetime.now().replace(microsecond=0)
        page = finalrank("report", root).out
        after = datetime.now()
    found = re.search(r"_Generated: (.*)_\n", page)
    assert found
    assert before <= datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S") <= after


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


# Streams that fail


@pytest.fixture
def many(tree: Tree) -> Path:
    """Runs enough that their report does not fit in a pipe."""
    return tree(
        {f"run_{n:04}/test_metrics.json": {"dice_pos": (n + 1) / 2000} for n in range(1500)}
    )


@pytest.mark.parametrize("args", ["report", "report -f json", "explain", "explain -f csv"])
def test_a_reader_that_leaves_ends_it_quietly(args: str, many: Path) -> None:
    done = in_shell(f"$F {args} -q | head -n 1; exit ${{PIPESTATUS[0]}}")
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""
    assert done.returncode in (0, 141)


def test_a_closed_stdout_is_one_line(tree: Tree) -> None:
    tree(SMALL)
    done = in_shell("$F report -q >&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"finalrank: standard output")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("args", ["report -q", "explain -q", "schema", "-h", "--version"])
def test_a_full_stdout_is_one_line(args: str, tree: Tree) -> None:
    tree(SMALL)
    done = in_shell(f"$F {args} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith(b"finalrank: standard output")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
def test_the_report_is_written_where_stderr_fails(where: str, tree: Tree) -> None:
    tree(SMALL)
    done = in_shell(f"$F report {where}")
    assert done.stdout.startswith(b"# Clean")
    assert done.stdout.endswith(b"|\n")
    assert done.returncode == 0


def test_a_working_folder_that_is_gone_is_no_traceback(tree: Tree) -> None:
    root = tree(SMALL)
    for args in ("report .", 'report "$ROOT" -o out.md'):
        done = in_shell(f"mkdir gone && cd gone && rmdir ../gone && $F {args}", ROOT=root)
        assert b"Traceback" not in done.stderr
        assert done.returncode in (1, 2)


def test_interrupted_is_130_and_one_line(tree: Tree) -> None:
    tree(TROUBLED)
    os.mkfifo("pipe.md")
    # Nobody reads the pipe: the command waits for a reader once it has said what is wrong.
    command = [*COMMAND, "report", "-o", "pipe.md"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err.startswith(b"finalrank: interrupted")
    assert err.count(b"\n") == 1


# Progress


def on_a_terminal(args: list[str], patience: float) -> bytes:
    """What `finalrank ARGS` writes to standard error where that is a terminal."""
    program = (
        f"import finalrank.cli.progress as p; p._PATIENCE = {patience}\n"
        "from finalrank.cli.main import run; run()"
    )
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *args], stdout=subprocess.DEVNULL, stderr=slave
    )
    os.close(slave)
    shown = b""
    try:
        while select.select([master], [], [], 20)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            shown += data
    finally:
        os.close(master)
        assert process.wait(timeout=20) == 0
    return shown


def test_progress_shows_on_a_terminal_when_it_takes_its_time(tree: Tree) -> None:
    tree(SMALL)
    shown = on_a_terminal(["report"], patience=-1)
    assert b"Reading artifacts" in shown
    assert shown.splitlines()[-1] == b"3 artifacts: 3 ranked, 0 siblings, 0 left out"
    assert b"Reading" not in on_a_terminal(["report", "-q"], patience=-1)


def test_a_quick_scan_shows_no_progress(tree: Tree) -> None:
    tree(SMALL)
    shown = on_a_terminal(["report"], patience=1.0)
    assert shown == b"3 artifacts: 3 ranked, 0 siblings, 0 left out\r\n"


def test_no_progress_where_stderr_is_no_terminal(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.cli.progress._PATIENCE", -1)
    assert finalrank("report", tree(SMALL)).problems == []


def test_python_m_gives_the_published_report() -> None:
    done = spawned("report", EXAMPLES, "--generated-at", PUBLISHED, "-q")
    assert done.returncode == 0
    assert done.stdout == (GOLDEN / "clean_final_results.md").read_bytes()
    assert done.stderr == b""
