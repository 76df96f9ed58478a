"""docs/contract.md, section 7: numbers on the page have one form."""

from __future__ import annotations

import pytest

from conftest import EXAMPLES, PUBLISHED, Finalrank, Tree
from page_parts import rows_of


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.38374586, "0.3837"),
        (1, "1.0000"),
        (0.99999, "1.0000"),
        (0, "0.0000"),
        (-1e-10, "0.0000"),
        (1e-5, "0.0000"),
        (0.00005, "0.0001"),
        (None, "-"),
    ],
)
def test_the_form_of_a_number(
    value: float | None, shown: str, finalrank: Finalrank, tree: Tree
) -> None:
    files = {"a/test_metrics.json": {"dice_pos": 0.5, "iou_pos": value, "roc_auc_presence": value}}
    page = finalrank("report", tree(files)).out
    assert "-0.0000" not in page
    assert rows_of(page, "1)")[0][3:5] == [shown, shown]
    assert f"`roc_auc_presence={shown}`" in page


@pytest.mark.parametrize(
    ("value", "baseline", "shown"),
    [
        (0.5, 0.25, "+0.2500 (+100.00%)"),
        (0.25, 0.5, "-0.2500 (-50.00%)"),
        (0.5, 0.5, "+0.0000 (+0.00%)"),
        # What is equal but for rounding is no difference, and has the sign of none.
        (0.5, 0.5 + 1e-10, "+0.0000 (+0.00%)"),
        (0.3, 0.1 + 0.2, "+0.0000 (+0.00%)"),
        # What is more, is one, however small.
        (0.5, 0.50000001, "-1.0e-08 (-2.0e-06%)"),
        (0.50004, 0.5, "+4.0e-05 (+0.01%)"),
        (1e-5, 0.0, "+1.0e-05 (-)"),
        (0.5, 0.0, "+0.5000 (-)"),
        (0.0, 0.0, "+0.0000 (-)"),
        (0.5, 5e-324, "+0.5000 (-)"),
        (None, 0.5, "- (-)"),
        (0.5, None, "- (-)"),
        (None, None, "- (-)"),
    ],
)
def test_the_form_of_a_delta(
    value: float | None, baseline: float | None, shown: str, finalrank: Finalrank, tree: Tree
) -> None:
    files = {
        "a/test_metrics.json": {"dice_pos": 0.9, "roc_auc_presence": value},
        "nnunet/test_metrics.json": {"dice_pos": 0.1, "roc_auc_presence": baseline},
    }
    done = finalrank("report", tree(files), "--generated-at", PUBLISHED)
    table = done.out.split("comparison reference")[1].split("\n\n")[1].splitlines()[2:]
    row = next(line for line in table if line.startswith("| `a` |"))
    assert row.split("|")[5].strip() == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((5e-9, 3e-9, 0.5), ["5.0e-09", "3.0e-09", "0.5000"]),
        ((5e-9, 0.0), ["5.0e-09", "0.0000"]),
        ((-5e-9, 5e-9), ["-5.0e-09", "5.0e-09"]),
        # As many digits as part them.
        ((5.0001e-9, 5.0002e-9, 4e-5), ["5.0001e-09", "5.0002e-09", "4.0000e-05"]),
        # One alone may print as 0, and so may equal ones.
        ((5e-9, 0.5), ["0.0000", "0.5000"]),
        ((5e-9, 5e-9), ["0.0000", "0.0000"]),
        ((5e-9, 5e-9 * (1 + 1e-12)), ["0.0000", "0.0000"]),
    ],
)
def test_different_values_do_not_both_print_as_zero(
    values: tuple[float, ...], shown: list[str], finalrank: Finalrank, tree: Tree
) -> None:
    config = """
        [scan]
        patterns = ["m.json"]
        [[metrics]]
        key = "f"
        primary = true
        [[metrics]]
        key = "loss"
        range = [-1, 1]
        [[metrics]]
        key = "shown"
        ranked = false
        range = [-1, 1]
    """
    files: dict[str, object] = {
        f"{n}/m.json": {"f": 0.9 - n / 10, "loss": v, "shown": v} for n, v in enumerate(values)
    }
    done = finalrank("report", tree({**files, "finalrank.toml": config}))
    rows = {row[1]: row for row in rows_of(done.out, "3) Combined")}
    assert [rows[f"`{n}`"][5] for n in range(len(values))] == shown
    assert f"`f=0.9000`, `loss={shown[0]}`" in done.out


def test_a_negative_baseline_divides_by_its_size(finalrank: Finalrank, tree: Tree) -> None:
    config = (
        "[baseline]\nmatch = 'nnunet'\n[[metrics]]\nkey = 'll'\nprimary = true\nrange = [-10, 10]"
    )
    files = {
        "a/test_metrics.json": {"ll": 1.0},
        "nnunet/test_metrics.json": {"ll": 2.0},
        "finalrank.toml": config + "\n[filter]\nzero = 0.5",
    }
    assert "-1.0000 (-50.00%)" in finalrank("report", tree(files)).out
    lower = config + "\nhigher_is_better = false"
    files |= {"finalrank.toml": lower, "nnunet/test_metrics.json": {"ll": -2.0}}
    assert "+3.0000 (+150.00%)" in finalrank("report", tree(files)).out


def test_mean_rank_has_two_decimals(finalrank: Finalrank) -> None:
    page = finalrank("report", EXAMPLES).out
    assert [row[2] for row in rows_of(page, "4)")][:3] == ["1.33", "1.67", "4.33"]
