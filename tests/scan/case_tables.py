"""The metrics that the tables of cases in these tests have."""

from __future__ import annotations

from finalrank.config.tables.metrics import Metric

SECRET = "hush"
DICE = Metric(key="dice", primary=True)
PERCENT = Metric(key="percent", scale=0.01)
LOSS = Metric(key="loss", range=(0, float("inf")), higher_is_better=False)
METRICS = [DICE, PERCENT, LOSS]
LIMIT = 1000
