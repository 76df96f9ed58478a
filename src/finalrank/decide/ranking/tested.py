"""What the ranked rows were tested on, and the test set that they are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finalrank.config.settings import Settings
from finalrank.decide.members.rows import ranked_groups, rows_of
from finalrank.decide.testsets import pooled, reference
from finalrank.model.artifact import Artifact, CaseCounts
from finalrank.model.factors import FOLD
from finalrank.model.ranking import Tested
from finalrank.model.survey import Row, Survey


def tested_of(rows: Sequence[Row], kept: Sequence[Artifact]) -> dict[str, Tested]:
    """Return what each row was tested on, by its run.

    Folds that factors name are tested together: what they make is one test set. The members of
    other groups have one each.
    """
    test_set_of = {artifact.run: artifact.test_set for artifact in kept}
    return {row.run: _tested(row, test_set_of) for row in rows}


def reference_of(survey: Survey, settings: Settings) -> CaseCounts | None:
    """Return the test set with which most of what is ranked agrees."""
    rows = rows_of(survey, settings, ranked_groups(survey, settings))
    tested = tested_of(rows, survey.kept)
    return reference(test_set for row in tested.values() for _, test_set in row)


def _tested(row: Row, test_set_of: Mapping[str, CaseCounts | None]) -> Tested:
    group = row.group
    if group is None:
        return ((row.run, test_set_of[row.run]),)
    if not group.by_factor:
        return tuple((run, test_set_of[run]) for run in group.runs)
    if group.kind == FOLD and row.lacks and not (group.figures and group.figures.stands):
        return ((row.run, None),)  # on which cases all its folds would be is not known
    by_seed: dict[str | None, list[Artifact]] = {}
    for artifact in group.artifacts:
        seed = artifact.factors.seed if artifact.factors else None
        by_seed.setdefault(seed, []).append(artifact)
    test_sets = [_of_seed(artifacts) for artifacts in by_seed.values()]
    same = all(test_set == test_sets[0] for test_set in test_sets)
    return ((row.run, test_sets[0] if same else None),)


def _of_seed(artifacts: Sequence[Artifact]) -> CaseCounts | None:
    """Return the test set of a cross-validation, or the one that the folds make together."""
    wholes = [a for a in artifacts if not a.factors or a.factors.fold is None]
    if wholes and wholes[0].test_set is not None:
        return wholes[0].test_set
    return pooled([artifact.test_set for artifact in artifacts if artifact not in wholes])
