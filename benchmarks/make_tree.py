"""Make a tree of runs to measure with: the same arguments give the same names and bytes.

python benchmarks/make_tree.py OUT --runs N --artifacts-per-run K --seed S
python benchmarks/make_tree.py OUT --runs N --datasets D --folds F --seed S

The second has `DATASET/RUN/fold_K/test_metrics.json`, and the finalrank.toml that says so.
Run `i` does not depend on N: a small tree is the beginning of a large one of the same seed. OUT
must be absent or empty. What is made, with counts, is one line of JSON on standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter

FAMILIES = ("nnunet_v2", "deeplab_full", "unet_resnet34", "swin_adapter", "segformer_b2", "fusion")
DEV_FAMILIES = ("fast_dev", "debug_loader", "smoke_v1", "adapter_smoke")
# What follows `test_metrics` in the names of a run's artifacts; `scan` is a filter rule's token.
VARIANTS = ("", "_tta_hv_thr025", "_presence_scan", "_tuned", "_with_presence", "_tta_d4_thr040")
RUNS_PER_GROUP = 20
DATASETS_CONFIG = b"""\
preset = "published"
scan.run = '^(?P<dataset>[^/]+)/(?P<run>[^/]+)/fold_(?P<fold>\\d+)/'
"""

# Shares of the runs.
DEV, SCAN_ONLY = 0.04, 0.01
# Shares of the artifacts.
NO_PRESENCE, ZERO_DICE, NAN = 0.05, 0.02, 0.01


def run_name(index: int, draw: random.Random) -> tuple[str, str]:
    """Folder of the run relative to OUT, unique for the index, and its kind."""
    kind = draw.random()
    # The first run has no flaw, so that a tree of one run has something to rank.
    if index and kind < DEV:
        return f"{_pick(draw, DEV_FAMILIES)}_{index:06d}", "dev_runs"
    group = index // RUNS_PER_GROUP
    shape = draw.random()
    name = f"{FAMILIES[group % len(FAMILIES)]}_{group:05d}/seed_{index:06d}"
    if shape < 0.4:
        name = f"{_pick(draw, FAMILIES)}_{index:06d}"
    elif shape < 0.55:
        name = f"campaign_{group // 25:03d}/sweep_{group:05d}/fold_{index % 5}_{index:06d}"
    return name, "scan_only_runs" if index and kind < DEV + SCAN_ONLY else "full_runs"


def artifact_name(number: int, scan_only: bool) -> str:
    """File name of a run's artifact; the variants begin again with a version."""
    variant = VARIANTS[2] if scan_only else VARIANTS[number % len(VARIANTS)]
    version = number if scan_only else number // len(VARIANTS)
    return f"test_metrics{variant}{f'_v{version + 1}' if version else ''}.json"


def artifact_body(quality: float, flaws: bool, draw: random.Random, made: Counter[str]) -> str:
    """Text of an artifact of a run of that quality, now and then with a flaw if it may have any."""
    r = draw.random
    dice = min(0.98, max(0.001, quality + 0.05 * (r() - 0.5)))
    body: dict[str, float | str] = {
        "loss": 0.2 + r(),
        "dice": 0.4 * dice + 0.5 * r(),
        "iou": 0.3 * dice + 0.4 * r(),
        "dice_pos": dice,
        "iou_pos": dice / (2 - dice),
        "precision_pos": r(),
        "recall_pos": r(),
        "specificity": r(),
        "num_samples": 612.0,
        "num_positive": 107.0,
        "num_negative": 505.0,
    }
    if r() < ZERO_DICE and flaws:
        body["dice_pos"] = body["iou_pos"] = 0.0
        made["zero_dice"] += 1
    if r() < NO_PRESENCE and flaws:
        made["no_presence"] += 1
    else:
        body |= {
            "roc_auc_presence": 0.5 + 0.5 * r(),
            "average_precision_presence": 0.2 + 0.75 * r(),
            "best_f1_presence": r(),
            "best_f1_threshold": r(),
            "precision_presence": r(),
            "recall_presence": r(),
            "presence_score_mode": _pick(draw, ("topk_mean", "max", "area_fraction")),
            "presence_score_source": _pick(draw, ("segmentation", "classifier", "fusion")),
            "presence_threshold": r(),
        }
    if r() < NAN and flaws:
        key = "dice_pos" if r() < 0.3 or "roc_auc_presence" not in body else "roc_auc_presence"
        body[key] = float("nan")  # json.dumps writes a bare NaN, as training scripts do
        made["nan"] += 1
    body["threshold"] = 0.5
    body["tta_mode"] = _pick(draw, ("none", "hv", "d4"))
    body["fold"] = 0.0
    return json.dumps(body, indent=2) + "\n"


