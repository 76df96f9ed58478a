"""FILTERS: what a template of any format makes text with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from finalrank.decide.testsets import describe_test_set
from finalrank.render.number_format import (
    factor,
    figure,
    fixed,
    interval,
    p_value,
    percent,
    plural,
    plus,
    rank,
    signed,
    whole,
)
from finalrank.render.page.truncate import at_most
from finalrank.render.page.wording import directed, listing

FILTERS: dict[str, Callable[..., Any]] = {
    "counted": describe_test_set,
    "delta": signed,
    "at_most": at_most,
    "factor": factor,
    "figure": figure,
    "directed": directed,
    "fixed": fixed,
    "interval": interval,
    "listing": listing,
    "p_value": p_value,
    "percent": percent,
    "plural": plural,
    "plus": plus,
    "rank": rank,
    "whole": whole,
}
