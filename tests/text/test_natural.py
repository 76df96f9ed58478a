"""The order of names in which numbers count as numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finalrank.text.natural import natural_key

NAMES = st.text("a-_.019é٣²", max_size=8)


def test_numbers_order_as_numbers() -> None:
    names = ["epoch", "epoch1", "epoch01", "epoch9", "epoch10", "epoch100", "epochs"]
    assert sorted({*names}, key=natural_key) == [
        "epoch",
        "epoch01",
        "epoch1",
        *names[3:],
    ]


@given(NAMES, NAMES)
def test_the_order_is_total(one: str, other: str) -> None:
    assert (natural_key(one) == natural_key(other)) == (one == other)


@given(st.integers(0), st.integers(0))
def test_two_numbers_order_as_they_do(one: int, other: int) -> None:
    keys = natural_key(f"a{one}b"), natural_key(f"a{other}b")
    assert (keys[0] < keys[1], keys[0] == keys[1]) == (one < other, one == other)
