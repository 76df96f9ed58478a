"""Documentation cannot drift: what README and docs say is run, or held to the code."""

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
from finalrank.config.presets.tables import preset_table
from finalrank.config.sections import DEFAULT_RULES, Rule
from finalrank.config.settings import Settings
from finalrank.render.formats import FORMATS
from finalrank.render.markdown import ESCAPES
from finalrank.render.page.context import context_fields
from finalrank.render.page.filters import FILTERS

# The pages that somebody reads, by their paths in the repository.
PAGES = {
    path.relative_to(ROOT).as_posix(): "\n" + path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks/README.md"]
}
README = "README.md"
CONFIGURATION = "docs/configuration.md"
TEMPLATES = "docs/templates.md"
PRESETS = "docs/presets.md"
COMMAND_LINE = "docs/command-line.md"
SCRIPTS = "docs/scripts.md"
EVIDENCE = "docs/evidence.md"
CONTRACT = "docs/contract.md"
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
PRESET_FILES = sorted((ROOT / "src" / "finalrank" / "config" / "presets").glob("*.toml"))


def section(page: str, heading: str) -> str:
    """What stands on a page below a heading, those of lower levels included."""
    level = heading.split(" ")[0]
    text = PAGES[page].split(f"\n{heading}\n")[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", text)[0]


def blocks(language: str, text: str) -> list[str]:
    """The fenced code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines of the shell blocks, without their comments."""
    lines = [line for block in blocks("sh", text) for line in block.splitlines()]
    return [line.split("  #")[0].strip() for line in lines]


def rows(text: str) -> dict[str, str]:
    """What tables of two columns, the first of them a name in code, say of each name."""
    found = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE)
    assert len(dict(found)) == len(found)
    return dict(found)


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


# Links and paths


