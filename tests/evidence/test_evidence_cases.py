"""The evidence of single cases, whatever their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from case_evidence import BOTH, Values, evidence, numbered, of_overlap, place, row
from finalrank.evidence.cases import bootstrap

# Whatever the values

CASES = 5
HUNDREDTHS = st.integers(0, 100).map(lambda number: number / 100)
COLUMN = st.lists(HUNDREDTHS, min_size=CASES, max_size=CASES)
RUNS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(COLUMN, COLUMN), min_size=1, max_size=5
)


def two(runs: Mapping[str, tuple[list[float], list[float]]]) -> dict[str, dict[str, Values]]:
    return {
        run: {"overlap": numbered(one), "distance": numbered(other)}
        for run, (one, other) in runs.items()
    }


@settings(max_examples=30, deadline=None)
@given(RUNS, st.randoms(use_true_random=False))
def test_no_order_changes_anything(runs: Any, random: Any) -> None:
    baseline = random.choice(sorted(runs))
    found = evidence(two(runs), BOTH, baseline, resamples=200)

    def shuffled(mapping: Mapping[str, Any]) -> dict[str, Any]:
        return dict(random.sample(sorted(mapping.items()), len(mapping)))

    again = {
        run: {key: shuffled(values) for key, values in shuffled(metrics).items()}
        for run, metrics in shuffled(two(runs)).items()
    }
    assert evidence(again, BOTH, baseline, resamples=200) == found
    turned = evidence(again, BOTH[::-1], baseline, resamples=200)
    assert (turned.places, turned.alignment) == (found.places, found.alignment)
    assert sorted(map(repr, turned.metrics)) == sorted(map(repr, found.metrics))


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_probabilities_add_up(runs: Any) -> None:
    found = evidence(two(runs), top=2, resamples=200)
    assert sum(line.first for line in found.places) == pytest.approx(1)
    assert all(line.first <= line.podium <= 1 for line in found.places)
    assert all(1 <= line.low <= line.high <= len(runs) for line in found.places)
    assert all(line.low <= line.high for line in found.metrics)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_a_copy_of_the_baseline_is_no_different(runs: Any) -> None:
    baseline = min(runs)
    found = evidence(two({**runs, "zz": runs[baseline]}), BOTH, baseline, resamples=200)
    for key in ("overlap", "distance"):
        line = row(found, "zz", key)
        assert [line.difference, line.difference_low, line.difference_high] == [0, 0, 0]
        assert (line.p, line.p_holm) == (1, 1)
        assert line.mean == row(found, baseline, key).mean
    one, other = place(found, baseline), place(found, "zz")
    assert (one.first, one.podium, one.low) == (other.first, other.podium, other.low)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_who_is_better_on_every_case_is_first(runs: Any) -> None:
    best = [0.01 + max(column) for column in zip(*(one for one, _ in runs.values()), strict=True)]
    least = [min(column) - 0.01 for column in zip(*(two for _, two in runs.values()), strict=True)]
    assume(max(best) <= 1)
    found = evidence(two({**runs, "zz": (best, least)}), resamples=200)
    ours = place(found, "zz")
    assert (ours.first, ours.podium, ours.low, ours.high) == (1, 1, 1, 1)


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_another_run_leaves_the_figures_of_the_others(runs: Any) -> None:
    more = evidence(two({**runs, "zz": ([0.5] * CASES, [0.5] * CASES)}), resamples=200)
    for line in evidence(two(runs), resamples=200).metrics:
        assert row(more, line.run, line.metric).mean == pytest.approx(line.mean, abs=1e-12)
        assert row(more, line.run, line.metric).low == pytest.approx(line.low, abs=1e-12)


def test_the_seed_decides_alone() -> None:
    runs = of_overlap(a=[0.1, 0.5, 0.2, 0.9], b=[0.3, 0.4, 0.6, 0.2])
    assert evidence(runs, seed=7) == evidence(runs, seed=7)
    assert evidence(runs, seed=7) != evidence(runs, seed=8)


@pytest.mark.parametrize("cases", [2, 511, 512, 513, 9000])
@pytest.mark.parametrize("runs", [1, 31, 33])
def test_the_sums_are_exact_in_tiles_of_any_size(runs: int, cases: int) -> None:
    whole = np.random.default_rng(0).integers(0, 1000, (runs, cases)).astype(float)
    with_ones = np.vstack([whole, np.ones(cases)])
    sums = bootstrap.resampled_sums(with_ones, 300, 5)
    assert (sums[-1] == cases).all()
    assert (sums == np.rint(sums)).all()
    together = bootstrap.resampled_sums(with_ones.sum(axis=0, keepdims=True), 300, 5)
    assert (together == sums.sum(axis=0)).all()
    # Few resamples are the first of many.
    assert (bootstrap.resampled_sums(with_ones, 7, 5) == sums[:, :7]).all()
    # The mean of a resample is as far from the mean as the standard error says.
    error = (sums[0] - whole[0].sum()) / (whole[0].std() * cases**0.5)
    assert abs(error.mean()) < 0.25
    assert error.std() == pytest.approx(1, abs=0.2)


def test_it_matters_not_how_many_metrics_are_resampled_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(1)
    grids = [bootstrap.grid(generator.random((runs, 20))) for runs in (3, 1, 2)]
    together = list(bootstrap.resample_each(grids, 100, 0))
    assert [one.sums.shape for one in together] == [(3, 100), (1, 100), (2, 100)]
    for at_once in (1, 650):
        monkeypatch.setattr(bootstrap, "_AT_ONCE", at_once)
        alone = bootstrap.resample_each(grids, 100, 0)
        for one, other in zip(together, alone, strict=True):
            assert (one.sums == other.sums).all()
            assert (one.counts == 20).all()
    assert list(bootstrap.resample_each([], 100, 0)) == []
