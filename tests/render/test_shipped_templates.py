"""The rules of the templates that are shipped: they are short, and compute nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT, Finalrank

TEMPLATES = ROOT / "templates"
SHIPPED = sorted(TEMPLATES.rglob("*.j2"))
COMPUTING = (
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow),
    *(nodes.Neg, nodes.Pos, nodes.Dict, nodes.Slice),
)
DECIDING = {
    *("select", "selectattr", "reject", "rejectattr", "groupby", "sort", "dictsort", "unique"),
    *("sum", "min", "max", "round", "batch", "slice", "reverse", "replace"),
}


def faults(text: str) -> Iterator[str]:
    """What a template computes or decides that a function should."""
    tree = Environment().parse(text)
    for node in tree.find_all(COMPUTING):
        yield f"{node.lineno}: {type(node).__name__}"
    for used in tree.find_all(nodes.Filter):
        if used.name in DECIDING:
            yield f"{used.lineno}: {used.name}"
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr):
            yield f"{call.lineno}: {call.node.attr}()"
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > 200:
            yield f"{number}: {len(line)} characters"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_computes_nothing(path: Path) -> None:
    assert not list(faults(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "{{ 1 + n }}",
        "{{ '-' * n }}",
        "{{ runs[:5] }}",
        "{{ {'a': 'b'}[kind] }}",
        "{{ runs | selectattr('run') | list }}",
        "{{ source.split('/') }}",
        "{{ words.get(kind) }}",
        "{# " + 200 * "x" + " #}",
    ],
)
def test_a_template_that_computes_is_found(text: str) -> None:
    assert len(list(faults(text))) == 1


def test_the_parts_of_the_evidence_are_few_and_short() -> None:
    parts = list((TEMPLATES / "evidence").iterdir())
    assert len(parts) <= 10
    assert all(len(part.read_text(encoding="utf-8").splitlines()) <= 75 for part in parts)


def test_a_copy_of_the_folder_gives_the_same_page(finalrank: Finalrank, tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "own")
    page = tmp_path / "own" / "clean_final_results.md.j2"
    args = ["report", EXAMPLES, "--generated-at", PUBLISHED, "--template", page]
    assert finalrank(*args, "--evidence").bytes == (GOLDEN / "evidence.md").read_bytes()
    # Without evidence the page alone is enough.
    alone = tmp_path / "alone" / page.name
    alone.parent.mkdir()
    shutil.copy(page, alone)
    done = finalrank(*args[:-1], alone)
    assert done.bytes == (GOLDEN / "clean_final_results.md").read_bytes()
