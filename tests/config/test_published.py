"""docs/presets.md, `published`: the published layout, and the defaults of every other one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import configured_runs
from configured_runs import PRIMARY, metrics_table
from finalrank.config.load import load_settings
from finalrank.config.sections import Filter
from finalrank.config.settings import Settings
from finalrank.config.tables.metrics import Metric
from finalrank.config.tables.rank import Rank

configured = configured_runs.configured


def differing(settings: Settings) -> tuple[str, str, str, str, tuple[str, ...]]:
    """What the published layout has another default for."""
    return (
        settings.rank.ties,
        settings.baseline.match,
        settings.baseline.label,
        settings.recommendation.title,
        settings.filter.rules["dev"].tokens,
    )


PUBLISHED = (
    "ordinal",
    "nnunet",
    "nnUNet",
    "Clinical testing recommendation (research pilot)",
    ("dev", "debug", "regression"),
)
NEUTRAL = ("min", "", "Baseline", "Recommendation", ("dev", "debug"))


def loaded(config: str, preset: str | None = None) -> Settings:
    Path("the.toml").write_text(config, encoding="utf-8")
    return load_settings([], "the.toml", preset)


@pytest.mark.parametrize(
    "config", ["", "top = 1", 'preset = ""', 'preset = "published"', "[runs.a]\nprotocol = 'p'"]
)
def test_it_is_in_force_where_nothing_else_is_said(config: str) -> None:
    found = loaded(config)
    assert differing(found) == PUBLISHED
    assert (found.preset, found.metrics) == ("published", Settings().metrics)


@pytest.mark.parametrize("preset", ["nnunet-v2", "nnunet-v1", "lm-eval", "mlflow", "huggingface"])
def test_every_other_preset_is_neutral(preset: str) -> None:
    assert differing(loaded("", preset)) == NEUTRAL
    assert differing(loaded(f'preset = "{preset}"')) == NEUTRAL


def test_metrics_of_ones_own_are_neutral() -> None:
    assert differing(loaded(PRIMARY)) == NEUTRAL
    # Whoever names the preset beside them wants the rest of it.
    named = loaded(f'preset = "published"\n{PRIMARY}')
    assert (differing(named), [metric.key for metric in named.metrics]) == (PUBLISHED, ["f"])
    assert differing(loaded(PRIMARY, "published")) == PUBLISHED


def test_a_file_says_otherwise_key_by_key() -> None:
    found = loaded('[baseline]\nlabel = "Ours"\n[rank]\nmissing = "worst"')
    assert differing(found) == ("ordinal", "nnunet", "Ours", *PUBLISHED[3:])
    assert found.rank.missing == "worst"


def test_settings_that_a_script_makes_are_the_same() -> None:
    assert differing(Settings(top=1)) == PUBLISHED
    found = Settings(rank=Rank(missing="worst"), filter=Filter(test_set="exclude"))
    assert differing(found) == PUBLISHED
    assert (found.rank.missing, found.filter.test_set) == ("worst", "exclude")
    assert differing(Settings(metrics=(Metric(key="f", primary=True),))) == NEUTRAL


def test_a_run_that_is_best_or_equal_everywhere_is_first_whatever_its_name(configured: Any) -> None:
    config = metrics_table({"key": "f", "primary": True}, {"key": "g"}, {"key": "h"})
    files = {
        "a/test_metrics.json": {"f": 1, "g": 0.75, "h": 1},
        "b/test_metrics.json": {"f": 1, "g": 0.875, "h": 0.5},
        "c/test_metrics.json": {"f": 1, "g": 1, "h": 1},
    }
    runs = configured(config, "-f", "json", files=files).json["runs"]
    assert (runs[0]["run"], runs[0]["mean_rank"]) == ("c", 1.0)
    ordinal = configured('[rank]\nties = "ordinal"\n' + config, "-f", "json", files=files).json
    assert ordinal["runs"][0]["run"] != "c"
