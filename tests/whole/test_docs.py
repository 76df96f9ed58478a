"""Documentation cannot drift: what the README says is run, or held to the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import click
import jq
import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT, Finalrank
from finalrank.cli.main import cli
from finalrank.config.metrics import DEFAULT_METRICS
from finalrank.config.sections import DEFAULT_RULES
from finalrank.config.settings import Settings
from finalrank.render.page.context import context_fields

README = "\n" + (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str, heading: str | None = None) -> list[str]:
    """The fenced code blocks of a language, all or below one heading."""
    text = README
    if heading is not None:
        level = heading.split(" ")[0]
        text = text.split(f"\n{heading}\n")[1]
        text = re.split(rf"\n#{{1,{len(level)}}} ", text)[0]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(heading: str | None = None) -> list[str]:
    """The lines of the shell blocks, without their comments."""
    lines = [line for block in blocks("sh", heading) for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The example tree as the `runs/` of the working folder."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "runs"))


@pytest.fixture
def path_with_finalrank(tmp_path: Path) -> dict[str, str]:
    """An environment in which `finalrank` is the one under test."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "finalrank"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m finalrank "$@"\n')
    script.chmod(0o755)
    return os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}


def test_the_excerpt_is_the_golden_report() -> None:
    (excerpt,) = blocks("markdown")
    golden = (GOLDEN / "clean_final_results.md").read_text(encoding="utf-8")
    pieces = [
        piece for piece in re.split(r"^\.\.\.$", excerpt, flags=re.MULTILINE) if piece.strip()
    ]
    assert len(pieces) > 1
    place = 0
    for piece in pieces:
        place = golden.index(piece.strip("\n"), place) + len(piece)


def test_the_excerpt_of_the_evidence_is_golden() -> None:
    (excerpt,) = blocks("text", "## Evidence")
    assert excerpt.strip("\n") in (GOLDEN / "evidence.md").read_text(encoding="utf-8")


def test_the_excerpt_of_explain_is_golden() -> None:
    (excerpt,) = blocks("text", "## Explain")
    assert excerpt.strip("\n") in (GOLDEN / "explain.txt").read_text(encoding="utf-8")


def test_the_steps_on_another_layout(
    finalrank: Finalrank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "own_layout", tmp_path / "own_layout")
    monkeypatch.chdir(tmp_path)
    _, block = blocks("console")
    steps = re.findall(r"^\$ finalrank (.*)\n((?:[^$\n].*\n|\n)*)", block, re.MULTILINE)
    assert [command.split()[0] for command, _ in steps] == ["inspect", "init", "report"]
    for command, told in steps:
        done = finalrank(*shlex.split(command))
        assert done.status == 0
        for piece in told.split("...\n"):
            assert piece.strip("\n") in done.out + done.err


def test_the_readme_and_the_package_name_the_same_presets() -> None:
    table = README.split("\n### Presets\n")[1].split("\n#")[0]
    named = re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)
    folder = ROOT / "src" / "finalrank" / "config" / "presets"
    assert sorted(named) == sorted(path.stem for path in folder.glob("*.toml"))


@pytest.mark.usefixtures("runs")
def test_every_command_runs_in_the_readme_order(finalrank: Finalrank) -> None:
    assert len(commands()) > 8
    for line in commands():
        command, _, target = line.partition(" > ")
        command, _, program = command.partition(" | jq -r ")
        name, *args = shlex.split(command)
        assert name == "finalrank"
        done = finalrank(*args)
        assert done.status == 0, line
        if program:
            assert jq.compile(*shlex.split(program)).input_text(done.out).all()
        elif target:
            assert json.loads(done.out)


@pytest.mark.usefixtures("runs")
def test_the_jq_recipes_answer_winner_podium_and_exclusions(finalrank: Finalrank) -> None:
    summary = finalrank("report", "runs", "-f", "json").out
    recipes = [line.partition(" | jq -r ")[2] for line in commands("## For scripts")]
    winner, podium, excluded = (
        jq.compile(*shlex.split(recipe)).input_text(summary).all() for recipe in recipes if recipe
    )
    assert winner == ["final_presence_fusion"]
    assert podium == [
        "1 final_presence_fusion",
        "2 blend_dual_presence_valjoint",
        "3 dg_aug_seeds/seed_2025",
    ]
    assert len(excluded) == 14
    assert "challenge_fast/test_metrics_presence_scan.json: scan" in excluded


