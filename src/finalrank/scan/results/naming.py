"""What a result is called: its method, and the fold or seed of it that it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from finalrank.config.tables.factors import Factor
from finalrank.config.tables.rank import MEMBERS
from finalrank.model.factors import (
    DATASET,
    FOLD,
    FOLDS,
    SEED,
    SPLIT,
    STATUS,
    VARIANT,
    Factors,
    Role,
)
from finalrank.text.patterns import Search, searcher

_COLUMNS: tuple[Role, ...] = (VARIANT, "")


def namer(
    factors: Sequence[Factor], members: str
) -> Callable[[str, Mapping[str, str | None], tuple[str, ...]], Factors]:
    """Return the function from the run of a path, its factors' texts and the unknown ones to these.

    `members` is `rank.members`: what it finds at the end of a name, and a factor says, too, is
    taken off the name; what it finds beside a factor of the other role becomes that factor.
    """
    by_role = {factor.role: factor.key for factor in factors if factor.role}
    keys = [by_role.get(role, "") for role in (DATASET, SPLIT, FOLD, SEED, FOLDS, STATUS)]
    search = searcher(members, "rank.members", MEMBERS)
    columns = [factor for factor in factors if factor.role in _COLUMNS]
    variants = [factor.key for factor in factors if factor.role == VARIANT]
    roles = {factor.key: factor.role for factor in factors}
    has_members = FOLD in by_role or SEED in by_role

    def named(run: str, texts: Mapping[str, str | None], missing: tuple[str, ...]) -> Factors:
        dataset, split, fold, seed, folds, status = map(texts.get, keys)
        stays = False
        if has_members:
            run, fold, seed, stays = _taken_off(run, fold, seed, search)
        told = [f"{key}={text}" for key in variants if (text := texts.get(key)) is not None]
        unknown = tuple(role for key in missing if (role := roles[key]) not in _COLUMNS)
        values = tuple((factor.key, texts.get(factor.key)) for factor in columns)
        method, over = " ".join([run, *told]), _folds_in(folds)
        return Factors(
            method, dataset, split, fold, seed, values, unknown, over, 0, status, like_member=stays
        )

    return named


def member_name(factors: Factors) -> str:
    """Return what a result is called on its own: `unet`, `unet fold 0`, `unet seed 1 fold 0`."""
    seed = "" if factors.seed is None else f" seed {factors.seed}"
    fold = "" if factors.fold is None else f" fold {factors.fold}"
    return f"{factors.method}{seed}{fold}"


def _folds_in(text: str | None) -> tuple[str, ...] | None:
    """Return the folds that a text names, such as `0_1_2`; None where it names none."""
    return tuple(dict.fromkeys(re.findall(r"[^\W_]+", text))) or None if text else None


def _taken_off(
    run: str,
    fold: str | None,
    seed: str | None,
    search: Search,
) -> tuple[str, str | None, str | None, bool]:
    """Return the run without the member at the end of its name, its fold and its seed.

    Last comes whether there is such an end that stays, as the factors say something else.
    """
    match = search(run)
    digits = re.search(r"\d+\Z", match.group()) if match else None
    if match is None or digits is None or not match["kind"]:
        return run, fold, seed, False
    number, role = digits.group(), match["kind"].lower()
    rest = (run[: match.start()] + run[match.end() :]).strip("-_. /") or run
    if role == FOLD and fold in (None, number):
        return rest, number, seed, False
    if role == SEED and seed in (None, number):
        return rest, fold, number, False
    return run, fold, seed, True
