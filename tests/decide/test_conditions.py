"""Filter rules that look inside a file: `when`."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Done, Finalrank, Tree

CONFIG = """
[scan]
patterns = ["m.json"]
{scan}
{rules}
[[metrics]]
key = "dice"
primary = true
"""
UNVERIFIED = '[filter.rules.unverified]\nwhen = "!verified"\n'
FEW = '[filter.rules.few]\nwhen = "n_cases < `10`"\n'
FILES = {
    "good/m.json": {"dice": 0.5, "verified": True, "n_cases": 40},
    "few/m.json": {"dice": 0.9, "verified": True, "n_cases": 4},
    "new/m.json": {"dice": 0.8, "n_cases": 40},
    "both/m.json": {"dice": 0.7, "verified": False, "n_cases": 4},
}


@pytest.fixture
def run(finalrank: Finalrank, tree: Tree) -> Any:
    def run(rules: str, *args: str, scan: str = "", files: Any = FILES) -> Done:
        root = tree({**files, "finalrank.toml": CONFIG.format(scan=scan, rules=rules)})
        return finalrank(*(args or ("report", "-f", "json")), root)

    return run


def reasons(done: Done) -> dict[str, str]:
    return {row["run"]: row["reason"] for row in done.json["excluded"]}


@pytest.mark.parametrize(
    ("rules", "of_both"), [(UNVERIFIED + FEW, "unverified"), (FEW + UNVERIFIED, "few")]
)
def test_the_first_rule_that_is_true_gives_the_reason(rules: str, of_both: str, run: Any) -> None:
    done = run(rules)
    assert reasons(done) == {"few": "few", "new": "unverified", "both": of_both}
    assert [row["run"] for row in done.json["runs"]] == ["good"]
    assert done.account == (
        f"4 artifacts: 1 ranked, 0 siblings, 3 left out ({of_both} 2, "
        f"{'few' if of_both == 'unverified' else 'unverified'} 1)"
    )


def test_rules_apply_in_their_order_whatever_they_look_at(run: Any) -> None:
    by_name = '[filter.rules.old]\ntokens = ["both"]\n'
    assert reasons(run(UNVERIFIED + by_name))["both"] == "unverified"
    assert reasons(run(by_name + UNVERIFIED))["both"] == "old"


def test_explain_and_the_page_tell_it(run: Any) -> None:
    told = '[filter.rules.few]\nwhen = "n_cases < `10`"\nbecause = "tested on too few cases"\n'
    rows = {row["run"]: row for row in run(told, "explain", "-f", "json").json}
    assert (rows["few"]["reason"], rows["few"]["detail"]) == ("few", "tested on too few cases")
    plain = {row["run"]: row for row in run(FEW, "explain", "-f", "json").json}
    assert plain["few"]["detail"] == "n_cases < `10` (filter.rules.few.when)"
    assert "few" in run(told, "report").out


def test_results_within_a_file_are_asked_one_by_one(run: Any) -> None:
    files = {"m.json": [{"name": key.split("/")[0], **row} for key, row in FILES.items()]}
    done = run(UNVERIFIED, scan='results = ["@"]\nname = "name"', files=files)
    assert reasons(done) == {"new": "unverified", "both": "unverified"}


def test_one_that_cannot_work_in_a_file_drops_nothing_and_is_told(run: Any) -> None:
    done = run('[filter.rules.few]\nwhen = "length(n_cases) > `3`"\n')
    assert done.json["excluded"] == []
    assert any("filter.rules.few: leaves nothing out" in line for line in done.err.splitlines())


def test_a_file_that_cannot_be_read_is_unreadable(run: Any) -> None:
    done = run(UNVERIFIED, files={**FILES, "bad/m.json": "{"})
    assert reasons(done)["bad"] == "unreadable"