@pytest.mark.usefixtures("runs")
def test_the_makefile_recipe(tmp_path: Path, path_with_finalrank: dict[str, str]) -> None:
    (recipe,) = blocks("make")
    (tmp_path / "Makefile").write_text(recipe)

    def make() -> float:
        subprocess.run(["make", "final.md"], cwd=tmp_path, env=path_with_finalrank, check=True)
        return (tmp_path / "final.md").stat().st_mtime

    first = make()
    assert (tmp_path / "final.md").read_text().startswith("# Clean Final Results\n")
    assert make() == first, "a page that would say the same is left alone"
    (tmp_path / "runs" / "deeplab_full" / "test_metrics_tta_hv_thr025.json").unlink()
    assert make() > first


def test_the_ci_recipe(runs: Path, tmp_path: Path, path_with_finalrank: dict[str, str]) -> None:
    (recipe,) = blocks("yaml")
    (command,) = re.findall(r"run: (.*)", recipe)

    def step() -> int:
        return subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=path_with_finalrank, check=False
        ).returncode

    assert step() == 1, "there is no page yet"
    write = command.replace(" --check", "")
    subprocess.run(["sh", "-c", write], cwd=tmp_path, env=path_with_finalrank, check=True)
    assert step() == 0
    (runs / "deeplab_full" / "test_metrics_tta_hv_thr025.json").unlink()
    assert step() == 1


@pytest.mark.usefixtures("runs")
def test_the_python_recipe() -> None:
    (recipe,) = blocks("python", "## In Python")
    exec(compile(recipe, "README.md", "exec"), {})


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, default and description of everything that can be configured."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        inner: Any = field.annotation
        models = [m for m in (inner, *get_args(inner)) if isinstance(m, type)]
        section: Any = next((m for m in models if issubclass(m, BaseModel)), None)
        if section is None:
            yield key, shown(field.default), field.description or ""
        elif inner is section:
            yield from settings(section, f"{key}.")
        elif get_origin(inner) is dict:
            placeholder = "." + {"rules": "NAME", "runs": '"NAME"'}[name]
            yield from settings(section, f"{key}{placeholder}.")
        else:
            yield from settings(section, f"{key}[].")


def shown(default: Any) -> str:
    if default is PydanticUndefined:
        return ""
    if default is None:
        return ""
    value = list(default) if isinstance(default, tuple) else default
    text = json.dumps(value).replace("1e-06", "1e-6").replace("[0.0, 1.0]", "[0, 1]")
    text = text.replace("|", r"\|")  # in a table
    return f"`{'1' if text == '1.0' else text}`"


def test_the_readme_lists_every_key_with_its_default() -> None:
    rows = [f"| `{key}` | {default} | {told} |" for key, default, told in settings(Settings)]
    table = README.split("\n## Configuration\n")[1]
    listed = re.findall(r"^\| `.*$", table.split("\n## ")[0], re.MULTILINE)
    assert listed == [re.sub(" +", " ", row) for row in rows]


def test_the_readme_shows_the_default_metrics_and_rules() -> None:
    (block,) = blocks("toml", "### The defaults that are tables")
    shown = Settings.model_validate(tomllib.loads(block))
    assert shown.metrics == DEFAULT_METRICS
    assert shown.filter.rules == DEFAULT_RULES
    assert set(tomllib.loads(block)["filter"]["rules"]) == set(DEFAULT_RULES)


def test_the_readme_names_all_that_a_template_is_given() -> None:
    table = README.split("\n## Templates\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert {name for name, _ in context_fields()} <= named


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_every_command_and_option_has_help_and_stands_in_the_readme(
    name: str | None, finalrank: Finalrank
) -> None:
    command = cli if name is None else cli.commands[name]
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help
            assert all(f"`{option}" in README for option in parameter.opts), parameter.opts
    if name is not None:
        assert f"`finalrank {name}" in README
    help_page = finalrank(*([] if name is None else [name]), "-h")
    assert help_page.status == 0
    assert help_page.out.startswith("Examples:\n  finalrank ")


def test_the_example_configuration_says_nothing_that_the_defaults_say() -> None:
    document = tomllib.loads((EXAMPLES / "finalrank.toml").read_text(encoding="utf-8"))
    assert document.keys() == {"runs"}


def test_the_changelog_and_the_package_agree_on_the_version() -> None:
    from finalrank import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("runs")
def test_make_report_writes_the_report_alone(path_with_finalrank: dict[str, str]) -> None:
    """Through the environment that runs the tests: `make report` in a clone is for CI to show."""
    environment = path_with_finalrank | {"SOURCE_DATE_EPOCH": "0"}
    made = subprocess.run(
        ["make", "-s", "report", f"ARGS=--generated-at {PUBLISHED}"],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
    )
    if not (ROOT / ".venv").is_dir():
        pytest.skip("these tests were not started by make")
    assert made.stdout == (GOLDEN / "clean_final_results.md").read_bytes()
