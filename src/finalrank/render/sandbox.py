"""Where a template runs: it reads no file outside its folder, changes nothing, and ends."""

from __future__ import annotations

from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

# Turns of loops that a template may take: ten times those of the page of a hundred thousand runs.
MAX_TURNS = 10_000_000
# Items of a text or a list that `*` repeats, and bits of a number that `**` gives.
MAX_SIZE = 1_000_000


class _Counting(CodeGenerator):
    """Compiles in a count of each turn of a loop, call of a macro and start of a template."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        for part in [node, *node.find_all((nodes.For, nodes.Macro, nodes.CallBlock))]:
            # Reading the attribute counts; to call a method from a template would be ten times
            # slower.
            turn = nodes.ExprStmt(nodes.EnvironmentAttribute("turn")).set_lineno(part.lineno)
            part.body.insert(0, turn)  # type: ignore[attr-defined]
        super().visit_Template(node, frame)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment in which one template is rendered once."""

    intercepted_binops = frozenset(["*", "**"])

    def __init__(self, folder: str, *, counting: bool) -> None:
        """Load templates from `folder` alone; `counting` limits the turns of their loops."""
        super().__init__(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            # Escapes for HTML would show as they are in Markdown; the filter `code` makes names
            # safe instead.
            autoescape=False,
        )
        # Jinja's generator of filler text can be asked for any amount of it.
        del self.globals["lipsum"]
        self._turns = 0
        if counting:
            self.code_generator_class = _Counting

    @property
    def turn(self) -> None:
        """Count a turn.

        Raises SecurityError where there were too many.
        """
        self._turns += 1
        if self._turns > MAX_TURNS:
            raise SecurityError(
                f"over {MAX_TURNS} turns of loops and macros: is there one without an end?"
            )

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return the result of `*` or `**`.

        Raises SecurityError where it would be too large.
        """
        if _is_too_large(operator, left, right):
            raise SecurityError(f"the result of {operator} is too large")
        return super().call_binop(context, operator, left, right)


def _is_too_large(operator: str, left: Any, right: Any) -> bool:
    """Tell whether `left operator right` would exceed MAX_SIZE, without computing it."""
    if operator == "**":
        return isinstance(left, int) and left.bit_length() * right > MAX_SIZE
    repeated, times = (left, right) if hasattr(left, "__len__") else (right, left)
    return hasattr(repeated, "__len__") and len(repeated) * times > MAX_SIZE
