"""`[scan]`: which files are candidates, what a run is, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, Field, model_validator

from finalrank.config.keys import expression
from finalrank.config.tables.rows import BEST, EACH, LAST, Columns, Row
from finalrank.config.types import ReaderName, Section, Strings, with_group
from finalrank.model.reasons import EXCLUDED, NOT_INCLUDED


def _one_of(*names: str) -> str:
    """Return the names in quotes: `"a", "b" or "c"`."""
    *quoted, last = (f'"{name}"' for name in names)
    return f"{', '.join(quoted)} or {last}"


def _run_rule(rule: str) -> str:
    hint = 'write "parent", "file", or an expression with a group (?P<run>...)'
    return rule if rule in ("parent", "file") else with_group(rule, "run", hint)


def _expressions(keys: tuple[str, ...]) -> tuple[str, ...]:
    for key in keys:
        expression(key)
    return keys


class Scan(Section):
    """`[scan]`: which files are candidates, what a run is, and how they are read."""

    patterns: Strings = Field(
        ("test_metrics*.json", "*_test_metrics*.json"),
        min_length=1,
        description="File names of candidates, case-sensitive",
    )
    max_bytes: int = Field(32 * 1024 * 1024, ge=1, description="Larger files are refused")
    run: Annotated[str, AfterValidator(_run_rule)] = Field(
        "parent",
        description='What a run is: a file\'s folder ("parent"), the file itself ("file"), or the '
        "group `run` of a regular expression over its path",
    )
    include: Strings = Field((), description="Globs over paths; if any, all else is left out")
    exclude: Strings = Field((), description="Globs over paths that are left out")
    reader: ReaderName = Field(
        "auto",
        description=f"What the files are: {_one_of(*get_args(ReaderName))}; auto goes by the "
        "suffix of a name, then by what the file holds",
    )
    row: Row = Field(
        LAST,
        description='Which rows of a table or a log count: "last": of each metric its last value '
        'that is there; "best:COLUMN": the row that is best in that column (`:lower` or `:higher` '
        'behind it, where it is no metric); "each": a row is a result, the default where '
        "`table.run` is set",
    )
    table: Columns = Field(Columns(), description="What the columns of a table are")
    follow: bool = Field(
        False,
        description="Whether links to folders are entered, each folder once; where they are not, "
        "one that leads to artifacts is told",
    )
    missing: Strings = Field((), description='Texts that mean a missing value, such as "N/A"')
    results: Annotated[Strings, AfterValidator(_expressions)] = Field(
        (),
        description="JMESPath expressions, each to a list or an object of results of a file that "
        "has several",
    )
    name: str = Field(
        "",
        description="What a result of `results` is called: a key of it, `@key` (that it stands "
        "under) or `@index`; empty: as its file is",
    )

    @model_validator(mode="before")
    @classmethod
    def _each_row_of_several_runs(cls, given: Any) -> Any:
        """Make each row a result where a column names its run, unless the author says which."""
        table = given.get("table") if isinstance(given, dict) else None
        has_runs = isinstance(table, dict) and table.get("run")
        return {"row": EACH, **given} if has_runs else given

    @model_validator(mode="after")
    def _best_row_of_wide_tables(self) -> Scan:
        if self.table.metric and self.row.startswith(BEST):
            raise ValueError(
                "`row` asks for the best row of a table with a row a value: it has none"
            )
        return self

    @property
    def elements(self) -> tuple[str, ...]:
        """The expressions to the results of a file that has several."""
        return self.results or (("@",) if self.row == EACH else ())

    @property
    def element_name(self) -> str:
        """What says of each of them how it is called."""
        return self.name or (self.table.run if self.row == EACH else "")

    def choice(self, source: str, root: int) -> tuple[str, str] | None:
        """Return why a candidate is left out unread, the reason and its detail; None: it is read.

        The first `root` characters of `source` are the name of its runs folder, which a glob may
        leave out.
        """
        if pattern := self.excluding(source, root):
            return EXCLUDED, f'its path matches "{pattern}"'
        if not self.includes(source, root):
            return NOT_INCLUDED, "its path matches none of those to include"
        return None

    def includes(self, source: str, root: int) -> bool:
        """Return whether a path is one of those to include, as `choice` looks at it."""
        return not self.include or _first_match(self.include, source, root) is not None

    def excluding(self, source: str, root: int) -> str | None:
        """Return the glob of `exclude` that a path matches, as `choice` looks for one."""
        return _first_match(self.exclude, source, root)


def _first_match(globs: Iterable[str], source: str, root: int) -> str | None:
    paths = {source, source[root:]}
    return next((g for g in globs if any(fnmatchcase(path, g) for path in paths)), None)
