"""The rules of the house: each takes the root of a source tree and returns its faults, a line each.

`tests/test_house.py` holds the package to them, and shows of each that it finds a violation.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

from finalrank.render.formats import FORMATS

Rule = Callable[[Path], list[str]]

# From the top: a package imports only what stands in a later row, also lazily and for types.
LAYERS = (
    {"__main__"},
    {"cli"},
    {"api", "output"},
    {"pipeline", "render"},
    {"report"},
    {"evidence", "inspection"},
    {"scan", "decide"},
    {"config"},
    {"model", "text", "registry"},
    {"errors"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# The libraries of others, and the only modules that import them.
CONFINED: dict[str, tuple[str, ...]] = {
    "click": ("cli/",),
    "jinja2": ("render/markdown", "render/sandbox", "render/limited", "render/bounds"),
    "tabulate": ("render/explain", "inspection/table"),
    "jmespath": ("config/keys", "text/expressions"),
    "regex": ("text/patterns",),
    "tomlkit": ("config/effective",),
    "yaml": ("scan/readers/yaml",),
    "sqlite3": ("scan/readers/mlflow_db",),
    "pandas": ("render/frame", "api"),
    "numpy": ("evidence/",),
    "scipy": ("evidence/cases/signed_rank",),
    # The types of settings, values and the JSON are made of it.
    "pydantic": ("",),
    "pydantic_core": ("",),
}
# What asks the file system for a folder's entries, a file's state or its bytes.
SYSTEM_CALLS = {"open", "scandir", "listdir", "walk", "stat", "lstat", "fstat", "readlink"}
MAKE_SYSTEM_CALLS = ("scan/folders/local", "output/")
# Folders that have a member a file, and so may grow.
PLUG_POINTS = {"cli", "config/presets", "render", "scan/readers"}
MOST_ENTRIES, MOST_LINES, MOST_OF_A_FUNCTION, MOST_COMPLEX = 10, 250, 40, 15
MOST_OF_A_TEMPLATE_LINE, MOST_OF_A_TEST = 200, 500
COMPUTING_FILTERS = {
    *("select", "reject", "selectattr", "rejectattr", "sort", "dictsort", "groupby", "unique"),
    *("min", "max", "sum"),
}
FORMAT_NAMES = {word for row in FORMATS.values() for word in (row.name, row.title)}
FORMAT_NAMES |= {suffix.strip(".") for row in FORMATS.values() for suffix in row.suffixes}
RENDERERS = {row.render.__module__ for row in FORMATS.values()}
MARKDOWN_ESCAPES = {"prose", "code", "code_cell"}
# What hands the parts of the evidence what they need, and what those parts may import.
EVIDENCE_ADAPTERS = {"evidence/build", "evidence/groups"}
EVIDENCE_VALUES = (
    *("finalrank.evidence", "finalrank.model", "finalrank.config.tables.metrics"),
    *("finalrank.decide.ranking.ties", "finalrank.decide.testsets"),
)
STAGES = {f"decide/{name}" for name in ("filter", "select", "rank", "explain")}
DEFAULT_METRICS = ("dice_pos", "iou_pos", "roc_auc_presence", "average_precision_presence")


# The tree


@cache
def sources(root: Path) -> dict[str, ast.Module]:
    """Every module of the package as it is parsed, by its path: `scan/local`, `evidence/build`."""
    package = root / "src" / "finalrank"
    return {
        path.relative_to(package).with_suffix("").as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(package.rglob("*.py"))
    }


def dotted(module: str) -> str:
    """`finalrank.scan.local` of `scan/local`, `finalrank.scan` of `scan/__init__`."""
    return ".".join(["finalrank", *module.split("/")]).removesuffix(".__init__")


def imports(module: str, tree: ast.Module, modules: Collection[str]) -> Iterator[str]:
    """Every module that a module imports, wherever in it: in functions and for types too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # A leading dot is the package that the module is in.
            above = ["finalrank", *module.split("/")][: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield whole if whole in modules else base


@cache
def graph(root: Path) -> dict[str, set[str]]:
    """What each module of the package imports, by dotted names."""
    trees = sources(root)
    modules = {dotted(module) for module in trees}
    return {dotted(m): set(imports(m, tree, modules)) for m, tree in trees.items()}


# Who imports whom


def layers(root: Path) -> list[str]:
    """A package imports only what is in a lower layer."""
    faults = []
    for name, imported in graph(root).items():
        if name == "finalrank":
            continue
        own = name.split(".")[1]
        if own not in LEVEL:
            faults.append(f"{name} is in no layer")
            continue
        for other in sorted(imported):
            package, _, rest = other.partition(".")
            below = rest.split(".")[0]
            if package == "finalrank" and below not in ("", own):
                faults += [f"{name} imports {other}"] if LEVEL.get(below, -1) <= LEVEL[own] else []
    return faults


def circles(root: Path) -> list[str]:
    """No module imports itself by way of others."""
    edges = graph(root)
    faults = []
    for name in edges:
        reached: set[str] = set()
        ahead = set(edges[name])
        while ahead:
            step = ahead.pop()
            reached.add(step)
            ahead |= edges.get(step, set()) - reached
        if name in reached:
            faults.append(f"{name} imports itself by way of others")
    return faults


def confinement(root: Path) -> list[str]:
    """A library of others is imported only where it is confined to."""
    faults = []
    for module, tree in sources(root).items():
        libraries = {name.split(".")[0] for name in imports(module, tree, ())}
        faults += [
            f"{module} imports {library}"
            for library in sorted(libraries - sys.stdlib_module_names - {"finalrank"})
            if not module.startswith(CONFINED.get(library, ()))
        ]
    return faults


def system_calls(root: Path) -> list[str]:
    """The file system is asked in one module that reads and one package that writes."""
    faults = []
    for module, tree in sources(root).items():
        if module.startswith(MAKE_SYSTEM_CALLS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "os":
                names, line = [node.attr], node.lineno
            elif isinstance(node, ast.ImportFrom) and node.module == "os":
                names, line = [alias.name for alias in node.names], node.lineno
            else:
                continue
            faults += [f"{module}:{line} os.{name}" for name in names if name in SYSTEM_CALLS]
    return faults


def markdown_escapes(root: Path) -> list[str]:
    """Names are escaped for Markdown where Markdown is rendered, and nowhere before."""
    return [
        f"{module} {name}"
        for module, tree in sources(root).items()
        if module != "render/markdown"
        for node in ast.walk(tree)
        for name in escapes_named_by(node)
    ]


def escapes_named_by(node: ast.AST) -> list[str]:
    """The functions that escape for Markdown which a node imports, or takes from their module."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("finalrank"):
        return [alias.name for alias in node.names if alias.name in MARKDOWN_ESCAPES]
    if isinstance(node, ast.Attribute) and node.attr in MARKDOWN_ESCAPES:
        return [node.attr] if ast.unparse(node.value).endswith("escape") else []
    return []


def evidence_on_values(root: Path) -> list[str]:
    """A part of the evidence knows values alone; the adapters hand them over."""
    return [
        f"{name} imports {other}"
        for name, imported in graph(root).items()
        if name.startswith("finalrank.evidence")
        if name not in map(dotted, EVIDENCE_ADAPTERS)
        for other in sorted(imported)
        if other.startswith("finalrank.") and not other.startswith(EVIDENCE_VALUES)
    ]


def stages_apart(root: Path) -> list[str]:
    """A stage of the decision imports no other stage."""
    stages = set(map(dotted, STAGES))
    return [
        f"{name} imports {other}"
        for name, imported in graph(root).items()
        if name in stages
        for other in sorted(imported & stages)
    ]


# How large it is


def few_entries(root: Path) -> list[str]:
    """A folder has few entries, unless it is the top or a plug point."""
    package = root / "src" / "finalrank"
    faults = []
    for folder in sorted({path.parent for path in package.rglob("*.py")} - {package}):
        name = folder.relative_to(package).as_posix()
        entries = {path.name for path in folder.iterdir()} - {"__init__.py", "__pycache__"}
        if name not in PLUG_POINTS and len(entries) > MOST_ENTRIES:
            faults.append(f"{name} has {len(entries)} entries")
    return faults


def short_modules(root: Path) -> list[str]:
    """A module is short."""
    package = root / "src" / "finalrank"
    lines = {path: path.read_text("utf-8").count("\n") for path in sorted(package.rglob("*.py"))}
    return [
        f"{path.relative_to(package).as_posix()} has {count} lines"
        for path, count in lines.items()
        if count > MOST_LINES
    ]


def functions(root: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the package, with the module that it is in."""
    for module, tree in sources(root).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module, node


def short_functions(root: Path) -> list[str]:
    """A function is short, its decorators aside."""
    return [
        f"{module}.{node.name} has {lines} lines"
        for module, node in functions(root)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > MOST_OF_A_FUNCTION
    ]


def simple_functions(root: Path) -> list[str]:
    """A function has few ways through it."""
    return [
        f"{module}.{node.name} has complexity {ways}"
        for module, node in functions(root)
        if (ways := complexity(node)) > MOST_COMPLEX
    ]


def complexity(function: ast.AST) -> int:
    """McCabe's (1976) number: one, and one for each condition, loop, handler, `and` and `or`.

    Stricter than ruff's C901, which does not look into expressions.
    """
    ways = 1
    branches = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.comprehension)
    for node in ast.walk(function):
        if isinstance(node, (*branches, ast.ExceptHandler, ast.match_case)):
            ways += 1
        elif isinstance(node, ast.BoolOp):
            ways += len(node.values) - 1
    return ways


def short_tests(root: Path) -> list[str]:
    """A file of tests is short."""
    lines = {path: path.read_text("utf-8").count("\n") for path in (root / "tests").rglob("*.py")}
    return [
        f"{path.relative_to(root).as_posix()} has {count} lines"
        for path, count in sorted(lines.items())
        if count > MOST_OF_A_TEST
    ]


def names_of_tests_differ(root: Path) -> list[str]:
    """No two files of tests have one name: pytest and mypy import them by it."""
    paths = sorted((root / "tests").rglob("*.py"))
    names = [path.name for path in paths]
    return [path.relative_to(root).as_posix() for path in paths if names.count(path.name) > 1]


# What is written in it


def no_format_in_output(root: Path) -> list[str]:
    """The writer knows no format: neither its name, in whatever text, nor its renderer."""
    trees = sources(root)
    writers = {module: tree for module, tree in trees.items() if module.startswith("output/")}
    faults = []
    for module, tree in writers.items():
        faults += [f"{module} has {word}" for word in words_of(tree) if word in FORMAT_NAMES]
        imported = set(imports(module, tree, set(map(dotted, trees))))
        faults += [f"{module} imports {name}" for name in sorted(imported & RENDERERS)]
    return faults


def words_of(tree: ast.Module) -> Iterator[str]:
    """The words of every text in a module that is no docstring."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield from re.findall(r"\w+", node.value) if isinstance(node.value, str) else ()


def no_metric_by_name(root: Path) -> list[str]:
    """No metric is known by name outside the default configuration."""
    paths = [*(root / "src").rglob("*.py"), *(root / "templates").rglob("*.j2")]
    return [
        f"{path.relative_to(root).as_posix()} names {key}"
        for path in sorted(paths)
        if not path.match("config/tables/metrics.py")
        for key in DEFAULT_METRICS
        if f'"{key}"' in path.read_text("utf-8")
    ]


def short_template_lines(root: Path) -> list[str]:
    """A line of a template can be read."""
    return [
        f"{name}:{number} has {len(line)} characters"
        for name, text in templates(root)
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > MOST_OF_A_TEMPLATE_LINE
    ]


def templates_compute_nothing(root: Path) -> list[str]:
    """A template neither calculates, sorts, filters nor takes texts apart."""
    # Our own filters are unknown here, which does not matter to the parser.
    return [
        f"{name}:{node.lineno} {what}"
        for name, text in templates(root)
        for node in Environment().parse(text).find_all(nodes.Node)
        if (what := computation(node))
    ]


def templates(root: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every template."""
    for path in sorted((root / "templates").rglob("*.j2")):
        yield path.relative_to(root / "templates").as_posix(), path.read_text("utf-8")


def computation(node: nodes.Node) -> str:
    """What a part of a template computes, "" where that is nothing."""
    sums = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
    if isinstance(node, sums):
        return str(node.operator)
    if isinstance(node, nodes.Filter) and node.name in COMPUTING_FILTERS:
        return str(node.name)
    if isinstance(node, nodes.Getattr) and node.attr in ("split", "rsplit", "partition"):
        return f"{node.attr}("
    return ""


# Plug points


def readers(choices: Collection[str], table: Collection[str]) -> list[str]:
    """What the setting offers is what the table has."""
    return [
        *(f"{name}: is offered and has no reader" for name in sorted({*choices} - {*table})),
        *(f"{name}: is a reader that is not offered" for name in sorted({*table} - {*choices})),
    ]


def formats(
    names: Collection[str], suffixes: Mapping[str, str], golden: Collection[str], docs: str
) -> list[str]:
    """Every format has a suffix, and that a golden file and a row in the documentation."""
    faults = [f"{suffix}: of no format" for suffix, name in suffixes.items() if name not in names]
    for name in names:
        own = [suffix for suffix, of in suffixes.items() if of == name]
        if not own:
            faults.append(f"{name}: has no suffix")
        elif not any(f"clean_final_results{suffix}" in golden for suffix in own):
            faults.append(f"{name}: has no golden file")
        elif not re.search(rf"^\|.*`{re.escape(own[0])}`", docs, re.MULTILINE):
            faults.append(f"{name}: has no row in the documentation")
    return faults


def commands(modules: Mapping[str, str]) -> list[str]:
    """Every command, given with the module that it is defined in, is in the one of its name."""
    return [
        f"{name}: is in {module}"
        for name, module in modules.items()
        if module != f"finalrank.cli.{name.replace('-', '_')}"
    ]
