"""Where a template runs: it reads no file outside its folder, changes nothing, and ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from finalrank.render.bounds import Spent, check_call, check_operation

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


class _InFolder(BaseLoader):
    """Loads templates from a folder; a link in it may not lead out of it."""

    def __init__(self, folder: str, named: str) -> None:
        """Load from `folder`. The template `named` is what the user gave, wherever it leads."""
        self._files = FileSystemLoader(folder)
        self._folder, self._named = folder, named

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool] | None]:
        """Return the text of a template, its path, and whether that is still so.

        Raises SecurityError for a link that leads out of the folder.
        """
        inside = os.path.join(os.path.realpath(self._folder), "")
        path = os.path.realpath(os.path.join(self._folder, template))
        if template != self._named and not path.startswith(inside) and os.path.exists(path):
            raise SecurityError(f'"{template}" is not in the folder of the template')
        return self._files.get_source(environment, template)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment in which one template is rendered once."""

    def __init__(self, folder: str, *, named: str = "") -> None:
        """Load templates from `folder` alone.

        `named` is the user's own template in it: its loops, numbers and texts are limited.
        """
        super().__init__(
            loader=_InFolder(folder, named),
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
        self.spent = Spent()
        self._is_limited = bool(named)
        if named:
            self.code_generator_class = _Counting
            self.intercepted_binops = frozenset(["*", "**", "+", "-", "%"])
            self.concat = self.spent.joined  # type: ignore[method-assign]

    def limit_filters(self) -> None:
        """Have every filter make nothing too large; more are not to be added."""
        if self._is_limited:
            self.filters = {
                name: self.spent.checked(name, function) for name, function in self.filters.items()
            }

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
