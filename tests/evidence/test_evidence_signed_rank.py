"""The tests of runs against the baseline, and their adjustment."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from case_evidence import DISTANCE, evidence, numbered, of_overlap, row
from finalrank.evidence.cases.signed_rank import holm

# Tests against the baseline

# Heights of cross- and self-fertilised plants, their differences in eighths of an inch (Darwin
# 1876); the exact p is in the manual of scipy, and in Fisher 1935.
DARWIN = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]


def p_of(differences: Sequence[float]) -> float:
    base = {"distance": numbered([7.0] * len(differences))}
    run = {"distance": numbered([7.0 + d for d in differences])}
    found = evidence({"base": base, "run": run}, [DISTANCE], "base", resamples=100)
    p = row(found, "run", "distance").p
    assert p is not None
    return p


def test_the_signed_rank_test_is_the_published_one() -> None:
    assert p_of(DARWIN) == pytest.approx(0.041259765625)
    assert p_of([*DARWIN, 0, 0, 0]) == p_of(DARWIN)
    assert p_of([d / 8 for d in DARWIN]) == p_of(DARWIN)
    assert p_of(DARWIN[::-1]) == p_of(DARWIN)


@pytest.mark.parametrize(
    ("differences", "p"),
    [([0, 0], 1.0), ([1, 0], 1.0), ([1, -2], 1.0), ([1, 2], 0.5), ([1, 2, 3], 0.25)],
)
def test_few_cases_say_little(differences: list[float], p: float) -> None:
    assert p_of(differences) == pytest.approx(p)


def test_differences_that_are_equal_on_paper_are_tied() -> None:
    runs = of_overlap(run=[0.3, 0.8, 0.1, 0.5], base=[0.1, 0.6, 0.3, 0.3])
    found = evidence(runs, baseline="base", resamples=100)
    # Of 16 combinations of signs 10 have three of one sign, or four.
    assert row(found, "run").p == 10 / 16


@pytest.mark.parametrize("zeros", [0, 7, 500])
def test_ties_of_few_cases_are_counted(zeros: int) -> None:
    # Five differences, all of one sign: no p is less. The normal distribution says 0.025.
    assert p_of([1] * 5 + [0] * zeros) == 2 / 2**5
    assert p_of([1] * 13 + [0] * zeros) == 2 / 2**13
    assert p_of([1] * 50 + [0] * zeros) == 2 / 2**50


def p_of_random_signs(differences: Any, generator: np.random.Generator) -> float:
    """What scipy's PermutationMethod does, all at once: it takes 17 seconds for a tenth as many."""
    ranks = scipy.stats.rankdata(np.abs(differences))
    signs = generator.integers(0, 2, (200_000, len(ranks)))
    off_center = np.abs(signs @ ranks - ranks.sum() / 2)
    seen = abs(ranks[differences > 0].sum() - ranks.sum() / 2)
    return float(np.mean(off_center >= seen))


@pytest.mark.parametrize("cases", [7, 40, 120, 300])
def test_the_signed_rank_test_is_that_of_scipy(cases: int) -> None:
    generator = np.random.default_rng(cases)
    base = generator.integers(0, 30, cases) / 30
    # Differences of thirtieths are tied, and some are zero.
    runs = {f"r{n}": np.clip(base + generator.integers(-2, 4, cases) / 30, 0, 1) for n in range(3)}
    runs["distinct"] = generator.random(cases)
    figures = {run: values.tolist() for run, values in {**runs, "base": base}.items()}
    found = evidence(of_overlap(**figures), baseline="base", resamples=100)
    for run, values in runs.items():
        differences = np.round(values - base, 7)
        # As scipy chooses, but for the correction for continuity and up to how many it counts.
        method: Any = "approx" if cases > 50 else "auto"
        tested = scipy.stats.wilcoxon(differences[differences != 0], method=method)
        p, off = float(tested.pvalue), 1e-9
        if cases == 40 and run != "distinct":
            p, off = p_of_random_signs(differences[differences != 0], generator), 0.005
        assert row(found, run).p == pytest.approx(p, rel=1e-6, abs=off)


def test_holm_is_the_textbooks() -> None:
    # As R has it: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9, 0.5]) == [1, 1, 1]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_an_adjusted_p_is_in_order(p: list[float]) -> None:
    pairs = sorted(zip(p, holm(p), strict=True))
    assert all(before[1] <= after[1] for before, after in itertools.pairwise(pairs))
    assert all(raw <= adjusted <= min(1, len(p) * raw) for raw, adjusted in pairs)


def test_all_comparisons_are_adjusted_together() -> None:
    runs = {
        "base": {"overlap": numbered([0.0] * 15), "distance": numbered([0.0] * 15)},
        "a": {"overlap": numbered([d / 100 for d in DARWIN]), "distance": numbered(DARWIN)},
        "b": {"overlap": numbered([0.5] * 15), "distance": numbered([0.0] * 15)},
    }
    found = evidence(runs, baseline="base", resamples=100)
    raw = [line.p for line in found.metrics if line.p is not None]
    assert len(raw) == 4
    assert row(found, "a").p_holm == row(found, "a", "distance").p_holm
    # The second and the third of four: three times the p, as they are equal.
    assert row(found, "a").p_holm == pytest.approx(3 * 0.041259765625)
    assert row(found, "b").p_holm == pytest.approx(4 * min(raw))
    assert row(found, "b", "distance").p_holm == 1
