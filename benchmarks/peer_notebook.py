"""The report's table as it is usually made in a notebook: glob, json.load, pandas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd

RANKED = ["dice_pos", "roc_auc_presence", "average_precision_presence"]
LEFT_OUT = r"(?:^|[^a-z0-9])(?:dev|debug|regression|smoke)(?:[^a-z0-9]|$)"
SCAN = r"(?:^|[^a-z0-9])scan(?:[^a-z0-9]|$)"


def main() -> None:
    """Print the ranked runs of the folder that the command line names."""
    root = Path(sys.argv[1])
    rows = []
    for path in root.rglob("*test_metrics*.json"):
        with path.open(encoding="utf-8") as file:
            metrics = json.load(file)
        source = path.relative_to(root)
        rows.append(
            {"source": str(source), "run": str(source.parent), "stem": path.stem, **metrics}
        )
    frame = pd.DataFrame(rows).sort_values("source", ignore_index=True)

    stem = frame["stem"].str.lower()
    left_out = (frame["run"].str.lower() + "/" + stem).str.contains(LEFT_OUT)
    frame = frame[~left_out & ~stem.str.contains(SCAN) & (frame["dice_pos"] > 1e-6)]

    best = frame.loc[frame.groupby("run")["dice_pos"].idxmax()].sort_values("run")
    ranks = best[RANKED].rank(ascending=False, method="first")
    best = best.join(ranks.add_prefix("rank_"))
    best["mean_rank"] = ranks.mean(axis=1)
    best["metrics_used"] = ranks.count(axis=1)
    best = best.sort_values(
        ["mean_rank", "metrics_used", "dice_pos", "run"], ascending=[True, False, False, True]
    )
    columns = ["run", "source", "mean_rank", "metrics_used", "iou_pos", *RANKED]
    columns += [f"rank_{key}" for key in RANKED]
    records = best[columns].to_json(orient="records", indent=2, double_precision=15)
    print(f'{{"runs": {records}}}')


if __name__ == "__main__":
    main()
