"""A template of one's own: what it is given, and what it cannot do."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import EXAMPLES, GOLDEN, PUBLISHED, ROOT, Done, Finalrank, Tree
from page_parts import DICE

# A template of one's own

Templated = Callable[..., Done]


@pytest.fixture
def templated(finalrank: Finalrank, tree: Tree) -> Templated:
    """Reports on a small tree by a template."""

    def report(content: str | bytes, *args: object, path: str = "own.md.j2") -> Done:
        root = tree({"a/test_metrics.json": DICE, "nnunet/test_metrics.json": {"dice_pos": 0.2}})
        Path(path).parent.mkdir(exist_ok=True, parents=True)
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
        return finalrank("report", root, "--template", path, *args)

    return report


def test_a_template_is_given_the_names_of_the_json(templated: Templated) -> None:
    names = list(json.loads((GOLDEN / "clean_final_results.json").read_bytes()))
    template = "".join(f"{{{{ {name} is defined }}}}\n" for name in names)
    assert templated(template).out == "True\n" * len(names)


def test_a_template_writes_what_it_is_given(templated: Templated) -> None:
    template = """\
{{ title }} {{ generated_at }} {{ root }} {{ counts.runs_valid }} {{ schema_version }}
{% for run in runs %}
{{ run.rank }} {{ run.run | code }} {{ run.metrics.dice_pos | fixed }} \
{{ run.delta.dice_pos | delta }} {{ run.source }} {{ run.mean_rank }} {{ run.valid_artifacts }}
{% endfor %}
{{ baseline.run }} {{ recommendation.primary }} {{ recommendation.fallback }}
{{ metrics | map(attribute="key") | join(" ") }}
"""
    assert templated(template, "--generated-at", PUBLISHED).out == (
        "Clean Final Results 2026-02-15 08:14:41 runs 2 2\n"
        "1 `a` 0.5000 +0.3000 (+150.00%) a/test_metrics.json 1.0 1\n"
        "2 `nnunet` 0.2000 +0.0000 (+0.00%) nnunet/test_metrics.json 2.0 1\n"
        "nnunet a nnunet\n"
        "dice_pos iou_pos roc_auc_presence average_precision_presence\n"
    )


def test_the_shipped_template_may_be_the_start(finalrank: Finalrank) -> None:
    shipped = ROOT / "templates" / "clean_final_results.md.j2"
    done = finalrank("report", EXAMPLES, "--template", shipped, "--generated-at", PUBLISHED)
    assert done.bytes == (GOLDEN / "clean_final_results.md").read_bytes()


def test_a_template_may_include_its_neighbours(templated: Templated) -> None:
    Path("own").mkdir()
    Path("own/part.j2").write_text("part of {{ title }}")
    assert (
        templated("{% include 'part.j2' %}", path="own/x.j2").out == "part of Clean Final Results"
    )


@pytest.mark.parametrize("path", ["own.j2", "./own.j2", "folder/own.j2", "/tmp/absolute"])
@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("a\n{% if %}", 2, ""),
        ("a\nb\n{{ titel }}", 3, "titel"),
        ("{{ counts.runs_vlid }}", 1, "runs_vlid"),
        ("\n{% include 'none.j2' %}", 2, "none.j2"),
        ("\n\n{{ ''.__class__ }}", 3, "__class__"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("\n{{ title | nonsense }}", 2, "nonsense"),
        ("\n{% for x in 3 %}{% endfor %}", 2, ""),
        ("\n{{ title + 3 }}", 2, ""),
        ("\n{{ 'a' * 10 ** 9 }}", 2, "too large"),
        ("\n{{ 10 ** 9 * [1] }}", 2, "too large"),
        ("\n{{ 9 ** 999999 }}", 2, "too large"),
        ("\n{{ lipsum(n=10 ** 9) }}", 2, "lipsum"),
        ("{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}", 1, "recursion"),
    ],
)
def test_an_error_names_file_and_line(
    template: str, line: int, reason: str, path: str, templated: Templated
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = path.replace("/tmp/absolute", f"{folder}/own.j2")
        done = templated(template, path=path)
    assert (done.status, done.bytes) == (2, b"")
    (error,) = (text for text in done.err.splitlines() if text.startswith("finalrank: "))
    assert f"own.j2:{line}: " in error
    assert reason in error
    assert "Traceback" not in done.err


ENDLESS = {
    "loops": "{% for a in range(9999) %}\n{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "a recursive loop": "{% for a in [1] recursive %}\n"
    "{{ loop([1, 1]) if loop.depth < 40 }}{% endfor %}",
    "a macro": "{% macro m(n) %}\n"
    "{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "a call": "{% macro m(n) %}{{ caller() }}{{ caller() }}{% endmacro %}\n"
    "{% for a in range(9999) %}{% call m(1) %}"
    "{% for b in range(9999) %}.{% endfor %}{% endcall %}{% endfor %}",
    "an include": "{% set n = n | default(0) + 1 %}\n"
    "{% if n < 40 %}{% include 'own.j2' %}{% include 'own.j2' %}{% endif %}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_template_without_an_end_is_ended(
    name: str, finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.render.limited.MAX_TURNS", 10_000)
    root = tree({"a/test_metrics.json": '{"dice_pos": 0.5}'})
    template = tree({"own.j2": ENDLESS[name]}) / "own.j2"
    done = finalrank("report", root, "--template", template)
    assert (done.status, done.bytes) == (2, b"")
    assert "own.j2:" in done.err
    assert "over 10000 turns of loops and macros" in done.err


def test_a_template_may_still_repeat_and_multiply(templated: Templated) -> None:
    template = "{{ 'ab' * 2 }} {{ 2 * [1] }} {{ 6 * 7 }} {{ 2 ** 10 }} {{ 2.5 ** 2 }}"
    assert templated(template).out == "abab [1, 1] 42 1024 6.25"


def test_a_large_report_is_no_endless_template(
    finalrank: Finalrank, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finalrank.render.limited.MAX_TURNS", 10)
    assert finalrank("report", EXAMPLES).status == 0


def test_an_error_in_an_included_template_names_that(templated: Templated) -> None:
    Path("own/parts").mkdir(parents=True)
    Path("own/parts/part.j2").write_text("\n{{ titel }}")
    done = templated("{% include 'parts/part.j2' %}", path="own/x.j2")
    assert done.status == 2
    assert "part.j2:2: " in done.err


@pytest.mark.parametrize(
    "escape",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ runs.clear() }}",
        "{{ runs[0].metrics.update({'dice_pos': 1}) }}",
        "{{ self.__init__.__globals__ }}",
        "{{ code.__globals__ }}",
        "{% include '../secret.j2' %}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_stays_in_its_room(escape: str, templated: Templated) -> None:
    Path("secret.j2").write_text("secret")
    done = templated(escape, path="own/x.j2")
    assert (done.status, done.bytes) == (2, b"")
    assert len([line for line in done.err.splitlines() if line.startswith("finalrank: ")]) == 1


@pytest.mark.parametrize("content", [b"\xff{{ title }}", "{{ title }}".encode("utf-16")])
def test_a_template_that_is_not_utf8(content: bytes, templated: Templated) -> None:
    done = templated(content)
    assert done.status == 2
    assert "own.md.j2" in done.err
    assert "UTF-8" in done.err


@pytest.mark.parametrize("path", ["none.j2", "no/where.j2", ".", "runs/", ""])
def test_a_template_that_is_not_there(path: str, finalrank: Finalrank, tree: Tree) -> None:
    root = tree({"a/test_metrics.json": DICE})
    done = finalrank("report", root, "--template", path)
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    assert line.startswith("finalrank: ")
    assert path in line
    assert "finalrank: :" not in line


def test_a_template_is_for_markdown_alone(templated: Templated) -> None:
    assert templated("{{ title }}", "-f", "json").status == 2
    done = templated("{{ title }}", "-o", "a.md", "-o", "b.json")
    assert done.status == 0
    assert Path("a.md").read_text() == "Clean Final Results"
    assert json.loads(Path("b.json").read_bytes())["title"] == "Clean Final Results"


@pytest.mark.parametrize("metric", ["primary", "ranked[0]", "rankings[0].metric", "metrics[0]"])
@pytest.mark.parametrize("method", ["parse_file", "parse_raw", "model_dump", "construct"])
def test_a_template_reaches_no_method_of_a_model(
    metric: str, method: str, templated: Templated
) -> None:
    # pydantic's old class methods read files, and run what a pickle says.
    done = templated(f"{{{{ {metric}.{method}('secret.json') }}}}")
    assert (done.status, done.bytes) == (2, b"")
    assert method in done.err
