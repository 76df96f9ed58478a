"""The rules of the house that a short test can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import finalrank
from conftest import EXAMPLES, ROOT

HOUSE = ROOT / "src" / "finalrank"
SOURCES = sorted(HOUSE.rglob("*.py"))
STAGES = {"scan", "filter", "select", "rank", "report", "explain", "page"}
# What a stage may import of ours: types, configuration, errors, and how a name is shown.
FOUNDATION = {
    *("models", "summary", "errors", "config", "sections", "sections_evidence", "names"),
    *("ties", "testsets", "groups"),
    *("evidence.results", "evidence.results_figures", "evidence.results_ranking"),
}
# A stage of several rooms: the readers of bytes belong to the scan.
ANNEXES = {
    "scan": {"files", "parse", "decode", "readers"},
    "page": {"page_evidence", "page_cases", "figures"},
}
# Imported in one room alone, or in those whose name begins with it.
KEPT_TO: dict[str, str | tuple[str, ...]] = {
    "click": "cli",
    "jinja2": ("render", "sandbox"),
    "tabulate": ("tables", "inspection"),
    "jmespath": "lookup",
    "tomlkit": "effective",
    "pandas": ("render", "summary"),
    "numpy": "evidence/",
    "scipy": "evidence/signed_rank",
}


def room(path: Path) -> str:
    """`scan`, `evidence/cases`: a module by its place in the house."""
    return path.relative_to(HOUSE).with_suffix("").as_posix()


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_a_stage_imports_no_other_stage(path: Path) -> None:
    ours = {name.partition(".")[2] for name in imports(path) if name.startswith("finalrank.")}
    if room(path) in STAGES:
        assert ours <= FOUNDATION | ANNEXES.get(path.stem, set())


@pytest.mark.parametrize("path", sorted((HOUSE / "evidence").glob("*.py")), ids=room)
def test_a_part_of_the_evidence_knows_values_alone(path: Path) -> None:
    ours = {name.partition(".")[2] for name in imports(path) if name.startswith("finalrank.")}
    if path.stem != "gather":  # which hands them what they need
        parts = {name for name in ours if name.startswith("evidence")}
        assert ours - parts <= FOUNDATION - {"config", "summary", "sections", "groups"}


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_a_library_is_known_in_its_room_alone(path: Path) -> None:
    for module in {name.split(".")[0] for name in imports(path)} & KEPT_TO.keys():
        assert room(path).startswith(KEPT_TO[module])


@pytest.mark.parametrize("path", SOURCES, ids=room)
def test_rooms_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 250
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 40, node.name


def test_no_metric_is_known_by_name_outside_the_defaults() -> None:
    keys = ("dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence")
    for path in [*SOURCES, *(ROOT / "templates").iterdir()]:
        if path.stem != "config":
            assert not any(f'"{key}"' in path.read_text(encoding="utf-8") for key in keys), path


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import finalrank", {"click", "pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.cli", {"pydantic", "jinja2", "pandas", "tabulate"}),
        (
            "import finalrank.pipeline",
            {"jinja2", "pandas", "tabulate", "jmespath", "tomlkit", "numpy", "scipy"},
        ),
        (
            f"import finalrank; finalrank.load_report({str(EXAMPLES)!r}, evidence=True)",
            {"jinja2", "pandas", "scipy"},
        ),
    ],
)
def test_heavy_imports_wait(code: str, heavy: set[str]) -> None:
    program = f"{code}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not heavy & set(done.stdout.split())


def test_the_public_names_exist() -> None:
    assert all(hasattr(finalrank, name) for name in finalrank.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = finalrank.nonsense