def anchors(page: str) -> set[str]:
    """What a link to a heading of the page may say, as GitHub spells it."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", PAGES[page]), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_relative_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", PAGES[page]))
    for link in links:
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = ((ROOT / page).parent / target).resolve() if target else ROOT / page
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(path.relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("page", sorted({*PAGES} - {"CHANGELOG.md"}))
def test_every_path_of_the_repository_exists(page: str) -> None:
    folders = "src|tests|templates|docs|checks|examples|benchmarks"
    for path in re.findall(rf"`((?:{folders})/[\w./-]*)`", PAGES[page]):
        assert (ROOT / path).exists(), path


def test_every_page_stands_in_the_index() -> None:
    pages = {Path(page).name for page in PAGES if page.startswith("docs/")} - {"README.md"}
    assert set(re.findall(r"^\| \[.*?\]\((.*?)\)", PAGES["docs/README.md"], re.MULTILINE)) == pages
    assert pages <= set(re.findall(r"\(docs/([\w-]+\.md)[)#]", PAGES[README]))


def test_the_first_page_stays_one() -> None:
    assert PAGES[README].count("\n") <= 130
    assert (ROOT / "docs" / "page.png").stat().st_size < 200_000


def test_what_is_cited_of_the_contract_is_there() -> None:
    numbers = re.findall(r"^## (\d+)\. ", PAGES[CONTRACT], re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    cited = set()
    for folder in ("src", "tests", "checks"):
        for path in (ROOT / folder).rglob("*.py"):
            cited |= {*re.findall(r"contract\.md, section (\d+)", path.read_text("utf-8"))}
    assert cited
    assert cited <= {*numbers}


def test_the_map_for_contributors_has_every_package() -> None:
    package = ROOT / "src" / "finalrank"
    entries = {f"{path.name}/" for path in package.iterdir() if (path / "__init__.py").is_file()}
    entries |= {path.name for path in package.glob("*.py")} - {"__init__.py"}
    listed = re.findall(r"^\| \d \| `(.*?)` \|", PAGES["CONTRIBUTING.md"], re.MULTILINE)
    assert sorted(listed) == sorted(entries)


# Samples


def assert_in_order(excerpt: str, whole: str) -> None:
    """The pieces of an excerpt, which has `...` for what is left out, stand in the whole."""
    pieces = re.split(r"^\.\.\.$", excerpt, flags=re.MULTILINE)
    place = 0
    for piece in pieces:
        if piece.strip():
            place = whole.index(piece.strip("\n"), place) + len(piece)


def test_the_excerpt_is_the_golden_report() -> None:
    (excerpt,) = blocks("markdown", PAGES[README])
    golden = (GOLDEN / "clean_final_results.md").read_text(encoding="utf-8")
    assert excerpt.count("...") == 1
    assert_in_order(excerpt, golden)


@pytest.mark.parametrize(
    ("page", "heading", "file"),
    [
        (EVIDENCE, "# How far a ranking can be trusted", "evidence.md"),
        (COMMAND_LINE, "## finalrank explain", "explain.txt"),
    ],
)
def test_an_excerpt_is_golden(page: str, heading: str, file: str) -> None:
    *_, excerpt = blocks("text", section(page, heading))
    assert excerpt.strip("\n") in (GOLDEN / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [COMMAND_LINE, CONTRACT])
@pytest.mark.usefixtures("runs")
def test_the_line_that_accounts_for_all_is_that_of_the_example(
    page: str, finalrank: Finalrank
) -> None:
    assert finalrank("report", "runs").account in PAGES[page]


@pytest.mark.parametrize("page", [README, CONFIGURATION])
def test_the_steps_on_another_layout(
    page: str, finalrank: Finalrank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "own_layout", tmp_path / "own_layout")
    monkeypatch.chdir(tmp_path)
    (block,) = blocks("console", PAGES[page])
    steps = re.findall(r"^\$ finalrank (.*)\n((?:[^$\n].*\n|\n)*)", block, re.MULTILINE)
    assert [command.split()[0] for command, _ in steps] == ["inspect", "init", "report"]
    for command, told in steps:
        done = finalrank(*shlex.split(command))
        assert done.status == 0
        assert_in_order(told, done.out + done.err)


@pytest.mark.parametrize("page", sorted(page for page in PAGES if commands(PAGES[page])))
@pytest.mark.usefixtures("runs")
def test_every_shell_line_runs_in_the_order_of_the_page(page: str, finalrank: Finalrank) -> None:
    for line in commands(PAGES[page]):
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
    recipes = [line.partition(" | jq -r ")[2] for line in commands(PAGES[SCRIPTS])]
    winner, podium, excluded = (
        jq.compile(*shlex.split(recipe)).input_text(summary).all() for recipe in recipes[:3]
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
    (recipe,) = blocks("make", PAGES[SCRIPTS])
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
    (recipe,) = blocks("yaml", PAGES[SCRIPTS])
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
    names: dict[str, Any] = {}
    for recipe in blocks("python", PAGES[SCRIPTS]):
        exec(compile(recipe, SCRIPTS, "exec"), names)


# Settings and presets


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Key, default and description of everything that can be configured."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        inner: Any = field.annotation
        models = [m for m in (inner, *get_args(inner)) if isinstance(m, type)]
        group: Any = next((m for m in models if issubclass(m, BaseModel)), None)
        if group is None:
            yield key, shown(field.default), field.description or ""
        elif inner is group:
            yield from settings(group, f"{key}.")
        elif get_origin(inner) is dict:
            placeholder = "." + {"rules": "NAME", "runs": '"NAME"'}[name]
            yield from settings(group, f"{key}{placeholder}.")
        else:
            yield from settings(group, f"{key}[].")


def shown(default: Any) -> str:
    """A default as TOML writes it, in a cell of a table; nothing where there is none."""
    if default is PydanticUndefined or default is None:
        return ""
    value = list(default) if isinstance(default, tuple) else default
    text = json.dumps(value).replace("1e-06", "1e-6").replace("[0.0, 1.0]", "[0, 1]")
    text = text.replace("|", r"\|")
    return f"`{'1' if text == '1.0' else text}`"


def test_every_key_is_listed_with_its_default() -> None:
    wanted = [f"| `{key}` | {default} | {told} |" for key, default, told in settings(Settings)]
    listed = re.findall(r"^\| `.*$", section(CONFIGURATION, "## Settings"), re.MULTILINE)
    assert listed == [re.sub(" +", " ", row) for row in wanted]


def test_every_key_stands_below_the_name_of_its_table() -> None:
    for part in section(CONFIGURATION, "## Settings").split("\n### ")[1:]:
        title, *lines = part.splitlines()
        table = title.strip("`[]").split(".")[0]
        keys = [line.split("`")[1] for line in lines if line.startswith("| `")]
        tables = {re.split(r"\.|\[", key)[0] if "." in key else "At the top" for key in keys}
        assert tables == {table}


def test_the_default_rules_are_shown() -> None:
    (block,) = blocks("toml", section(CONFIGURATION, "## The default rules"))
    written = tomllib.loads(block)["filter"]["rules"]
    assert {name: Rule.model_validate(rule) for name, rule in written.items()} == DEFAULT_RULES


def test_the_published_preset_is_shown() -> None:
    (block,) = blocks("toml", section(PRESETS, "## published"))
    assert tomllib.loads(block) == preset_table("published")


def test_a_key_that_a_page_names_is_one() -> None:
    known = {key.partition(".NAME")[0] for key, *_ in settings(Settings)}
    known |= {key.rpartition(".")[0] for key in known}
    tables = {re.split(r"\.|\[", key)[0] for key in known if "." in key}
    named = re.compile(rf"`((?:{'|'.join(tables)})(?:\[\])?\.(?!(?:md|csv|json|py)\b)[a-z_]+)")
    for page in {*PAGES} - {"CHANGELOG.md", TEMPLATES}:
        assert {*named.findall(PAGES[page])} <= known, page


def test_docs_and_package_name_the_same_presets() -> None:
    assert sorted(rows(PAGES[PRESETS])) == sorted(path.stem for path in PRESET_FILES)


@pytest.mark.parametrize("path", PRESET_FILES, ids=lambda path: path.stem)
def test_a_preset_is_described(path: Path) -> None:
    told = section(PRESETS, f"## {path.stem}")
    preset = Settings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    names = [*preset.scan.patterns, *(metric.key for metric in preset.metrics)]
    assert all(f"`{name}`" in told for name in names)
    assert preset.scan.reader == "auto" or f"`{preset.scan.reader}`" in told
    for block in blocks("toml", told):
        Settings.model_validate(tomllib.loads(block))


def test_the_example_configuration_says_nothing_that_the_defaults_say() -> None:
    document = tomllib.loads((EXAMPLES / "finalrank.toml").read_text(encoding="utf-8"))
    assert document.keys() == {"runs"}


# Templates


def test_all_that_a_template_is_given_is_listed() -> None:
    assert rows(section(TEMPLATES, "## Names")) == dict(context_fields())


def test_the_filters_are_listed() -> None:
    assert sorted(rows(section(TEMPLATES, "## Filters"))) == sorted(FILTERS | ESCAPES)


@pytest.mark.usefixtures("runs")
def test_the_template_gives_what_is_shown(finalrank: Finalrank) -> None:
    (template,), (page,) = blocks("jinja", PAGES[TEMPLATES]), blocks("text", PAGES[TEMPLATES])
    Path("page.md.j2").write_text(template)
    assert finalrank("report", "runs", "--template", "page.md.j2").out == page


# The command line


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_the_help_is_printed_as_it_is(
    name: str | None,
    finalrank: Finalrank,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    heading = f"## finalrank {name}" if name else "# Command line"
    printed = blocks("text", section(COMMAND_LINE, heading))[0]
    done = finalrank(*([name] if name else []), "-h")
    assert done.status == 0
    assert done.out.startswith("Examples:\n  finalrank ")
    if request.config.getoption("--update-golden"):
        path = ROOT / COMMAND_LINE
        path.write_text(path.read_text(encoding="utf-8").replace(printed, done.out), "utf-8")
        printed = done.out
    assert printed == done.out


@pytest.mark.parametrize("width", [60, 80])
def test_the_help_is_short_and_cuts_nothing(
    width: int, finalrank: Finalrank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = finalrank("-h").out
    listed = text.split("Commands:\n")[1]
    for name, command in cli.commands.items():
        summary = (command.help or "").split("\n")[0]
        assert re.search(rf"^  {name} +{re.escape(summary)}$", listed, re.MULTILINE)
        page = finalrank(name, "-h").out
        assert width < 80 or all(len(line) <= width for line in page.splitlines())
    assert "..." not in listed
    assert text.count("\n") <= 24
    assert width < 80 or all(len(line) <= width for line in text.splitlines())


def test_the_commands_are_listed_with_their_summaries() -> None:
    listed = re.findall(
        r"^\| \[`finalrank (\w+)`\]\(\S+\) \| (.*) \|$",
        section(README, "## Commands"),
        re.MULTILINE,
    )
    assert dict(listed) == {
        name: (command.help or "").split("\n")[0].rstrip(".")
        for name, command in cli.commands.items()
    }


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_every_option_has_help(name: str | None) -> None:
    command = cli if name is None else cli.commands[name]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help


def test_every_option_that_a_page_names_is_one() -> None:
    options = {"--help", "--version"}
    for command in cli.commands.values():
        options |= {option for parameter in command.params for option in parameter.opts}
    # Those of other programs.
    others = {"--samples", "--tmpfs", "--artifacts", "--small", "--rounds", "--peers", "--keep"}
    for page in {*PAGES} - {"CONTRIBUTING.md"}:
        assert {*re.findall(r"`(--[a-z-]+)", PAGES[page])} <= options | others, page


def test_the_formats_are_listed() -> None:
    table = re.findall(
        r"^\| `(\w+)` \| (`\..*`) \|", section(COMMAND_LINE, "## finalrank report"), re.MULTILINE
    )
    listed = {name: re.findall(r"`(.*?)`", suffixes) for name, suffixes in table}
    assert listed == {row.name: list(row.suffixes) for row in FORMATS.values()}


# Versions and set-up


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
