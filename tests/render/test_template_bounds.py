"""A template that would take all memory or never end stops, and says why."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Done, Finalrank, Tree

TOO_LARGE = "too large"
Templated = Callable[[str], Done]
# Each would take more memory than there is, or years.
BOMBS = {
    "numbers": "{% set ns = namespace(a=9**9) %}{% for _ in range(60) %}"
    "{% set ns.a = ns.a * ns.a %}{% endfor %}",
    "a power": "{{ (9 ** 9999) ** 9999 }}",
    "texts": "{% set ns = namespace(a='abc') %}{% for _ in range(60) %}"
    "{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    "sums of texts": "{% set ns = namespace(a='abc') %}{% for _ in range(60) %}"
    "{% set ns.a = ns.a + ns.a %}{% endfor %}",
    "lists": "{% set ns = namespace(a=[1]) %}{% for _ in range(60) %}"
    "{% set ns.a = ns.a + ns.a %}{% endfor %}",
    "lists of lists": "{% set ns = namespace(a=[1]) %}{% for _ in range(60) %}"
    "{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}",
    "tuples": "{% set ns = namespace(a=(1,)) %}{% for _ in range(60) %}"
    "{% set ns.a = (ns.a, ns.a) %}{% endfor %}{{ ns.a | string }}",
    "dicts": "{% set ns = namespace(a={}) %}{% for _ in range(60) %}"
    "{% set ns.a = {'a': ns.a, 'b': ns.a} %}{% endfor %}{{ ns.a | tojson }}",
    "blocks": "{% set ns = namespace(a='abc') %}{% for _ in range(60) %}"
    "{% set b %}{{ ns.a }}{{ ns.a }}{% endset %}{% set ns.a = b %}{% endfor %}",
    "macros": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% else %}"
    "{{ 'x' * 1000 }}{% endif %}{% endmacro %}{{ m(60) }}",
    "output": "{% set a = 'x' * 1000000 %}{% for _ in range(100000) %}{{ a }}{% endfor %}",
    "filters": "{% set ns = namespace(a='aa') %}{% for _ in range(60) %}"
    "{% set ns.a = ns.a | replace('a', 'aa') %}{% endfor %}",
    "center": "{{ 'x' | center(10000000000) }}",
    "indent": "{{ 'x\ny' | indent(width=10000000000) }}",
    "batch": "{{ [1] | batch(10000000000, 0) | list }}",
    "slice": "{{ [1] | slice(10000000000) | list }}",
    "a list in a text": "{{ (['x' * 1000000] * 1000000) | join }}",
    "join": "{{ range(100000) | join('x' * 1000000) }}",
    "join of a map": "{{ range(100000) | map('string') | join('x' * 1000000) }}",
    "ljust": "{{ 'x'.ljust(10000000000) }}",
    "zfill": "{{ 'x'.zfill(10000000000) }}",
    "to_bytes": "{{ (1).to_bytes(10000000000, 'big') }}",
    "join of a text": "{{ ('x' * 1000000).join(['a'] * 1000000) }}",
    "replace of a text": "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}",
    "format": "{{ '{:10000000000}'.format(1) }}",
    "format by an argument": "{{ '{:{}}'.format(1, 10000000000) }}",
    "a filter format": "{{ '%10000000000d' | format(1) }}",
    "percent": "{{ '%10000000000d' % 1 }}",
    "percent by an argument": "{{ '%*d' % (10000000000, 1) }}",
    "percent of digits": "{{ '%.10000000000f' % 1.5 }}",
}


@pytest.fixture
def templated(finalrank: Finalrank, tree: Tree) -> Templated:
    def run(template: str) -> Done:
        root = tree({"a/test_metrics.json": {"dice_pos": 0.5}, "own/page.j2": template})
        return finalrank("report", root, "--template", root / "own" / "page.j2")

    return run


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_one_line(
    bomb: str, templated: Templated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.render.bounds.MAX_TOTAL", 20_000_000)
    monkeypatch.setattr("finalrank.render.limited.MAX_TURNS", 100_000)
    done = templated(BOMBS[bomb])
    assert (done.status, done.out) == (2, "")
    lines = [line for line in done.err.splitlines() if line.startswith("finalrank: ")]
    assert len(lines) == 1
    assert TOO_LARGE in lines[0] or "turns of loops" in lines[0]
    assert "page.j2:" in lines[0]


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("{{ '%05.2f|%-8s' % (1.5, 'a') }}", "01.50|a       "),
        ("{{ '{:>6,}'.format(12345) }}", "12,345"),
        ("{{ 12345678 * 100 }}", "1234567800"),
        ("{{ [1, 2] + [3] }}{{ {'a': (1, 2)} }}", "[1, 2, 3]{'a': (1, 2)}"),
        ("{{ ['a', 'b'] | join(', ') }} {{ ', '.join(['c', 'd']) }}", "a, b c, d"),
        ("{{ 'ab' | center(6) | replace('a', 'xy') }}", "  xyb  "),
        ("{% for a, b in [(1, 2)] %}{{ a ~ '-' ~ b ~ none }}{% endfor %}", "1-2None"),
        ("{{ 3.14159 | round(2) }} {{ runs | map(attribute='run') | list }}", "3.14 ['a']"),
        ("{% set x %}a{{ 1 }}{% endset %}{{ x | upper }}{{ 7 % 4 - 1 }}", "A12"),
    ],
)
def test_what_people_write_is_as_ever(template: str, page: str, templated: Templated) -> None:
    done = templated(template)
    assert (done.status, done.out.strip("\n")) == (0, page)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="made of what only POSIX has")
@pytest.mark.parametrize("how", ["include", "import", "extends"])
@pytest.mark.parametrize("target", ["../secret.txt", "/etc/passwd", "../pipe"])
def test_a_link_out_of_the_folder_is_refused(
    how: str, target: str, finalrank: Finalrank, tree: Tree
) -> None:
    statement = {"include": "include 'x'", "import": "import 'x' as x", "extends": "extends 'x'"}
    root = tree({"a/test_metrics.json": {"dice_pos": 0.5}, "secret.txt": "SECRET"})
    os.mkfifo(root / "pipe")
    (root / "own").mkdir()
    (root / "own" / "page.j2").write_text(f"{{% {statement[how]} %}}")
    (root / "own" / "x").symlink_to(target)
    done = finalrank("report", root, "--template", root / "own" / "page.j2")
    assert done.status == 2
    assert done.err.splitlines()[-1].endswith('"x" is not in the folder of the template')
    assert "SECRET" not in done.out + done.err


@pytest.mark.skipif(os.name == "nt", reason="made of what only POSIX has")
def test_links_that_stay_and_a_template_that_is_one(finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": {"dice_pos": 0.5}, "parts/x.j2": "part"})
    (root / "parts" / "y.j2").symlink_to("x.j2")
    (root / "parts" / "real.j2").write_text("{% include 'y.j2' %}")
    linked = Path(root, "linked.j2")
    linked.symlink_to("parts/real.j2")
    (root / "y.j2").symlink_to("parts/x.j2")
    assert finalrank("report", root, "--template", root / "parts" / "real.j2").out == "part"
    assert finalrank("report", root, "--template", linked).out == "part"
