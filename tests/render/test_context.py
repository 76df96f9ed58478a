"""What a template is given: the documented names, as plain data, and the filters."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from conftest import EXAMPLES, Finalrank, Tree
from finalrank.config.load import load_settings
from finalrank.pipeline import build_with_evidence, evidence_survey
from finalrank.render.markdown import ESCAPES
from finalrank.render.page.contents import page_context
from finalrank.render.page.context import PageContext, context_fields
from finalrank.render.page.filters import FILTERS
from finalrank.report.model import Report

Rendered = Callable[..., str]

CONFIG = """
[baseline]
match = "nnunet"
[[metrics]]
key = "hd95"
label = "*HD95*"
primary = true
higher_is_better = false
digits = 1
range = [0.0, inf]
[[metrics]]
key = "_dice_"
[[metrics]]
key = "seconds"
ranked = false
"""


@pytest.fixture(scope="module")
def context() -> PageContext:
    """The context of the examples, with evidence."""
    settings = load_settings([str(EXAMPLES)])
    survey = evidence_survey([str(EXAMPLES)], settings)
    return page_context(build_with_evidence(survey, settings, datetime(2026, 1, 1), "podium"))


@pytest.fixture
def rendered(finalrank: Finalrank, tree: Tree) -> Rendered:
    """What a template makes of a small tree."""

    def render(template: str, *args: object) -> str:
        files = {
            "a/test_metrics.json": {"hd95": 2.25, "_dice_": 0.5},
            "nnunet/test_metrics.json": {"hd95": 4.0, "_dice_": 0.25},
            "finalrank.toml": CONFIG,
            "own.md.j2": template,
        }
        root = tree(files)
        done = finalrank("report", root, "--template", root / "own.md.j2", *args)
        assert done.status == 0, done.err
        return done.out

    return render


def test_every_name_has_a_description() -> None:
    described = context_fields()
    assert [name for name, _ in described] == [f.name for f in dataclasses.fields(PageContext)]
    assert all(description for _, description in described)


def test_the_names_of_the_json_summary_are_among_them() -> None:
    assert Report.model_fields.keys() <= dict(context_fields()).keys()


def test_a_template_may_use_every_name(rendered: Rendered) -> None:
    names = [name for name, _ in context_fields()]
    template = "".join(f"{name}: {{{{ {name} | string | length > 0 }}}}\n" for name in names)
    told = rendered(template, "--evidence")
    # The only dataset has no name where none is told apart.
    assert told == "".join(f"{name}: {name != 'dataset'}\n" for name in names)


def test_every_metric_has_what_a_figure_needs(rendered: Rendered) -> None:
    template = "{% for metric in metrics %}{{ runs[0] | figure(metric) }} {% endfor %}"
    assert rendered(template) == "2.2 0.5000 - "


def test_metrics_are_the_same_wherever_they_stand(rendered: Rendered) -> None:
    template = (
        "{{ metrics[0] == primary == ranked[0] == rankings[0].metric }}\n"
        "{% for m in metrics %}\n"
        "{{ m.key }} {{ m.label }} {{ m.short }} [{{ m.task }}] {{ m.higher_is_better }} "
        "{{ m.digits }} {{ m.ranked }} {{ m.range }}\n"
        "{% endfor %}"
    )
    assert rendered(template).splitlines() == [
        "True",
        "hd95 *HD95* *HD95* [] False 1 True (0.0, None)",
        r"_dice_ \_dice\_ \_dice\_ [] True 4 True (0.0, 1.0)",
        "seconds seconds seconds [] True 4 False (0.0, 1.0)",
    ]


def test_the_evidence_of_a_template_is_that_of_the_json(rendered: Rendered) -> None:
    template = (
        "{{ evidence.results.rules.confidence }} {{ evidence.results.missing.runs }} "
        "{{ evidence.labels.hd95.label }}"
    )
    assert rendered(template, "--evidence") == "0.95 2 *HD95*"
    assert rendered("{{ evidence }}") == "None"


EXPRESSIONS = {
    "at_most": ("([1, 2, 3] | at_most(2)).more", "1"),
    "code": ("'a`b' | code", "``a`b``"),
    "code_cell": ("'a|b' | code_cell", r"`a\|b`"),
    "counted": ("none | counted", "an unknown test set"),
    "delta": ("runs[0].delta.hd95 | delta(1)", "-1.8 (-43.75%)"),
    "directed": ("primary | directed", "*HD95* (lower is better)"),
    "factor": ("runs[0] | factor('lr')", "-"),
    "figure": ("runs[0] | figure(primary)", "2.2"),
    "fixed": ("0.25 | fixed(1)", "0.2"),
    "interval": ("(0.25, 0.5) | interval(2)", "[0.25, 0.50]"),
    "listing": ("['a', 'b', 'c'] | listing", "a, b and c"),
    "p_value": ("0.00001 | p_value", "< 0.0001"),
    "percent": ("0.95 | percent", "95 %"),
    "plural": ("2 | plural('run')", "2 runs"),
    "plus": ("0.25 | plus(2)", "+0.25"),
    "prose": ("'_a_' | prose", r"\_a\_"),
    "rank": ("1.5 | rank", "1.5"),
    "whole": ("none | whole", "-"),
}


def test_a_template_may_use_every_filter(rendered: Rendered) -> None:
    assert EXPRESSIONS.keys() == FILTERS.keys() | ESCAPES.keys()
    template = "".join(f"{{{{ {expression} }}}}\n" for expression, _ in EXPRESSIONS.values())
    assert rendered(template).splitlines() == [text for _, text in EXPRESSIONS.values()]


def values_in(value: Any) -> Iterator[Any]:
    """Every value that a template reaches by attributes, keys and indices."""
    yield value
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from values_in(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield from (inner for one in value.values() for inner in values_in(one))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (inner for one in value for inner in values_in(one))


def test_plain_data_alone_is_reachable(context: PageContext) -> None:
    kinds = {type(value) for value in values_in(context)}
    assert not any(issubclass(kind, BaseModel) for kind in kinds)
    plain = (str, int, float, bool, type(None), datetime, tuple, list, dict)
    assert all(issubclass(kind, plain) or dataclasses.is_dataclass(kind) for kind in kinds)
