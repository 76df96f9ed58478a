"""The table of the readers. A new one is a module of this package and a row here.

Its name stands in `config.types.ReaderName`, too, which the scan may import and not the other way
round.
"""

from __future__ import annotations

from finalrank.scan.readers import json, lightning, mlflow, nnunet_v1
from finalrank.scan.readers.interface import Reader

# By name, as in the setting `scan.reader`.
READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        json.READER,
        nnunet_v1.READER,
        lightning.READER,
        mlflow.READER,
    )
}
