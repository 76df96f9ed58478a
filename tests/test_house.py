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
# Imported in one room alone, or in those whose name begins with it.
KEPT_TO: dict[str, str | tuple[str, ...]] = {
    "click": "cli/",
    "jinja2": ("render/formats", "render/sandbox"),
    "tabulate": ("render/explain", "inspection/table"),
    "jmespath": "config/keys",
    "tomlkit": "config/effective",
    "pandas": ("render/formats", "report/model"),
    "numpy": "evidence/",
    "scipy": "evidence/cases/signed_rank",
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
        if not path.match("config/settings.py"):
            assert not any(f'"{key}"' in path.read_text(encoding="utf-8") for key in keys), path


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        ("import finalrank", {"click", "pydantic", "jinja2", "pandas", "tabulate"}),
        ("import finalrank.cli.main", {"pydantic", "jinja2", "pandas", "tabulate"}),
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
