"""Each format of the example report, to the byte. `pytest --update-golden` rewrites the files."""

from __future__ import annotations

import pytest

from conftest import EXAMPLES, GOLDEN, PUBLISHED, Finalrank

REPORT = ["report", EXAMPLES, "--generated-at", PUBLISHED]


@pytest.mark.parametrize(
    ("file", "args"),
    [
        # The published report: rewrite it only when a new one is published.
        ("clean_final_results.md", REPORT),
        ("clean_final_results.json", [*REPORT, "-f", "json"]),
        ("evidence.md", [*REPORT, "--evidence"]),
        ("clean_final_results.csv", [*REPORT, "-f", "csv"]),
        ("explain.txt", ["explain", EXAMPLES]),
        ("explain.json", ["explain", EXAMPLES, "-f", "json"]),
        ("explain.csv", ["explain", EXAMPLES, "-f", "csv"]),
        ("schema.json", ["schema"]),
    ],
)
def test_golden(
    file: str, args: list[str], finalrank: Finalrank, request: pytest.FixtureRequest
) -> None:
    done = finalrank(*args)
    assert done.status == 0
    path = GOLDEN / file
    if request.config.getoption("--update-golden"):
        path.write_bytes(done.bytes)
    assert done.bytes == path.read_bytes()
