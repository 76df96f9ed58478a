"""Where a user's own template runs: it ends, and makes nothing too large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context

from finalrank.render.bounds import Spent, check_call, check_operation
from finalrank.render.sandbox import Sandbox

# Turns of loops that a template may take: ten times those of the page of a hundred thousand runs.
MAX_TURNS = 10_000_000


class _Counting(CodeGenerator):
    """Compiles in a count of each turn of a loop, call of a macro and start of a template.

    What `~` joins, and each list that is written out, is counted, too.
    """

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        for part in [node, *node.find_all((nodes.For, nodes.Macro, nodes.CallBlock))]:
            # Reading the attribute counts; to call a method from a template would be ten times
            # slower.
            turn = nodes.ExprStmt(nodes.EnvironmentAttribute("turn")).set_lineno(part.lineno)
            part.body.insert(0, turn)  # type: ignore[attr-defined]
        super().visit_Template(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.spent.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        self._counted(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self._counted(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        if node.ctx == "load":
            self._counted(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def _counted(self, visit: Callable[[Any, Frame], None], node: nodes.Expr, frame: Frame) -> None:
        self.write("environment.spent.made(")
        visit(node, frame)
        self.write(")")


class LimitedSandbox(Sandbox):
    """The sandbox in which loops, numbers, texts and lists have limits."""

    code_generator_class = _Counting
    intercepted_binops = frozenset(["*", "**", "+", "-", "%"])

    def __init__(self, folder: str, named: str, filters: Mapping[str, Callable[..., Any]]) -> None:
        """Load the template `named` of a folder, and what it includes there.

        `filters` are more than Jinja's own.
        """
        super().__init__(folder, named)
        self._turns = 0
        self.spent = Spent()
        self.concat = self.spent.joined  # type: ignore[method-assign]
        every = {**self.filters, **filters}
        self.filters = {name: self.spent.checked(name, run) for name, run in every.items()}

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
        """Return the result of an operator.

        Raises SecurityError where it would be too large.
        """
        check_operation(operator, left, right)
        return self.spent.made(super().call_binop(context, operator, left, right))

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return the result of a call.

        Raises SecurityError where a method of a text would make it too large.
        """
        # The sandbox puts a function around `format`.
        own = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)
        if not isinstance(own, str | bytes | int):
            return super().call(context, obj, *args, **kwargs)
        check_call(obj.__name__, (own, *args), kwargs)
        return self.spent.made(super().call(context, obj, *args, **kwargs))
