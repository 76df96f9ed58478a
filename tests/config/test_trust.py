"""A configuration that is only found is told, and that of somebody else is not obeyed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Finalrank, Tree

TITLE = 'title = "Found"\n'
SOMEBODY = 4711  # the number of a user that we are not
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)


@pytest.fixture
def project(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder above the working folder, in which there is a runs folder."""
    root = tree({"here/runs/a/test_metrics.json": {"dice_pos": 0.5}})
    monkeypatch.chdir(root / "here")
    return root


@pytest.mark.parametrize("place", [".", "here"])
@pytest.mark.parametrize(
    ("name", "text"),
    [("finalrank.toml", TITLE), ("pyproject.toml", f"[tool.finalrank]\n{TITLE}")],
)
def test_what_is_found_above_the_runs_is_told(
    place: str, name: str, text: str, project: Path, finalrank: Finalrank
) -> None:
    (project / place / name).write_text(text)
    line = f"{(project / place / name).resolve()}: is in force\n"
    for command in ("report", "explain", "config"):
        done = finalrank(command, "runs")
        assert done.err.startswith(line)
        assert command == "explain" or "Found" in done.out
    for command in ("report", "explain"):
        assert finalrank(command, "runs", "-q").err == ""


def test_that_of_the_runs_folder_and_a_named_one_are_not(
    project: Path, finalrank: Finalrank
) -> None:
    (project / "finalrank.toml").write_text(TITLE)
    assert "in force" not in finalrank("report", "runs", "--config", "../finalrank.toml").err
    (project / "here" / "runs" / "finalrank.toml").write_text(TITLE)
    assert "in force" not in finalrank("report", "runs").err


@as_root
@pytest.mark.parametrize("link", [False, True])
def test_that_of_another_user_above_is_passed_over(
    link: bool, project: Path, finalrank: Finalrank
) -> None:
    (project.parent / "finalrank.toml").write_text('title = "Further up"\n')
    own = project / "finalrank.toml"
    if link:
        (project / "other.toml").write_text(TITLE)
        own.symlink_to("other.toml")
    else:
        own.write_text(TITLE)
    os.chown(own, SOMEBODY, -1, follow_symlinks=False)
    done = finalrank("report", "runs", "-q")
    assert done.out.startswith("# Further up\n")
    assert done.err == (
        f"{own.parent.resolve() / own.name}: belongs to another user, and is not read: give it by "
        "--config if you trust it\n"
    )
    assert finalrank("report", "runs", "--config", own).out.startswith("# Found\n")


@as_root
def test_that_of_another_user_in_the_working_folder_is_read(
    project: Path, finalrank: Finalrank
) -> None:
    for place in ("here", "here/runs"):
        (project / place / "finalrank.toml").write_text(f'title = "{place}"\n')
        os.chown(project / place / "finalrank.toml", SOMEBODY, -1)
        assert finalrank("report", "runs").out.startswith(f"# {place}\n")


@pytest.mark.parametrize("text", ["[project\n", "a = 1\na = 2\n", "\xff\xfe", "[" * 9999])
@pytest.mark.parametrize("place", [".", "here"])
def test_a_broken_project_file_stops_nobody(
    text: str, place: str, project: Path, finalrank: Finalrank
) -> None:
    (project.parent / "finalrank.toml").write_text(TITLE)
    (project / place / "pyproject.toml").write_text(text, encoding="latin-1")
    done = finalrank("report", "runs")
    assert (done.status, done.out.splitlines()[0]) == (0, "# Found")
    first, *_ = done.err.splitlines()
    assert first.endswith("; it is passed over")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="made of what only POSIX has")
def test_what_is_no_file_stops_nobody(project: Path, finalrank: Finalrank) -> None:
    os.mkfifo(project / "pyproject.toml")
    (project / "here" / "pyproject.toml").symlink_to("nowhere")
    assert finalrank("report", "runs").status == 0


def test_one_that_was_to_have_settings_is_an_error(project: Path, finalrank: Finalrank) -> None:
    (project / "pyproject.toml").write_text("[tool.finalrank]\ntitle = \n")
    assert finalrank("report", "runs").status == 2
