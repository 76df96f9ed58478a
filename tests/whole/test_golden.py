"""Each format of the example report, to the byte. `pytest --update-golden` rewrites the files."""

from __future__ import annotations

import pytest

from conftest import EXAMPLES, GOLDEN, PUBLISHED, Finalrank
from finalrank.render.formats import FORMATS

REPORT = ["report", EXAMPLES, "--generated-at", PUBLISHED]
# Three runs on two datasets, in three folds each.
DATASETS = EXAMPLES.parent / "datasets"


@pytest.mark.parametrize(
    ("file", "args"),
    [
        # That in Markdown is the published report: rewrite it only when a new one is published.
        *(
            (f"clean_final_results{row.suffixes[0]}", [*REPORT, "-f", row.name])
            for row in FORMATS.values()
        ),
        ("evidence.md", [*REPORT, "--evidence"]),
        ("datasets.md", ["report", DATASETS, "--generated-at", PUBLISHED]),
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
