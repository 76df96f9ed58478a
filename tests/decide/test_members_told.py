"""Names that end as those of seeds and folds do, and do not count as such."""

from __future__ import annotations

import pytest

from conftest import Done, Finalrank, Tree

DICE = '[[metrics]]\nkey = "dice"\nprimary = true\n'
SEEDS = {
    f"{run}/seed_{n}/test_metrics.json": {"dice": 0.5} for run in ("unet", "vnet") for n in range(3)
}


def told(done: Done) -> list[str]:
    assert done.status == 0, done.err
    return [line for line in done.problems if "by their names" in line]


def test_explain_names_the_groups_that_are_ranked_one_by_one(
    finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({**SEEDS, "cnn/test_metrics.json": {"dice": 0.25}, "finalrank.toml": DICE})
    (line,) = told(finalrank("explain", root))
    assert line.startswith("unet (3 seeds), vnet (3 seeds): by their names ")
    # Neither the page nor its standard error has it; the evidence has a row a group.
    assert told(finalrank("report", root)) == []
    assert told(finalrank("report", root, "--strict", "-o", "page.md")) == []
    assert "- 3 seeds of `unet` take the places" in finalrank("report", root, "--evidence").out


@pytest.mark.parametrize("groups", ["expand", "collapse", "best"])
def test_whoever_says_what_they_are_is_told_nothing(
    groups: str, finalrank: Finalrank, tree: Tree
) -> None:
    root = tree({**SEEDS, "finalrank.toml": f"rank.groups = '{groups}'\n{DICE}"})
    assert told(finalrank("explain", root)) == []


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("unet_seed_1", False),  # the seed that the factor says
        ("unet_fold_3", False),  # a fold that no factor gives
        ("unet_seed_2", True),
        ("unet_rep_4", True),
        ("unet_seeds", False),
    ],
)
def test_a_member_that_the_factors_contradict_stays_in_the_name(
    name: str, stays: bool, finalrank: Finalrank, tree: Tree
) -> None:
    config = f'{DICE}[[factors]]\nkey = "s"\nrole = "seed"\n'
    files = {
        f"{name}/test_metrics.json": {"dice": 0.5, "s": 1},
        "vnet/test_metrics.json": {"dice": 0.25, "s": 1},
    }
    done = finalrank("report", tree({**files, "finalrank.toml": config}))
    line = (
        f"{name}: ends as a seed or fold does, and the factors say something else: it is a run of "
        "its own (rank.members)"
    )
    assert [told for told in done.problems if "rank.members" in told] == [line] * stays
    assert (f"`{name}`" in done.out) == (stays or name == "unet_seeds")
