"""Under which circumstances figures were got: factors, and the roles that some of them have."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

DATASET: Final = "dataset"
SPLIT: Final = "split"
FOLD: Final = "fold"
SEED: Final = "seed"
FOLDS: Final = "folds"
RUN: Final = "run"
STATUS: Final = "status"
VARIANT: Final = "variant"
# What a factor says of a result; the empty role only annotates.
Role = Literal["dataset", "split", "fold", "seed", "folds", "status", "run", "variant", ""]
# A named group of `scan.run` that is called so has this role; any other is a variant.
ROLES_OF_GROUPS: tuple[Role, ...] = ("dataset", "split", "fold", "seed", "folds", "status")
# Of these roles a result has one factor.
SINGLE_ROLES: tuple[Role, ...] = (*ROLES_OF_GROUPS, "run")


class Factors(NamedTuple):
    """The factors of one result, as texts; None where it has none of a role.

    Its run is `method`, or a member of that: one of its folds or seeds.
    """

    method: str
    dataset: str | None = None
    split: str | None = None
    fold: str | None = None
    seed: str | None = None
    # Every factor that is a column, by its key, in the configuration's order.
    values: tuple[tuple[str, str | None], ...] = ()
    # Roles whose file is missing or broken: the result has a value of them that nobody knows.
    unknown: tuple[Role, ...] = ()
    over: tuple[str, ...] | None = None  # the folds that a cross-validation is over, where known
    # Of several cross-validations of a run: 0 for the one over most folds, then most cases.
    place: int = 0
    status: str | None = None  # what became of the run, such as `failed`
    # The run of its path, where a file names the run.
    folder: str | None = None
    aside: bool = False  # whether it is of another split than the one that is ranked
    # Whether its method still ends as the name of a member does, of which the factors know nothing.
    like_member: bool = False

    def text(self, key: str, role: Role) -> str | None:
        """Return the text of the factor with this key and role; None where it has none."""
        of_role = {
            DATASET: self.dataset,
            SPLIT: self.split,
            FOLD: self.fold,
            SEED: self.seed,
            FOLDS: None if self.over is None else ", ".join(self.over),
            STATUS: self.status,
            RUN: self.folder,
        }
        return of_role[role] if role in of_role else dict(self.values).get(key)

    @property
    def is_member(self) -> bool:
        """Whether it is one of several folds or seeds of its method."""
        return self.fold is not None or self.seed is not None
