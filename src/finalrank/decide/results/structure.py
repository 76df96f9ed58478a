"""What counts of results with factors: those of a known dataset, of the split that is ranked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from finalrank.config.settings import Settings
from finalrank.model.artifact import Artifact, LeftOut, Problem, Verdict
from finalrank.model.factors import DATASET, FOLD, SEED, SPLIT, Factors
from finalrank.model.reasons import (
    NO_DATASET,
    NO_FOLD,
    NO_SEED,
    NO_SPLIT,
    OTHER_SPLIT,
    PART_OF_FOLDS,
)

Candidate = Artifact | LeftOut | Problem

TEST, VALIDATION, TRAIN = "test", "validation", "train"
# The words by which a split is known, in lower case and without digits behind them.
_WORDS = {
    **dict.fromkeys(("test", "predict", "holdout"), TEST),
    **dict.fromkeys(("val", "valid", "validation", "eval", "dev"), VALIDATION),
    "train": TRAIN,
}
# Of splits that equally many runs have, the first is ranked.
_ORDER = (TEST, VALIDATION, TRAIN)
_UNKNOWN = ((DATASET, NO_DATASET), (SPLIT, NO_SPLIT), (FOLD, NO_FOLD), (SEED, NO_SEED))


@lru_cache
def split_of(text: str | None) -> str | None:
    """Return the split that a text names; None where it names none, or two."""
    words = re.findall("[a-z]+", (text or "").lower())
    known = {_WORDS[word] for word in words if word in _WORDS}
    return known.pop() if len(known) == 1 else None


def structured(candidates: Iterable[Candidate], settings: Settings) -> list[Candidate]:
    """Return the judged candidates, with verdicts on those that the ranking cannot be over.

    Left out is what has no dataset where others have one, whose file of factors is broken, what is
    of another split than the one that is ranked, and a cross-validation over a part of the folds.
    """
    judged = list(candidates)
    has_dataset = any(
        factors.dataset is not None for candidate in judged if (factors := factors_of(candidate))
    )
    judged = [_known(candidate, has_dataset=has_dataset) for candidate in judged]
    judged = _of_the_split(judged, settings.rank.split)
    return _with_cross_validations(judged)


def factors_of(candidate: Candidate) -> Factors | None:
    """Return the factors of a candidate; None for a problem of a folder."""
    if isinstance(candidate, LeftOut):
        return candidate.artifact.factors
    return candidate.factors if isinstance(candidate, Artifact) else None


def _known(candidate: Candidate, *, has_dataset: bool) -> Candidate:
    if not isinstance(candidate, Artifact) or not candidate.factors:
        return candidate
    for role, reason in _UNKNOWN:
        if role in candidate.factors.unknown:
            return LeftOut(candidate, Verdict(reason, f"the file that gives its {role} is missing"))
    if has_dataset and candidate.factors.dataset is None:
        return LeftOut(candidate, Verdict(NO_DATASET, "nothing says of which dataset it is"))
    return candidate


def _of_the_split(judged: Sequence[Candidate], wanted: str) -> list[Candidate]:
    """Leave out the results of other splits than the one that is ranked, dataset by dataset."""
    runs: dict[str | None, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for candidate in judged:
        if isinstance(candidate, Artifact) and candidate.factors:
            split = _named_split(candidate.factors, wanted)
            if split is not None:
                runs[candidate.factors.dataset][split].add(candidate.method)
    ranked = {dataset: _ranked_split(by_split, wanted) for dataset, by_split in runs.items()}
    return [_checked_split(candidate, ranked, wanted) for candidate in judged]


def _named_split(factors: Factors, wanted: str) -> str | None:
    """Return the split of a result: as a setting spells it, or as a known word names it."""
    return wanted if wanted and factors.split == wanted else split_of(factors.split)


def _ranked_split(by_split: dict[str, set[str]], wanted: str) -> str:
    if wanted:
        return wanted if wanted in by_split else split_of(wanted) or wanted
    if TEST in by_split:
        return TEST
    return max(by_split, key=lambda split: (len(by_split[split]), -_ORDER.index(split)))


def _checked_split(candidate: Candidate, ranked: dict[str | None, str], wanted: str) -> Candidate:
    factors = factors_of(candidate)
    if factors is None or isinstance(candidate, Problem):
        return candidate
    split, own = ranked.get(factors.dataset), _named_split(factors, wanted)
    if split is None or own == split:
        return candidate
    if isinstance(candidate, LeftOut):
        aside = candidate.artifact._replace(factors=factors._replace(aside=True))
        return candidate._replace(artifact=aside)
    told = f"{own} figures" if own else "figures of an unknown split"
    return LeftOut(
        candidate, Verdict(OTHER_SPLIT, f"{told}: those of the {split} split are ranked")
    )


def _with_cross_validations(judged: list[Candidate]) -> list[Candidate]:
    """Put the cross-validations of each run in order, and leave out those over a part of its folds.

    The one over most folds, then over most cases, goes before others are asked for.
    """
    folds: dict[tuple[str | None, str, str | None], set[str]] = defaultdict(set)
    for candidate in judged:
        if (factors := factors_of(candidate)) and factors.fold is not None:
            folds[_run_of(factors)].add(factors.fold)
    placed: dict[int, Candidate] = {}
    sizes: dict[tuple[str | None, str, str | None], list[tuple[int, int]]] = defaultdict(list)
    wholes = [c for c in judged if isinstance(c, Artifact) and _is_whole(c, folds)]
    for artifact in sorted(wholes, key=_size, reverse=True):
        assert artifact.factors is not None  # noqa: S101 - a whole has factors
        run, over = _run_of(artifact.factors), artifact.factors.over
        if over is not None and len(over) < len(folds[run]):
            told = f"a cross-validation over {len(over)} of its {len(folds[run])} folds"
            placed[id(artifact)] = LeftOut(artifact, Verdict(PART_OF_FOLDS, told))
            continue
        if _size(artifact) not in sizes[run]:
            sizes[run].append(_size(artifact))
        factors = artifact.factors._replace(place=len(sizes[run]) - 1)
        placed[id(artifact)] = artifact._replace(factors=factors)
    return [placed.get(id(candidate), candidate) for candidate in judged]


def _run_of(factors: Factors) -> tuple[str | None, str, str | None]:
    return factors.dataset, factors.method, factors.seed


def _is_whole(
    artifact: Artifact, folds: dict[tuple[str | None, str, str | None], set[str]]
) -> bool:
    """Return whether it is a result without a fold beside folds."""
    factors = artifact.factors
    return factors is not None and factors.fold is None and bool(folds.get(_run_of(factors)))


def _size(artifact: Artifact) -> tuple[int, int]:
    """Return over how many folds and cases a cross-validation says that it is."""
    over = artifact.factors.over if artifact.factors else None
    cases = artifact.test_set.cases if artifact.test_set else None
    return len(over or ()), cases or 0
