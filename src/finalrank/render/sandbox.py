"""Where a template runs: no file beyond its folder, no way out of its data, no loop without end."""

from __future__ import annotations

from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Ten times what the page of a hundred thousand runs takes.
MAX_TURNS = 10_000_000
# Items of a text or a list that `*` repeats, and bits of a number that `**` gives.
MAX_SIZE = 1_000_000


class _Counting(CodeGenerator):
    """Has each turn of a loop, call of a macro and start of a template counted."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        for part in [node, *node.find_all((nodes.For, nodes.Macro, nodes.CallBlock))]:
            # To read the attribute counts; a call from a template would take ten times as long.
            turn = nodes.ExprStmt(nodes.EnvironmentAttribute("turn")).set_lineno(part.lineno)
            part.body.insert(0, turn)  # type: ignore[attr-defined]
        super().visit_Template(node, frame)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one template of the user's, for one rendering."""

    intercepted_binops = frozenset(["*", "**"])

    def __init__(self, folder: str, *, counting: bool) -> None:
        """Load templates from `folder` alone; count what they do unless they are our own."""
        super().__init__(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Markdown has no markup that escaping for HTML would leave whole; names go through
            # `code`.
            autoescape=False,
        )
        # It writes as much nonsense as it is asked for, and no page needs any.
        del self.globals["lipsum"]
        self._turns = 0
        if counting:
            self.code_generator_class = _Counting

    @property
    def turn(self) -> None:
        """Count a turn; raises SecurityError where there were too many."""
        self._turns += 1
        if self._turns > MAX_TURNS:
            raise SecurityError(
                f"over {MAX_TURNS} turns of loops and macros: is there one without an end?"
            )

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Raise SecurityError where the result would be too large."""
        if _is_too_large(operator, left, right):
            raise SecurityError(f"the result of {operator} is too large")
        return super().call_binop(context, operator, left, right)


def _is_too_large(operator: str, left: Any, right: Any) -> bool:
    if operator == "**":
        return isinstance(left, int) and left.bit_length() * right > MAX_SIZE
    repeated, times = (left, right) if hasattr(left, "__len__") else (right, left)
    return hasattr(repeated, "__len__") and len(repeated) * times > MAX_SIZE
