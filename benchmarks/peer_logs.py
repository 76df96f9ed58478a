"""The last row of each CSV log as it is usually taken in a notebook: glob, pandas.read_csv."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd


def main() -> None:
    """Print the runs below the folder that the command line names, the best first."""
    root = Path(sys.argv[1])
    rows = []
    for path in root.rglob("metrics.csv"):
        log = pd.read_csv(path)
        rows.append({"run": str(path.parent.relative_to(root)), **log.iloc[-1].to_dict()})
    frame = pd.DataFrame(rows).sort_values(["val_dice", "run"], ascending=[False, True])
    print(frame.to_csv(index=False))


if __name__ == "__main__":
    main()
