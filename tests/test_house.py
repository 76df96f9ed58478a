"""The rules of the package structure that a short test can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import finalrank
from conftest import EXAMPLES, GOLDEN, ROOT
from finalrank.config.sections import Scan
from finalrank.render.formats import FORMAT_BY_SUFFIX, FORMATS
from finalrank.scan.readers.registry import FOLDER_READERS, JSON_READERS, READERS

PACKAGE = ROOT / "src" / "finalrank"
SOURCES = sorted(PACKAGE.rglob("*.py"))
# `from finalrank.decide import testsets` imports a module, not a name.
PACKAGES = {
    ".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")
}
# From the top: a package imports only what stands in a later row, also lazily and for types.
LAYERS = [
    {"__main__"},
    {"cli"},
    {"api", "output"},
    {"pipeline", "render"},
    {"report"},
    {"evidence", "inspection"},
    {"scan", "decide"},
    {"config"},
    {"model", "text", "errors"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Third-party libraries, and the only modules that import them.
CONFINED: dict[str, tuple[str, ...]] = {
    "click": ("cli/",),
    "jinja2": ("render/markdown", "render/sandbox"),
    "tabulate": ("render/explain", "inspection/table"),
    "jmespath": ("config/keys",),
    "tomlkit": ("config/effective",),
    "pandas": ("render/frame", "api"),
    "numpy": ("evidence/",),
    "scipy": ("evidence/cases/signed_rank",),
}


def module(path: Path) -> str:
    """`scan`, `evidence/cases/paired`: a module by its path in the package."""
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module in PACKAGES:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_a_package_imports_only_lower_layers(path: Path) -> None:
    own = module(path).split("/")[0]
    if own == "__init__":
        return
    for name in imports(path):
        first, *rest = name.split(".")
        if first == "finalrank" and rest and rest[0] in LEVEL and rest[0] != own:
            assert LEVEL[rest[0]] > LEVEL[own], name


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {f"finalrank.{module(path).replace('/', '.')}": path for path in SOURCES}
    graph = {name: {i for i in imports(path) if i in names} for name, path in names.items()}
    while free := [name for name, below in graph.items() if not below & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_a_library_is_confined(path: Path) -> None:
    for library in {name.split(".")[0] for name in imports(path)} & CONFINED.keys():
        assert module(path).startswith(CONFINED[library])


@pytest.mark.parametrize("path", SOURCES, ids=module)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 260
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, node.name


# Folders with a file a member: a command, a format, a reader.
PLUG_POINTS = {PACKAGE / "cli", PACKAGE / "render", PACKAGE / "scan" / "readers"}


def test_a_folder_has_few_entries() -> None:
    for folder in {path.parent for path in SOURCES} - PLUG_POINTS - {PACKAGE}:
        entries = {p.name for p in folder.iterdir()} - {"__init__.py", "__pycache__"}
        assert len(entries) <= 10, folder


def test_the_tables_of_plug_ins_agree() -> None:
    assert set(READERS) == set(get_args(Scan.model_fields["reader"].annotation))
    assert READERS.keys() >= JSON_READERS | FOLDER_READERS
    assert set(FORMAT_BY_SUFFIX.values()) == set(FORMATS.values())
    assert all((GOLDEN / f"clean_final_results.{name}").exists() for name in FORMATS)


@pytest.mark.parametrize("path", sorted((PACKAGE / "output").rglob("*.py")), ids=module)
def test_the_output_knows_no_format_by_name(path: Path) -> None:
    renderers = {f"finalrank.render.{name}" for name in ("markdown", "json", "csv")}
    assert not renderers & set(imports(path))
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    words = {
        word
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if node not in docstrings
        for word in re.findall(r"\w+", node.value)
    }
    assert not words & (FORMATS.keys() | {row.title for row in FORMATS.values()})


def test_heavy_imports_wait() -> None:
    for code, heavy in [
        ("import finalrank", {"click", "pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.cli.main", {"pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.pipeline", {"jinja2", "pandas", "tabulate", "jmespath", "numpy"}),
        (
            f"import finalrank; finalrank.load_report({str(EXAMPLES)!r}, evidence=True)",
            {"jinja2", "pandas", "scipy"},
        ),
    ]:
        program = f"{code}; import sys; print(*sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert not heavy & set(done.stdout.split()), code


def test_the_public_names_exist() -> None:
    assert all(hasattr(finalrank, name) for name in finalrank.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = finalrank.nonsense


# What hands the parts of the evidence what they need.
ADAPTERS = {"evidence/build", "evidence/groups"}
VALUES = (
    *("finalrank.evidence", "finalrank.model", "finalrank.config.metrics"),
    *("finalrank.decide.ties", "finalrank.decide.testsets"),
)


@pytest.mark.parametrize("path", sorted((PACKAGE / "evidence").rglob("*.py")), ids=module)
def test_a_part_of_the_evidence_knows_values_alone(path: Path) -> None:
    if module(path) not in ADAPTERS:
        assert all(n.startswith(VALUES) for n in imports(path) if n.startswith("finalrank"))


STAGES = {"filter", "select", "rank", "explain"}


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_stage_imports_no_other_stage(stage: str) -> None:
    others = {f"finalrank.decide.{name}" for name in STAGES - {stage}}
    assert not others & set(imports(PACKAGE / "decide" / f"{stage}.py"))


def test_no_metric_is_known_by_name_outside_the_defaults() -> None:
    keys = ("dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence")
    for path in [*SOURCES, *(ROOT / "templates").iterdir()]:
        if not path.match("config/metrics.py"):
            assert not any(f'"{key}"' in path.read_text(encoding="utf-8") for key in keys), path
