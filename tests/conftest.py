"""What the tests share: small trees, and the command line run in this process."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from jinja2 import Environment

from finalrank.cli.main import main

# A shell has what it starts in the background ignore Ctrl-C, and so would all that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "runs"
GOLDEN = ROOT / "tests" / "golden"
# The time of the published report.
PUBLISHED = "2026-02-15T08:14:41"
# Seconds after which what hangs has hung: more than any machine needs, however busy it is.
PATIENCE = 300
# How fast examples are made and run says something of the machine, and nothing of the code.
settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("any machine")
# The keys of the JSON summary, in the order of docs/contract.md, section 8.
SUMMARY_KEYS = [
    "schema_version",
    "title",
    "generated_at",
    "root",
    "counts",
    "metrics",
    "runs",
    "baseline",
    "recommendation",
    "notable_exclusions",
    "excluded",
    "problems",
    "evidence",
]


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    status: int
    bytes: bytes
    err: str

    @property
    def out(self) -> str:
        return self.bytes.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.bytes)

    @property
    def problems(self) -> list[str]:
        """The lines on standard error without the last, which accounts for every candidate."""
        return self.err.splitlines()[:-1]

    @property
    def account(self) -> str:
        return self.err.splitlines()[-1]


Finalrank = Callable[..., Done]
Tree = Callable[[Mapping[str, Any]], Path]


@pytest.fixture
def finalrank(capfdbinary: pytest.CaptureFixture[bytes]) -> Finalrank:
    """Runs `finalrank ARGS` in this process."""

    def run(*args: object) -> Done:
        capfdbinary.readouterr()
        status = main([str(arg) for arg in args])
        out, err = capfdbinary.readouterr()
        return Done(status, out, err.decode())

    return run


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Makes a runs folder: from source to metrics (as JSON), text or bytes."""

    def make(files: Mapping[str, Any]) -> Path:
        root = tmp_path / "runs"
        root.mkdir(exist_ok=True)
        for source, content in files.items():
            path = root / source
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.write_text(content if isinstance(content, str) else json.dumps(content))
        return root

    return make


@pytest.fixture(autouse=True)
def _nobody_elses_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests start in an empty folder, without a configuration above it or a time from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    """A command renders one page and ends; here, compiling it anew took most of the time."""
    really = Environment.compile
    compiled: dict[tuple[object, ...], Any] = {}

    def once(self: Environment, source: str, *args: Any, **options: Any) -> Any:
        # All that the code is made of: the text, its names, and the kind of environment.
        kind = (type(self), self.code_generator_class, tuple(self.filters))
        key = (*kind, source, args, tuple(options.items()))
        if key not in compiled:
            compiled[key] = really(self, source, *args, **options)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", once)
        yield


@pytest.fixture(autouse=True)
def _few_processes_are_measured(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Have coverage stay out of a test's processes, unless the test is marked as measured."""
    if not request.node.get_closest_marker("measured"):
        for name in os.environ:
            if name.startswith("COVERAGE_PROCESS"):
                monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, and measure what examples reach, not what random trees do.

    To be measured takes a test twice the time, and random trees a hundred examples each.
    """
    for item in items:
        if item.get_closest_marker("slow") or item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/")
