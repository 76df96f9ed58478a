"""The package keeps the rules of `tests/house.py`, and each rule finds what is made to break it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

import finalrank
import house
from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT
from finalrank.cli.main import cli
from finalrank.config.load import load_settings
from finalrank.config.tables.scan import Scan
from finalrank.decide.members import groups
from finalrank.pipeline import build, build_with_evidence, evidence_survey, survey
from finalrank.render.formats import FORMATS
from finalrank.scan.readers.registry import READERS

AT = datetime.fromisoformat(PUBLISHED)
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Of each rule: files below src/finalrank/ (or below the root, where they begin with a slash) that
# break it, and all that it says of them.
Violation = tuple[house.Rule, Mapping[str, str], list[str]]
VIOLATIONS: list[Violation] = [
    (
        house.layers,
        {"scan/folders/walk.py": "import finalrank.report.model\n"},
        ["finalrank.scan.folders.walk imports finalrank.report.model"],
    ),
    (
        house.layers,
        {"scan/folders/walk.py": "from finalrank.decide import rank\n", "decide/rank.py": ""},
        ["finalrank.scan.folders.walk imports finalrank.decide.rank"],
    ),
    (
        house.layers,
        {"text/escape.py": "def late():\n    from finalrank.config.keys import find\n"},
        ["finalrank.text.escape imports finalrank.config.keys"],
    ),
    (
        house.layers,
        {"report/model.py": "if TYPE_CHECKING:\n    from finalrank.api import Report\n"},
        ["finalrank.report.model imports finalrank.api"],
    ),
    (
        house.layers,
        {"config/a.py": "from ..cli import main\n", "cli/main.py": ""},
        ["finalrank.config.a imports finalrank.cli.main"],
    ),
    (house.layers, {"core/a.py": ""}, ["finalrank.core.a is in no layer"]),
    (
        house.layers,
        {"scan/a.py": "from finalrank.utils import f\n"},
        ["finalrank.scan.a imports finalrank.utils"],
    ),
    (
        house.circles,
        {
            "scan/a.py": "from finalrank.scan.b import f\n",
            "scan/b.py": "def late():\n    import finalrank.scan.c\n",
            "scan/c.py": "if TYPE_CHECKING:\n    from finalrank.scan import a\n",
            "scan/above.py": "import finalrank.scan.a\n",
        },
        [f"finalrank.scan.{name} imports itself by way of others" for name in "abc"],
    ),
    (
        house.confinement,
        {
            "scan/a.py": "import pandas as pd\nimport json, requests\n",
            "cli/report.py": "import click\n",
            "output/a.py": "def late():\n    from click.utils import echo\n",
        },
        ["output/a imports click", "scan/a imports pandas", "scan/a imports requests"],
    ),
    (
        house.system_calls,
        {
            "inspection/a.py": "import os\nos.lstat(path)\nos.path.join(a, b)\n",
            "scan/folders/local.py": "import os\nos.scandir(path)\n",
            "scan/a.py": "from os import scandir, sep\n",
        },
        ["inspection/a:2 os.lstat", "scan/a:1 os.scandir"],
    ),
    (
        house.markdown_escapes,
        {
            "report/a.py": "from finalrank.text.escape import prose, visible\n",
            "decide/a.py": "from finalrank.text import escape\nescape.code_cell(name)\n",
            "render/markdown.py": "from finalrank.text.escape import prose\n",
            "render/html.py": "from finalrank.text.escape import prose\n",
        },
        ["decide/a code_cell", "render/html prose", "report/a prose"],
    ),
    (
        house.evidence_on_values,
        {
            "evidence/a.py": "from finalrank.decide.ranking.ties import is_tie\n",
            "evidence/b.py": "from finalrank.config.settings import Settings\n",
            "evidence/build.py": "from finalrank.config.settings import Settings\n",
        },
        ["finalrank.evidence.b imports finalrank.config.settings"],
    ),
    (
        house.stages_apart,
        {"decide/rank.py": "from finalrank.decide import select\n", "decide/select.py": ""},
        ["finalrank.decide.rank imports finalrank.decide.select"],
    ),
    (
        house.few_entries,
        {f"{folder}/m{n}.py": "" for folder in ("scan", "cli", "decide") for n in range(10)}
        | {"scan/more.py": "", "cli/more.py": "", "decide/__init__.py": ""},
        ["scan has 11 entries"],
    ),
    (
        house.short_modules,
        {"scan/a.py": "x = 1\n" * 250, "scan/b.py": "x = 1\n" * 251},
        ["scan/b.py has 251 lines"],
    ),
    (
        house.short_functions,
        {
            "scan/a.py": "@cache\ndef f():\n" + "    x = 1\n" * 39,
            "scan/b.py": "class A:\n    async def g():\n" + "        x = 1\n" * 40,
        },
        ["scan/b.g has 41 lines"],
    ),
    (
        house.simple_functions,
        {
            "scan/a.py": "def f():\n" + "    if x: y\n" * 14,
            "scan/b.py": "def g():\n    return [x if y and z else v for v in w]\n"
            + "    if x: y\n" * 12,
        },
        ["scan/b.g has complexity 16"],
    ),
    (
        house.short_tests,
        {"/tests/scan/test_a.py": "\n" * 501, "/tests/scan/test_b.py": "\n" * 500},
        ["tests/scan/test_a.py has 501 lines"],
    ),
    (
        house.names_of_tests_differ,
        {"/tests/scan/test_a.py": "", "/tests/test_a.py": "", "/tests/scan/test_b.py": ""},
        ["tests/scan/test_a.py", "tests/test_a.py"],
    ),
    (
        house.no_format_in_output,
        {
            "output/a.py": 'form = path or "md"\nraise OutputError(f"{path}: no CSV")\n',
            "output/b.py": '"""Neither md nor json."""\nimport finalrank.render.csv\n',
            "render/csv.py": 'form = "csv"\n',
        },
        ["output/a has CSV", "output/a has md", "output/b imports finalrank.render.csv"],
    ),
    (
        house.no_metric_by_name,
        {
            "decide/a.py": 'key = "dice_pos"\n',
            "config/tables/metrics.py": 'key = "dice_pos"\n',
            "/templates/evidence/a.md.j2": '{{ metrics["iou_pos"] }}\n',
        },
        ["src/finalrank/decide/a.py names dice_pos", "templates/evidence/a.md.j2 names iou_pos"],
    ),
    (
        house.short_template_lines,
        {"/templates/evidence/a.md.j2": "x" * 200 + "\n" + "x" * 201},
        ["evidence/a.md.j2:2 has 201 characters"],
    ),
    (
        house.templates_compute_nothing,
        {
            "/templates/a.md.j2": "{{ loop.index + 1 }}\n{{ runs | selectattr('x') | list }}\n"
            "{{ name.split('/') | code }}\n{% for x in runs | sort %}{{ x ~ '-' }}{% endfor %}\n"
            "{{ '---|' * n }}\n"
        },
        [
            "a.md.j2:1 +",
            "a.md.j2:2 selectattr",
            "a.md.j2:3 split(",
            "a.md.j2:4 sort",
            "a.md.j2:5 *",
        ],
    ),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in VIOLATIONS))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: house.Rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize(
    ("rule", "files", "faults"), VIOLATIONS, ids=[rule.__name__ for rule, _, _ in VIOLATIONS]
)
def test_the_rule_finds_a_violation(
    rule: house.Rule, files: Mapping[str, str], faults: list[str], tmp_path: Path
) -> None:
    for name, text in files.items():
        path = tmp_path / (name[1:] if name.startswith("/") else f"src/finalrank/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert sorted(rule(tmp_path)) == sorted(faults)


def test_every_rule_is_tried() -> None:
    rules = {
        name
        for name, rule in vars(house).items()
        if getattr(rule, "__annotations__", {}) == {"root": "Path", "return": "list[str]"}
    }
    assert {rule.__name__ for rule in RULES} == rules


# Plug points


def test_readers_are_those_that_the_setting_offers() -> None:
    choices = get_args(Scan.model_fields["reader"].annotation)
    assert house.readers(choices, READERS) == []


def test_a_reader_that_is_not_offered_is_found() -> None:
    assert house.readers(["json", "csv"], ["json", "toml"]) == [
        "csv: is offered and has no reader",
        "toml: is a reader that is not offered",
    ]


def test_formats_have_suffix_golden_file_and_documentation() -> None:
    golden = {path.name for path in GOLDEN.iterdir()}
    docs = "\n".join(path.read_text("utf-8") for path in DOCS)
    suffixes = {suffix: row.name for row in FORMATS.values() for suffix in row.suffixes}
    assert house.formats(list(FORMATS), suffixes, golden, docs) == []


def test_a_format_that_is_incomplete_is_found() -> None:
    names = ["md", "html", "xml", "tex", "csv"]
    suffixes = {".md": "md", ".html": "html", ".xml": "xml", ".csv": "csv", ".rst": "rst"}
    golden = {f"clean_final_results.{name}" for name in ("md", "xml", "csv")}
    docs = "Not a row: `.xml`\n\n| `.md` | the page |\n| a table | `.csv` |\n"
    assert house.formats(names, suffixes, golden, docs) == [
        ".rst: of no format",
        "html: has no golden file",
        "xml: has no row in the documentation",
        "tex: has no suffix",
    ]


def test_commands_have_modules_of_their_names() -> None:
    modules = {
        name: command.callback.__module__
        for name, command in cli.commands.items()
        if command.callback
    }
    assert modules.keys() == cli.commands.keys()
    assert house.commands(modules) == []


def test_a_command_in_another_module_is_found() -> None:
    modules = {"report": "finalrank.cli.report", "re-rank": "finalrank.cli.report"}
    assert house.commands(modules) == ["re-rank: is in finalrank.cli.report"]


# Imports that wait


def heavy_imports(code: str, heavy: set[str]) -> set[str]:
    """Which of these libraries are imported once a new Python has run the code."""
    program = f"{code}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return heavy & set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import finalrank", {"click", "pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.cli.main", {"pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.pipeline", {"jinja2", "pandas", "tabulate", "jmespath", "numpy"}),
        (
            f"import finalrank; finalrank.load_report({str(EXAMPLES)!r}, evidence=True)",
            {"jinja2", "pandas", "scipy"},
        ),
    ],
)
def test_heavy_imports_wait(code: str, heavy: set[str]) -> None:
    assert heavy_imports(code, heavy) == set()


def test_a_heavy_import_is_found() -> None:
    assert heavy_imports("import finalrank.cli.main", {"click", "pandas"}) == {"click"}


def test_the_public_names_exist() -> None:
    assert all(hasattr(finalrank, name) for name in finalrank.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = finalrank.nonsense


# Nothing is derived twice


def count_calls(patch: pytest.MonkeyPatch, function: Callable[..., Any]) -> Counter[str]:
    """Have the calls of a function counted, in every module of the package that knows it."""
    calls: Counter[str] = Counter()
    name = function.__name__

    def counted(*args: Any, **options: Any) -> Any:
        calls[name] += 1
        return function(*args, **options)

    for module in list(sys.modules.values()):
        if module.__name__.startswith("finalrank.") and vars(module).get(name) is function:
            patch.setattr(module, name, counted)
    return calls


@pytest.mark.parametrize("rule", ["expand", "collapse", "best"])
@pytest.mark.parametrize("evidence", [False, True])
def test_groups_are_computed_once_in_a_report(
    evidence: bool, rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "groups.toml"
    config.write_text(f'[rank]\ngroups = "{rule}"\n')
    folders = [str(EXAMPLES)]
    settings = load_settings(folders, str(config))
    calls = count_calls(monkeypatch, groups.groups_of)
    if evidence:
        build_with_evidence(evidence_survey(folders, settings), settings, AT, "podium")
    else:
        build(survey(folders, settings), settings, AT)
    assert calls["groups_of"] == 1


def test_a_second_call_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [str(EXAMPLES)]
    calls = count_calls(monkeypatch, groups.groups_of)
    for _ in range(2):
        survey(folders, load_settings(folders, None))
    assert calls["groups_of"] == 2
