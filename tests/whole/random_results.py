"""Random results of runs x datasets x splits x seeds x folds, with gaps, and their ranking anew."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from hypothesis import strategies as st

PATH = (
    r"^(?P<dataset>[^/]+)/(?P<run>[^/]+)/(?P<split>[^/]+)"
    r"(/seed_(?P<seed>\d+))?(/fold_(?P<fold>\d+))?/m\.json$"
)
CONFIG = f"""
[scan]
patterns = ["m.json"]
run = '{PATH}'

[rank]
ties = "min"
%s

[[metrics]]
key = "dice"
primary = true

[[metrics]]
key = "loss"
higher_is_better = false
range = [0, inf]
"""


class Result(NamedTuple):
    """Where one result stands in the tree."""

    dataset: str
    run: str
    split: str
    seed: int | None
    fold: int | None

    @property
    def path(self) -> str:
        seed = "" if self.seed is None else f"/seed_{self.seed}"
        fold = "" if self.fold is None else f"/fold_{self.fold}"
        return f"{self.dataset}/{self.run}/{self.split}{seed}{fold}/m.json"


# A result's metrics; a Dice of 0 is a failure.
Figures = Mapping[Result, Mapping[str, float]]

_DICE = st.sampled_from([0.0, 0.25, 0.375, 0.5, 0.625, 0.75])
_LOSS = st.sampled_from([0.5, 1.0, 2.0, 4.0])
_METRICS = st.fixed_dictionaries({"dice": _DICE}, optional={"loss": _LOSS})


@st.composite
def results(
    draw: st.DrawFn,
    splits: tuple[str, ...] = ("test", "val", "train"),
    datasets: tuple[str, ...] = ("D1", "D2", "D3"),
) -> dict[Result, dict[str, float]]:
    """Draw a few runs on a few datasets; each run has its seeds and folds, with some missing."""
    found: dict[Result, dict[str, float]] = {}
    for run in draw(st.sets(st.sampled_from(["a", "b", "c", "d"]), min_size=1)):
        for dataset in draw(st.sets(st.sampled_from(datasets), min_size=1)):
            for split in draw(st.sets(st.sampled_from(splits), min_size=1)):
                has_seeds, has_folds = draw(st.booleans()), draw(st.booleans())
                some = st.sets(st.integers(0, 2), min_size=1)
                for seed in sorted(draw(some)) if has_seeds else [None]:
                    for fold in sorted(draw(some)) if has_folds else [None]:
                        found[Result(dataset, run, split, seed, fold)] = draw(_METRICS)
    return found


@contextmanager
def made_of(figures: Figures, rank: str = "") -> Iterator[Path]:
    """A folder with the results, and their configuration."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "runs"
        for result, metrics in figures.items():
            file = root / result.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(metrics))
        root.mkdir(exist_ok=True)
        (root / "finalrank.toml").write_text(CONFIG % rank)
        yield root


# The ranking, recomputed


def ranked_split(table: pd.DataFrame) -> str:
    """The split of a dataset's valid results that counts."""
    runs = table.groupby("split")["run"].nunique()
    if "test" in runs:
        return "test"
    order = ["val", "train"]
    return str(max(runs.index, key=lambda split: (runs[split], -order.index(split))))


def figures_of(own: pd.DataFrame, key: str, folds: int, seeds: int) -> tuple[float, bool]:
    """A run's figure in a dataset: the mean over its folds, then over its seeds; is it whole?"""
    valid = own[own["valid"]].dropna(subset=[key])
    of_seeds = valid.groupby("seed", dropna=False)[key].mean()
    counts = valid[valid["fold"].notna()].groupby("seed", dropna=False)["fold"].nunique()
    whole = len(of_seeds) == seeds and bool((counts == folds).all())
    return float(of_seeds.mean()), whole


def recomputed(figures: Figures) -> dict[str, Any]:
    """The mean rank of each run, and its figures and ranks by dataset."""
    rows = [{**result._asdict(), **metrics} for result, metrics in figures.items()]
    table = pd.DataFrame(rows, columns=[*Result._fields, "dice", "loss"])
    table["valid"] = table["dice"] > 1e-6
    within: dict[str, pd.DataFrame] = {}
    for dataset, every in table.groupby("dataset"):
        if not every["valid"].any():
            continue
        own = every[every["split"] == ranked_split(every[every["valid"]])]
        folds = own.groupby(["run", "seed"], dropna=False)["fold"].nunique().max()
        lines = {}
        for run, of_run in own.groupby("run"):
            if of_run["valid"].any():
                seeds = of_run["seed"].nunique(dropna=False)
                lines[str(run)] = {
                    key: figures_of(of_run, key, int(folds), seeds) for key in ("dice", "loss")
                }
        within[str(dataset)] = pd.DataFrame(lines).T
    return {"within": {name: _ranked(lines) for name, lines in within.items()}}


def _ranked(lines: pd.DataFrame) -> pd.DataFrame:
    """Values and ranks: the whole figures first, then those that lack members."""
    told = pd.DataFrame(index=lines.index)
    for key, sign in (("dice", -1), ("loss", 1)):
        value = lines[key].map(lambda figure: figure[0]).astype(float)
        whole = lines[key].map(lambda figure: figure[1]).astype(bool)
        first = (sign * value[whole]).rank(method="min")
        later = (sign * value[~whole]).rank(method="min") + value[whole].notna().sum()
        told[key] = value
        told[f"rank_{key}"] = pd.concat([first, later])
    return told


def mean_ranks(within: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """The mean rank of each run over the datasets that two runs or more have."""
    runs = sorted({run for lines in within.values() for run in lines.index})
    counted = [name for name, lines in within.items() if len(lines) > 1 or len(runs) == 1]
    means = {}
    for run in runs:
        ranks: list[float] = []
        for name in counted:
            lines = within[name]
            for key in ("rank_dice", "rank_loss"):
                if run not in lines.index:
                    ranks.append((lines[key].notna().sum() + 1 + len(runs)) / 2)
                elif not pd.isna(lines.loc[run, key]):
                    ranks.append(float(lines.loc[run, key]))
        if any(run in within[name].index for name in counted):
            means[run] = sum(ranks) / len(ranks)
    return means