def ignored_files(draw: random.Random) -> dict[str, bytes]:
    """Render what lies beside each run's artifacts, and what no report may read."""
    r = draw.random
    epochs = [{"epoch": n, "loss": r(), "val_dice_pos": r()} for n in range(1, 21)]
    metrics = {key: r() for key in ("dice_pos", "iou_pos", "roc_auc_presence")}
    config = {"model": "unet", "epochs": 20, "optimizer": {"name": "adamw", "lr": 0.0003}}
    tuning = [{"threshold": n / 20, "dice_pos": r()} for n in range(1, 20)]
    log = "".join(f"epoch {e['epoch']:03d} loss={e['loss']:.4f}\n" for e in epochs)
    return {
        "validate_metrics.json": json.dumps(metrics, indent=2).encode(),
        "history.json": json.dumps(epochs, indent=1).encode(),
        "train_config_resolved.json": json.dumps(config, indent=2).encode(),
        "threshold_tuning.json": json.dumps(tuning, indent=1).encode(),
        "train.log": log.encode(),
        "best_model.pt": bytes(int(256 * r()) for _ in range(64)),
    }


def make_tree(out: str, runs: int, artifacts_per_run: int, seed: int) -> Counter[str]:
    """Fill the folder `out`; returns how many of each thing were made."""
    made: Counter[str] = Counter()
    beside = ignored_files(random.Random(f"{seed}"))
    for index in range(runs):
        draw = random.Random(f"{seed}:{index}")
        name, kind = run_name(index, draw)
        quality = 0.05 + 0.85 * draw.random()
        folder = os.path.join(out, name)
        os.makedirs(folder)
        made["runs"] += 1
        made[kind] += 1
        for number in range(artifacts_per_run):
            data = artifact_body(quality, index > 0, draw, made).encode()
            _write(os.path.join(folder, artifact_name(number, kind == "scan_only_runs")), data)
            made["artifacts"] += 1
            made["artifact_bytes"] += len(data)
        for file_name, data in beside.items():
            _write(os.path.join(folder, file_name), data)
            made["ignored_files"] += 1
    return made


def make_datasets(out: str, runs: int, datasets: int, folds: int, seed: int) -> Counter[str]:
    """Fill the folder `out` with every fold of every run on every dataset."""
    made: Counter[str] = Counter(runs=runs, datasets=datasets)
    draw = random.Random(f"{seed}:datasets")
    for dataset in range(datasets):
        for run in range(runs):
            quality = 0.05 + 0.85 * draw.random()
            for fold in range(folds):
                folder = os.path.join(
                    out, f"dataset_{dataset:02}", f"unet_{run:04}", f"fold_{fold}"
                )
                os.makedirs(folder)
                data = artifact_body(quality, True, draw, made).encode()
                _write(os.path.join(folder, "test_metrics.json"), data)
                made["artifacts"] += 1
                made["artifact_bytes"] += len(data)
    _write(os.path.join(out, "finalrank.toml"), DATASETS_CONFIG)
    return made


def _pick(draw: random.Random, options: tuple[str, ...]) -> str:
    # Of the generator's methods, random() alone is promised to be the same in every Python.
    return options[int(draw.random() * len(options))]


def _write(path: str, data: bytes) -> None:
    with open(path, "xb", buffering=0) as file:
        file.write(data)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def main() -> int:
    """Make the tree that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make a tree of runs to measure with.")
    parser.add_argument("out", metavar="OUT", help="folder to fill; absent or empty")
    parser.add_argument("--runs", type=_count, required=True, metavar="N")
    parser.add_argument("--artifacts-per-run", type=_count, default=4, metavar="K")
    parser.add_argument("--datasets", type=_count, metavar="D", help="every run on each of so many")
    parser.add_argument("--folds", type=_count, default=5, metavar="F", help="with --datasets")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    args = parser.parse_args()
    if os.path.lexists(args.out) and not (os.path.isdir(args.out) and not os.listdir(args.out)):
        print(f"make_tree: {args.out} is not an empty folder; name another", file=sys.stderr)
        return 2
    if args.datasets:
        made = make_datasets(args.out, args.runs, args.datasets, args.folds, args.seed)
    else:
        made = make_tree(args.out, args.runs, args.artifacts_per_run, args.seed)
    print(json.dumps(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
