"""The reader of what a Hugging Face Trainer saves: figures by the prefix that names a split."""

from __future__ import annotations

from typing import Any

from finalrank.scan.figures.faults import described
from finalrank.scan.readers.interface import Reader, Unreadable
from finalrank.scan.readers.json import parse_json, without

# `metric_key_prefix` of the Trainer's own calls, and of the example scripts.
_TRAIN = "train"
_EVALUATIONS = ("test", "predict", "eval")


def huggingface(data: bytes) -> dict[str, Any]:
    """Return the figures of each split in `results`: `{"test": {"test_f1": ...}, "eval": ...}`.

    Where there is one, what has no prefix is with it; where there is none, its name is empty.
    Training is one only where there is no other. Raises Unreadable.
    """
    document = parse_json(data)
    if not isinstance(document, dict):
        reason = f"is {described(document)}, not an object: is it a metrics file?"
        raise Unreadable(None, reason)
    splits = [split for split in _EVALUATIONS if _of(split, document)]
    if len(splits) > 1:
        return {"results": {split: _of(split, document) for split in splits}}
    training = [_TRAIN] if _of(_TRAIN, document) else [""]
    return {"results": {(splits or training)[0]: document}}


def _of(split: str, document: dict[str, Any]) -> dict[str, Any]:
    return without(document, lambda key: not key.startswith(f"{split}_"))


READER = Reader("huggingface", huggingface, artifact="json")
