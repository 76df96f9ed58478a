"""From an artifact's bytes to a mapping, one small function per kind of file. Never shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from finalrank.scan.readers.json import parse_json
from finalrank.scan.readers.lightning import lightning
from finalrank.scan.readers.mlflow import mlflow
from finalrank.scan.readers.nnunet_v1 import nnunet_v1

READERS: dict[str, Callable[[bytes], Any]] = {
    "json": parse_json,
    "nnunet-v1": nnunet_v1,
    "lightning": lightning,
    "mlflow": mlflow,
}
# Those whose artifact is JSON, in which more than metrics can be found.
JSON_READERS = frozenset({"json", "nnunet-v1"})
# Those whose artifact is a folder: they are given the bytes of all its files.
FOLDER_READERS = frozenset({"mlflow"})
